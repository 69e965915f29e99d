//! Times and counts in words.

use std::time::Duration;

use hardtack::Timestamp;
use hardtack_inspect::in_words;
use time::OffsetDateTime;

/// Zero if `to` is the earlier one.
pub(crate) fn time_between(from: Timestamp, to: Timestamp) -> Duration {
    let nanos = to.as_unix_nanos() - from.as_unix_nanos();
    Duration::from_secs(u64::try_from(nanos / 1_000_000_000).unwrap_or(0))
}

pub(crate) fn date(at: Timestamp) -> String {
    let Ok(time) = OffsetDateTime::from_unix_timestamp(at.as_unix_seconds()) else {
        return format!("Unix time {}", at.as_unix_seconds());
    };
    let (hour, minute, second) = time.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02} UTC", time.date())
}

/// `3 days ago` or `1 minute ahead of the clock`, after the date.
pub(crate) fn instant(at: Timestamp, now: Timestamp) -> String {
    let date = date(at);
    if at > now {
        let ahead = in_words(time_between(now, at));
        format!("{date}, {ahead} ahead of the clock")
    } else {
        format!("{date}, {} ago", in_words(time_between(at, now)))
    }
}

/// ASCII text in at most `width` columns.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.len() <= width {
        return text.into();
    }
    format!("{}…", &text[..width - 1])
}
