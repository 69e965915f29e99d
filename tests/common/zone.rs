//! The time zone of a Django site with `USE_TZ = False`.

use hardtack::Timestamp;
use jiff::tz::TimeZone;
use time::UtcOffset;

/// Returns a function for `SessionCodec::with_site_time_zone`.
pub fn berlin() -> impl Fn(Timestamp) -> UtcOffset + Send + Sync + 'static {
    let zone = TimeZone::get("Europe/Berlin").expect("a zone");
    move |instant| {
        let instant = jiff::Timestamp::from_second(instant.as_unix_seconds());
        let offset = zone.to_offset(instant.unwrap_or(jiff::Timestamp::MAX));
        UtcOffset::from_whole_seconds(offset.seconds()).expect("less than a day")
    }
}
