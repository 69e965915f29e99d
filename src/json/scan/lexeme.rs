//! Scans strings, numbers and words (RFC 8259, sections 3, 6 and 7).

use super::{Fault, Scanner};
use crate::json::string::{digit, is_plain, plain_prefix};
use crate::limits::MAX_INTEGER_DIGITS;

impl Scanner<'_> {
    pub(super) fn word(&mut self, at: usize, word: &[u8]) -> Option<usize> {
        if self.rest(at).starts_with(word) {
            Some(at + word.len())
        } else {
            self.malformed(at)
        }
    }

    /// Scans `-? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?`.
    pub(super) fn number(&mut self, start: usize) -> Option<usize> {
        let start = start + usize::from(self.byte(start) == b'-');
        let mut at = match self.byte(start) {
            b'0' => start + 1,
            _ => self.digits(start)?,
        };
        let integer = at - start;
        let mut is_integer = true;
        if self.byte(at) == b'.' {
            is_integer = false;
            at = self.digits(at + 1)?;
        }
        if let b'e' | b'E' = self.byte(at) {
            is_integer = false;
            let has_sign = matches!(self.byte(at + 1), b'+' | b'-');
            at = self.digits(at + 1 + usize::from(has_sign))?;
        }
        if is_integer && integer > MAX_INTEGER_DIGITS {
            return self.refuse(Fault::IntegerTooLong);
        }
        Some(at)
    }

    /// Scans one or more digits.
    fn digits(&mut self, start: usize) -> Option<usize> {
        let mut at = start;
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        if at == start {
            return self.malformed(at);
        }
        Some(at)
    }

    /// Scans a string with its quotes.
    pub(super) fn string(&mut self, at: usize) -> Option<usize> {
        let at = self.skip_plain(at + 1);
        if self.byte(at) == b'"' {
            return Some(at + 1);
        }
        self.rest_of_string(at)
    }

    fn skip_plain(&self, at: usize) -> usize {
        at + plain_prefix(self.rest(at))
    }

    /// Scans a string from its first character that is not plain to its closing quote.
    #[inline(never)]
    fn rest_of_string(&mut self, mut at: usize) -> Option<usize> {
        // A high surrogate needs a low one directly after it.
        let mut waiting = false;
        loop {
            let unit = match self.byte(at) {
                b'"' => {
                    self.lone_surrogate |= waiting;
                    return Some(at + 1);
                }
                b'\\' => {
                    let (unit, end) = self.escape(at + 1)?;
                    at = end;
                    unit
                }
                0..=0x1f => return self.malformed(at),
                byte => {
                    // Python writes any other character as a `\u` escape.
                    self.canonical &= is_plain(byte);
                    at += 1;
                    u16::from(byte)
                }
            };
            let is_low = matches!(unit, 0xdc00..=0xdfff);
            self.lone_surrogate |= waiting != is_low;
            waiting = matches!(unit, 0xd800..=0xdbff);
            if !waiting {
                at = self.skip_plain(at);
            }
        }
    }

    /// Scans an escape after its backslash. Returns it as a UTF-16 code unit, and the position after it.
    fn escape(&mut self, at: usize) -> Option<(u16, usize)> {
        let unit = match self.byte(at) {
            byte @ (b'"' | b'\\') => u16::from(byte),
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'/' => {
                self.canonical = false;
                u16::from(b'/')
            }
            b'u' => return self.hex_escape(at + 1),
            _ => return self.malformed(at),
        };
        Some((unit, at + 1))
    }

    /// Scans four hex digits at once: a branch for each would often be mispredicted.
    fn hex_escape(&mut self, at: usize) -> Option<(u16, usize)> {
        let rest = self.rest(at);
        let digits = rest.first_chunk::<4>();
        let Some(digits) = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)) else {
            let good = rest.iter().take_while(|byte| byte.is_ascii_hexdigit());
            return self.malformed(at + good.count());
        };
        let [a, b, c, d] = digits.map(|hex| u16::from(digit(hex)));
        let unit = a << 12 | b << 8 | c << 4 | d;
        // Python uses `\u` only for characters that have no shorter spelling, with lower-case hex digits.
        let is_needed = !matches!(unit, 0x20..=0x7e | 8 | 9 | 10 | 12 | 13);
        self.canonical &= is_needed & !digits.iter().any(u8::is_ascii_uppercase);
        Some((unit, at + digits.len()))
    }
}
