//! The human view of a cookie.

use std::fmt::{self, Display};
use std::time::Duration;

use hardtack::limits::DEFAULT_MAX_LENGTH;
use hardtack::{Error, MaxAge, Timestamp};
use time::OffsetDateTime;

use crate::{Cookie, Member, key_name, variant};

/// Columns of the view, of a key in it, and of the bar that shows the key's share.
const WIDTH: usize = 100;
const KEY_WIDTH: usize = 28;
const BAR_WIDTH: usize = 16;

/// Enough of the input to know it by, and not enough to use it.
pub(crate) fn heading(count: usize, input: &[u8]) -> String {
    let beginning = &input[..input.len().min(WIDTH)];
    let text = beginning.escape_ascii().to_string();
    format!("Cookie {count}  {}\n", cut(&text, 32))
}

impl Display for Cookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = key_name(self.verified.key_index());
        let (keys, json) = (plural(self.members.len() as u64, "key"), self.json.len());
        let form = if self.is_compressed {
            "compressed (so the shares are estimates)"
        } else {
            "not compressed"
        };
        writeln!(f, "  signature  good, by {key}")?;
        writeln!(f, "  issued     {}", self.issued())?;
        writeln!(f, "  expires    {}", self.expires())?;
        writeln!(f, "  size       {}", size(self.length))?;
        writeln!(f, "  session    {keys}, {json} bytes of JSON, {form}")?;
        self.table(f)
    }
}

impl Cookie<'_> {
    fn issued(&self) -> String {
        let at = self.verified.issued_at();
        let date = date(at);
        if at > self.now {
            let ahead = in_words(time_between(self.now, at));
            format!("{date}, {ahead} ahead of the clock")
        } else {
            format!("{date}, {} ago", in_words(self.verified.age()))
        }
    }

    fn expires(&self) -> String {
        let MaxAge::Limit(limit) = self.max_age else {
            return "never: there is no max age".into();
        };
        let at = self.verified.issued_at().as_unix_seconds();
        let at: Timestamp = at.saturating_add_unsigned(limit.as_secs()).into();
        let left = in_words(time_between(self.now, at));
        format!("{}, in {left}", date(at))
    }

    /// One line for each key of the session. The bars together are as long as the cookie.
    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(widest) = self.members.iter().map(|member| member.key.len()).max() else {
            return Ok(());
        };
        let width = widest.clamp(3, KEY_WIDTH);
        let share = format!("share of {DEFAULT_MAX_LENGTH}");
        let rest = WIDTH - width - BAR_WIDTH - 13;
        writeln!(
            f,
            "\n  {:<width$}  bytes  {:<BAR_WIDTH$}  value",
            "key", share
        )?;
        for Member { key, value, bytes } in &self.members {
            let bar = bar(bytes * self.length / self.json.len());
            let key = if key.is_empty() { "\"\"" } else { key };
            let (key, value) = (cut(key, width), cut(value, rest));
            writeln!(
                f,
                "  {key:<width$}  {bytes:>5}  {bar:·<BAR_WIDTH$}  {value}"
            )?;
        }
        Ok(())
    }
}

fn size(bytes: usize) -> String {
    match DEFAULT_MAX_LENGTH.checked_sub(bytes) {
        Some(room) => format!(
            "{bytes} of {DEFAULT_MAX_LENGTH} bytes, {room} left for the cookie's name and more"
        ),
        None => format!("{bytes} bytes: over {DEFAULT_MAX_LENGTH}, browsers drop it"),
    }
}

/// Zero if `to` is the earlier one.
fn time_between(from: Timestamp, to: Timestamp) -> Duration {
    let nanos = to.as_unix_nanos() - from.as_unix_nanos();
    Duration::from_secs(u64::try_from(nanos / 1_000_000_000).unwrap_or(0))
}

/// In the two largest units: `2 days 3 hours`.
fn in_words(time: Duration) -> String {
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

fn plural(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

fn date(at: Timestamp) -> String {
    let Ok(time) = OffsetDateTime::from_unix_timestamp(at.as_unix_seconds()) else {
        return format!("Unix time {}", at.as_unix_seconds());
    };
    let (hour, minute, second) = time.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02} UTC", time.date())
}

/// `bytes` of the largest cookie, in eighths of a column. What is there shows.
fn bar(bytes: usize) -> String {
    let eighths = (bytes * BAR_WIDTH * 8).div_ceil(DEFAULT_MAX_LENGTH);
    let eighths = eighths.min(BAR_WIDTH * 8);
    let last = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    "█".repeat(eighths / 8) + last
}

/// ASCII text in at most `width` columns.
fn cut(text: &str, width: usize) -> String {
    if text.len() <= width {
        return text.into();
    }
    format!("{}…", &text[..width - 1])
}

pub(crate) fn refusal_view(error: Error) -> String {
    let hint = match error {
        Error::TooLong { .. } => {
            format!("Browsers drop a cookie over {DEFAULT_MAX_LENGTH} bytes. See --max-length.")
        }
        Error::NotSigned => "A session key of another engine, or a part of a cookie.".into(),
        Error::BadSignature => "Signed with another key or salt, or altered since.".into(),
        Error::Expired { age, max_age } => {
            let [age, max_age] = [age, max_age].map(in_words);
            format!("Well signed, but {age} old, of {max_age}. To look inside: --max-age none")
        }
        Error::CompressionDisabled => "Well signed. Build with --features compress.".into(),
        _ => "Well signed, but no session that hardtack reads.".into(),
    };
    let name = variant(error);
    format!("  refused    {name}: {error}\n             {hint}\n")
}
