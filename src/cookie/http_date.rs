//! The date of an `Expires` attribute.

use alloc::format;
use alloc::string::String;

use crate::timestamp::Timestamp;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Returns the instant as an IMF-fixdate (RFC 9110, section 5.6.7) without the fraction of a second, as
/// `django.utils.http.http_date` writes it. Returns `None` outside the years 1601 to 9999.
///
/// RFC 6265bis, section 5.1.1: a user agent fails to parse a date if "the year-value is less than 1601"; the format
/// has four digits for a year.
#[expect(
    clippy::indexing_slicing,
    reason = "weekdays are 0 to 6, months 1 to 12"
)]
pub(super) fn http_date(instant: Timestamp) -> Option<String> {
    let date = instant.utc_since(1601)?;
    let weekday = WEEKDAYS[usize::from(date.weekday().number_days_from_monday())];
    let month = MONTHS[usize::from(u8::from(date.month())) - 1];
    let (hour, minute, second) = date.to_hms();
    Some(format!(
        "{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT",
        day = date.day(),
        year = date.year(),
    ))
}
