//! Instants, to the nanosecond, and ages. The caller always passes the current time.

use core::time::Duration;

use time::OffsetDateTime;

use crate::error::Error;
use crate::limits::{DEFAULT_MAX_AGE, MAX_UNIX_SECONDS};

pub(crate) const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// An instant before or after the Unix epoch, to the nanosecond.
///
/// Every parameter called `now` accepts whole seconds as `i64` (not milliseconds), a [`Duration`] since the epoch,
/// `std::time::SystemTime` (feature `std`), or [`time::OffsetDateTime`].
///
/// A cookie's stamp is in whole seconds. It is compared with the clock to the nanosecond, as in Django.
///
/// [`time::OffsetDateTime`]: https://docs.rs/time/0.3/time/struct.OffsetDateTime.html
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole seconds, rounded down.
    seconds: i64,
    /// Nanoseconds to add, less than a second.
    nanos: u32,
}

impl Timestamp {
    /// Returns the time of the system clock.
    ///
    /// # Panics
    ///
    /// Panics on `wasm32-unknown-unknown`, where std has no clock. Pass the host's time there.
    #[cfg(feature = "std")]
    pub fn now() -> Self {
        std::time::SystemTime::now().into()
    }

    const FIRST: Self = Self {
        seconds: i64::MIN,
        nanos: 0,
    };
    const LAST: Self = Self {
        seconds: i64::MAX,
        nanos: 999_999_999,
    };

    /// Creates the instant `nanos` nanoseconds after the Unix epoch (before it, if negative). Saturates at the range of
    /// `i64` seconds.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the seconds are within i64, the fraction within a second"
    )]
    pub const fn from_unix_nanos(nanos: i128) -> Self {
        let seconds = nanos.div_euclid(NANOS_PER_SECOND);
        if seconds < i64::MIN as i128 {
            Self::FIRST
        } else if seconds > i64::MAX as i128 {
            Self::LAST
        } else {
            Self {
                seconds: seconds as i64,
                nanos: nanos.rem_euclid(NANOS_PER_SECOND) as u32,
            }
        }
    }

    /// Creates the instant `micros` microseconds after the Unix epoch (before it, if negative). Use it for hosts whose
    /// clock counts microseconds or milliseconds, such as Python and JavaScript.
    #[expect(clippy::cast_possible_truncation, reason = "within a second")]
    pub const fn from_unix_micros(micros: i64) -> Self {
        Self {
            seconds: micros.div_euclid(1_000_000),
            nanos: micros.rem_euclid(1_000_000) as u32 * 1000,
        }
    }

    /// Returns the nanoseconds since the Unix epoch, negative before it.
    pub const fn as_unix_nanos(self) -> i128 {
        self.seconds as i128 * NANOS_PER_SECOND + self.nanos as i128
    }

    /// Returns the whole seconds since the Unix epoch, truncated toward zero: the number in a stamp (`int(time.time())` in
    /// `django/core/signing.py`).
    pub const fn as_unix_seconds(self) -> i64 {
        if self.seconds < 0 && self.nanos > 0 {
            self.seconds + 1
        } else {
            self.seconds
        }
    }

    /// Returns the instant if a stamp can hold it. Fails with [`Error::TimeOutOfRange`] if it is after
    /// [`MAX_UNIX_SECONDS`].
    pub(crate) const fn for_stamp(self) -> Result<Self, Error> {
        if self.seconds > MAX_UNIX_SECONDS {
            return Err(Error::TimeOutOfRange);
        }
        Ok(self)
    }

    /// Returns date and time in UTC, if they are between the start of `first_year` and [`MAX_UNIX_SECONDS`].
    pub(crate) fn utc_since(self, first_year: i32) -> Option<OffsetDateTime> {
        let utc = OffsetDateTime::from_unix_timestamp_nanos(self.as_unix_nanos()).ok()?;
        // The feature `large-dates` of `time` would give that type a wider range.
        (utc.year() >= first_year && self.seconds <= MAX_UNIX_SECONDS).then_some(utc)
    }

    /// Returns the instant `seconds` seconds later (earlier, if negative). Saturates at the range.
    pub(crate) const fn saturating_add_seconds(self, seconds: i64) -> Self {
        Self {
            seconds: self.seconds.saturating_add(seconds),
            ..self
        }
    }

    /// Returns the instant `nanos` nanoseconds later (earlier, if negative). Saturates at the range.
    pub(crate) const fn saturating_add_nanos(self, nanos: i128) -> Self {
        Self::from_unix_nanos(self.as_unix_nanos().saturating_add(nanos))
    }

    /// Returns the time from `earlier` to this instant, or zero if `earlier` is later.
    pub(crate) fn saturating_duration_since(self, earlier: Self) -> Duration {
        if self <= earlier {
            return Duration::ZERO;
        }
        let seconds = self.seconds.abs_diff(earlier.seconds);
        let fraction = Duration::from_nanos(earlier.nanos.into());
        Duration::new(seconds, self.nanos).saturating_sub(fraction)
    }
}

impl From<i64> for Timestamp {
    /// Whole seconds since the Unix epoch, negative before it.
    fn from(seconds: i64) -> Self {
        Self { seconds, nanos: 0 }
    }
}

impl From<Duration> for Timestamp {
    /// Time since the Unix epoch. Saturates at `i64::MAX` seconds.
    fn from(since_epoch: Duration) -> Self {
        i64::try_from(since_epoch.as_secs()).map_or(Self::LAST, |seconds| Self {
            seconds,
            nanos: since_epoch.subsec_nanos(),
        })
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Timestamp {
    fn from(time: std::time::SystemTime) -> Self {
        match time.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => after.into(),
            Err(before) => Self::from_unix_nanos(
                -i128::try_from(before.duration().as_nanos()).unwrap_or(i128::MAX),
            ),
        }
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(time: OffsetDateTime) -> Self {
        Self::from_unix_nanos(time.unix_timestamp_nanos())
    }
}

/// How old a signature may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxAge {
    /// At most this old.
    Limit(Duration),
    /// Any age: a captured value stays valid until its key is retired.
    NoLimit,
}

impl MaxAge {
    /// Fails with [`Error::Expired`] if the time between the two instants is longer than allowed.
    pub(crate) fn check(self, issued_at: Timestamp, now: Timestamp) -> Result<(), Error> {
        let age = now.saturating_duration_since(issued_at);
        match self {
            Self::Limit(max_age) if age > max_age => Err(Error::Expired { age, max_age }),
            _ => Ok(()),
        }
    }
}

impl Default for MaxAge {
    /// [`DEFAULT_MAX_AGE`].
    fn default() -> Self {
        Self::Limit(DEFAULT_MAX_AGE)
    }
}

impl From<Duration> for MaxAge {
    fn from(limit: Duration) -> Self {
        Self::Limit(limit)
    }
}
