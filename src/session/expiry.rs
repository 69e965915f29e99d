//! A session's own expiry, the key `_session_expiry`: how it is set, what it means, and the check on reading.
//!
//! Django's cookie engine keeps the key and never looks at it when it reads a cookie (tickets #19201 and #27775).

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

use super::Session;
use crate::error::Error;
use crate::timestamp::{NANOS_PER_SECOND, Timestamp};

/// Key under which Django keeps it.
const KEY: &str = "_session_expiry";

/// When a session ends by itself, for [`Session::set_expiry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// So long after it was last saved. No time at all is [`WithBrowser`](Self::WithBrowser), as in Django.
    After(Duration),
    /// At an instant, however often it is saved. The fraction of a microsecond is cut off.
    At(Timestamp),
    /// When the browser closes. For the server it ends after the default age, as browsers restore such cookies.
    WithBrowser,
    /// After the default age: the session has no expiry of its own.
    Default,
}

/// What the key's value says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    Default,
    WithBrowser,
    /// Nanoseconds after the last save.
    After(i128),
    At(Timestamp),
}

impl Session {
    /// Sets the session's own expiry.
    ///
    /// A codec enforces it when it reads the cookie, and it can only shorten: a session also ends with the codec's max
    /// age.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedExpiry`] for an instant outside of the years 1 to 9999, which Python's `datetime` cannot hold.
    pub fn set_expiry(&mut self, expiry: Expiry) -> Result<(), Error> {
        match expiry {
            Expiry::Default => {
                self.remove(KEY);
                Ok(())
            }
            Expiry::WithBrowser => self.insert(KEY, 0),
            Expiry::After(time) if time.subsec_nanos() == 0 => self.insert(KEY, time.as_secs()),
            Expiry::After(time) => self.insert(KEY, time.as_secs_f64()),
            Expiry::At(instant) => self.insert(KEY, iso_format(instant)?),
        }
    }

    /// Whole seconds from `now` until the session ends, if it is saved at `now` and `default_age` is the age of a session
    /// without an expiry of its own. Negative if it has ended.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedExpiry`].
    #[doc(alias = "get_expiry_age")]
    pub fn expiry_age(
        &self,
        now: impl Into<Timestamp>,
        default_age: Duration,
    ) -> Result<i64, Error> {
        let now = now.into();
        let nanos = self.expiry_date(now, default_age)?.as_unix_nanos() - now.as_unix_nanos();
        let seconds = nanos.div_euclid(NANOS_PER_SECOND);
        Ok(i64::try_from(seconds).unwrap_or(if seconds < 0 { i64::MIN } else { i64::MAX }))
    }

    /// The instant at which the session ends, if it is saved at `now` and `default_age` is the age of a session without an
    /// expiry of its own.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedExpiry`].
    #[doc(alias = "get_expiry_date")]
    pub fn expiry_date(
        &self,
        now: impl Into<Timestamp>,
        default_age: Duration,
    ) -> Result<Timestamp, Error> {
        self.mark_accessed();
        let now = now.into();
        Ok(match self.own_expiry()? {
            Own::Default | Own::WithBrowser => {
                now.saturating_add_nanos(Timestamp::from(default_age).as_unix_nanos())
            }
            Own::After(nanos) => now.saturating_add_nanos(nanos),
            Own::At(instant) => instant,
        })
    }

    /// Whether the session's cookie ends with the browser; `default` is what holds for a session without an expiry of
    /// its own (Django's `SESSION_EXPIRE_AT_BROWSER_CLOSE`).
    ///
    /// # Errors
    ///
    /// [`Error::MalformedExpiry`].
    #[doc(alias = "get_expire_at_browser_close")]
    pub fn ends_with_browser(&self, default: bool) -> Result<bool, Error> {
        self.mark_accessed();
        Ok(match self.own_expiry()? {
            Own::Default => default,
            own => own == Own::WithBrowser,
        })
    }

    /// Whether the session's own expiry lets it be read at `now`. This is not reading it.
    ///
    /// [`Error::SessionExpired`], [`Error::MalformedExpiry`].
    pub(crate) fn check_expiry(&self, issued_at: Timestamp, now: Timestamp) -> Result<(), Error> {
        let end = match self.own_expiry()? {
            Own::Default | Own::WithBrowser => return Ok(()),
            Own::After(nanos) => issued_at.saturating_add_nanos(nanos),
            Own::At(instant) => instant,
        };
        if now > end {
            Err(Error::SessionExpired)
        } else {
            Ok(())
        }
    }

    fn own_expiry(&self) -> Result<Own, Error> {
        self.object
            .get(KEY)
            .map_or(Ok(Own::Default), |text| parse(text, self.site_offset))
    }
}

/// Reads canonical JSON text: a number of seconds, an ISO 8601 text, or null.
fn parse(text: &str, site_offset: Option<UtcOffset>) -> Result<Own, Error> {
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
    if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return Err(Error::MalformedExpiry);
    }
    let is_integer = text
        .bytes()
        .all(|byte| byte == b'-' || byte.is_ascii_digit());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float that is too large becomes the largest integer"
    )]
    let nanos = if is_integer {
        let limit = if text.starts_with('-') {
            i128::MIN
        } else {
            i128::MAX
        };
        text.parse().map_or(limit, |seconds: i128| {
            seconds.saturating_mul(NANOS_PER_SECOND)
        })
    } else {
        let seconds: f64 = text.parse().map_err(|_| Error::MalformedExpiry)?;
        // Only zero itself is none, however little the number is.
        if seconds == 0.0 {
            return Ok(Own::WithBrowser);
        }
        if !seconds.is_finite() {
            return Err(Error::MalformedExpiry);
        }
        (seconds * 1e9) as i128
    };
    let is_zero = is_integer && nanos == 0;
    Ok(if is_zero {
        Own::WithBrowser
    } else {
        Own::After(nanos)
    })
}

/// `datetime.isoformat()` in UTC: `2023-11-14T22:13:20+00:00`, microseconds only if there are any.
fn iso_format(instant: Timestamp) -> Result<String, Error> {
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

    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date =
        Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    let local = date
        .with_time(Time::MIDNIGHT)
        .assume_utc()
        .unix_timestamp_nanos()
        + time_of_day(time)?;

    let offset = match offset {
        Some(offset) => {
            let (sign, offset) = offset.split_at(1);
            let offset = if offset.len() == 5 {
                time_of_day(&format!("{offset}:00"))?
            } else {
                time_of_day(offset)?
            };
            if sign == "-" { -offset } else { offset }
        }
        None => i128::from(site_offset?.whole_seconds()) * NANOS_PER_SECOND,
    };
    (year > 0).then(|| Timestamp::from_unix_nanos(local - offset))
}

/// Nanoseconds of `22:13:20` or `22:13:20.123456`.
fn time_of_day(text: &str) -> Option<i128> {
    let (whole, micros) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, numbers(fraction, '.', [6])?[0]),
        None => (text, 0),
    };
    let [hour, minute, second] = numbers(whole, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(
        i128::from((hour * 60 + minute) * 60 + second) * NANOS_PER_SECOND
            + i128::from(micros) * 1000,
    )
}

/// Numbers of so many digits each, with a separator between them.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}
