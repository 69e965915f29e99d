//! Parses a session's own expiry: a number of seconds or a `datetime`, as Python writes them into JSON.
//!
//! The digits of a number are read without a float. That is exact, and the tables of `f64`'s parser would add 10 KB to the
//! WebAssembly module.

use core::iter;
use core::ops::RangeInclusive;

use super::iso;
use crate::error::Error;
use crate::json::number_of_exponent;
use crate::timestamp::Timestamp;

/// The key under which Django stores the expiry.
pub(crate) const KEY: &str = "_session_expiry";

/// A parsed expiry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    Default,
    WithBrowser,
    /// Nanoseconds after the last save.
    After(i128),
    At(Timestamp),
}

impl Own {
    /// Returns when a session that was saved at this instant ends, in nanoseconds since 1970, or `None` if the default
    /// age applies.
    pub(super) fn end(&self, saved_at: Timestamp) -> Option<i128> {
        match self {
            Self::Default | Self::WithBrowser => None,
            Self::After(nanos) => Some(saved_at.as_unix_nanos().saturating_add(*nanos)),
            Self::At(instant) => Some(instant.as_unix_nanos()),
        }
    }
}

/// Parses canonical JSON text: a number of seconds, ISO 8601 text, or null. `instant` returns the instant of a local time
/// that is given as if it were UTC.
pub(super) fn parse(
    text: &str,
    instant: &dyn Fn(Timestamp) -> Option<Timestamp>,
) -> Result<Own, Error> {
    if text == "null" {
        return Ok(Own::Default);
    }
    let inner = text.strip_prefix('"');
    let Some(iso) = inner.and_then(|text| text.strip_suffix('"')) else {
        return seconds(text);
    };
    let end = match iso::parse(iso).ok_or(Error::MalformedExpiry)? {
        (local, Some(offset)) => Some(Timestamp::from_unix_micros(local - offset)),
        (local, None) => instant(Timestamp::from_unix_micros(local)),
    };
    end.map(Own::At).ok_or(Error::MalformedExpiry)
}

/// Parses a JSON number of seconds and truncates it to nanoseconds. As in Python, a float that is too small is zero,
/// and one that is too large is infinite, which is refused. Both limits are rounded to a power of ten; Python never
/// writes the numbers between the exact limits and the rounded ones.
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "`at` is the place of an ASCII character"
)]
fn seconds(text: &str) -> Result<Own, Error> {
    /// Positions of a float's decimal point, relative to its first non-zero digit.
    const POINTS: RangeInclusive<i64> = -323..=309;
    /// Maximum number of digits of nanoseconds: enough for every instant, and few enough for an `i128`.
    const MOST_DIGITS: i64 = 30;

    let (is_negative, number) = match text.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, text),
    };
    if !number.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(Error::MalformedExpiry); // NaN, an infinity, a literal, a container
    }
    let is_integer = number.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match number.find(['e', 'E']) {
        Some(at) => (
            &number[..at],
            number_of_exponent(&number.as_bytes()[at + 1..]),
        ),
        None => (number, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || {
        whole
            .bytes()
            .chain(fraction.bytes())
            .map(|digit| digit - b'0')
    };

    let leading = digits().take_while(|&digit| digit == 0).count();
    let point = exponent + place(whole.len()) - place(leading);
    let is_zero = leading == whole.len() + fraction.len();
    if is_zero || !is_integer && point < *POINTS.start() {
        return Ok(Own::WithBrowser);
    }
    if !is_integer && point > *POINTS.end() {
        return Err(Error::MalformedExpiry);
    }
    // The number in nanoseconds: its digits moved by nine places, and zeros after the last one.
    let count = (point + 9).clamp(0, MOST_DIGITS);
    let moved = digits().skip(leading).chain(iter::repeat(0));
    let nanos = moved
        .zip(0..count)
        .fold(0, |sum, (digit, _)| sum * 10 + i128::from(digit));
    Ok(Own::After(if is_negative { -nanos } else { nanos }))
}

fn place(digits: usize) -> i64 {
    i64::try_from(digits).unwrap_or(i64::MAX)
}
