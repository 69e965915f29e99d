//! Secret keys as people paste them: alone, or in settings and environment files.

use alloc::vec;
use alloc::vec::Vec;

const QUOTES: [char; 2] = ['"', '\''];

/// A key without what does not belong to it.
pub struct Secret {
    /// The key; empty if it is elsewhere.
    pub key: Vec<u8>,
    /// The things that were trimmed, in words.
    pub removed: Vec<&'static str>,
    /// Whether an expression is in its place, such as `os.environ["SECRET_KEY"]`.
    pub is_elsewhere: bool,
}

/// The keys in a text.
#[derive(Default)]
pub struct Secrets {
    /// The signing key; more than one if the text assigns it more than once.
    pub signing: Vec<Secret>,
    /// The fallback keys.
    pub fallbacks: Vec<Secret>,
}

impl Secret {
    /// Takes a key as it is.
    pub fn exact(key: impl Into<Vec<u8>>) -> Self {
        Self {
            key: key.into(),
            removed: Vec::new(),
            is_elsewhere: false,
        }
    }

    /// Trims white space, an assignment to `SECRET_KEY`, quotes and a comment off a key.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut removed = Vec::new();
        let mut note = |what, is_removed: bool| {
            if is_removed && !removed.contains(&what) {
                removed.push(what);
            }
        };
        let mut key = text.trim_matches(is_blank);
        note("white space", key.len() < text.len());
        if let Some(Assignment { value, .. }) = assignment(key).filter(|found| !found.is_list) {
            note("\"SECRET_KEY =\"", true);
            let Some(value) = literal(value) else {
                return Self::elsewhere();
            };
            let bare = value
                .split(" #")
                .next()
                .filter(|_| !value.starts_with(QUOTES));
            note(
                "a comment",
                bare.is_some_and(|bare| bare.len() < value.len()),
            );
            key = bare.unwrap_or(value).trim_matches(is_blank);
        }
        if let Some((inner, after)) = without_quotes(key) {
            note("quotes", true);
            note("a comment", after.contains('#'));
            key = inner.trim_matches(is_blank);
            note("white space", key.len() < inner.len());
        }
        Self {
            removed,
            ..Self::exact(key)
        }
    }

    fn elsewhere() -> Self {
        Self {
            is_elsewhere: true,
            ..Self::exact([])
        }
    }
}

impl Secrets {
    /// Reads the keys that settings or an environment file assign. Any other text is a list of quoted keys, or has one key in
    /// each line: the signing key, then the fallback keys.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut found = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            let line = line.strip_suffix('\r').unwrap_or(line);
            match assignment(line) {
                Some(Assignment { is_list: false, .. }) => found.signing.push(Secret::read(line)),
                Some(Assignment { value, .. }) => {
                    // A list may go on in the lines below.
                    let whole = &rest[line.len() - value.len()..];
                    let value = if is_list(whole) { whole } else { value };
                    found.fallbacks.extend(Self::fallbacks(value));
                }
                None => {}
            }
            rest = after;
        }
        if found.signing.is_empty() && found.fallbacks.is_empty() {
            let mut keys = if is_list(text.trim_start()) {
                Self::fallbacks(text)
            } else {
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                lines.map(Secret::read).collect()
            };
            found.fallbacks = keys.split_off(keys.len().min(1));
            found.signing = keys;
        }
        found
    }

    /// Reads the value of `SECRET_KEY_FALLBACKS`: a list, or keys separated by white space.
    #[must_use]
    pub fn fallbacks(value: &str) -> Vec<Secret> {
        let value = value.trim_matches(is_blank);
        if is_list(value) {
            return list(value);
        }
        let Some(value) = literal(value) else {
            return vec![Secret::elsewhere()];
        };
        let inner = without_quotes(value)
            .map(|(inner, _)| inner)
            .filter(|inner| !inner.contains(QUOTES));
        let keys = inner.unwrap_or(value).split_whitespace();
        keys.map(Secret::read).collect()
    }
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}

/// An assignment to `SECRET_KEY` or `SECRET_KEY_FALLBACKS`.
struct Assignment<'a> {
    is_list: bool,
    /// The end of the line.
    value: &'a str,
}

/// As settings, environment files, shells, JSON and YAML write it.
fn assignment(line: &str) -> Option<Assignment<'_>> {
    let line = line.trim_start_matches(is_blank);
    let at = line.find("SECRET_KEY")?;
    let is_prefix = |c: char| c.is_ascii_uppercase() || "_$:\"' -".contains(c);
    let before = line[..at]
        .trim_start_matches("export ")
        .trim_start_matches("set ");
    let before = before
        .trim_start_matches("settings.")
        .trim_start_matches("env:");
    if !before.chars().all(is_prefix) {
        return None;
    }
    let name = &line[at + "SECRET_KEY".len()..];
    let list = name.strip_prefix("_FALLBACKS");
    let name = list
        .unwrap_or(name)
        .trim_start_matches(['"', '\'', ' ', '\t']);
    let name = list.and(name.strip_prefix('+')).unwrap_or(name);
    let value = name.strip_prefix([':', '='])?.trim_start();
    // `SECRET_KEY: str = "..."` and `SECRET_KEY := ...`.
    let value = value
        .strip_prefix("str")
        .map_or(value, str::trim_start)
        .strip_prefix('=')
        .map_or(value, str::trim_start);
    Some(Assignment {
        is_list: list.is_some(),
        value,
    })
}

/// The text that is assigned, if it is one; of `env("SECRET_KEY", default="...")` the default.
fn literal(value: &str) -> Option<&str> {
    let value = value.trim_end();
    let is_path = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
    let call = value.trim_start_matches(is_path);
    let is_call = call.starts_with(['(', '[']) && (call.len() == 1 || call.contains(QUOTES))
        || value.starts_with("os.");
    if !is_call {
        return (!value.starts_with("${")).then_some(value);
    }
    let arguments = &call[..call.rfind(')')?];
    let end = arguments.rfind(QUOTES)?;
    let start = arguments[..end].rfind(&arguments[end..=end])?;
    let is_default = arguments[..start].trim_end().ends_with([',', '=']);
    let default = &arguments[start..=end];
    (is_default && default.len() > 2 && !default.contains("SECRET_KEY")).then_some(default)
}

/// Whether text begins as a list or a tuple of quoted keys; in brackets anything is a list.
fn is_list(text: &str) -> bool {
    let in_parentheses = text.strip_prefix('(').map(str::trim_start);
    text.starts_with('[') || in_parentheses.is_some_and(|text| text.starts_with(QUOTES))
}

/// The quoted texts of a list, up to its end or to something else.
fn list(text: &str) -> Vec<Secret> {
    let mut keys = Vec::new();
    let mut rest = &text[1..];
    loop {
        rest = rest.trim_start_matches(|c| is_blank(c) || c == ',');
        if rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        if rest.is_empty() || rest.starts_with([']', ')']) {
            return keys;
        }
        let quoted = QUOTES
            .iter()
            .find_map(|&quote| rest.strip_prefix(quote)?.split_once(quote));
        let Some((key, after)) = quoted else {
            keys.push(Secret::elsewhere());
            return keys;
        };
        keys.push(Secret::exact(key));
        rest = after;
    }
}

/// The text within `"key"`, `'key'`, Python's `b'key'` and `r'key'`, and the rest: a comma, a semicolon, a comment.
fn without_quotes(text: &str) -> Option<(&str, &str)> {
    let start = text.trim_start_matches(['b', 'r']);
    let start = if text.len() - start.len() <= 2 {
        start
    } else {
        text
    };
    let open = start.chars().next()?;
    let closing: &[char] = match open {
        '“' | '„' | '‘' | '‚' => &['”', '“', '’', '‘'],
        '"' => &['"'],
        '\'' => &['\''],
        '`' => &['`'],
        _ => return None,
    };
    let inner = &start[open.len_utf8()..];
    inner.match_indices(closing).find_map(|(at, quote)| {
        let after = &inner[at + quote.len()..];
        let end = after.trim_start_matches([',', ';']);
        let is_end =
            end.is_empty() || end.starts_with(is_blank) && end.trim_start().starts_with('#');
        is_end.then_some((&inner[..at], after))
    })
}
