//! Secret keys as people paste them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use hardtack::{Error, KeyRing, SecretKey};

/// Django's signed cookies and messages are signed with the key behind this prefix (`get_cookie_signer` in
/// `django/core/signing.py`).
const COOKIE_PREFIX: &[u8] = b"django.http.cookies";

/// The site's keys, each under the two forms in which Django signs with it.
pub struct Keys {
    pub(crate) plain: KeyRing,
    pub(crate) cookie: KeyRing,
    /// Each one alone, which says which one signed.
    pub(crate) single: Vec<[KeyRing; 2]>,
    weak: Vec<(usize, Error)>,
}

impl Keys {
    /// Creates the keys of these secrets: the signing key first, then the fallbacks. Weak ones are taken: to verify with
    /// them does no harm. Returns `None` if there are none.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`], with the key's index.
    pub fn new(secrets: &[Vec<u8>]) -> Result<Option<Self>, (usize, Error)> {
        let mut keys: Option<Self> = None;
        for (index, secret) in secrets.iter().enumerate() {
            let key =
                |secret: Vec<u8>| SecretKey::allow_weak(secret).map_err(|error| (index, error));
            if secret.is_empty() {
                return Err((index, Error::EmptyKey));
            }
            let (plain, cookie) = (key(secret.clone())?, key([COOKIE_PREFIX, secret].concat())?);
            let single = [plain.clone(), cookie.clone()].map(KeyRing::new);
            let keys = match &mut keys {
                None => keys.insert(Self {
                    plain: KeyRing::new(plain),
                    cookie: KeyRing::new(cookie),
                    single: Vec::new(),
                    weak: Vec::new(),
                }),
                Some(keys) => {
                    keys.plain = keys.plain.clone().with_fallback(plain);
                    keys.cookie = keys.cookie.clone().with_fallback(cookie);
                    keys
                }
            };
            keys.single.push(single);
            keys.weak.extend(
                SecretKey::new(secret.clone())
                    .err()
                    .map(|error| (index, error)),
            );
        }
        Ok(keys)
    }

    /// Returns the keys that hardtack would refuse in production, by index, with the reason.
    pub fn weak(&self) -> &[(usize, Error)] {
        &self.weak
    }
}

/// A key without what does not belong to it.
#[derive(Debug, PartialEq)]
pub struct Trimmed {
    /// The key.
    pub key: String,
    /// What was around it, in words.
    pub removed: Vec<&'static str>,
}

/// Trims white space, an assignment to `SECRET_KEY` and quotes off a key.
pub fn trim_key(text: &str) -> Trimmed {
    let mut removed = Vec::new();
    let mut note = |what, before: &str, after: &str| {
        if before.len() != after.len() && !removed.contains(&what) {
            removed.push(what);
        }
    };
    let blanks = |c: char| c.is_whitespace() || c == '\u{feff}';
    let mut key = text.trim_matches(blanks);
    note("white space", text, key);
    if let Some(assigned) = without_assignment(key) {
        note("\"SECRET_KEY =\"", key, assigned);
        key = assigned.trim_matches(blanks);
    }
    if let Some(inner) = without_quotes(key) {
        note("quotes", key, inner);
        key = inner.trim_matches(blanks);
        note("white space", inner, key);
    }
    Trimmed {
        key: key.to_string(),
        removed,
    }
}

/// Returns whether a line of a file assigns the key.
pub fn assigns_key(line: &str) -> bool {
    without_assignment(line.trim()).is_some()
}

/// Text after `SECRET_KEY =`, as settings, environment files, shells, JSON and YAML write it.
fn without_assignment(text: &str) -> Option<&str> {
    let at = text.find("SECRET_KEY")?;
    let before = &text[..at];
    let is_prefix = |c: char| c.is_ascii_uppercase() || "_$:\"' -".contains(c);
    let before = before
        .trim_start_matches("export ")
        .trim_start_matches("set ");
    let before = before
        .trim_start_matches("settings.")
        .trim_start_matches("env:");
    if !before.chars().all(is_prefix) {
        return None;
    }
    let name = text[at + "SECRET_KEY".len()..].trim_start_matches(['"', '\'', ' ', '\t']);
    let value = name.strip_prefix([':', '='])?.trim_start();
    // `SECRET_KEY: str = "..."` and `SECRET_KEY := ...`.
    let value = value
        .strip_prefix("str")
        .map_or(value, str::trim_start)
        .strip_prefix('=')
        .map_or(value, str::trim_start);
    Some(default_of_call(value).unwrap_or(value))
}

/// The last quoted text of `env("SECRET_KEY", default="...")` and the like. Without a default there is no key here.
fn default_of_call(value: &str) -> Option<&str> {
    let function = value.find(['(', '[', '"', '\''])?;
    if !value[function..].starts_with(['(', '[']) || !value.trim_end().ends_with([')', ']']) {
        return None;
    }
    let end = value.rfind(['"', '\''])?;
    let quote = value[end..].chars().next()?;
    let start = value[..end].rfind(quote)?;
    let default = &value[start..=end];
    Some(if default.contains("SECRET_KEY") {
        ""
    } else {
        default
    })
}

/// `"key"`, `'key'`, Python's `b'key'` and `r'key'`, with a comma or semicolon after it.
fn without_quotes(text: &str) -> Option<&str> {
    let text = text.trim_end_matches([',', ';']);
    let start = text.trim_start_matches(['b', 'r']);
    let start = if text.len() - start.len() <= 2 {
        start
    } else {
        text
    };
    let mut characters = start.chars();
    let is_pair = match (characters.next()?, characters.next_back()?) {
        ('“' | '„' | '‘' | '‚', closing) => matches!(closing, '”' | '“' | '’' | '‘'),
        (open @ ('"' | '\'' | '`'), closing) => open == closing,
        _ => false,
    };
    is_pair.then_some(characters.as_str())
}
