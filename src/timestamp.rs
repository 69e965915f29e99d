//! Instants: seconds since the Unix epoch with the fraction of a second, always handed in by the caller.

use core::time::Duration;

use crate::error::Error;
use crate::limits::DEFAULT_MAX_AGE;

pub(crate) const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// An instant: nanoseconds before or after the Unix epoch.
///
/// A cookie's stamp has whole seconds; the clock that it is compared with keeps its fraction, as in Django. Every
/// parameter called `now` takes whatever converts into this: seconds as `i64`, a [`Duration`] since the epoch,
/// `std::time::SystemTime` (feature `std`), [`time::OffsetDateTime`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    nanos: i128,
}

impl Timestamp {
    /// The system clock's time.
    ///
    /// # Panics
    ///
    /// On `wasm32-unknown-unknown`, where std has no clock: pass the host's time instead.
    #[cfg(feature = "std")]
    pub fn now() -> Self {
        std::time::SystemTime::now().into()
    }

    /// The instant `nanos` nanoseconds after the Unix epoch (before it, if negative), within the range of `i64` seconds:
    /// what lies beyond becomes the first or the last instant of that range.
    pub const fn from_unix_nanos(nanos: i128) -> Self {
        const MIN: i128 = i64::MIN as i128 * NANOS_PER_SECOND;
        const MAX: i128 = i64::MAX as i128 * NANOS_PER_SECOND + (NANOS_PER_SECOND - 1);
        let nanos = if nanos < MIN {
            MIN
        } else if nanos > MAX {
            MAX
        } else {
            nanos
        };
        Self { nanos }
    }

    /// Nanoseconds since the Unix epoch, negative before it.
    pub const fn as_unix_nanos(self) -> i128 {
        self.nanos
    }

    /// Whole seconds since the Unix epoch, the fraction cut off toward zero: the number that a stamp holds
    /// (`int(time.time())` in `django/core/signing.py`).
    #[expect(
        clippy::cast_possible_truncation,
        reason = "both constructors keep the seconds within i64"
    )]
    pub const fn as_unix_seconds(self) -> i64 {
        (self.nanos / NANOS_PER_SECOND) as i64
    }

    /// The instant so many nanoseconds later, or the last (first) one of the range.
    pub(crate) const fn saturating_add_nanos(self, nanos: i128) -> Self {
        Self::from_unix_nanos(self.nanos.saturating_add(nanos))
    }

    /// Time from `earlier` to this instant; zero if `earlier` is the later one.
    pub fn saturating_duration_since(self, earlier: Self) -> Duration {
        let nanos = self
            .nanos
            .saturating_sub(earlier.nanos)
            .max(0)
            .unsigned_abs();
        // Two instants lie less than 2^64 seconds apart, so nothing is cut off.
        Duration::from_nanos_u128(nanos)
    }
}

impl From<i64> for Timestamp {
    /// Whole seconds since the Unix epoch, negative before it.
    fn from(seconds: i64) -> Self {
        Self::from_unix_nanos(i128::from(seconds) * NANOS_PER_SECOND)
    }
}

impl From<Duration> for Timestamp {
    /// Time since the Unix epoch. (More than `i64::MAX` seconds become the last instant of the range.)
    fn from(since_epoch: Duration) -> Self {
        Self::from_unix_nanos(i128::try_from(since_epoch.as_nanos()).unwrap_or(i128::MAX))
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

impl From<time::OffsetDateTime> for Timestamp {
    fn from(time: time::OffsetDateTime) -> Self {
        Self::from_unix_nanos(time.unix_timestamp_nanos())
    }
}

/// How old a signature may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxAge {
    /// As old as this, to the fraction of a second.
    Limit(Duration),
    /// As old as it likes: a captured value is good for ever, or until its key is retired.
    NoLimit,
}

impl MaxAge {
    /// [`Error::Expired`] if more time than allowed lies between the two instants.
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
