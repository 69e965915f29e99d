//! A session's own expiry, the key `_session_expiry`: how it is set, what it means, and the check on reading.
//!
//! Django's cookie engine keeps the key and never looks at it when it reads a cookie (tickets #19201 and #27775).

use alloc::string::String;
use core::time::Duration;

use super::expiry_text::{KEY, Own, parse};
use super::zone::SiteZone;
use super::{Session, iso};
use crate::error::Error;
use crate::json::Object;
use crate::limits::MAX_EXPIRY_AFTER;
use crate::timestamp::{NANOS_PER_SECOND, Timestamp};

/// When a session ends by itself, for [`Session::set_expiry`].
///
/// It is kept under the key `_session_expiry`: a number of seconds, or an ISO 8601 text. Text is read as Python 3.11 and
/// later read it (`datetime.fromisoformat`), in these forms: `2023-11-14` or `20231114`; `T` or a space; `22:13:20` or
/// `221320`, with or without seconds and digits after a point; `Z`, or `+01`, `+01:00` or `+0100`, with or without seconds
/// and digits after a point. Without an offset it needs a codec
/// [with a time zone](crate::SessionCodec::with_site_time_zone).
///
/// Python reads more than that, which no Django writes and which is [`Error::MalformedExpiry`]: dates alone, week dates,
/// hours alone, other separators, a comma for the point, fractions of minutes, 60 and more minutes or seconds of an
/// offset, offsets of less than a second, and text before an offset, which it skips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// This long after it was last saved. No time at all is [`WithBrowser`](Self::WithBrowser), as in Django.
    After(Duration),
    /// At an instant, however often it is saved. The fraction of a microsecond is cut off.
    ///
    /// For a site with `USE_TZ = False`
    /// ([`with_site_time_zone`](crate::SessionCodec::with_site_time_zone)) it is written as local time, as Django does
    /// there. In the hour that clocks repeat in autumn this may end the session an hour early.
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
    /// [`Error::MalformedExpiry`] for an instant outside of the years 1 to 9999, which Python's `datetime` cannot hold, and
    /// for a time longer than [`MAX_EXPIRY_AFTER`].
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
        let default = || now.saturating_add_nanos(Timestamp::from(default_age).as_unix_nanos());
        let end = self.own_expiry()?.end(now);
        Ok(end.map_or_else(default, Timestamp::from_unix_nanos))
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
            .map_or(Ok(Own::Default), |text| read(text, self.site_zone.as_ref()))
    }
}

/// Reads an own expiry (canonical JSON text), whose local time is one of the zone. Without a zone that is malformed.
fn read(text: &str, zone: Option<&SiteZone>) -> Result<Own, Error> {
    parse(text, &|local| zone.map(|zone| zone.instant(local)))
}

/// What a codec makes of a session's own expiry.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "tower", derive(PartialEq))]
pub(crate) struct ExpiryPolicy {
    pub(crate) is_enforced: bool,
    /// The zone of a Django site with `USE_TZ = False`, which writes local times.
    pub(crate) site_zone: Option<SiteZone>,
}

impl ExpiryPolicy {
    /// A session of the site.
    pub(crate) fn session(&self, object: Object) -> Session {
        let site_zone = self.site_zone.clone();
        Session {
            object,
            site_zone,
            ..Session::default()
        }
    }

    /// A session's canonical JSON text and its expiry as the site writes them, if that differs.
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

    /// Whether a session with this expiry (canonical JSON text), signed at `issued_at`, can be read at `now`.
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

    /// Whether a session with this expiry can be signed at `now`. A malformed one is never written.
    ///
    /// [`Error::SessionExpired`], [`Error::MalformedExpiry`].
    pub(crate) fn check_written(&self, expiry: Option<&str>, now: Timestamp) -> Result<(), Error> {
        match expiry {
            // It counts from the stamp, which has whole seconds.
            Some(_) if self.is_enforced => {
                self.check_read(expiry, now.as_unix_seconds().into(), now)
            }
            // Local times are well-formed, also of a site whose zone is not known.
            Some(text) => parse(text, &Some).map(drop),
            None => Ok(()),
        }
    }
}
