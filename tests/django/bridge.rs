//! Replaces `django.core.signing` while Django's own tests run: this is the program that `bridged_signing.py` talks to,
//! with one line of JSON each way (which that script describes).
//!
//! It decides what hardtack leaves to its caller: which key, fallbacks and salt are used if none are given. Everything
//! else is done by [`hardtack::signing`].

mod key;
mod lines;

use std::io;
use std::time::Duration;

use hardtack::signing::{DUMPS_SALT, Signer, TimestampSigner, b62_decode, b62_encode};
use hardtack::{Compression, Error, KeyRing, MaxAge, SecretKey, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use key::Key;
use lines::{Json, serve};

/// The hash of every signer here.
const ALGORITHM: &str = "sha256";

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Request {
    New {
        kind: Kind,
        key: Option<Key>,
        sep: String,
        salt: Option<String>,
        fallback_keys: Option<Vec<Key>>,
        settings: Settings,
    },
    Signature {
        id: usize,
        value: Key,
        key: Option<Key>,
    },
    Sign {
        id: usize,
        value: String,
        now: Now,
    },
    Unsign {
        id: usize,
        signed: String,
        now: Now,
        max_age: Age,
    },
    SignObject {
        id: usize,
        json: Json,
        compress: Compress,
        now: Now,
    },
    UnsignObject {
        id: usize,
        signed: String,
        now: Now,
        max_age: Age,
    },
    Dumps {
        json: Json,
        key: Option<Key>,
        salt: Option<String>,
        compress: Compress,
        now: Now,
        settings: Settings,
    },
    Loads {
        signed: String,
        key: Option<Key>,
        salt: Option<String>,
        max_age: Age,
        fallback_keys: Option<Vec<Key>>,
        now: Now,
        settings: Settings,
    },
    B62Encode {
        number: i64,
    },
    B62Decode {
        text: String,
    },
}

#[derive(Deserialize)]
enum Kind {
    Signer,
    TimestampSigner,
}

#[derive(Deserialize)]
#[serde(from = "bool")]
struct Compress(Compression);

impl From<bool> for Compress {
    fn from(compress: bool) -> Self {
        Self(if compress {
            Compression::Auto
        } else {
            Compression::Never
        })
    }
}

/// The result of `time.time()`.
#[derive(Deserialize)]
#[serde(from = "f64")]
struct Now(Timestamp);

impl From<f64> for Now {
    fn from(seconds: f64) -> Self {
        let nanos = Duration::from_secs_f64(seconds.abs()).as_nanos();
        let nanos = i128::try_from(nanos).expect("an instant of a test");
        Self(Timestamp::from_unix_nanos(if seconds < 0.0 {
            -nanos
        } else {
            nanos
        }))
    }
}

#[derive(Deserialize)]
#[serde(from = "Option<f64>")]
struct Age(MaxAge);

impl From<Option<f64>> for Age {
    fn from(seconds: Option<f64>) -> Self {
        Self(seconds.map_or(MaxAge::NoLimit, |seconds| {
            Duration::from_secs_f64(seconds).into()
        }))
    }
}

#[derive(Deserialize)]
struct Settings {
    key: Key,
    fallback_keys: Vec<Key>,
}

/// Returns `key or settings.SECRET_KEY`, with `settings.SECRET_KEY_FALLBACKS` unless a list of fallbacks was given,
/// even an empty one. (Keys of tests are weak.)
fn ring(
    key: Option<Key>,
    fallback_keys: Option<Vec<Key>>,
    settings: Settings,
) -> Result<KeyRing, Error> {
    let given = key.map(Key::into_bytes).filter(|bytes| !bytes.is_empty());
    let signing = SecretKey::allow_weak(given.unwrap_or_else(|| settings.key.into_bytes()))?;
    let fallback_keys = fallback_keys.unwrap_or(settings.fallback_keys);
    fallback_keys
        .into_iter()
        .try_fold(KeyRing::new(signing), |ring, key| {
            Ok(ring.with_fallback(SecretKey::allow_weak(key.into_bytes())?))
        })
}

enum AnySigner {
    Plain(Signer),
    Stamped(TimestampSigner),
}

impl AnySigner {
    fn new(kind: &Kind, keys: KeyRing, salt: &str, sep: &str) -> Result<Self, Error> {
        match kind {
            Kind::Signer => Signer::new(keys)
                .with_salt(salt)
                .with_separator(sep)
                .map(Self::Plain),
            Kind::TimestampSigner => TimestampSigner::new(keys)
                .with_salt(salt)
                .with_separator(sep)
                .map(Self::Stamped),
        }
    }

    fn signer(&self) -> &Signer {
        match self {
            Self::Plain(signer) => signer,
            Self::Stamped(signer) => signer.signer(),
        }
    }

    /// Signs with another key if one is given, which needs another signer with the same salt.
    fn signature(&self, value: Key, key: Option<Key>) -> Result<String, Error> {
        let value = value.into_bytes();
        if let Some(key) = key.map(Key::into_bytes).filter(|bytes| !bytes.is_empty()) {
            let ring = KeyRing::new(SecretKey::allow_weak(key)?);
            return Ok(Signer::new(ring)
                .with_salt(self.signer().salt())
                .signature(value));
        }
        Ok(self.signer().signature(value))
    }

    fn sign(&self, value: &str, now: Timestamp) -> Result<String, Error> {
        match self {
            Self::Plain(signer) => Ok(signer.sign(value)),
            Self::Stamped(signer) => signer.sign(value, now),
        }
    }

    fn unsign(&self, text: &str, now: Timestamp, max_age: MaxAge) -> Result<String, Error> {
        match self {
            Self::Plain(signer) => signer.verify(text).map(|verified| verified.text().into()),
            Self::Stamped(signer) => signer
                .verify(text, now, max_age)
                .map(|verified| verified.text().into()),
        }
    }

    fn dumps(
        &self,
        value: &RawValue,
        compression: Compression,
        now: Timestamp,
    ) -> Result<String, Error> {
        match self {
            Self::Plain(signer) => signer.dumps(value, compression),
            Self::Stamped(signer) => signer.dumps(value, compression, now),
        }
    }

    fn loads(&self, text: &str, now: Timestamp, max_age: MaxAge) -> Result<String, Error> {
        let json: Box<RawValue> = match self {
            Self::Plain(signer) => signer.loads(text),
            Self::Stamped(signer) => signer.loads(text, now, max_age),
        }?;
        Ok(json.get().into())
    }
}

/// Returns the signer of the functions `signing.dumps` and `signing.loads`.
fn of_functions(keys: KeyRing, salt: Option<&str>) -> AnySigner {
    AnySigner::Stamped(TimestampSigner::new(keys).with_salt(salt.unwrap_or(DUMPS_SALT)))
}

fn answer(request: Request, made: &mut Vec<AnySigner>) -> Result<Value, Error> {
    Ok(match request {
        Request::New {
            kind,
            key,
            sep,
            salt,
            fallback_keys,
            settings,
        } => {
            let ring = ring(key, fallback_keys, settings)?;
            let signer = AnySigner::new(&kind, ring, &salt.unwrap_or_default(), &sep)?;
            let salt = signer.signer().salt().to_owned();
            made.push(signer);
            json!({"id": made.len() - 1, "salt": salt, "algorithm": ALGORITHM})
        }
        Request::Signature { id, value, key } => made[id].signature(value, key)?.into(),
        Request::Sign { id, value, now } => made[id].sign(&value, now.0)?.into(),
        Request::Unsign {
            id,
            signed,
            now,
            max_age,
        } => made[id].unsign(&signed, now.0, max_age.0)?.into(),
        Request::SignObject {
            id,
            json,
            compress,
            now,
        } => made[id].dumps(&json.0, compress.0, now.0)?.into(),
        Request::UnsignObject {
            id,
            signed,
            now,
            max_age,
        } => made[id].loads(&signed, now.0, max_age.0)?.into(),
        Request::Dumps {
            json,
            key,
            salt,
            compress,
            now,
            settings,
        } => of_functions(ring(key, None, settings)?, salt.as_deref())
            .dumps(&json.0, compress.0, now.0)?
            .into(),
        Request::Loads {
            signed,
            key,
            salt,
            max_age,
            fallback_keys,
            now,
            settings,
        } => of_functions(ring(key, fallback_keys, settings)?, salt.as_deref())
            .loads(&signed, now.0, max_age.0)?
            .into(),
        Request::B62Encode { number } => b62_encode(number).into(),
        Request::B62Decode { text } => b62_decode(&text)?.into(),
    })
}

fn main() -> io::Result<()> {
    let mut made = Vec::new();
    serve(|request| answer(request, &mut made))
}
