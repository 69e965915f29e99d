//! Finds the cookie in what was pasted: a value, a header, a `curl` line, JSON, a table of a browser's tools.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::kind::{Recognized, recognize};

/// Bytes of a paste. The headers of a request fit eight times over.
pub const LONGEST_PASTE: usize = 64 * 1024;

/// Django's `SESSION_COOKIE_NAME`.
const SESSION_NAME: &str = "sessionid";
const LONGEST_NAME: usize = 100;
/// What separates values, besides white space, wherever cookies are pasted from.
const DELIMITERS: &[char] = &[
    ';', ',', '"', '\'', '`', '<', '>', '(', ')', '{', '}', '[', ']', '\\', '&', '?',
];

/// A value, perhaps with its cookie's name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) name: Option<String>,
    pub(crate) value: String,
}

/// The piece that is most likely meant.
pub(crate) struct Found {
    pub(crate) piece: Piece,
    pub(crate) recognized: Option<Recognized>,
    /// What was undone to read it.
    pub(crate) undone: Vec<&'static str>,
}

/// Returns the piece that is most likely meant. Where the paste has none that is recognized, that is all of it.
pub(crate) fn find(paste: &str) -> Found {
    let paste = paste.trim_matches(|c: char| c.is_whitespace() || "\u{feff}\u{200b}".contains(c));
    let mut best: Option<(Rank, Found)> = None;
    for (undone, text) in readings(paste) {
        let mut best_here: Option<(Rank, Found)> = None;
        for piece in segments(&text).chain(tokens(&text)) {
            let recognized = recognize(piece.name.as_deref(), &piece.value);
            let is_named = piece.name.as_deref() == Some(SESSION_NAME);
            let rank = (is_named, recognized.as_ref().map_or(0, Recognized::rank));
            // Of several cookies named sessionid the last one counts, as in Django; of others the first one.
            let is_better = best_here
                .as_ref()
                .is_none_or(|(best, _)| rank > *best || rank == *best && is_named);
            if is_better {
                let undone = undone.clone();
                best_here = Some((
                    rank,
                    Found {
                        piece,
                        recognized,
                        undone,
                    },
                ));
            }
        }
        if let Some(here) = best_here
            && best.as_ref().is_none_or(|(rank, _)| here.0 > *rank)
        {
            best = Some(here);
        }
    }
    match best {
        Some((rank, found)) if rank > (false, 0) => found,
        _ => exact(unquoted(paste)),
    }
}

/// Takes all of the paste as the value.
pub(crate) fn exact(paste: &str) -> Found {
    Found {
        recognized: recognize(None, paste),
        piece: Piece {
            name: None,
            value: paste.to_owned(),
        },
        undone: Vec::new(),
    }
}

/// The lines of a paste, if two or more of them are signed values of Django on their own; otherwise all of it.
#[must_use]
pub fn split(paste: &str) -> Vec<&str> {
    let lines = || paste.lines().filter(|line| !line.trim().is_empty());
    let is_signed = |line: &&str| {
        let is_one = !line
            .trim()
            .contains(|c: char| c.is_whitespace() || c == ';');
        is_one
            && find(line)
                .recognized
                .is_some_and(|known| known.parts.is_some())
    };
    if lines().filter(is_signed).nth(1).is_some() {
        lines().collect()
    } else {
        alloc::vec![paste]
    }
}

/// Whether it has the name that was looked for, then how much its kind says.
type Rank = (bool, u8);

// ---- Readings

const JOINED: &str = "joining its lines";
const DECODED: &str = "undoing its percent-encoding";

/// The paste as it is, then without what the way here may have done to it.
fn readings(paste: &str) -> Vec<(Vec<&'static str>, String)> {
    let mut readings = alloc::vec![(Vec::new(), paste.to_owned())];
    for joined in [join_lines(paste), join_blanks(paste)]
        .into_iter()
        .flatten()
    {
        readings.push((alloc::vec![JOINED], joined));
    }
    for at in 0..readings.len() {
        let (undone, text) = &readings[at];
        let decoded = decode(text);
        if decoded != *text {
            let mut undone = undone.clone();
            undone.push(DECODED);
            readings.push((undone, decoded));
        }
    }
    readings
}

/// Undoes `%3A` of a URL, `\u003a` of JSON, `&quot;` of HTML, `=3D` of mail and `^` of a Windows command line.
fn decode(text: &str) -> String {
    let text = if text.contains("^\"") || text.contains("^%") {
        text.replace('^', "")
    } else {
        text.to_owned()
    };
    let text = text.replace("&quot;", "\"").replace("&#39;", "'");
    let text = text.replace("&amp;", "&").replace("=3D", "=");
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(character) = rest.chars().next() {
        let escaped = rest
            .strip_prefix('%')
            .and_then(|rest| hex_character(rest, 2))
            .or_else(|| hex_character(rest.strip_prefix("\\u")?, 4));
        let (character, after) = escaped.unwrap_or((character, &rest[character.len_utf8()..]));
        decoded.push(character);
        rest = after;
    }
    decoded
}

/// A printable ASCII character that was written in `digits` hexadecimal digits, and the text after them.
fn hex_character(text: &str, digits: usize) -> Option<(char, &str)> {
    let (hex, rest) = text.split_at_checked(digits)?;
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = u8::from_str_radix(hex, 16).ok().filter(|_| is_hex)?;
    matches!(byte, b' '..=b'~').then_some((char::from(byte), rest))
}

/// Joins lines that a mail program or a terminal broke within a value.
fn join_lines(paste: &str) -> Option<String> {
    let mut joined = String::new();
    let mut was_joined = false;
    for line in paste.lines().map(unquoted_mail) {
        let before = joined.trim_end_matches(['\\', '=']).to_owned();
        if !joined.is_empty() && is_continued(&before, line) {
            joined = before;
            was_joined = true;
        } else if !joined.is_empty() {
            joined.push('\n');
        }
        joined.push_str(line);
    }
    was_joined.then_some(joined)
}

fn unquoted_mail(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t']).trim_end()
}

fn is_continued(before: &str, line: &str) -> bool {
    let last = before.rsplit(|c: char| c.is_whitespace()).next();
    let first = line.split_whitespace().next().unwrap_or_default();
    let is_header = first.ends_with(':');
    let is_named = first.trim_end_matches('=').contains('=');
    let goes_on = |text: &str, at_end: bool| {
        let character = if at_end {
            text.chars().next_back()
        } else {
            text.chars().next()
        };
        character.is_some_and(|c| is_of_value(c) || c == '=' && at_end)
    };
    !is_header && !is_named && last.is_some_and(|last| goes_on(last, true)) && goes_on(first, false)
}

/// Joins a value that was broken at blanks, if nothing but one value was pasted.
fn join_blanks(paste: &str) -> Option<String> {
    let paste = paste.trim();
    let joined: String = paste.split_whitespace().collect();
    let is_value = joined.chars().all(is_of_value);
    (is_value && joined.len() < paste.len()).then_some(joined)
}

fn is_of_value(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.:%+/~".contains(character)
}

// ---- Pieces

/// The pairs of `Cookie` and `Set-Cookie` lines; a value may have blanks.
fn segments(text: &str) -> impl Iterator<Item = Piece> {
    text.split([';', '\n', '\r']).filter_map(|segment| {
        let segment = without_header_name(segment.trim());
        let piece = named(segment).unwrap_or_else(|| Piece {
            name: None,
            value: unquoted(segment).to_owned(),
        });
        (!piece.value.is_empty()).then_some(piece)
    })
}

fn without_header_name(segment: &str) -> &str {
    let after = segment.split_once(':').filter(|(name, _)| {
        name.eq_ignore_ascii_case("cookie") || name.eq_ignore_ascii_case("set-cookie")
    });
    after.map_or(segment, |(_, value)| value.trim_start())
}

/// `name=value`.
fn named(text: &str) -> Option<Piece> {
    let text = without_header_name(text);
    let (name, value) = text.split_once('=')?;
    // A value has no "=" of its own but as padding, at its end or at the end of a part.
    let is_padding = value.trim_start_matches('=').is_empty()
        && (value.starts_with('=') || name.len() > LONGEST_NAME)
        || value.trim_start_matches('=').starts_with([':', '-'])
        || value.trim_start_matches('=').starts_with('.') && is_part(name);
    (is_name(name) && !is_padding).then(|| Piece {
        name: Some(name.trim().to_owned()),
        value: unquoted(value).to_owned(),
    })
}

/// Whether text is longer than names are, or begins as JSON in base64 does.
fn is_part(text: &str) -> bool {
    text.len() > 24 || text.starts_with("eyJ")
}

fn is_name(text: &str) -> bool {
    let text = text.trim();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "-_.!#$+*^|~:".contains(c);
    let has_value_before = text.contains(':') && text.len() > 40;
    !text.is_empty()
        && text.len() <= LONGEST_NAME
        && text.chars().all(is_token)
        && !has_value_before
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || "\"'`".contains(c))
}

/// Every run of characters without a delimiter. A name comes from before an `=`, or from the quoted or tabulated text
/// before it.
fn tokens(text: &str) -> impl Iterator<Item = Piece> {
    let mut names = Names::default();
    let mut rest = text;
    core::iter::from_fn(move || {
        loop {
            let start = rest.find(|c: char| !is_delimiter(c))?;
            let gap = &rest[..start];
            let end = rest[start..]
                .find(is_delimiter)
                .map_or(rest.len(), |at| start + at);
            let token = &rest[start..end];
            rest = &rest[end..];
            if let Some(piece) = names.piece(gap, token) {
                return Some(piece);
            }
        }
    })
}

fn is_delimiter(character: char) -> bool {
    character.is_whitespace() || DELIMITERS.contains(&character)
}

/// The names seen so far.
#[derive(Default)]
struct Names {
    /// The token before.
    last: Option<String>,
    /// Whether a `:` or `=` followed it.
    is_bound: bool,
    /// The value of a key `name`, as HAR files and exports of cookies write them: `"name": "sessionid", "value": "..."`.
    field: Option<String>,
}

impl Names {
    fn piece(&mut self, gap: &str, token: &str) -> Option<Piece> {
        if matches!(token, ":" | "=" | "=>") {
            self.is_bound = self.last.is_some();
            return None;
        }
        let before = self.last.take();
        // In a table the key of a row may stand before its session.
        let is_cell = gap.contains('\t') && before.as_ref().is_some_and(|name| name.len() < 32);
        let is_bound = core::mem::take(&mut self.is_bound) || is_cell;
        if let Some(name) = token.strip_suffix([':', '=']).filter(|name| is_name(name)) {
            (self.last, self.is_bound) = (Some(name.to_string()), true);
            return None;
        }
        self.last = Some(token.to_owned());
        if let Some(piece) = named(token) {
            return Some(piece);
        }
        let mut name = before.filter(|name| is_bound && is_name(name));
        match name.as_deref() {
            Some("name" | "Name") => self.field = Some(token.to_owned()),
            Some("value" | "Value") => name = self.field.take(),
            Some(header) if header.to_ascii_lowercase().ends_with("cookie") => name = None,
            _ => {}
        }
        Some(Piece {
            name,
            value: token.to_owned(),
        })
    }
}
