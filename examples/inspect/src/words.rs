//! Times and counts in words.

use alloc::format;
use alloc::string::String;
use core::time::Duration;

/// Returns a time in its two largest units: `2 days 3 hours`.
#[must_use]
pub fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    let (large, small) = match seconds {
        86_400.. => ((86_400, "day"), (3_600, "hour")),
        3_600.. => ((3_600, "hour"), (60, "minute")),
        60.. => ((60, "minute"), (1, "second")),
        _ => return plural(seconds, "second"),
    };
    let first = plural(seconds / large.0, large.1);
    match seconds % large.0 / small.0 {
        0 => first,
        rest => format!("{first} {}", plural(rest, small.1)),
    }
}

/// Returns a count and its noun: `1 day`, `2 days`.
#[must_use]
pub fn plural(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}
