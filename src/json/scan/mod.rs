//! A pull scanner over JSON text: it only returns tokens and their positions, and does not recurse or allocate.
//!
//! The grammar is that of Python's `json.loads`: RFC 8259, plus `NaN`, `Infinity` and `-Infinity` as numbers.
//!
//! Within the scanner, a function returns `None` if it refuses the text, with the reason in the scanner. It takes the
//! position and returns the next one, so that the position stays in a register: a field would be stored and loaded
//! again for each byte.

mod lexeme;

use alloc::vec::Vec;
use core::ops::Range;

use crate::error::Error;
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
    /// The end of the text, after one whole value.
    End,
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

/// The position of an object's member in the object's text.
#[derive(Clone)]
pub(crate) struct Member {
    /// Including its quotes.
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

impl Member {
    /// Returns the key without its quotes.
    #[expect(
        clippy::indexing_slicing,
        reason = "the scanner found the key, with its quotes, in this text"
    )]
    pub(super) fn name<'t>(&self, text: &'t str) -> &'t [u8] {
        &text.as_bytes()[self.key.start + 1..self.key.end - 1]
    }

    pub(super) fn bytes(&self) -> usize {
        self.key.len() + self.value.len()
    }
}

#[derive(Clone, Copy)]
enum Expect {
    Value,
    /// After an opening bracket: a key or a value, or the container's end.
    First,
    /// After a value: a comma or the container's end; at the top level, the end of the text.
    Next,
}

/// Why the text is refused.
#[derive(Clone, Copy)]
enum Fault {
    /// It is not JSON at the scanner's position.
    Malformed,
    TooDeep,
    IntegerTooLong,
    LoneSurrogate,
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
    fault: Fault,
    /// These describe the last token.
    start: usize,
    end: usize,
    lone_surrogate: bool,
}

// One bit for each level.
const _: () = assert!(MAX_DEPTH <= u128::BITS as usize);

/// Collects an object's members in `members` (cleared first); other JSON has none. Returns whether the text is canonical.
///
/// Errors as from the scanner, and [`Error::LoneSurrogate`] in a key of the object.
pub(crate) fn scan(text: &str, members: &mut Vec<Member>) -> Result<bool, Error> {
    members.clear();
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    let scanned = scanner.members(members);
    scanned.ok_or_else(|| scanner.error())?;
    Ok(scanner.canonical)
}

/// Returns the value at the start of JSON text that may go on after it. The text must be one that [`Scanner`] accepts.
#[expect(clippy::string_slice, reason = "a token ends after an ASCII character")]
pub(super) fn first_value(text: &str) -> &str {
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    scanner.skip_value();
    &text[..scanner.end]
}

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
            fault: Fault::Malformed,
            start: 0,
            end: 0,
            lone_surrogate: false,
        }
    }

    /// Returns the next token, or `None` at the end of the text, after one whole value.
    pub(crate) fn next(&mut self) -> Result<Option<Token>, Error> {
        let kind = self.step().ok_or_else(|| self.error())?;
        Ok((kind != Kind::End).then_some(Token {
            kind,
            start: self.start,
            end: self.end,
            lone_surrogate: self.lone_surrogate,
        }))
    }

    fn error(&self) -> Error {
        match self.fault {
            Fault::Malformed => Error::MalformedJson { offset: self.at },
            Fault::TooDeep => Error::TooDeep { limit: MAX_DEPTH },
            Fault::IntegerTooLong => Error::IntegerTooLong {
                limit: MAX_INTEGER_DIGITS,
            },
            Fault::LoneSurrogate => Error::LoneSurrogate,
        }
    }

    #[cold]
    fn refuse<T>(&mut self, fault: Fault) -> Option<T> {
        self.fault = fault;
        None
    }

    #[cold]
    fn malformed<T>(&mut self, at: usize) -> Option<T> {
        self.at = at;
        self.refuse(Fault::Malformed)
    }

    /// Scans the whole text, and collects the members if it is an object.
    fn members(&mut self, members: &mut Vec<Member>) -> Option<()> {
        let is_object = self.step()? == Kind::ObjectStart;
        loop {
            match self.step()? {
                Kind::End => return Some(()),
                Kind::Key if is_object => {
                    if self.lone_surrogate {
                        return self.refuse(Fault::LoneSurrogate);
                    }
                    let key = self.start..self.end;
                    let start = self.skip_space(self.at);
                    self.skip_value()?;
                    let value = start..self.end;
                    members.push(Member { key, value });
                }
                _ => {}
            }
        }
    }

    /// Scans a whole value.
    fn skip_value(&mut self) -> Option<Kind> {
        self.skip_to(self.depth)
    }

    /// Scans the next token, if there is one, and stores its position in the scanner.
    fn step(&mut self) -> Option<Kind> {
        self.skip_to(MAX_DEPTH)
    }

    /// Scans at least one token, and stops after one that leaves at most `depth` containers open. The loop is here, where
    /// all of a token's code is inlined: calls took as long as the tokens.
    fn skip_to(&mut self, depth: usize) -> Option<Kind> {
        loop {
            let kind = self.token()?;
            if self.depth <= depth {
                return Some(kind);
            }
        }
    }

    fn token(&mut self) -> Option<Kind> {
        let mut at = self.skip_space(self.at);
        let mut is_key = self.in_object;
        match self.expect {
            Expect::Value => is_key = false,
            Expect::First if self.byte(at) == self.bracket() => return Some(self.close(at)),
            Expect::First => {}
            Expect::Next if self.depth == 0 => {
                if at < self.text.len() {
                    return self.malformed(at);
                }
                return Some(Kind::End);
            }
            Expect::Next if self.byte(at) == b',' => at = self.skip_space(at + 1),
            Expect::Next if self.byte(at) == self.bracket() => return Some(self.close(at)),
            Expect::Next => return self.malformed(at),
        }
        self.start = at;
        self.lone_surrogate = false;
        if self.byte(at) == b'"' {
            let end = self.string(at)?;
            if is_key {
                self.key(end)
            } else {
                Some(self.value(Kind::String, end))
            }
        } else if is_key {
            self.malformed(at)
        } else {
            self.other_value(at)
        }
    }

    /// Ends a key: scans the colon after it.
    fn key(&mut self, end: usize) -> Option<Kind> {
        let colon = self.skip_space(end);
        if self.byte(colon) != b':' {
            return self.malformed(colon);
        }
        self.end = end;
        self.at = colon + 1;
        self.expect = Expect::Value;
        Some(Kind::Key)
    }

    /// Ends a value.
    fn value(&mut self, kind: Kind, end: usize) -> Kind {
        self.end = end;
        self.at = end;
        self.expect = Expect::Next;
        kind
    }

    /// Scans a value that is not a string, or the opening bracket of one.
    fn other_value(&mut self, at: usize) -> Option<Kind> {
        let (kind, end) = match self.byte(at) {
            b'{' => return self.open(at, Kind::ObjectStart),
            b'[' => return self.open(at, Kind::ArrayStart),
            b't' => (Kind::Literal, self.word(at, b"true")?),
            b'f' => (Kind::Literal, self.word(at, b"false")?),
            b'n' => (Kind::Literal, self.word(at, b"null")?),
            b'N' => (Kind::NotFinite, self.word(at, b"NaN")?),
            b'I' => (Kind::NotFinite, self.word(at, b"Infinity")?),
            b'-' if self.byte(at + 1) == b'I' => (Kind::NotFinite, self.word(at, b"-Infinity")?),
            b'-' | b'0'..=b'9' => (Kind::Number, self.number(at)?),
            _ => return self.malformed(at),
        };
        Some(self.value(kind, end))
    }

    fn open(&mut self, at: usize, kind: Kind) -> Option<Kind> {
        if self.depth == self.max_depth {
            return self.refuse(Fault::TooDeep);
        }
        let bit = 1 << self.depth;
        self.in_object = kind == Kind::ObjectStart;
        if self.in_object {
            self.objects |= bit;
        } else {
            self.objects &= !bit;
        }
        self.depth += 1;
        self.expect = Expect::First;
        Some(self.punctuation(at, kind))
    }

    fn close(&mut self, at: usize) -> Kind {
        let kind = if self.in_object {
            Kind::ObjectEnd
        } else {
            Kind::ArrayEnd
        };
        self.depth -= 1;
        self.in_object = self.objects >> self.depth.saturating_sub(1) & 1 == 1;
        self.expect = Expect::Next;
        self.lone_surrogate = false;
        self.punctuation(at, kind)
    }

    fn punctuation(&mut self, at: usize, kind: Kind) -> Kind {
        self.start = at;
        self.at = at + 1;
        self.end = at + 1;
        kind
    }

    /// Returns the bracket that closes the innermost open container.
    fn bracket(&self) -> u8 {
        if self.in_object { b'}' } else { b']' }
    }

    /// Returns the byte at a position, and zero, which no JSON has, at the end of the text.
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// Returns the text from a position on, and none after its end.
    fn rest(&self, at: usize) -> &'a [u8] {
        self.text.get(at..).unwrap_or_default()
    }

    fn skip_space(&mut self, mut at: usize) -> usize {
        while let b' ' | b'\t' | b'\n' | b'\r' = self.byte(at) {
            self.canonical = false;
            at += 1;
        }
        at
    }
}
