//! The values in a text, with the names of their cookies.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Django's `SESSION_COOKIE_NAME`.
pub(crate) const SESSION_NAME: &str = "sessionid";
const LONGEST_NAME: usize = 100;
/// Attributes with which an answer deletes a cookie; Django sends both.
const DELETIONS: [&str; 2] = ["max-age=0", "expires=thu, 01 jan 1970"];
/// The characters besides white space that separate values in headers, commands, JSON and tables.
const DELIMITERS: &[char] = &[
    ';', ',', '"', '\'', '`', '<', '>', '(', ')', '{', '}', '[', ']', '\\', '&', '?', '“', '”',
    '„', '‘', '’', '«', '»',
];

/// A value, perhaps with its cookie's name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) name: Option<String>,
    pub(crate) value: String,
}

/// Everything that may be a value: the pairs of headers first, then what delimiters leave, then the cells of a table.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece> {
    let cells = tokens(text, |c| is_delimiter(c) || c == '|');
    segments(text)
        .chain(tokens(text, is_delimiter))
        .chain(cells)
}

/// Which one of the different values of this name it is, and how many there are: `(2, 2)` for the last of two. `None` if it is
/// the only one.
pub(crate) fn place(text: &str, piece: &Piece) -> Option<(usize, usize)> {
    let mut values: Vec<String> = Vec::new();
    for other in tokens(text, is_delimiter) {
        if other.name.is_some() && other.name == piece.name && !values.contains(&other.value) {
            values.push(other.value);
        }
    }
    let at = values.iter().position(|value| *value == piece.value)?;
    (values.len() > 1).then_some((at + 1, values.len()))
}

/// The pairs of `Cookie` and `Set-Cookie` lines; a value may have blanks. It is only empty in a cookie that is deleted.
fn segments(text: &str) -> impl Iterator<Item = Piece> {
    let is_deletion = DELETIONS
        .iter()
        .any(|attribute| text.to_ascii_lowercase().contains(attribute));
    text.split([';', '\n', '\r']).filter_map(move |segment| {
        let segment = without_header_name(segment.trim());
        let piece = named(segment).unwrap_or_else(|| Piece {
            name: None,
            value: unquoted(segment).to_owned(),
        });
        let is_deleted =
            is_deletion && piece.name.is_some() || piece.name.as_deref() == Some(SESSION_NAME);
        (is_deleted || !piece.value.is_empty()).then_some(piece)
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
    let after = value.trim_start_matches('=');
    let is_padding = after.is_empty() && value.starts_with('=')
        || after.starts_with([':', '-'])
        || after.starts_with('.') && is_part(name);
    if is_name(name)
        && let Some(inner) = named(value).filter(is_plain_name)
    {
        // `HTTP_COOKIE=sessionid=...`.
        return Some(inner);
    }
    (is_name(name) && !is_padding).then(|| Piece {
        name: Some(name.trim().to_owned()),
        value: unquoted(value).to_owned(),
    })
}

fn is_plain_name(piece: &Piece) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    piece
        .name
        .as_ref()
        .is_some_and(|name| name.len() < 24 && name.chars().all(is_word))
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

pub(crate) fn unquoted(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || "\"'`".contains(c))
}

/// Every run of characters without a delimiter. A name comes from before an `=`, or from the quoted or tabulated text
/// before it.
fn tokens(text: &str, is_delimiter: impl Fn(char) -> bool) -> impl Iterator<Item = Piece> {
    let mut names = Names::default();
    let mut rest = text;
    core::iter::from_fn(move || {
        loop {
            let start = rest.find(|c: char| !is_delimiter(c))?;
            let gap = &rest[..start];
            let end = rest[start..]
                .find(&is_delimiter)
                .map_or(rest.len(), |at| start + at);
            // A sentence may end after it.
            let token = rest[start..end].trim_end_matches(['.', '!', '…']);
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
        // In a table the cell before a session may hold the row's key.
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
