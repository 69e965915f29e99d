//! The keys of a session or of another JSON object, and their sizes.

use std::cmp::Reverse;
use std::fmt::{self, Display};

use hardtack::Session;
use hardtack::limits::DEFAULT_MAX_LENGTH;

use crate::QUIET;
use crate::view::WIDTH;
use crate::words::cut;

/// Columns of a key, and of the bar that shows its share.
const KEY_WIDTH: usize = 28;
const BAR_WIDTH: usize = 16;

/// One line for each key.
pub(crate) struct Table {
    members: Vec<Member>,
    json_length: usize,
    /// Bytes of the cookie: all bars together show its share of the largest one. `None` for other objects, whose bars fill
    /// the column.
    cookie_length: Option<usize>,
}

/// A key of the object and its value as the JSON spells them: in ASCII, so nothing in them acts on a terminal.
struct Member {
    key: String,
    value: String,
    /// With two quotes, a colon and a comma.
    bytes: usize,
}

impl Table {
    pub(crate) fn new(object: &Session, cookie_length: Option<usize>) -> Self {
        let mut members: Vec<_> = object
            .iter()
            .filter_map(|(key, value)| {
                // A session of this key alone spells it as the cookie does: `{"key":0}`.
                let mut alone = Session::new();
                alone.insert(&key, 0).ok()?;
                let json = alone.to_json();
                let (key, value) = (&json[2..json.len() - 4], value.as_str());
                Some(Member {
                    key: key.into(),
                    value: value.into(),
                    bytes: key.len() + value.len() + 4,
                })
            })
            .collect();
        // The largest first.
        members.sort_by_key(|member| Reverse(member.bytes));
        Self {
            members,
            json_length: object.to_json().len(),
            cookie_length,
        }
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(widest) = self.members.iter().map(|member| member.key.len()).max() else {
            return Ok(());
        };
        let width = widest.clamp(3, KEY_WIDTH);
        let share = match self.cookie_length {
            Some(_) => format!("share of {DEFAULT_MAX_LENGTH}"),
            None => "share".into(),
        };
        let length = self.cookie_length.unwrap_or(DEFAULT_MAX_LENGTH);
        let rest = WIDTH - width - BAR_WIDTH - 13;
        writeln!(
            f,
            "\n  {QUIET}{:<width$}  bytes  {:<BAR_WIDTH$}  value{QUIET:#}",
            "key", share
        )?;
        for Member { key, value, bytes } in &self.members {
            let bar = bar(bytes * length / self.json_length);
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

/// `bytes` of the largest cookie, in eighths of a column. No key is too small to be seen.
fn bar(bytes: usize) -> String {
    let eighths = (bytes * BAR_WIDTH * 8).div_ceil(DEFAULT_MAX_LENGTH);
    let eighths = eighths.min(BAR_WIDTH * 8);
    let last = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    "█".repeat(eighths / 8) + last
}
