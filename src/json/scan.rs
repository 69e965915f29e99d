//! A pull scanner over JSON text: it only returns tokens and their positions, and does not recurse or allocate.
//!
//! The grammar is that of Python's `json.loads`: RFC 8259, plus `NaN`, `Infinity` and `-Infinity` as numbers.

use core::ops::Range;

use crate::error::Error;
use crate::json::string::{digit, is_plain, plain_prefix};
use crate::limits::{MAX_DEPTH, MAX_INTEGER_DIGITS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Key,
    String,
    Number,
    /// `true`, `false`, `null`.
    Literal,
    /// `NaN`, `Infinity`, `-Infinity`.
    NotFinite,
}

/// One token: `text[start..end]`, including the quotes of a string.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// A string or key has a lone surrogate.
    pub(crate) lone_surrogate: bool,
}

#[derive(Clone, Copy)]
enum Expect {
    Value,
    FirstElementOrEnd,
    FirstKeyOrEnd,
    /// After a value: a comma or the container's end; at the top level, the end of the text.
    Next,
}

/// Why the text is refused at the scanner's position. It is smaller than [`Error`], so that a step is fast.
#[derive(Clone, Copy)]
enum Fault {
    Malformed,
    TooDeep,
    IntegerTooLong,
}

pub(crate) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    expect: Expect,
    /// Open containers.
    depth: usize,
    max_depth: usize,
    /// Bit `depth - 1` is set if the open container of that depth is an object.
    objects: u128,
    /// The innermost open container is an object.
    in_object: bool,
    canonical: bool,
    /// These describe the last token.
    start: usize,
    end: usize,
    lone_surrogate: bool,
}

// One bit for each level.
const _: () = assert!(MAX_DEPTH <= u128::BITS as usize);

impl<'a> Scanner<'a> {
    /// Creates a scanner of `text` as one JSON value. At most `max_depth` containers (and at most [`MAX_DEPTH`]) may be
    /// open at a time.
    pub(crate) fn new(text: &'a str, max_depth: usize) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            expect: Expect::Value,
            depth: 0,
            max_depth: max_depth.min(MAX_DEPTH),
            objects: 0,
            in_object: false,
            canonical: true,
            start: 0,
            end: 0,
            lone_surrogate: false,
        }
    }

    /// Returns whether everything scanned so far is spelled as Python would spell it.
    pub(crate) fn is_canonical(&self) -> bool {
        self.canonical
    }

    /// Returns the next token, or `None` at the end of the text, after one whole value.
    pub(crate) fn next(&mut self) -> Result<Option<Token>, Error> {
        let kind = self.step().map_err(|fault| self.error(fault))?;
        Ok(kind.map(|kind| Token {
            kind,
            start: self.start,
            end: self.end,
            lone_surrogate: self.lone_surrogate,
        }))
    }

    /// Skips the whole value after a key and returns its position.
    pub(crate) fn skip_value(&mut self) -> Result<Range<usize>, Error> {
        self.skip_tokens().map_err(|fault| self.error(fault))
    }

    fn skip_tokens(&mut self) -> Result<Range<usize>, Fault> {
        let depth = self.depth;
        self.step()?;
        let start = self.start;
        while self.depth > depth {
            self.step()?;
        }
        Ok(start..self.end)
    }

    fn error(&self, fault: Fault) -> Error {
        match fault {
            Fault::Malformed => Error::MalformedJson { offset: self.at },
            Fault::TooDeep => Error::TooDeep { limit: MAX_DEPTH },
            Fault::IntegerTooLong => Error::IntegerTooLong {
                limit: MAX_INTEGER_DIGITS,
            },
        }
    }

    /// Scans the next token, if there is one, and stores its position in the scanner.
    fn step(&mut self) -> Result<Option<Kind>, Fault> {
        self.skip_space();
        let kind = match self.expect {
            Expect::FirstElementOrEnd if self.peek() == Some(b']') => self.close(),
            Expect::Value | Expect::FirstElementOrEnd => self.value()?,
            Expect::FirstKeyOrEnd if self.peek() == Some(b'}') => self.close(),
            Expect::FirstKeyOrEnd => self.key()?,
            Expect::Next if self.depth == 0 => {
                return if self.at == self.text.len() {
                    Ok(None)
                } else {
                    Err(Fault::Malformed)
                };
            }
            Expect::Next => match (self.peek(), self.in_object) {
                (Some(b','), in_object) => {
                    self.at += 1;
                    self.skip_space();
                    if in_object {
                        self.key()?
                    } else {
                        self.value()?
                    }
                }
                (Some(b'}'), true) | (Some(b']'), false) => self.close(),
                _ => return Err(Fault::Malformed),
            },
        };
        Ok(Some(kind))
    }

    fn value(&mut self) -> Result<Kind, Fault> {
        self.start = self.at;
        self.lone_surrogate = false;
        let kind = match self.peek() {
            Some(b'{') => return self.open(Kind::ObjectStart, Expect::FirstKeyOrEnd),
            Some(b'[') => return self.open(Kind::ArrayStart, Expect::FirstElementOrEnd),
            Some(b'"') => {
                self.string()?;
                Kind::String
            }
            Some(b't') => self.word(b"true", Kind::Literal)?,
            Some(b'f') => self.word(b"false", Kind::Literal)?,
            Some(b'n') => self.word(b"null", Kind::Literal)?,
            Some(b'N') => self.word(b"NaN", Kind::NotFinite)?,
            Some(b'I') => self.word(b"Infinity", Kind::NotFinite)?,
            Some(b'-') if self.text.get(self.at + 1) == Some(&b'I') => {
                self.word(b"-Infinity", Kind::NotFinite)?
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Kind::Number
            }
            _ => return Err(Fault::Malformed),
        };
        self.end = self.at;
        self.expect = Expect::Next;
        Ok(kind)
    }

    /// Scans a key and the colon after it.
    fn key(&mut self) -> Result<Kind, Fault> {
        self.start = self.at;
        self.lone_surrogate = false;
        if self.peek() != Some(b'"') {
            return Err(Fault::Malformed);
        }
        self.string()?;
        self.end = self.at;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(Fault::Malformed);
        }
        self.at += 1;
        self.expect = Expect::Value;
        Ok(Kind::Key)
    }

    fn open(&mut self, kind: Kind, expect: Expect) -> Result<Kind, Fault> {
        if self.depth == self.max_depth {
            return Err(Fault::TooDeep);
        }
        let bit = 1 << self.depth;
        self.in_object = kind == Kind::ObjectStart;
        if self.in_object {
            self.objects |= bit;
        } else {
            self.objects &= !bit;
        }
        self.depth += 1;
        self.expect = expect;
        Ok(self.punctuation(kind))
    }

    fn close(&mut self) -> Kind {
        let kind = if self.in_object {
            Kind::ObjectEnd
        } else {
            Kind::ArrayEnd
        };
        self.depth -= 1;
        self.in_object = self.objects >> self.depth.saturating_sub(1) & 1 == 1;
        self.expect = Expect::Next;
        self.lone_surrogate = false;
        self.punctuation(kind)
    }

    fn punctuation(&mut self, kind: Kind) -> Kind {
        self.start = self.at;
        self.at += 1;
        self.end = self.at;
        kind
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Kind, Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Fault::Malformed);
        }
        self.at += word.len();
        Ok(kind)
    }

    /// Scans `-? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?`.
    fn number(&mut self) -> Result<(), Fault> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let integer = match self.peek() {
            Some(b'0') => {
                self.at += 1;
                1
            }
            _ => self.digits()?,
        };
        let mut is_integer = true;
        if self.peek() == Some(b'.') {
            is_integer = false;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            is_integer = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        if is_integer && integer > MAX_INTEGER_DIGITS {
            return Err(Fault::IntegerTooLong);
        }
        Ok(())
    }

    /// Scans one or more digits and returns their number.
    fn digits(&mut self) -> Result<usize, Fault> {
        let count = self.text[self.at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        self.at += count;
        if count == 0 {
            Err(Fault::Malformed)
        } else {
            Ok(count)
        }
    }

    /// Scans a string with its quotes.
    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.skip_plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(());
        }
        self.rest_of_string()
    }

    fn skip_plain(&mut self) {
        self.at += plain_prefix(&self.text[self.at..]);
    }

    /// Scans a string from its first character that is not plain to its closing quote.
    fn rest_of_string(&mut self) -> Result<(), Fault> {
        // A high surrogate needs a low one directly after it.
        let mut waiting = false;
        loop {
            let unit = match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    self.lone_surrogate |= waiting;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0..=0x1f) | None => return Err(Fault::Malformed),
                Some(byte) => {
                    // Python writes any other character as a `\u` escape.
                    self.canonical &= is_plain(byte);
                    self.at += 1;
                    u16::from(byte)
                }
            };
            let is_low = matches!(unit, 0xdc00..=0xdfff);
            self.lone_surrogate |= waiting != is_low;
            waiting = matches!(unit, 0xd800..=0xdbff);
            if !waiting {
                self.skip_plain();
            }
        }
    }

    /// Scans an escape and returns it as a UTF-16 code unit.
    fn escape(&mut self) -> Result<u16, Fault> {
        self.at += 1;
        let unit = match self.peek() {
            Some(byte @ (b'"' | b'\\')) => u16::from(byte),
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => 10,
            Some(b'r') => 13,
            Some(b't') => 9,
            Some(b'/') => {
                self.canonical = false;
                u16::from(b'/')
            }
            Some(b'u') => return self.hex_escape(),
            _ => return Err(Fault::Malformed),
        };
        self.at += 1;
        Ok(unit)
    }

    /// Scans four hex digits at once: a branch for each would often be mispredicted.
    fn hex_escape(&mut self) -> Result<u16, Fault> {
        self.at += 1;
        let rest = &self.text[self.at..];
        let digits = rest.first_chunk::<4>();
        let Some(digits) = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)) else {
            self.at += rest
                .iter()
                .take_while(|byte| byte.is_ascii_hexdigit())
                .count();
            return Err(Fault::Malformed);
        };
        self.at += digits.len();
        let [a, b, c, d] = digits.map(|hex| u16::from(digit(hex)));
        let unit = a << 12 | b << 8 | c << 4 | d;
        // Python uses `\u` only for characters that have no shorter spelling, with lower-case hex digits.
        let is_needed = !matches!(unit, 0x20..=0x7e | 8 | 9 | 10 | 12 | 13);
        self.canonical &= is_needed & !digits.iter().any(u8::is_ascii_uppercase);
        Ok(unit)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.canonical = false;
            self.at += 1;
        }
    }
}
