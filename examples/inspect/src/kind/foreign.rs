//! What other frameworks write, by its form.

use alloc::string::{String, ToString};

use super::{Kind, Recognized, is_all, is_base64url, is_digest, is_lower_hex};
use crate::expiry::Expiry;
use crate::unverified::{self, base64_object, has_keys, seconds_of, text_of};

const JWT: Kind = Kind::new(
    "jwt",
    "A JSON Web Token (JWT).",
    "Its header and claims are base64url of JSON; below are the claims. It is signed with a key of its own, not by Django's \
     sessions, so it is not verified here.",
);
const JWE: Kind = Kind::new(
    "jwe",
    "An encrypted JSON Web Token (JWE).",
    "Only its header can be read without the key. It is not a session of Django.",
);
const ITSDANGEROUS: Kind = Kind::new(
    "itsdangerous",
    "A session of Flask, or another text that itsdangerous signed.",
    "The form is payload.stamp.signature, with dots where Django has colons, and another derivation of the key, so it is not \
     verified here. The session is in the cookie itself.",
);
const STARLETTE: Kind = Kind::new(
    "starlette",
    "A session of Starlette or FastAPI (SessionMiddleware, signed by itsdangerous).",
    "The session is in the cookie itself: base64 of JSON. It is signed in a way of its own, so it is not verified here.",
);
const RAILS_SIGNED: Kind = Kind::new(
    "rails-signed",
    "A signed cookie of Ruby on Rails.",
    "It is signed with a key derived from secret_key_base, in a way of its own, so it is not verified here.",
);
const RAILS_ENCRYPTED: Kind = Kind::new(
    "rails-encrypted",
    "An encrypted cookie of Ruby on Rails.",
    "No one can read it without the site's secret_key_base.",
);
const RACK: Kind = Kind::new(
    "rack",
    "A session of Rack (Rack::Session::Cookie).",
    "It is base64 with an HMAC after \"--\", and often holds a Ruby object (Marshal), which is not read here.",
);
const EXPRESS: Kind = Kind::new(
    "express",
    "A signed cookie of Express: express-session or cookie-parser.",
    "After \"s:\" comes a text, then its signature. With express-session (connect.sid) the text is a session id, and the session \
     is in the site's store.",
);
const REACT_ROUTER: Kind = Kind::new(
    "react-router",
    "A session of React Router or Remix, signed.",
    "The session is in the cookie itself: base64 of JSON. It is signed in a way of its own, so it is not verified here.",
);
const PHOENIX: Kind = Kind::new(
    "phoenix",
    "A session or token of Phoenix (Elixir's Plug).",
    "It is signed or encrypted with a key derived from secret_key_base, in a way of its own, so it is not verified here.",
);
const COOKIE_SESSION: Kind = Kind::new(
    "base64-json",
    "A JSON object in base64, without a signature of its own.",
    "The Node package cookie-session writes its sessions like this; the signature is in a second cookie whose name ends in .sig. \
     A signed session of Django without its stamp and signature looks the same.",
);
const LARAVEL: Kind = Kind::new(
    "laravel",
    "An encrypted cookie of Laravel.",
    "It is base64 of JSON with iv, value and mac. No one can read it without the site's APP_KEY.",
);
const IRON: Kind = Kind::new(
    "iron",
    "A sealed session of iron-session or hapi (Iron, \"Fe26.2\").",
    "It is encrypted. No one can read it without its password.",
);
const PLAY: Kind = Kind::new(
    "play",
    "A session of the Play framework before 2.6.",
    "It begins with a SHA-1 signature. It is signed in a way of its own, so it is not verified here.",
);
const DATA_PROTECTION: Kind = Kind::new(
    "asp-net-core",
    "A cookie that ASP.NET Core's data protection encrypted.",
    "No one can read it without the site's key ring.",
);
const FERNET: Kind = Kind::new(
    "fernet",
    "A Fernet token, encrypted.",
    "No one can read it without its key. Its age can be read, but it is not a session of Django.",
);
const PASETO: Kind = Kind::new(
    "paseto",
    "A PASETO token.",
    "It is signed or encrypted with a key of its own, so it is not verified here.",
);
const TORNADO: Kind = Kind::new(
    "tornado",
    "A signed cookie of Tornado (set_signed_cookie).",
    "It is signed with the site's cookie_secret, in a way of its own, so it is not verified here.",
);
const GORILLA: Kind = Kind::new(
    "gorilla",
    "A cookie of Go's gorilla/securecookie.",
    "It is signed, often encrypted too, in a way of its own, so it is not verified here.",
);
const COOKIE_CRATE: Kind = Kind::new(
    "cookie-crate",
    "A signed cookie of the Rust crate cookie (axum-extra, Rocket, actix).",
    "It begins with an HMAC, 44 characters of base64, and the value follows. It is signed in a way of its own, so it is not verified here.",
);
const JSON: Kind = Kind::new(
    "json",
    "JSON, not a cookie.",
    "Nothing in it is a signed text.",
)
.vague();
const UUID: Kind = Kind::new(
    "uuid",
    "A UUID.",
    "It is an id. There is nothing in it to look into.",
)
.vague();
const PHP_LIKE: Kind = Kind::new(
    "php-like",
    "26 letters and digits, as PHP's session ids are.",
    "With PHP the session is on the server, under this id. There is nothing in the cookie to look into.",
)
.vague();
const RANDOM: Kind = Kind::new(
    "random",
    "A random text: an id or a token.",
    "Nothing is written in it. If it is a session id, the session is on the server.",
)
.vague();
const HEX: Kind = Kind::new(
    "hex",
    "Hexadecimal digits: an id or a hash.",
    "Some frameworks use such a text as a session id; the session is then on the server.",
)
.vague();

pub(super) fn recognize(value: &str) -> Option<Recognized> {
    dotted(value)
        .or_else(|| dashed(value))
        .or_else(|| prefixed(value))
        .or_else(|| tornado(value))
        .or_else(|| gorilla(value))
        .or_else(|| cookie_crate(value))
        .or_else(|| base64_json(value))
}

/// Parts with dots between them: JWT, JWE, itsdangerous.
fn dotted(value: &str) -> Option<Recognized> {
    let first = value.split('.').next()?;
    let count = value.split('.').count();
    if let Some(header) = base64_object(first).filter(|_| matches!(count, 3 | 5)) {
        let claims = value.split('.').nth(1).and_then(base64_object);
        if has_keys(&header, &["alg", "enc"]) {
            return Some(Recognized::of(JWE).with_contents(Some(header)));
        }
        if has_keys(&header, &["alg"]) {
            // RFC 7519, section 4.1.
            let time = |claim| seconds_of(claims.as_deref()?, claim);
            return Some(Recognized {
                issued_at: time("iat"),
                expiry: time("exp").map(|at| Expiry {
                    at: Some(at),
                    by: "the claim exp",
                }),
                ..Recognized::of(JWT).with_contents(claims)
            });
        }
    }
    let (signed, signature) = value.rsplit_once('.')?;
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    if signature.len() == 43
        && is_all(signature, is_base64)
        && !signed.contains('.')
        && let Some(json) = base64_object(signed)
    {
        return Some(Recognized::of(REACT_ROUTER).with_contents(Some(json)));
    }
    // SHA-1, SHA-256 or SHA-512.
    let is_signature = [27, 43, 86]
        .iter()
        .any(|&length| is_digest(signature, length));
    let Some((payload, stamp)) = signed
        .rsplit_once('.')
        .filter(|(payload, _)| !payload.is_empty())
    else {
        let json = unverified::payload(signed)
            .ok()
            .filter(|text| is_signature && unverified::is_json(text));
        return json.map(|json| Recognized::of(ITSDANGEROUS).with_contents(Some(json)));
    };
    let issued_at = unverified::seconds(stamp).filter(|_| is_signature)?;
    let flask = unverified::payload(payload)
        .ok()
        .filter(|text| unverified::is_json(text));
    let recognized = match flask {
        Some(json) => Recognized::of(ITSDANGEROUS).with_contents(Some(json)),
        None => match base64_object(payload) {
            Some(json) => Recognized::of(STARLETTE).with_contents(Some(json)),
            None => Recognized::of(ITSDANGEROUS).with_contents(Some(payload.to_string())),
        },
    };
    Some(Recognized {
        issued_at: Some(issued_at),
        ..recognized
    })
}

/// Parts with `--` between them: Rails and Rack.
fn dashed(value: &str) -> Option<Recognized> {
    let (data, signature) = value.rsplit_once("--")?;
    if matches!(signature.len(), 40 | 64 | 128) && is_all(signature, is_lower_hex) {
        if let Some(json) = base64_object(data) {
            let message = rails_message(&json);
            return Some(Recognized::of(RAILS_SIGNED).with_contents(Some(message.unwrap_or(json))));
        }
        let bytes = unverified::base64(data)?;
        // Marshal of Ruby begins with its version, 4.8.
        let kind = if bytes.starts_with(&[4, 8]) {
            RACK
        } else {
            RAILS_SIGNED
        };
        return Some(Recognized::of(kind));
    }
    // AES-GCM: the text, 12 bytes of IV, 16 bytes of tag. Before Rails 5.2: the text and 16 bytes of IV.
    let length = |text: &str| unverified::base64(text).map(|bytes| bytes.len());
    let is_gcm = data.rsplit_once("--").is_some_and(|(text, iv)| {
        length(text).is_some() && length(iv) == Some(12) && length(signature) == Some(16)
    });
    is_gcm.then(|| Recognized::of(RAILS_ENCRYPTED))
}

/// The message within `{"_rails":{"message":...}}`, which Rails 7 calls `data`.
fn rails_message(json: &str) -> Option<String> {
    let envelope = hardtack::Session::from_json(json).ok()?;
    let envelope = envelope.get_json("_rails")?.as_str().to_string();
    let message = text_of(&envelope, "message").or_else(|| text_of(&envelope, "data"))?;
    let bytes = unverified::base64(&message)?;
    String::from_utf8(bytes)
        .ok()
        .filter(|text| unverified::is_json(text))
}

fn prefixed(value: &str) -> Option<Recognized> {
    let kind = if value.starts_with("Fe26.") {
        IRON
    } else if value.starts_with("CfDJ8") && is_all(value, is_base64url) {
        DATA_PROTECTION
    } else if value.starts_with("SFMyNTY.") || value.starts_with("QTEyOEdDTQ.") {
        PHOENIX
    } else if value.starts_with("gAAAAA") && value.len() >= 100 {
        FERNET
    } else if ["v1.", "v2.", "v3.", "v4."]
        .iter()
        .any(|start| value.starts_with(start))
        && [".local.", ".public."]
            .iter()
            .any(|purpose| value.contains(purpose))
    {
        PASETO
    } else if value.split_once('-').is_some_and(|(hash, text)| {
        hash.len() == 40 && is_all(hash, is_lower_hex) && text.contains('=')
    }) {
        PLAY
    } else {
        let signature = value.strip_prefix("s:")?.rsplit_once('.')?.1;
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
        if !(40..=44).contains(&signature.trim_end_matches('=').len())
            || !is_all(signature, is_base64)
        {
            return None;
        }
        EXPRESS
    };
    Some(Recognized::of(kind))
}

/// `2|1:0|10:1700000000|4:name|8:dmFsdWU=|` and 64 hexadecimal digits, each field after its length.
fn tornado(value: &str) -> Option<Recognized> {
    let fields = value.strip_prefix("2|")?;
    let (fields, signature) = fields.rsplit_once('|')?;
    let mut fields = fields
        .split('|')
        .filter_map(|field| field.split_once(':'))
        .map(|(_, field)| field);
    let issued_at = fields.nth(1)?.parse().ok()?;
    let contents = String::from_utf8(unverified::base64(fields.nth(1)?)?).ok();
    (signature.len() == 64 && is_all(signature, is_lower_hex)).then(|| Recognized {
        issued_at: Some(issued_at),
        ..Recognized::of(TORNADO).with_contents(contents)
    })
}

/// Base64url of `stamp|value|mac`, all of it.
fn gorilla(value: &str) -> Option<Recognized> {
    let bytes = unverified::base64(value)?;
    let mut fields = bytes.splitn(3, |&byte| byte == b'|');
    let stamp = str::from_utf8(fields.next()?).ok()?;
    let issued_at = Some(stamp)
        .filter(|stamp| stamp.len() == 10)?
        .parse()
        .ok()?;
    let is_value = fields.next()?.iter().all(u8::is_ascii);
    (is_value && fields.next()?.len() == 32).then(|| Recognized {
        issued_at: Some(issued_at),
        ..Recognized::of(GORILLA)
    })
}

fn cookie_crate(value: &str) -> Option<Recognized> {
    let (digest, text) = value.split_at_checked(44)?;
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let is_digest = digest
        .strip_suffix('=')
        .is_some_and(|digest| is_all(digest, is_base64));
    (is_digest && !text.is_empty() && !text.starts_with('='))
        .then(|| Recognized::of(COOKIE_CRATE).with_contents(Some(text.to_string())))
}

fn base64_json(value: &str) -> Option<Recognized> {
    let json = base64_object(value)?;
    if has_keys(&json, &["iv", "value", "mac"]) {
        return Some(Recognized::of(LARAVEL));
    }
    let kind = COOKIE_SESSION;
    Some(Recognized::of(kind).with_contents(Some(json)))
}

/// Forms that many things have.
pub(super) fn recognize_vague(value: &str) -> Option<Recognized> {
    let groups = || value.split('-').map(str::len);
    let is_hex = |byte: u8| byte.is_ascii_hexdigit();
    if groups().eq([8, 4, 4, 4, 12]) && is_all(value, |byte| is_hex(byte) || byte == b'-') {
        return Some(Recognized::of(UUID));
    }
    // PHP's default length.
    let is_php = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    if value.len() == 26 && is_all(value, is_php) {
        return Some(Recognized::of(PHP_LIKE));
    }
    if (32..=128).contains(&value.len()) && value.len().is_multiple_of(2) && is_all(value, is_hex) {
        return Some(Recognized::of(HEX));
    }
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let is_mixed =
        has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    if (20..=88).contains(&value.len()) && is_all(value, is_base64url) && is_mixed {
        return Some(Recognized::of(RANDOM));
    }
    let is_json = value.starts_with(['{', '[']) && unverified::is_json(value);
    is_json.then(|| Recognized::of(JSON).with_contents(Some(value.to_string())))
}
