//! The site's keys, from a file or the environment.

use std::env;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use hardtack::{KeyRing, SecretKey};
use hardtack_inspect::{Keys, assigns_key, trim_key};

use crate::input::lines;
use crate::options::Options;

/// The secrets, the signing key first, and what was taken off them.
pub(crate) struct Secrets {
    secrets: Vec<Vec<u8>>,
    pub(crate) notes: Vec<String>,
}

/// The messages contain no key, and not the file's name, in case someone typed a key in its place.
pub(crate) fn secrets(options: &Options) -> Result<Secrets, String> {
    let raw = match &options.key_file {
        Some(path) => secrets_of_file(path, options.exact)
            .map_err(|error| format!("the key file cannot be read: {error}"))?,
        None => secrets_of_environment(),
    };
    let (mut secrets, mut notes) = (Vec::new(), Vec::new());
    for (index, secret) in raw.into_iter().enumerate() {
        let text = String::from_utf8(secret);
        secrets.push(match text {
            Ok(text) if !options.exact => {
                let trimmed = trim_key(&text);
                if !trimmed.removed.is_empty() {
                    let removed = trimmed.removed.join(" and ");
                    notes.push(format!("took {removed} off {}", key_name(index)));
                }
                trimmed.key.into_bytes()
            }
            Ok(text) => text.into_bytes(),
            Err(error) => error.into_bytes(),
        });
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

/// The file's lines. Of settings or of an environment file, those that assign the key.
fn secrets_of_file(path: &Path, is_exact: bool) -> io::Result<Vec<Vec<u8>>> {
    let lines = lines(BufReader::new(File::open(path)?), usize::MAX);
    let mut secrets: Vec<_> = lines
        .map(|line| Ok(line?.bytes))
        .collect::<io::Result<_>>()?;
    let is_assignment = |line: &Vec<u8>| str::from_utf8(line).is_ok_and(assigns_key);
    if !is_exact && secrets.iter().any(is_assignment) {
        secrets.retain(is_assignment);
    }
    Ok(secrets)
}

fn secrets_of_environment() -> Vec<Vec<u8>> {
    let variable = |name| env::var_os(name).map(std::ffi::OsString::into_encoded_bytes);
    let fallbacks = variable("SECRET_KEY_FALLBACKS").unwrap_or_default();
    let fallbacks = fallbacks.split(u8::is_ascii_whitespace).map(<[u8]>::to_vec);
    let fallbacks: Vec<_> = fallbacks.filter(|secret| !secret.is_empty()).collect();
    // Without a signing key the first fallback must not take its place.
    match variable("SECRET_KEY").filter(|secret| !secret.is_empty()) {
        None if fallbacks.is_empty() => Vec::new(),
        key => [vec![key.unwrap_or_default()], fallbacks].concat(),
    }
}

pub(crate) fn key_name(index: usize) -> String {
    match index {
        0 => "the signing key".into(),
        _ => format!("fallback key {index}"),
    }
}
