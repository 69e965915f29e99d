//! The dates in rows. Their unit is the microsecond, as in Python's `datetime`.

use hardtack::limits::MAX_UNIX_SECONDS;
use hardtack::{Error, Timestamp};
use time::OffsetDateTime;

/// First second of the year 1, Python's `datetime.min`.
const MIN_UNIX_SECONDS: i64 = -62_135_596_800;

/// Returns the date of an instant, truncated to the microsecond. Fails outside the years 1 to 9999.
pub(super) fn to_micros(at: Timestamp) -> Result<OffsetDateTime, Error> {
    let nanos = at.as_unix_nanos().div_euclid(1000) * 1000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()
        .filter(|date| (MIN_UNIX_SECONDS..=MAX_UNIX_SECONDS).contains(&date.unix_timestamp()))
        .ok_or(Error::TimeOutOfRange)
}

/// Returns the date of an instant for a column without a time zone.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(super) fn to_site_time(
    at: Timestamp,
    codec: &hardtack::RecordCodec,
) -> Result<time::PrimitiveDateTime, Error> {
    let date = to_micros(codec.site_time(at))?;
    Ok(time::PrimitiveDateTime::new(date.date(), date.time()))
}

/// Dates as text: `2026-10-05 14:13:20.123456`, without a fraction if it is zero (Python's `str(datetime)`).
#[cfg(feature = "sqlite")]
pub(super) mod text {
    use time::{Date, PrimitiveDateTime, Time};

    const FORM: &[u8] = b"dddd-dd-dd dd:dd:dd";

    pub(in crate::db) fn write(date: PrimitiveDateTime) -> String {
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        let (hour, minute, second, micros) = date.as_hms_micro();
        let fraction = match micros {
            0 => String::new(),
            _ => format!(".{micros:06}"),
        };
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction}")
    }

    /// Reads such a text. The fraction may have fewer digits.
    pub(in crate::db) fn read(text: &str) -> Option<PrimitiveDateTime> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_whole = whole.len() == FORM.len() && whole.bytes().zip(FORM).all(is_like);
        let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit());
        if !is_whole || !is_fraction || !(1..=6).contains(&fraction.len()) {
            return None;
        }
        let number = |at: usize| whole.get(at..at + 2)?.parse::<u8>().ok();
        let year = whole.get(..4)?.parse().ok()?;
        let micros = format!("{fraction:0<6}").parse().ok()?;
        let date = Date::from_calendar_date(year, number(5)?.try_into().ok()?, number(8)?).ok()?;
        let time = Time::from_hms_micro(number(11)?, number(14)?, number(17)?, micros).ok()?;
        Some(PrimitiveDateTime::new(date, time))
    }

    fn is_like((byte, form): (u8, &u8)) -> bool {
        match form {
            b'd' => byte.is_ascii_digit(),
            _ => byte == *form,
        }
    }
}
