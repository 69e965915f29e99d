//! No `Debug` output, message or panic contains a key, a cookie or session text.

mod common;

use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

use hardtack::signing::{Signer, TimestampSigner};
use hardtack::{
    Error, KeyRing, MaxAge, SecretKey, Session, SessionCodec, SessionKey, SessionMiddleware,
};
use serde_json::value::RawValue;

use common::NOW;

const KEY: &str = "SECRETSECRET-correct-horse-battery-staple";
const FALLBACK: &str = "SECRETSECRET-an-older-key-that-only-verifies";
const VALUE: &str = "VALUEVALUE";

fn ring() -> KeyRing {
    KeyRing::new(common::key(KEY)).with_fallback(common::key(FALLBACK))
}

/// Asserts that the text contains nothing of a key or a session's values, in any of the encodings that they go through.
#[track_caller]
fn silent(text: &str) {
    let base64 = {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{{\"k\":\"{VALUE}\"}}"))
    };
    let bytes = format!("{:?}", KEY.as_bytes());
    for secret in [
        "SECRETSECRET",
        "correct-horse",
        "older-key",
        VALUE,
        &base64[..12],
        &bytes[1..20],
    ] {
        assert!(!text.contains(secret), "{text}");
    }
}

fn shown(value: impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

fn session() -> Session {
    common::session([("k", VALUE)])
}

#[test]
fn debug_shows_no_secret() {
    let codec = SessionCodec::new(ring());
    let cookie = codec.encode(&session(), NOW).expect("encodes");
    let signature = cookie.rsplit(':').next().expect("a signature").to_owned();
    let payload = cookie.split(':').next().expect("a payload").to_owned();
    let signer = Signer::new(ring());
    let stamper = TimestampSigner::new(ring());
    let (signed_text, stamped_text) =
        (signer.sign(VALUE), stamper.sign(VALUE, NOW).expect("signs"));
    let texts = [
        shown(common::key(KEY)),
        shown(SecretKey::new(KEY)),
        shown(ring()),
        shown(&signer),
        shown(&stamper),
        shown(&codec),
        shown(codec.verify(&cookie, NOW)),
        shown(codec.decode(&cookie, NOW)),
        shown(session()),
        shown(session().get_json("k")),
        shown(signer.verify(&signed_text)),
        shown(stamper.verify(&stamped_text, NOW, core::time::Duration::ZERO)),
    ];
    for text in texts {
        silent(&text);
        assert!(
            !text.contains(&signature) && !text.contains(&payload),
            "{text}"
        );
    }
}

#[test]
fn debug_shows_what_is_not_secret() {
    assert_eq!(format!("{:?}", common::key(KEY)), "SecretKey(redacted)");
    assert_eq!(format!("{:?}", ring()), "KeyRing { fallbacks: 1, .. }");
    let session = common::session([("cart", VALUE), ("é\n", "")]);
    let text = format!("{session:?}");
    assert_eq!(
        text,
        r#"Session { bytes: {"cart": 12, "é\n": 2}, modified: true, accessed: true }"#
    );
    assert_eq!(
        format!("{:?}", session.get_json("cart")),
        "Some(JsonText { bytes: 12, .. })"
    );
}

/// Where a request's session came from, but nothing of the cookie.
#[test]
fn debug_shows_where_a_session_came_from() {
    let codec = SessionCodec::new(ring());
    let value = codec.encode(&session(), NOW).expect("encodes");
    let good = format!("sessionid={value}");
    let forged = format!("{good}x");
    let instant = format!("{:?}", hardtack::Timestamp::from(NOW));
    let sessions = SessionMiddleware::new(codec.clone());
    for (header, source) in [
        ("", "Nothing".to_owned()),
        (&good, format!("Cookie {{ issued_at: {instant}, .. }}")),
        (&forged, "Refused(BadSignature)".to_owned()),
    ] {
        let shown = format!("{:?}", sessions.load([header], NOW));
        assert!(shown.contains(&source), "{shown}");
        silent(&shown);
    }
    let zone = |_| time::UtcOffset::UTC;
    let shown = format!("{:?}", codec.with_site_time_zone(zone));
    assert!(shown.contains("SiteZone { .. }"), "{shown}");
}

#[test]
fn debug_of_verified_text_shows_no_content() {
    let old = SessionCodec::new(KeyRing::new(common::key(FALLBACK)));
    let cookie = old.encode(&session(), NOW).expect("encodes");
    let codec = SessionCodec::new(ring());
    let verified = codec.verify(&cookie, NOW + 60).expect("a good cookie");
    let instant = format!("{:?}", hardtack::Timestamp::from(NOW));
    assert_eq!(
        format!("{verified:?}"),
        format!("Verified {{ issued_at: {instant}, age: 60s, key_index: 1, .. }}")
    );
}

/// The types of `signing`, and the key of a session in a store.
#[test]
fn debug_of_signed_text_shows_no_content() {
    let signer = Signer::new(ring());
    assert_eq!(
        format!("{signer:?}"),
        "Signer { keys: KeyRing { fallbacks: 1, .. }, salt: \"django.core.signing.Signer\", separator: \":\", .. }"
    );
    let signed = signer.sign(VALUE);
    let verified = signer.verify(&signed).expect("a good signature");
    assert_eq!(format!("{verified:?}"), "SignedText { key_index: 0, .. }");

    let signer = TimestampSigner::new(ring());
    let signed = signer.sign(VALUE, NOW).expect("signs");
    let verified = signer.verify(&signed, NOW + 60, MaxAge::NoLimit);
    let instant = format!("{:?}", hardtack::Timestamp::from(NOW));
    assert_eq!(
        format!("{:?}", verified.expect("a good signature")),
        format!("StampedText {{ issued_at: {instant}, age: 60s, key_index: 0, .. }}")
    );
    assert_eq!(
        format!("{:?}", SessionKey::from_random([7; 32])),
        "SessionKey { .. }"
    );
}

/// Provokes errors of each stage, with secrets in the input.
#[test]
fn no_error_contains_a_secret() {
    let codec = SessionCodec::new(ring());
    let cookie = codec.encode(&session(), NOW).expect("encodes");
    let mut session = session();
    let signed = |payload: &str| {
        TimestampSigner::new(ring())
            .with_salt(hardtack::SESSION_SALT)
            .sign(payload, NOW)
            .expect("signs")
    };
    let errors: Vec<Option<Error>> = vec![
        SecretKey::new("SECRETSECRET").err(),
        SecretKey::new(format!("django-insecure-{KEY}")).err(),
        codec.decode(&format!("{cookie}x"), NOW).err(),
        codec.decode(&cookie.repeat(100), NOW).err(),
        codec.decode(&cookie, NOW * 2).err(),
        codec.decode(VALUE, NOW).err(),
        codec.decode(&signed(VALUE), NOW).err(),
        codec.decode(&signed(&format!("{VALUE}=")), NOW).err(),
        codec.decode(&signed(&format!(".{VALUE}aa")), NOW).err(),
        codec.decode_as::<[u8; 1]>(&cookie, NOW).err(),
        session.get::<u8>("k").err(),
        session.get::<Vec<u8>>("k").err(),
        session.insert("x", [f64::NAN]).err(),
        Session::from_json(VALUE).err(),
        codec.clone().with_max_length(5).encode(&session, NOW).err(),
    ];
    for error in errors {
        let error = error.expect("an error");
        silent(&format!("{error} {error:?} {error:#?}"));
    }
    // Through serde_json, which would quote the value.
    let nan = Session::from_json(&format!(r#"{{"k":["{VALUE}",NaN]}}"#))
        .expect("JSON as Python writes it");
    silent(&shown(serde_json::to_string(&nan).expect_err("NaN")));
    silent(&shown(nan.get::<Box<RawValue>>("k").expect_err("NaN")));
}

/// A panic in the caller's own `Serialize` or `expect` contains nothing of a session.
#[test]
#[cfg_attr(panic = "abort", ignore = "a panic is the end")]
fn no_panic_contains_a_secret() {
    let codec = SessionCodec::new(ring());
    let cookie = codec.encode(&session(), NOW).expect("encodes");
    let heard = Arc::new(Mutex::new(String::new()));
    let hook = panic::take_hook();
    let ear = Arc::clone(&heard);
    panic::set_hook(Box::new(move |info| {
        ear.lock().expect("one thread").push_str(&info.to_string());
    }));
    let mut attempts = 0;
    for value in [format!("{cookie}x"), VALUE.into(), cookie.repeat(100)] {
        let result = panic::catch_unwind(AssertUnwindSafe(|| {
            codec.decode(&value, NOW).expect("a good cookie")
        }));
        assert!(result.is_err());
        attempts += 1;
    }
    let verified = codec.verify(&cookie, NOW);
    let result = panic::catch_unwind(AssertUnwindSafe(|| verified.expect_err("a bad cookie")));
    assert!(result.is_err());
    panic::set_hook(hook);
    let heard = heard.lock().expect("one thread").clone();
    assert_eq!(heard.matches("a good cookie").count(), attempts);
    assert!(heard.contains("a bad cookie"));
    silent(&heard);
}
