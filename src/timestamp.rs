//! Instants: seconds since the Unix epoch with the fraction of a second, always handed in by the caller.

use core::time::Duration;

use time::OffsetDateTime;

use crate::error::Error;
use crate::limits::{DEFAULT_MAX_AGE, MAX_UNIX_SECONDS};

pub(crate) const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// An instant before or after the Unix epoch, to the nanosecond.
///
/// A cookie's stamp has whole seconds; the clock that it is compared with keeps its fraction, as in Django. Every
/// parameter called `now` takes seconds as `i64`, a [`Duration`] since the epoch, `std::time::SystemTime` (feature
/// `std`), or [`time::OffsetDateTime`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole seconds, rounded down.
    seconds: i64,
    /// The fraction on top of them, under a second.
    nanos: u32,
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

    const FIRST: Self = Self {
        seconds: i64::MIN,
        nanos: 0,
    };
    const LAST: Self = Self {
        seconds: i64::MAX,
        nanos: 999_999_999,
    };

    /// The instant `nanos` nanoseconds after the Unix epoch (before it, if negative), within the range of `i64` seconds:
    /// what lies beyond becomes the first or the last instant of that range.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the seconds lie within i64, the fraction within a second"
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

    /// The instant `micros` microseconds after the Unix epoch.
    #[expect(clippy::cast_possible_truncation, reason = "within a second")]
    pub(crate) const fn from_unix_micros(micros: i64) -> Self {
        Self {
            seconds: micros.div_euclid(1_000_000),
            nanos: micros.rem_euclid(1_000_000) as u32 * 1000,
        }
    }

    /// Nanoseconds since the Unix epoch, negative before it.
    pub const fn as_unix_nanos(self) -> i128 {
        self.seconds as i128 * NANOS_PER_SECOND + self.nanos as i128
    }

    /// Whole seconds since the Unix epoch, the fraction cut off toward zero: the number that a stamp holds
    /// (`int(time.time())` in `django/core/signing.py`).
    pub const fn as_unix_seconds(self) -> i64 {
        if self.seconds < 0 && self.nanos > 0 {
            self.seconds + 1
        } else {
            self.seconds
        }
    }

    /// The instant itself, if a stamp can hold it: [`Error::TimeOutOfRange`] beyond [`MAX_UNIX_SECONDS`].
    pub(crate) const fn for_stamp(self) -> Result<Self, Error> {
        if self.seconds > MAX_UNIX_SECONDS {
            return Err(Error::TimeOutOfRange);
        }
        Ok(self)
    }

    /// Date and time in UTC, from the start of `first_year` to [`MAX_UNIX_SECONDS`].
    pub(crate) fn utc_since(self, first_year: i32) -> Option<OffsetDateTime> {
        let utc = OffsetDateTime::from_unix_timestamp_nanos(self.as_unix_nanos()).ok()?;
        // Not left to that type's range, which is wider with the feature `large-dates` of `time`.
        (utc.year() >= first_year && self.seconds <= MAX_UNIX_SECONDS).then_some(utc)
    }

    /// The instant `seconds` seconds later, or in the last (first) second of the range.
    pub(crate) const fn saturating_add_seconds(self, seconds: i64) -> Self {
        Self {
            seconds: self.seconds.saturating_add(seconds),
            ..self
        }
    }

    /// The instant `nanos` nanoseconds later, or the last (first) one of the range.
    pub(crate) const fn saturating_add_nanos(self, nanos: i128) -> Self {
        Self::from_unix_nanos(self.as_unix_nanos().saturating_add(nanos))
    }

    /// Time from `earlier` to this instant; zero if `earlier` is the later one.
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
    /// Time since the Unix epoch. (More than `i64::MAX` seconds become the last instant of the range.)
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
    /// As old as this, to the fraction of a second.
    Limit(Duration),
    /// Any age: a captured value stays good until its key is retired.
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
