//! Who signed it: tries the site's keys under the salt that was asked for, then under the salts that Django itself uses.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use hardtack::signing::{DUMPS_SALT, Signer};
use hardtack::{Error, MaxAge, RECORD_SALT, SESSION_SALT, SessionCodec, Timestamp};
use serde::Serialize;

use crate::key::Keys;
use crate::kind::{
    Kind, MESSAGES, RECORD, SESSION, SIGNED_COOKIE, SIGNED_JSON, SIGNED_TEXT, SIGNER_TEXT,
    is_signature,
};
use crate::unverified::is_object;

/// What to verify with.
pub struct Settings<'a> {
    /// The site's keys, if they are known.
    pub keys: Option<&'a Keys>,
    /// The salt to begin with.
    pub salt: &'a str,
    /// How old a cookie may be. The record of a session in a database may be of any age.
    pub max_age: MaxAge,
    /// Bytes that a cookie's value may have.
    pub max_length: usize,
    /// The time to compare with.
    pub now: Timestamp,
    /// Whether the paste is the value itself, so that no cookie need be looked for in it.
    pub is_exact: bool,
}

/// A salt of Django's and its use.
#[derive(Clone, Copy, Serialize)]
pub struct Salt {
    /// The salt.
    pub salt: &'static str,
    /// What Django signs under it.
    pub use_: &'static str,
    #[serde(skip)]
    kind: Kind,
    #[serde(skip)]
    form: Form,
}

/// How the site's key and the salt are used.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// With a stamp, under the key as it is.
    Stamped,
    /// With a stamp, under the key behind a prefix: `get_cookie_signer`.
    Cookie,
    /// Without a stamp.
    Unstamped,
}

/// The salts of Django that need no cookie's name.
pub const SALTS: [Salt; 7] = [
    salt(
        SESSION_SALT,
        "sessions in signed cookies",
        SESSION,
        Form::Stamped,
    ),
    salt(
        RECORD_SALT,
        "sessions in the database or in files",
        RECORD,
        Form::Stamped,
    ),
    salt(DUMPS_SALT, "signing.dumps", SIGNED_JSON, Form::Stamped),
    salt(
        "django.contrib.messages",
        "the messages cookie",
        MESSAGES,
        Form::Cookie,
    ),
    salt(
        "django.core.signing.TimestampSigner",
        "TimestampSigner",
        SIGNED_TEXT,
        Form::Stamped,
    ),
    salt(
        "django.core.signing.Signer",
        "Signer",
        SIGNER_TEXT,
        Form::Unstamped,
    ),
    salt(
        "django.core.signing.get_cookie_signer",
        "get_cookie_signer",
        SIGNED_TEXT,
        Form::Cookie,
    ),
];

const fn salt(salt: &'static str, use_: &'static str, kind: Kind, form: Form) -> Salt {
    Salt {
        salt,
        use_,
        kind,
        form,
    }
}

/// The result of trying the keys on a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Trust {
    /// It is nothing that Django's keys sign.
    NotApplicable,
    /// No key was given.
    NoKey,
    /// One of the keys signed it, and it is valid now.
    Verified(Signature),
    /// One of the keys signed it, but it is not accepted.
    Refused(Signature),
    /// None of the keys signed it under any salt that was tried, or it is too long to be tried.
    Unknown,
}

/// A good signature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Signature {
    /// The index of the key: 0 is the signing key, 1 the first fallback.
    pub key: usize,
    /// The salt.
    pub salt: String,
    /// What Django signs under that salt.
    pub used_for: String,
    /// Whether it is the salt that was asked for.
    pub is_asked: bool,
}

/// A good signature, with what it proves.
pub(crate) struct Proof {
    pub(crate) signature: Signature,
    pub(crate) kind: Option<Kind>,
    /// Why it is refused although the signature is good.
    pub(crate) refusal: Option<Error>,
    /// The JSON that was signed, if JSON was.
    pub(crate) json: Option<String>,
    pub(crate) issued_at: Option<i64>,
}

/// A way in which Django may have signed a text.
struct Way<'a> {
    salt: Cow<'a, str>,
    used_for: Cow<'a, str>,
    form: Form,
    kind: Option<Kind>,
    is_asked: bool,
}

/// Returns the first way in which one of the keys signed the value.
pub(crate) fn prove(name: Option<&str>, value: &str, settings: &Settings<'_>) -> Option<Proof> {
    let keys = settings.keys?;
    let (_, signature) = value.rsplit_once(':')?;
    if !is_signature(signature) {
        return None;
    }
    ways(name, settings.salt)
        .into_iter()
        .find_map(|way| way.prove(value, keys, settings))
}

fn ways<'a>(name: Option<&str>, asked: &'a str) -> Vec<Way<'a>> {
    let mut ways = Vec::new();
    let known = SALTS.iter().find(|known| known.salt == asked);
    if known.is_none() {
        for form in [Form::Stamped, Form::Unstamped, Form::Cookie] {
            ways.push(Way {
                salt: asked.into(),
                used_for: "the salt that you gave".into(),
                form,
                kind: None,
                is_asked: true,
            });
        }
    }
    let mut known: Vec<_> = SALTS.iter().collect();
    known.sort_by_key(|known| known.salt != asked);
    ways.extend(known.into_iter().map(|known| Way {
        salt: known.salt.into(),
        used_for: known.use_.into(),
        form: known.form,
        kind: Some(known.kind),
        is_asked: known.salt == asked,
    }));
    // Django 5.2.15 and later put the salt's length, the salt and the name into it, older ones the name and the salt.
    let given = if SALTS.iter().any(|known| known.salt == asked) {
        ""
    } else {
        asked
    };
    if let Some(name) = name {
        let length = given.chars().count();
        let salts = [
            format!("django.http.cookies.v2:{length}:{given}{name}"),
            format!("{name}{given}"),
        ];
        ways.extend(salts.map(|salt| Way {
            salt: salt.into(),
            used_for: "set_signed_cookie".into(),
            form: Form::Cookie,
            kind: Some(SIGNED_COOKIE),
            is_asked: !given.is_empty(),
        }));
    }
    ways
}

impl Way<'_> {
    fn prove(&self, value: &str, keys: &Keys, settings: &Settings<'_>) -> Option<Proof> {
        let signature = |key| Signature {
            key,
            salt: self.salt.to_string(),
            used_for: self.used_for.to_string(),
            is_asked: self.is_asked,
        };
        let proof = |key| Proof {
            signature: signature(key),
            kind: self.kind,
            refusal: None,
            json: None,
            issued_at: None,
        };
        if self.form == Form::Unstamped {
            let signed = |[key, _]: &[_; 2]| self.signer(key).verify(value).is_ok();
            return keys.single.iter().position(signed).map(proof);
        }
        let is_record = self.kind == Some(RECORD);
        let codec = |max_age| {
            let ring = if self.form == Form::Cookie {
                &keys.cookie
            } else {
                &keys.plain
            };
            let max_length = if is_record {
                usize::MAX
            } else {
                settings.max_length
            };
            let codec = SessionCodec::new(ring.clone())
                .with_salt(&self.salt)
                .with_max_age(max_age)
                .with_max_length(max_length);
            if is_record {
                codec.ignore_session_expiry()
            } else {
                codec
            }
        };
        // Other texts have limits of their own.
        let is_limited = self.is_asked && !is_record || self.kind == Some(SESSION);
        let max_age = if is_limited {
            settings.max_age
        } else {
            MaxAge::NoLimit
        };
        let strict = codec(max_age);
        let refusal = match strict.verify(value, settings.now) {
            // Texts of other kinds need not be sessions.
            Ok(verified) if self.is_session() => verified.session().err(),
            Ok(_) => None,
            Err(refusal) => Some(refusal),
        };
        match refusal {
            // The signature is good, but `verify` did not return the key, so each one is tried.
            Some(Error::MalformedStamp | Error::TimeOutOfRange) => {
                let signed = |ring: &[_; 2]| {
                    self.signer(&ring[usize::from(self.form == Form::Cookie)])
                        .verify(value)
                        .is_ok()
                };
                let key = keys.single.iter().position(signed)?;
                return Some(Proof {
                    refusal,
                    ..proof(key)
                });
            }
            Some(Error::BadSignature | Error::NotSigned | Error::TooLong { .. }) => return None,
            _ => {}
        }
        let codec = codec(MaxAge::NoLimit).ignore_session_expiry();
        let verified = codec.verify(value, settings.now).ok()?;
        // A session that is malformed is not shown as one that was verified.
        let json = verified
            .raw_json()
            .ok()
            .filter(|json| !self.is_session() || is_object(json));
        Some(Proof {
            refusal,
            json,
            issued_at: Some(verified.issued_at().as_unix_seconds()),
            ..proof(verified.key_index())
        })
    }

    fn is_session(&self) -> bool {
        self.kind
            .is_none_or(|kind| kind == SESSION || kind == RECORD)
    }

    fn signer(&self, ring: &hardtack::KeyRing) -> Signer {
        Signer::new(ring.clone()).with_salt(&self.salt)
    }
}
