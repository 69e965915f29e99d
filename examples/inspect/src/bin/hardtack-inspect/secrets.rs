//! The site's keys, from a file or the environment.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use hardtack::{KeyRing, SecretKey};
use hardtack_inspect::{self as inspect, Keys, Secret};

use crate::options::Options;

/// The secrets, the signing key first, and notes on how they were read.
pub(crate) struct Secrets {
    secrets: Vec<Vec<u8>>,
    pub(crate) notes: Vec<String>,
}

/// The messages contain no key, and not the file's name, in case someone typed a key in its place.
pub(crate) fn secrets(options: &Options) -> Result<Secrets, String> {
    let found = match &options.key_file {
        Some(path) => secrets_of_file(path, options.exact)
            .map_err(|error| format!("the key file cannot be read: {error}"))?,
        None => secrets_of_environment(options.exact),
    };
    let mut notes = Vec::new();
    let (signing, elsewhere): (Vec<_>, Vec<_>) = found
        .signing
        .into_iter()
        .partition(|secret| !secret.is_elsewhere);
    if signing.is_empty() && !elsewhere.is_empty() {
        return Err(
            "SECRET_KEY is assigned an expression there, such as os.environ[...], not the signing key itself: set the \
             environment variable SECRET_KEY to the key"
                .into(),
        );
    }
    if signing.is_empty() && !found.fallbacks.is_empty() {
        return Err("there are fallback keys, but the signing key is missing: SECRET_KEY".into());
    }
    let (fallbacks, others): (Vec<_>, Vec<_>) = found
        .fallbacks
        .into_iter()
        .partition(|secret| !secret.is_elsewhere);
    if !elsewhere.is_empty() {
        notes.push("SECRET_KEY is also assigned an expression, which is ignored".into());
    }
    if !others.is_empty() {
        notes.push(
            "SECRET_KEY_FALLBACKS has an expression: it and what follows it are ignored".into(),
        );
    }
    let mut secrets = Vec::new();
    for (index, secret) in signing.into_iter().chain(fallbacks).enumerate() {
        if !secret.removed.is_empty() {
            let removed = secret.removed.join(" and ");
            notes.push(format!("took {removed} off {}", key_name(index)));
        }
        secrets.push(secret.key);
    }
    Ok(Secrets { secrets, notes })
}

impl Secrets {
    pub(crate) fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// The keys to verify with. Weak ones are noted.
    pub(crate) fn keys(&mut self) -> Result<Option<Keys>, String> {
        let keys = Keys::new(&self.secrets).map_err(|(index, error)| {
            format!("{} is refused: {error} (see --help)", key_name(index))
        })?;
        for (index, error) in keys.iter().flat_map(Keys::weak) {
            let key = key_name(*index);
            self.notes
                .push(format!("{key} is too weak for production: {error}"));
        }
        Ok(keys)
    }

    /// The ring to sign with.
    pub(crate) fn ring(&self, allow_weak: bool) -> Result<KeyRing, String> {
        let mut keys = self.secrets.iter().enumerate().map(|(index, secret)| {
            let secret = secret.clone();
            let key = if allow_weak {
                SecretKey::allow_weak(secret)
            } else {
                SecretKey::new(secret)
            };
            key.map_err(|error| format!("{} is refused: {error} (see --help)", key_name(index)))
        });
        let signing_key = keys.next().ok_or("there is no key (see --help)")??;
        keys.try_fold(KeyRing::new(signing_key), |ring, key| {
            Ok(ring.with_fallback(key?))
        })
    }
}

/// A key is read as text, unless it is none or is to be taken as it is.
fn secret(bytes: &[u8], is_exact: bool) -> Secret {
    match str::from_utf8(bytes) {
        Ok(text) if !is_exact => Secret::read(text),
        _ => Secret::exact(bytes),
    }
}

fn secrets_of_file(path: &Path, is_exact: bool) -> io::Result<inspect::Secrets> {
    let bytes = fs::read(path)?;
    if let Some(text) = str::from_utf8(&bytes).ok().filter(|_| !is_exact) {
        return Ok(inspect::Secrets::read(text));
    }
    let lines = bytes
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut keys = lines
        .filter(|line| !line.trim_ascii().is_empty())
        .map(|line| secret(line, is_exact));
    Ok(inspect::Secrets {
        signing: keys.next().into_iter().collect(),
        fallbacks: keys.collect(),
    })
}

fn secrets_of_environment(is_exact: bool) -> inspect::Secrets {
    let variable = |name| env::var_os(name).map(OsString::into_encoded_bytes);
    let signing = variable("SECRET_KEY").filter(|secret| !secret.is_empty());
    let fallbacks = variable("SECRET_KEY_FALLBACKS").unwrap_or_default();
    let fallbacks = match str::from_utf8(&fallbacks) {
        Ok(text) if !is_exact => inspect::Secrets::fallbacks(text),
        _ => fallbacks
            .split(u8::is_ascii_whitespace)
            .filter(|key| !key.is_empty())
            .map(|key| secret(key, is_exact))
            .collect(),
    };
    inspect::Secrets {
        signing: signing.iter().map(|key| secret(key, is_exact)).collect(),
        fallbacks,
    }
}

pub(crate) fn key_name(index: usize) -> String {
    match index {
        0 => "the signing key".into(),
        _ => format!("fallback key {index}"),
    }
}
