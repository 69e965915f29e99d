//! Python's `datetime` as ISO 8601 text.

use alloc::format;
use alloc::string::String;

use time::{Date, Month};

use crate::timestamp::Timestamp;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Formats an instant in UTC, or a local time that is given as if it were UTC, as `datetime.isoformat()` does, and
/// appends `offset`. Microseconds are written only if they are not zero. Returns `None` outside the years 1 to 9999.
pub(super) fn format(local: Timestamp, offset: &str) -> Option<String> {
    let time = local.utc_since(1)?;
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second, micro) = time.to_hms_micro();
    let fraction = if micro == 0 {
        String::new()
    } else {
        format!(".{micro:06}")
    };
    let month = u8::from(month);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
    ))
}

/// Parses the formats that [`Expiry`](crate::Expiry) lists, as `datetime.fromisoformat()` of Python 3.11 and later does.
/// Returns the microseconds of a local time since 1970, and those of its offset.
pub(super) fn parse(text: &str) -> Option<(i64, Option<i64>)> {
    let mut text = Reader(text.as_bytes());
    let date = text.date()?;
    if !text.skip(b'T') && !text.skip(b' ') {
        return None;
    }
    let midnight = date.midnight().assume_utc().unix_timestamp() * MICROS_PER_SECOND;
    let local = midnight + text.time(2)?;
    let offset = match text.0 {
        [] => None,
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            text = Reader(rest);
            let offset = text.time(1)?;
            // CPython ignores an offset of less than a second, but its fallback written in Python does not.
            if !text.0.is_empty() || offset != 0 && offset < MICROS_PER_SECOND {
                return None;
            }
            Some(if *sign == b'-' { -offset } else { offset })
        }
        _ => return None,
    };
    Some((local, offset))
}

/// The text that has not been read yet.
struct Reader<'t>(&'t [u8]);

impl Reader<'_> {
    fn is_at(&self, is_expected: fn(&u8) -> bool) -> bool {
        self.0.first().is_some_and(is_expected)
    }

    fn skip(&mut self, byte: u8) -> bool {
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn digit(&mut self) -> Option<u8> {
        let (digit, rest) = self.0.split_first()?;
        self.0 = rest;
        digit.is_ascii_digit().then(|| digit - b'0')
    }

    /// Reads a number of two digits, less than `end`.
    fn pair(&mut self, end: u8) -> Option<u8> {
        let number = self.digit()? * 10 + self.digit()?;
        (number < end).then_some(number)
    }

    /// Reads `2023-11-14` or `20231114`.
    fn date(&mut self) -> Option<Date> {
        let year = i32::from(self.pair(100)?) * 100 + i32::from(self.pair(100)?);
        let is_extended = self.skip(b'-');
        let month = Month::try_from(self.pair(13)?).ok()?;
        if is_extended && !self.skip(b'-') {
            return None;
        }
        let date = Date::from_calendar_date(year, month, self.pair(32)?).ok()?;
        (year > 0).then_some(date)
    }

    /// Reads `22:13:20.123456` or `221320.123456`, and returns the microseconds since midnight. At least the first
    /// `parts` parts must be present. As in Python, digits after the microseconds are ignored.
    fn time(&mut self, parts: usize) -> Option<i64> {
        let mut seconds = i64::from(self.pair(24)?) * 3600;
        let is_extended = self.is_at(|byte| *byte == b':');
        let mut count = 1;
        for unit in [60, 1] {
            let is_next = if is_extended {
                self.skip(b':')
            } else {
                self.is_at(u8::is_ascii_digit)
            };
            if is_next {
                seconds += i64::from(self.pair(60)?) * unit;
                count += 1;
            }
        }
        if count < parts {
            return None;
        }
        let (mut micros, mut unit) = (seconds * MICROS_PER_SECOND, MICROS_PER_SECOND / 10);
        if count == 3 && self.skip(b'.') {
            micros += i64::from(self.digit()?) * unit;
            while self.is_at(u8::is_ascii_digit) {
                unit /= 10;
                micros += i64::from(self.digit()?) * unit;
            }
        }
        Some(micros)
    }
}
