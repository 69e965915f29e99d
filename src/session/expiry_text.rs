//! What a session's own expiry says: a number of seconds or a `datetime`, as Python writes them into JSON.
//!
//! Decimal digits are counted, not made into a float: that is exact, and the tables of `f64`'s parser take 10 KB, a third
//! of what verifies in WebAssembly.

use alloc::format;
use alloc::string::String;
use core::iter;
use core::ops::RangeInclusive;

use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

use crate::error::Error;
use crate::timestamp::Timestamp;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// What the key's value says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    Default,
    WithBrowser,
    /// Nanoseconds after the last save.
    After(i128),
    At(Timestamp),
}

/// Reads canonical JSON text: a number of seconds, an ISO 8601 text, or null.
pub(super) fn parse(text: &str, site_offset: Option<UtcOffset>) -> Result<Own, Error> {
    if text == "null" {
        return Ok(Own::Default);
    }
    if let Some(iso) = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    {
        return iso_parse(iso, site_offset)
            .map(Own::At)
            .ok_or(Error::MalformedExpiry);
    }
    seconds(text)
}

/// Reads a JSON number of seconds, cut off behind the nanoseconds. A float too small for Python is zero there, and one too
/// large is infinite, which is refused. The borders are put at powers of ten: up to one place beyond what a float holds,
/// as Python never writes it.
fn seconds(text: &str) -> Result<Own, Error> {
    /// Where the decimal point of a float can stand, counted from its first digit that is not zero.
    const POINTS: RangeInclusive<i64> = -323..=309;
    /// Digits of nanoseconds that hold all instants there are, and that an `i128` holds.
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
        Some(at) => (&number[..at], exponent(&number[at + 1..])),
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
    // The number, moved nine places: so many of its digits, and zeros where it has no more.
    let count = (point + 9).clamp(0, MOST_DIGITS);
    let moved = digits().skip(leading).chain(iter::repeat(0));
    let nanos = moved
        .zip(0..count)
        .fold(0, |sum, (digit, _)| sum * 10 + i128::from(digit));
    Ok(Own::After(if is_negative { -nanos } else { nanos }))
}

/// The number behind an `e`. Where it saturates, no number of digits in a session makes up for it.
fn exponent(text: &str) -> i64 {
    let magnitude = text
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0, |sum, digit| {
            i64::from(digit - b'0')
                .saturating_add(10 * sum)
                .min(1 << 40)
        });
    if text.starts_with('-') {
        -magnitude
    } else {
        magnitude
    }
}

fn place(digits: usize) -> i64 {
    i64::try_from(digits).unwrap_or(i64::MAX)
}

/// `datetime.isoformat()` in UTC: `2023-11-14T22:13:20+00:00`, microseconds only if there are any.
pub(super) fn iso_format(instant: Timestamp) -> Result<String, Error> {
    let time = OffsetDateTime::from_unix_timestamp_nanos(instant.as_unix_nanos())
        .map_err(|_| Error::MalformedExpiry)?;
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second, micro) = time.to_hms_micro();
    if !(1..=9999).contains(&year) {
        return Err(Error::MalformedExpiry);
    }
    let fraction = if micro == 0 {
        String::new()
    } else {
        format!(".{micro:06}")
    };
    let month = u8::from(month);
    Ok(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}+00:00"
    ))
}

/// What `datetime.isoformat()` writes: `2023-11-14T22:13:20`, then maybe `.123456`, then maybe an offset: `+01:00`, with
/// seconds, even with microseconds. Without an offset it is a local time, of a site with `USE_TZ = False`.
fn iso_parse(text: &str, site_offset: Option<UtcOffset>) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let sign = time.find(['+', '-']);
    let (time, offset) = sign.map_or((time, None), |at| (&time[..at], Some(&time[at..])));

    let [year, month, day] = numbers(date, b'-', [4, 2, 2])?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date =
        Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    let local = date.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp() * MICROS_PER_SECOND
        + time_of_day(time)?;

    let offset = match offset {
        Some(offset) => {
            let (sign, offset) = offset.split_at(1);
            let offset = if offset.len() == 5 {
                let [hour, minute] = numbers(offset, b':', [2, 2])?;
                since_midnight(hour, minute, 0)?
            } else {
                time_of_day(offset)?
            };
            if sign == "-" { -offset } else { offset }
        }
        None => i64::from(site_offset?.whole_seconds()) * MICROS_PER_SECOND,
    };
    (year > 0).then(|| Timestamp::from_unix_nanos(i128::from(local - offset) * 1000))
}

/// Microseconds of `22:13:20` or `22:13:20.123456`.
fn time_of_day(text: &str) -> Option<i64> {
    let (whole, micros) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, numbers(fraction, b'.', [6])?[0]),
        None => (text, 0),
    };
    let [hour, minute, second] = numbers(whole, b':', [2, 2, 2])?;
    Some(since_midnight(hour, minute, second)? + i64::from(micros))
}

fn since_midnight(hour: u32, minute: u32, second: u32) -> Option<i64> {
    let is_time = hour < 24 && minute < 60 && second < 60;
    is_time.then(|| i64::from((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND)
}

/// Numbers of so many digits each, with a separator between them.
fn numbers<const N: usize>(text: &str, separator: u8, digits: [u8; N]) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    read_numbers(text.as_bytes(), separator, &digits, &mut numbers)?;
    Some(numbers)
}

/// One function for all `N`.
fn read_numbers(text: &[u8], separator: u8, digits: &[u8], numbers: &mut [u32]) -> Option<()> {
    let mut parts = text.split(|&byte| byte == separator);
    for (number, &digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != usize::from(digits) || !part.iter().all(u8::is_ascii_digit) {
            return None;
        }
        *number = part
            .iter()
            .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    }
    parts.next().is_none().then_some(())
}
