//! A session's own expiry, the key `_session_expiry`: how it is set, what it means, and the check on reading.
//!
//! Django's cookie engine keeps the key and never looks at it when it reads a cookie (tickets #19201 and #27775).

use core::time::Duration;

use time::UtcOffset;

use super::Session;
use super::expiry_text::{Own, iso_format, parse};
use crate::error::Error;
use crate::timestamp::{NANOS_PER_SECOND, Timestamp};

/// Key under which Django keeps it.
pub(crate) const KEY: &str = "_session_expiry";

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

    /// The session's own expiry as JSON text. This is not reading it.
    pub(crate) fn expiry_text(&self) -> Option<&str> {
        self.object.get(KEY)
    }

    fn own_expiry(&self) -> Result<Own, Error> {
        self.expiry_text()
            .map_or(Ok(Own::Default), |text| parse(text, self.site_offset))
    }
}

/// What a codec makes of a session's own expiry.
#[derive(Clone, Debug)]
pub(crate) struct ExpiryPolicy {
    pub(crate) is_enforced: bool,
    /// What a local time is relative to; without, a local time is malformed.
    pub(crate) site_offset: Option<UtcOffset>,
}

impl ExpiryPolicy {
    /// Whether a session with this expiry (canonical JSON text), signed at `issued_at`, can be read at `now`.
    ///
    /// [`Error::SessionExpired`], [`Error::MalformedExpiry`].
    pub(crate) fn check_read(
        &self,
        expiry: Option<&str>,
        issued_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        match expiry {
            Some(text) if self.is_enforced => {
                check(&parse(text, self.site_offset)?, issued_at, now)
            }
            _ => Ok(()),
        }
    }

    /// Whether a session with this expiry can be signed at `now`. A malformed one is never written.
    ///
    /// [`Error::SessionExpired`], [`Error::MalformedExpiry`].
    pub(crate) fn check_written(&self, expiry: Option<&str>, now: Timestamp) -> Result<(), Error> {
        match expiry {
            Some(_) if self.is_enforced => self.check_read(expiry, now, now),
            // Of a site whose offset is not known: its local times are well-formed.
            Some(text) => parse(text, self.site_offset.or(Some(UtcOffset::UTC))).map(drop),
            None => Ok(()),
        }
    }
}

fn check(expiry: &Own, issued_at: Timestamp, now: Timestamp) -> Result<(), Error> {
    let end = match expiry {
        Own::Default | Own::WithBrowser => return Ok(()),
        Own::After(nanos) => issued_at.as_unix_nanos().saturating_add(*nanos),
        Own::At(instant) => instant.as_unix_nanos(),
    };
    if now.as_unix_nanos() > end {
        Err(Error::SessionExpired)
    } else {
        Ok(())
    }
}
