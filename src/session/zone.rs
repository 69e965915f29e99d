//! The time zone of a Django site with `USE_TZ = False`.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

use time::UtcOffset;

use super::expiry_text::{KEY, Own, parse};
use super::{Session, iso};
use crate::error::Error;
use crate::limits::MAX_UNIX_SECONDS;
use crate::timestamp::Timestamp;

/// First second of the year 1.
const MIN_UNIX_SECONDS: i64 = -62_135_596_800;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// A function from an instant to the offset in force at that instant. All clones share it.
#[derive(Clone)]
pub(crate) struct SiteZone(Arc<dyn Zone>);

// If the function panics, the session is unchanged.
impl UnwindSafe for SiteZone {}
impl RefUnwindSafe for SiteZone {}

/// A trait object, so that a program that never sets a time zone, such as the WebAssembly module, does not contain this
/// code.
trait Zone: Send + Sync {
    /// Returns the offset at an instant, in seconds.
    fn offset(&self, instant: Timestamp) -> i64;
    fn local(&self, instant: Timestamp) -> Timestamp;
    fn instant(&self, local: Timestamp) -> Timestamp;
    fn localized(&self, json: &str, expiry: &str) -> Result<Option<(String, String)>, Error>;
}

impl<F: Fn(Timestamp) -> UtcOffset + Send + Sync> Zone for F {
    fn offset(&self, instant: Timestamp) -> i64 {
        // The function only has to support the years of Python's `datetime`.
        let asked = instant.clamp(MIN_UNIX_SECONDS.into(), MAX_UNIX_SECONDS.into());
        self(asked).whole_seconds().into()
    }

    fn local(&self, instant: Timestamp) -> Timestamp {
        instant.saturating_add_seconds(self.offset(instant))
    }

    fn instant(&self, local: Timestamp) -> Timestamp {
        // No offset is longer than a day, so these are the offsets before and after a change near that time.
        let [before, after] = [-SECONDS_PER_DAY, SECONDS_PER_DAY]
            .map(|day| self.offset(local.saturating_add_seconds(day)));
        let instant = |offset: i64| local.saturating_add_seconds(-offset);
        let offset = [before, after]
            .into_iter()
            .find(|&offset| self.offset(instant(offset)) == offset);
        instant(offset.unwrap_or(before))
    }

    fn localized(&self, json: &str, expiry: &str) -> Result<Option<(String, String)>, Error> {
        let Ok(Own::At(instant)) = parse(expiry, &|_| None) else {
            return Ok(None);
        };
        let text = iso::format(self.local(instant), "").ok_or(Error::MalformedExpiry)?;
        let mut session = Session::from_json(json)?;
        session.insert(KEY, text)?;
        let expiry = session.expiry_text().unwrap_or(expiry).into();
        Ok(Some((session.to_json(), expiry)))
    }
}

impl SiteZone {
    pub(crate) fn new(offset_at: impl Fn(Timestamp) -> UtcOffset + Send + Sync + 'static) -> Self {
        Self(Arc::new(offset_at))
    }

    /// Returns the local time at an instant, as if it were UTC.
    pub(crate) fn local(&self, instant: Timestamp) -> Timestamp {
        self.0.local(instant)
    }

    /// Returns the instant of a local time that is given as if it were UTC. A time that the clocks repeat or skip is
    /// read with the offset before the change, as Python's `zoneinfo` does with `fold=0` (PEP 495).
    pub(crate) fn instant(&self, local: Timestamp) -> Timestamp {
        self.0.instant(local)
    }

    /// If a session's expiry has an offset, returns the session's canonical JSON text and the expiry, both with the
    /// expiry as local time. Django with `USE_TZ = False` raises `TypeError` when it saves a session whose expiry has
    /// an offset.
    pub(super) fn localized(
        &self,
        json: &str,
        expiry: &str,
    ) -> Result<Option<(String, String)>, Error> {
        self.0.localized(json, expiry)
    }
}

/// Two zones are equal if they share the function, or if their offsets are the same every 30 days from 1970 to 2048.
#[cfg(feature = "tower")]
impl PartialEq for SiteZone {
    fn eq(&self, other: &Self) -> bool {
        let mut months = (0..80 * 12).map(|month| Timestamp::from(month * 30 * SECONDS_PER_DAY));
        let is_alike = |at| self.0.offset(at) == other.0.offset(at);
        Arc::ptr_eq(&self.0, &other.0) || months.all(is_alike)
    }
}

impl fmt::Debug for SiteZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiteZone").finish_non_exhaustive()
    }
}
