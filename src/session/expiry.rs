//! A session's own expiry, the key `_session_expiry`: sets, interprets and checks it.
//!
//! Django's cookie engine stores the key, but ignores it when it reads a cookie (tickets #19201 and #27775).

use alloc::string::String;
use core::time::Duration;

use super::expiry_text::{KEY, Own, parse};
use super::zone::SiteZone;
use super::{Session, iso};
use crate::error::Error;
use crate::json::Object;
use crate::limits::MAX_EXPIRY_AFTER;
use crate::timestamp::{NANOS_PER_SECOND, Timestamp};

/// When a session expires, for [`Session::set_expiry`].
///
/// It is stored under the key `_session_expiry`, as a number of seconds or as ISO 8601 text. Text is read as Python 3.11 and
/// later read it (`datetime.fromisoformat`), in these forms:
///
/// - a date: `2023-11-14` or `20231114`
/// - `T` or a space
/// - a time: `22:13:20` or `221320`, with or without seconds, and with or without digits after a point
/// - an offset: `Z`, `+01`, `+01:00` or `+0100`, with or without seconds, and with or without digits after a point. Text
///   without an offset needs a codec [with a time zone](crate::SessionCodec::with_site_time_zone).
///
/// Python reads more forms, which Django never writes. Here they fail with [`Error::MalformedExpiry`]: dates alone,
/// week dates, hours alone, other separators, a comma instead of the point, fractions of minutes, offsets with 60 or
/// more minutes or seconds, offsets of less than a second, and text before an offset, which Python skips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// This long after the session was last saved. Zero means [`WithBrowser`](Self::WithBrowser), as in Django.
    After(Duration),
    /// At this instant, no matter how often the session is saved. Truncated to microseconds.
    ///
    /// For a site with `USE_TZ = False` ([`with_site_time_zone`](crate::SessionCodec::with_site_time_zone)) it is
    /// written as local time, as Django does there. When the clocks repeat an hour in autumn, an instant in the second
    /// hour has the same text as one in the first, so such a session may end an hour early, or count as expired at
    /// once.
    At(Timestamp),
    /// When the browser closes. Browsers may restore such cookies, so on the server the session also ends after the
    /// default age.
    WithBrowser,
    /// After the default age: removes the session's own expiry.
    Default,
}

impl Session {
    /// Sets the session's own expiry.
    ///
    /// In the cookie engine, the codec enforces it when it reads the cookie. It can only shorten a session, which also
    /// ends with the codec's max age. In a store, the record ends at that time, even if that is later than the [age of
    /// the settings](crate::SessionSettings::with_age).
    ///
    /// # Errors
    ///
    /// [`Error::MalformedExpiry`] for an instant outside the years 1 to 9999, which Python's `datetime` cannot hold, and for
    /// a time longer than [`MAX_EXPIRY_AFTER`].
    pub fn set_expiry(&mut self, expiry: Expiry) -> Result<(), Error> {
        match expiry {
            Expiry::Default => {
                self.remove(KEY);
                Ok(())
            }
            Expiry::WithBrowser => self.insert(KEY, 0),
            Expiry::After(time) if time > MAX_EXPIRY_AFTER => Err(Error::MalformedExpiry),
            Expiry::After(time) if time.subsec_nanos() == 0 => self.insert(KEY, time.as_secs()),
            Expiry::After(time) => self.insert(KEY, time.as_secs_f64()),
            Expiry::At(instant) => {
                let text = match &self.site_zone {
                    Some(zone) => iso::format(zone.local(instant), ""),
                    None => iso::format(instant, "+00:00"),
                };
                self.insert(KEY, text.ok_or(Error::MalformedExpiry)?)
            }
        }
    }

    /// Returns the whole seconds from `now` until the session ends, if it is saved at `now`. Negative if it has ended.
    /// `default_age` applies to a session without its own expiry.
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

    /// Returns the instant at which the session ends, if it is saved at `now`. `default_age` applies to a session without its
    /// own expiry.
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
        self.end(now.into(), default_age)
    }

    /// The same as [`expiry_date`](Self::expiry_date), but does not count as reading.
    pub(crate) fn end(&self, now: Timestamp, default_age: Duration) -> Result<Timestamp, Error> {
        let default = || now.saturating_add_nanos(Timestamp::from(default_age).as_unix_nanos());
        let end = self.own_expiry()?.end(now);
        Ok(end.map_or_else(default, Timestamp::from_unix_nanos))
    }

    /// Returns whether the session's cookie ends with the browser. `default` applies to a session without its own expiry
    /// (Django's `SESSION_EXPIRE_AT_BROWSER_CLOSE`).
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

    /// Converts the session's own expiry to local time if the site has a time zone and the expiry has an offset: Django
    /// with `USE_TZ = False` raises an exception for such an expiry.
    pub(crate) fn localize_expiry(&mut self) -> Result<(), Error> {
        let own = self.expiry_text().map(|text| read(text, None));
        match own {
            Some(Ok(Own::At(instant))) if self.site_zone.is_some() => {
                self.set_expiry(Expiry::At(instant))
            }
            _ => Ok(()),
        }
    }

    /// Returns the session's own expiry as JSON text. Does not count as reading.
    pub(crate) fn expiry_text(&self) -> Option<&str> {
        self.object.get(KEY)
    }

    fn own_expiry(&self) -> Result<Own, Error> {
        self.expiry_text()
            .map_or(Ok(Own::Default), |text| read(text, self.site_zone.as_ref()))
    }
}

/// Parses an expiry (canonical JSON text). A local time is read in the zone; without a zone it is malformed.
fn read(text: &str, zone: Option<&SiteZone>) -> Result<Own, Error> {
    parse(text, &|local| zone.map(|zone| zone.instant(local)))
}

/// How a codec treats a session's own expiry.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "tower", derive(PartialEq))]
pub(crate) struct ExpiryPolicy {
    pub(crate) is_enforced: bool,
    /// The zone of a Django site with `USE_TZ = False`, which writes local times.
    pub(crate) site_zone: Option<SiteZone>,
}

impl ExpiryPolicy {
    /// Creates a session with the site's time zone.
    pub(crate) fn session(&self, object: Object) -> Session {
        let site_zone = self.site_zone.clone();
        Session {
            object,
            site_zone,
            ..Session::default()
        }
    }

    /// Converts a session's canonical JSON text and its expiry to the site's local time, if that changes them.
    pub(crate) fn localized(
        &self,
        json: &str,
        expiry: Option<&str>,
    ) -> Result<Option<(String, String)>, Error> {
        match (&self.site_zone, expiry) {
            (Some(zone), Some(expiry)) => zone.localized(json, expiry),
            _ => Ok(None),
        }
    }

    /// Checks whether a session with this expiry (canonical JSON text), signed at `issued_at`, can be read at `now`.
    ///
    /// [`Error::SessionExpired`], [`Error::MalformedExpiry`].
    pub(crate) fn check_read(
        &self,
        expiry: Option<&str>,
        issued_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (Some(text), true) = (expiry, self.is_enforced) else {
            return Ok(());
        };
        let end = read(text, self.site_zone.as_ref())?.end(issued_at);
        match end {
            Some(end) if now.as_unix_nanos() > end => Err(Error::SessionExpired),
            _ => Ok(()),
        }
    }

    /// Checks whether a session with this expiry can be signed at `now`. A malformed one is never written.
    ///
    /// [`Error::SessionExpired`], [`Error::MalformedExpiry`].
    pub(crate) fn check_written(&self, expiry: Option<&str>, now: Timestamp) -> Result<(), Error> {
        match expiry {
            // It counts from the stamp, which has whole seconds.
            Some(_) if self.is_enforced => {
                self.check_read(expiry, now.as_unix_seconds().into(), now)
            }
            // A local time is well-formed even if the site's zone is not known.
            Some(text) => parse(text, &Some).map(drop),
            None => Ok(()),
        }
    }
}
