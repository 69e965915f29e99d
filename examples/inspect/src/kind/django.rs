//! What Django writes: signed texts, keys of sessions, tokens.

use alloc::borrow::ToOwned;
use alloc::string::String;

use hardtack::signing::b62_decode;

use super::{Kind, Parts, Recognized, is_all, is_base64url, is_digest, is_lower_hex};
use crate::unverified;

/// The years in which a text of six characters may be a stamp: 2010 to 2060.
const FIRST_STAMP: i64 = 1_262_304_000;
const LAST_STAMP: i64 = 2_871_763_200;
/// Characters of `get_random_secret_key` (`django/core/management/utils.py`), and those of them that few other texts have.
const SECRET_LENGTH: usize = 50;
const SECRET_MARKS: &str = "!@#$%^&*(+)";
/// Characters of an HMAC-SHA256 in base64url.
const SIGNATURE: usize = 43;

pub(crate) const SESSION: Kind = Kind::new(
    "session",
    "A session in a signed cookie, as Django's signed_cookies engine and hardtack write it.",
    "The session is in the cookie itself: signed, not encrypted. A row of django_session and an object that signing.dumps \
     signed look the same: only the salt of the signature tells them apart.",
);
pub(crate) const RECORD: Kind = Kind::new(
    "record",
    "A session as Django keeps it in the database or in a file.",
    "This is the column session_data of django_session, or a file of the file engine. Its cookie holds only the session's key.",
);
pub(crate) const MESSAGES: Kind = Kind::new(
    "messages",
    "Django's messages cookie.",
    "It holds the messages of django.contrib.messages that no page has shown yet. The session is in another cookie.",
)
.aside();
pub(crate) const SIGNED_JSON: Kind = Kind::new(
    "signed-json",
    "JSON that django.core.signing.dumps signed.",
    "It has the form of a session in a signed cookie, but its content is not a session.",
);
pub(crate) const SIGNED_TEXT: Kind = Kind::new(
    "signed-text",
    "Text that Django signed with the time: set_signed_cookie or TimestampSigner.",
    "It is not a session. To verify a signed cookie, its name is needed too: paste name=value.",
);
pub(crate) const SIGNED_COOKIE: Kind = Kind::new(
    "signed-cookie",
    "A cookie of Django's set_signed_cookie.",
    "It holds one text, and is not a session.",
);
pub(crate) const SIGNER_TEXT: Kind = Kind::new(
    "signer-text",
    "Text that Django's Signer signed, without the time.",
    "It is not a session, and never expires.",
);
const PICKLE: Kind = Kind::new(
    "pickle",
    "A signed session whose payload is a pickle.",
    "The site's SESSION_SERIALIZER is PickleSerializer, which Django 5.0 removed. Unpickling runs code, so nothing here does \
     it, and hardtack does not accept such cookies.",
);
const CUT: Kind = Kind::new(
    "cut",
    "A signed text of Django whose end is missing.",
    "The signature has fewer than 43 characters, so nothing can be verified. Copy the whole value.",
);
const OVERLONG: Kind = Kind::new(
    "overlong",
    "A signed text of Django with something after it.",
    "The signature has more than 43 characters. Copy the value alone.",
);
const CASE: Kind = Kind::new(
    "case",
    "A signed text of Django in which capital and small letters are no longer told apart.",
    "Something on the way changed the case of all letters. Copy the value again from where it was made.",
);
const UNREADABLE: Kind = Kind::new(
    "unreadable",
    "A signed text of Django whose payload cannot be read.",
    "Perhaps its beginning is missing: a double click often selects only a part of a value.",
);
const CACHE_PICKLE: Kind = Kind::new(
    "cache-pickle",
    "A pickle, as Django's cache engine keeps a session.",
    "It is not signed: anyone who can write to the cache can write sessions. Unpickling runs code, so nothing here does it.",
);
const PAYLOAD: Kind = Kind::new(
    "payload",
    "The payload of a signed session of Django, without stamp and signature.",
    "Without them nothing can be verified. A double click often selects only a part of a value: copy it up to its end.",
);
const TAIL: Kind = Kind::new(
    "tail",
    "The stamp and the signature of a text that Django signed, without the text.",
    "The session is in front of them. A double click often selects only a part of a value: copy it from its beginning.",
);
const SESSION_KEY: Kind = Kind::new(
    "session-key",
    "A session key of Django.",
    "The session itself is in the site's database, cache or files (SESSION_ENGINE), and this is the key to it. The cookie \
     holds nothing else, so there is nothing to decode or verify. Whoever has the key has the session: treat it as a password.",
);
const OLD_RECORD: Kind = Kind::new(
    "old-record",
    "A row of django_session that Django before 3.1 wrote.",
    "Its signature is a SHA-1 in front of the JSON. Django 4.0 and later, and hardtack, no longer read it.",
);
const CSRF: Kind = Kind::new(
    "csrf",
    "A CSRF token of Django.",
    "It protects forms and says nothing about the session. The session is in the cookie sessionid.",
)
.aside();
const SECRET: Kind = Kind::new(
    "secret-key",
    "A secret key of Django, not a cookie.",
    "It belongs in the field or variable for the key. It is not shown here. If it was sent somewhere by mistake, replace it.",
);
const PASSWORD: Kind = Kind::new(
    "password-hash",
    "A password hash of Django, not a cookie.",
    "It is the column password of auth_user. It is not shown here.",
);

/// Whether text has the form of a key that Django generates, which also contains characters that separate cookies.
pub(crate) fn is_generated_secret(text: &str) -> bool {
    let is_mark = |c: &char| SECRET_MARKS.contains(*c);
    let is_of_key =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_=".contains(c) || is_mark(&c);
    text.len() == SECRET_LENGTH
        && text.chars().all(is_of_key)
        && text.chars().filter(is_mark).count() >= 3
}

pub(super) fn recognize(name: Option<&str>, value: &str) -> Option<Recognized> {
    if is_generated_secret(value)
        || value.contains("django-insecure-")
        || name.is_some_and(|name| name.contains("SECRET_KEY"))
    {
        return Some(Recognized::of(SECRET));
    }
    if [
        "pbkdf2_sha256$",
        "argon2$argon2",
        "bcrypt_sha256$",
        "scrypt$",
    ]
    .iter()
    .any(|start| value.starts_with(start))
    {
        return Some(Recognized::of(PASSWORD));
    }
    old_record(value)
        .or_else(|| signed(name, value))
        .or_else(|| payload_alone(value))
}

fn payload_alone(value: &str) -> Option<Recognized> {
    let json = unverified::json(value).ok()?;
    let is_session = value.starts_with('.') || unverified::has_keys(&json, &["_auth_user_id"]);
    let is_object = unverified::is_object(&json);
    (is_session && is_object).then(|| Recognized::of(PAYLOAD).with_contents(Some(json)))
}

/// Whether text has the form of an HMAC-SHA256 in base64url.
pub(crate) fn is_signature(text: &str) -> bool {
    is_digest(text, SIGNATURE)
}

fn old_record(value: &str) -> Option<Recognized> {
    let bytes = unverified::base64(value)?;
    let (hash, json) = bytes.split_at_checked(40)?;
    let json = String::from_utf8(json.strip_prefix(b":")?.to_vec()).ok();
    hash.iter()
        .all(|&byte| is_lower_hex(byte))
        .then(|| Recognized::of(OLD_RECORD).with_contents(json))
}

fn signed(name: Option<&str>, value: &str) -> Option<Recognized> {
    let (text, signature) = value.rsplit_once(':')?;
    let stamped = text.rsplit_once(':').filter(|(_, stamp)| is_stamp(stamp));
    let Some((payload, stamp)) = stamped else {
        return is_signature(signature).then(|| of_signer(text, signature));
    };
    let is_payload = is_all(payload.strip_prefix('.').unwrap_or(payload), is_base64url);
    if has_one_case(payload, signature) {
        return Some(Recognized::of(CASE));
    }
    if !is_signature(signature) {
        // Padding or the end of a sentence may follow it.
        let text = signature.trim_end_matches(['=', '.']);
        let is_like_one = is_payload
            && payload.len() >= 8
            && (10..200).contains(&text.len())
            && is_all(text, is_base64url)
            && stamp.len() >= 5;
        let kind = if text.len() < SIGNATURE {
            CUT
        } else {
            OVERLONG
        };
        let contents = unverified::payload(payload)
            .ok()
            .filter(|text| unverified::is_json(text));
        return (is_like_one && (contents.is_some() || payload.len() >= 40)).then(|| Recognized {
            issued_at: b62_decode(stamp).ok(),
            ..Recognized::of(kind).with_contents(contents)
        });
    }
    let (kind, read) = of_payload(name, payload, is_payload);
    let (contents, problem) = match read {
        Ok(text) => (Some(text), None),
        Err(problem) => (None, Some(problem)),
    };
    Some(Recognized {
        parts: Some(parts(payload, Some(stamp), signature)),
        issued_at: b62_decode(stamp).ok(),
        problem,
        ..Recognized::of(kind).with_contents(contents)
    })
}

fn of_payload(
    name: Option<&str>,
    payload: &str,
    is_payload: bool,
) -> (Kind, Result<String, String>) {
    let read = unverified::json(payload);
    let is_long = payload.len() > 32 || payload.starts_with('.');
    match read {
        Ok(json) if unverified::is_object(&json) => (SESSION.readable(), Ok(json)),
        Ok(json) if json.starts_with("[[\"__json_message\"") => (MESSAGES, Ok(json)),
        Ok(json) if is_payload => (SIGNED_JSON, Ok(json)),
        _ if name == Some("messages") => (MESSAGES, read),
        _ if is_payload && is_pickle(payload) => {
            let problem = "The payload is a pickle. It is not read.";
            (PICKLE, Err(problem.into()))
        }
        read if is_payload && is_long && begins_as_object(payload) => (SESSION, read),
        read if is_payload && (is_long || name == Some("sessionid")) => (UNREADABLE, read),
        _ => (SIGNED_TEXT, Ok(payload.to_owned())),
    }
}

fn begins_as_object(payload: &str) -> bool {
    unverified::payload(payload).is_ok_and(|text| text.starts_with('{'))
}

/// Pickles begin with a byte 0x80 and their protocol, and end in a dot.
fn is_pickle(payload: &str) -> bool {
    let bytes = unverified::payload_bytes(payload).unwrap_or_default();
    matches!(bytes[..], [0x80, 2..=5, .., b'.'])
}

fn of_signer(text: &str, signature: &str) -> Recognized {
    let seconds = b62_decode(text).unwrap_or_default();
    let is_tail = text.len() == 6 && (FIRST_STAMP..=LAST_STAMP).contains(&seconds);
    let kind = if is_tail { TAIL } else { SIGNER_TEXT };
    Recognized {
        issued_at: is_tail.then_some(seconds),
        parts: Some(parts(text, None, signature)),
        ..Recognized::of(kind).with_contents(Some(text.to_owned()))
    }
}

fn parts(payload: &str, stamp: Option<&str>, signature: &str) -> Parts {
    Parts {
        payload: payload.to_owned(),
        stamp: stamp.map(str::to_owned),
        signature: signature.to_owned(),
    }
}

fn is_stamp(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() <= 11 && is_all(digits, |byte| byte.is_ascii_alphanumeric())
}

/// Random letters all of one case: fewer than one in a million signatures.
fn has_one_case(payload: &str, signature: &str) -> bool {
    let text = || payload.bytes().chain(signature.bytes());
    let lower = text().any(|byte| byte.is_ascii_lowercase());
    let upper = text().any(|byte| byte.is_ascii_uppercase());
    signature.len() == SIGNATURE && lower != upper
}

/// Keys and tokens without a form of their own, which other things may have, too.
pub(super) fn recognize_key(name: Option<&str>, value: &str) -> Option<Recognized> {
    let is_alphanumeric = is_all(value, |byte| byte.is_ascii_alphanumeric());
    let is_lower = is_all(value, |byte| {
        byte.is_ascii_digit() || byte.is_ascii_lowercase()
    });
    let length = value.len();
    let is_named = name == Some("sessionid");
    // KEY_PREFIX of the engines cache and cached_db.
    let in_cache = [
        "django.contrib.sessions.cache",
        "django.contrib.sessions.cached_db",
    ];
    if in_cache.iter().any(|prefix| value.contains(prefix)) {
        return Some(Recognized::of(SESSION_KEY));
    }
    if ["\\x80\\x04\\x95", "\\x80\\x05\\x95"]
        .iter()
        .any(|start| value.starts_with(start))
    {
        return Some(Recognized::of(CACHE_PICKLE));
    }
    if length == 32 && is_lower && (is_named || !is_all(value, is_lower_hex)) {
        return Some(Recognized::of(SESSION_KEY));
    }
    let is_csrf =
        matches!(length, 32 | 64) && is_alphanumeric && !is_lower && has_both_cases(value);
    is_csrf.then(|| Recognized::of(CSRF))
}

fn has_both_cases(text: &str) -> bool {
    let lower = text.bytes().any(|byte| byte.is_ascii_lowercase());
    lower && text.bytes().any(|byte| byte.is_ascii_uppercase())
}
