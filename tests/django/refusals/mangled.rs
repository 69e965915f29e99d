//! Real cookies whose text was changed. No key signed any of them.

use hardtack::signing::{DUMPS_SALT, Signer};
use hardtack::{Compression, Error, KeyRing, SESSION_SALT, SecretKey, SessionCodec};
use serde_json::json;

use super::{Case, KEY, NOW, b62_encode, keys, last_bits, ring};
use crate::common::OTHER_KEY;

/// Text that is appended, prepended and inserted.
const FOREIGN: [&str; 24] = [
    "a",
    "A",
    "0",
    "-",
    "_",
    "=",
    "==",
    ".",
    ":",
    "::",
    "+",
    "/",
    "%",
    "\"",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "\u{7f}",
    "\u{e9}",
    "\u{a0}",
    "\u{feff}",
    "\u{1f36a}",
];
/// Text that replaces a colon.
const SEPARATORS: [&str; 14] = [
    "", ".", ",", ";", "|", "/", " ", "=", "-", "::", "%3A", "\0", "\u{ff1a}", "\u{a789}",
];

/// Returns a short uncompressed cookie, and a compressed one that was signed in another second.
fn originals() -> [(&'static str, String); 2] {
    let codec = SessionCodec::new(ring(&keys()));
    let plain = codec.clone().with_compression(Compression::Never);
    let words = ["boots"; 5];
    [
        (
            "plain",
            original(|user| plain.encode_as(&json!({"user": user}), NOW)),
        ),
        (
            "compressed",
            original(|user| codec.encode_as(&json!({"user": user, "cart": words}), NOW - 1)),
        ),
    ]
}

/// Returns the first cookie whose signature has another spelling in the standard alphabet.
fn original(of_user: impl Fn(u32) -> Result<String, Error>) -> String {
    (1..1000)
        .map(|user| of_user(user).expect("encodes"))
        .find(|cookie| parts(cookie)[2].contains(['-', '_']))
        .expect("half of all have such a character")
}

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let originals = originals();
    let mut cases = vec![
        Case::new("mangled: nothing", ""),
        Case::new("mangled: one colon", ":"),
        Case::new("mangled: two colons", "::"),
        Case::new("mangled: three colons", ":::"),
        Case::new("mangled: dots", ".:.:."),
        Case::new("mangled: words", "not:a:cookie"),
        Case::new("mangled: non-ASCII", "\u{e9}:\u{e9}:\u{e9}"),
    ];
    for (kind, cookie) in &originals {
        cases.push(Case::new(format!("original: {kind}"), cookie));
        let [payload, stamp, signature] = parts(cookie);
        let rest = flips(cookie)
            .chain(truncations(cookie))
            .chain(additions(cookie))
            .chain(separators(payload, stamp, signature))
            .chain(rearranged(payload, stamp, signature))
            .chain(spellings(cookie, payload, stamp, signature));
        cases.extend(rest.map(|(name, mangled)| Case::new(format!("{kind}: {name}"), mangled)));
    }
    cases.extend(swaps(&originals));
    cases.extend(other_signers());
    cases.into_iter()
}

/// Cookies with a valid signature of another key or for another purpose.
fn other_signers() -> impl Iterator<Item = Case> {
    let text = format!("e30:{}", b62_encode(NOW));
    let salted = [
        ("rows", "django.contrib.sessions.SessionStore"),
        ("dumps", DUMPS_SALT),
        ("signers", "django.core.signing.TimestampSigner"),
        (
            "sessions, in upper case",
            "DJANGO.CONTRIB.SESSIONS.BACKENDS.SIGNED_COOKIES",
        ),
        (
            "sessions and a space",
            "django.contrib.sessions.backends.signed_cookies ",
        ),
        (
            "sessions and signer",
            "django.contrib.sessions.backends.signed_cookiessigner",
        ),
    ];
    let salted = salted.map(|(name, salt)| {
        let signer = Signer::new(ring(&keys())).with_salt(salt);
        Case::new(format!("salt of {name}"), signer.sign(&text))
    });
    let keyed = [
        ("another key", OTHER_KEY.into()),
        ("the key and a space", format!("{KEY} ")),
        ("the key in upper case", KEY.to_uppercase()),
    ];
    let keyed = keyed.map(|(name, key)| {
        // `SecretKey::new` refuses one of them.
        let secret = SecretKey::allow_weak(key).expect("it is not empty");
        let signer = Signer::new(KeyRing::new(secret)).with_salt(SESSION_SALT);
        Case::new(name, signer.sign(&text))
    });
    salted.into_iter().chain(keyed)
}

type Mangled = (String, String);

fn parts(cookie: &str) -> [&str; 3] {
    let parts: Vec<&str> = cookie.split(':').collect();
    parts.try_into().expect("three parts")
}

/// Each of the seven bits that keep a byte ASCII.
fn flips(cookie: &str) -> impl Iterator<Item = Mangled> {
    (0..cookie.len()).flat_map(move |at| {
        (0..7).map(move |bit| {
            let mut bytes = cookie.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            let mangled = String::from_utf8(bytes).expect("ASCII");
            (format!("bit {bit} of byte {at} flipped"), mangled)
        })
    })
}

fn truncations(cookie: &str) -> impl Iterator<Item = Mangled> {
    (1..cookie.len()).flat_map(move |at| {
        let (head, tail) = cookie.split_at(at);
        [
            (format!("the first {at}"), head.into()),
            (format!("without the first {at}"), tail.into()),
        ]
    })
}

fn additions(cookie: &str) -> impl Iterator<Item = Mangled> {
    let [first, last] = [cookie.find(':'), cookie.rfind(':')].map(|at| at.expect("a colon"));
    FOREIGN.into_iter().flat_map(move |more| {
        let at = [0, first, first + 1, last, last + 1, cookie.len()];
        at.map(|at| {
            let (head, tail) = cookie.split_at(at);
            (format!("{more:?} at {at}"), format!("{head}{more}{tail}"))
        })
    })
}

fn separators<'a>(
    payload: &'a str,
    stamp: &'a str,
    signature: &'a str,
) -> impl Iterator<Item = Mangled> {
    SEPARATORS.into_iter().flat_map(move |sep| {
        [
            (
                format!("first separator {sep:?}"),
                format!("{payload}{sep}{stamp}:{signature}"),
            ),
            (
                format!("second separator {sep:?}"),
                format!("{payload}:{stamp}{sep}{signature}"),
            ),
            (
                format!("separators {sep:?}"),
                format!("{payload}{sep}{stamp}{sep}{signature}"),
            ),
        ]
    })
}

/// Parts in another order, missing, or twice.
fn rearranged(payload: &str, stamp: &str, signature: &str) -> impl Iterator<Item = Mangled> {
    let parts = [
        ("payload", payload),
        ("stamp", stamp),
        ("signature", signature),
        ("nothing", ""),
    ];
    let all =
        (0..64).map(move |number| [number / 16, number / 4 % 4, number % 4].map(|at| parts[at]));
    let cookies = all.map(|parts| {
        (
            format!("parts {}", parts.map(|(name, _)| name).join(", ")),
            parts.map(|(_, part)| part).join(":"),
        )
    });
    let short = [
        ("only payload", payload.into()),
        ("only signature", signature.into()),
        ("no stamp", format!("{payload}:{signature}")),
        ("no payload", format!("{stamp}:{signature}")),
        ("no signature", format!("{payload}:{stamp}")),
        (
            "twice",
            format!("{payload}:{stamp}:{signature}:{payload}:{stamp}:{signature}"),
        ),
        (
            "stamp twice",
            format!("{payload}:{stamp}:{stamp}:{signature}"),
        ),
        (
            "signature twice",
            format!("{payload}:{stamp}:{signature}:{signature}"),
        ),
    ];
    cookies
        .filter(|(name, _)| name != "parts payload, stamp, signature")
        .chain(short.map(|(name, cookie)| (name.to_owned(), cookie)))
        .collect::<Vec<_>>()
        .into_iter()
}

/// The same content in another spelling.
fn spellings(
    cookie: &str,
    payload: &str,
    stamp: &str,
    signature: &str,
) -> impl Iterator<Item = Mangled> {
    let standard = signature.replace('-', "+").replace('_', "/");
    // The last of 43 characters has four bits of the signature, and two unused ones.
    let slack = last_bits(signature, 4).map(|(bits, signature)| {
        (
            format!("slack {bits} in the signature"),
            format!("{payload}:{stamp}:{signature}"),
        )
    });
    [
        ("upper case", cookie.to_uppercase()),
        ("lower case", cookie.to_lowercase()),
        ("reversed", cookie.chars().rev().collect()),
        ("quoted", format!("\"{cookie}\"")),
        ("percent-encoded", cookie.replace(':', "%3a")),
        (
            "signature in upper case",
            format!("{payload}:{stamp}:{}", signature.to_uppercase()),
        ),
        (
            "signature with + and /",
            format!("{payload}:{stamp}:{standard}"),
        ),
        (
            "signature padded",
            format!("{payload}:{stamp}:{signature}="),
        ),
        (
            "signature padded twice",
            format!("{payload}:{stamp}:{signature}=="),
        ),
        (
            "signature of spaces",
            format!("{payload}:{stamp}:{}", " ".repeat(43)),
        ),
        (
            "signature of NULs",
            format!("{payload}:{stamp}:{}", "\0".repeat(43)),
        ),
        (
            "signature of A",
            format!("{payload}:{stamp}:{}", "A".repeat(43)),
        ),
        (
            "signature with a wide letter",
            format!("{payload}:{stamp}:\u{ff21}{}", &signature[1..]),
        ),
        (
            "stamp with a zero in front",
            format!("{payload}:0{stamp}:{signature}"),
        ),
        (
            "stamp in upper case",
            format!("{payload}:{}:{signature}", stamp.to_uppercase()),
        ),
        ("later stamp", format!("{payload}:zzzzzz:{signature}")),
        ("payload padded", format!("{payload}=:{stamp}:{signature}")),
        (
            "payload marked as compressed",
            format!(".{payload}:{stamp}:{signature}"),
        ),
        ("payload empty", format!(":{stamp}:{signature}")),
    ]
    .map(|(name, mangled)| (name.to_owned(), mangled))
    .into_iter()
    .chain(slack)
    .collect::<Vec<_>>()
    .into_iter()
}

/// Each part of one cookie in the same place of the other.
fn swaps(originals: &[(&str, String); 2]) -> impl Iterator<Item = Case> {
    let parts = [parts(&originals[0].1), parts(&originals[1].1)];
    let names = [originals[0].0, originals[1].0];
    (1..7)
        .map(move |number| {
            let from = [number / 4, number / 2 % 2, number % 2];
            Case::new(
                format!("swapped: {}", from.map(|of| names[of]).join(", ")),
                [0, 1, 2].map(|at| parts[from[at]][at]).join(":"),
            )
        })
        .collect::<Vec<_>>()
        .into_iter()
}
