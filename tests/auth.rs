//! The login in a session: signing in, checking it against the user's row, and what is done with one that is refused.
//! `tests/django/logins.rs` asks a real Django the same.

mod common;

use hardtack::auth::AuthHasher;
use hardtack::{Error, KeyRing, Session};

use common::{KEY, OTHER_KEY, key};

const PASSWORD: &str = "pbkdf2_sha256$1000000$salt$hash";

/// Made by Django 5.2.19: `User.get_session_auth_hash` and `get_session_auth_fallback_hash`.
const HASHES: [(&str, &str, &str); 3] = [
    (
        PASSWORD,
        "f9367423a92338e791794325a96222f91b74b087a7ff53fe4848838761ed7595",
        "d6cb8ceac79cd2a8ad83a9350eba44f72e1d4e7030d23de1055e5d359f264fd6",
    ),
    (
        "",
        "5ec78fcb0fa36d3e53979156db7ef54ab87f438d97a6517422d3822596178013",
        "0d84c5bc606a5e4b229e9231905cea4c5316462dc12cda11496272324236c49b",
    ),
    (
        "Zoë",
        "e29323d04476700878658c689efbe1e7b29276d62b4c27a7e30cbd17fe57440d",
        "e5920ec8c77ad5f93b4ffc6a4953c3718fc525f685ce519eae5fdadc77384307",
    ),
];

/// A session as it came in a cookie: neither accessed nor modified.
fn read(text: &str) -> Session {
    Session::from_json(text).expect("a session")
}

#[track_caller]
fn holds(session: &Session, text: &str) {
    assert_eq!(*session, read(text), "{session:?}");
}

/// The signing key is `KEY`, `OTHER_KEY` a fallback.
fn hasher() -> AuthHasher {
    AuthHasher::new(&KeyRing::new(key(KEY)).with_fallback(key(OTHER_KEY)))
}

/// A cart, and the login of user 7 with this JSON text for its hash.
fn login(hash: &str) -> String {
    format!(
        r#"{{"cart":[1],"_auth_user_id":"7","_auth_user_backend":"backend","_auth_user_hash":{hash}}}"#
    )
}

fn quoted(hash: &str) -> String {
    format!("\"{hash}\"")
}

#[test]
fn auth_hashes() {
    let hasher = hasher();
    for (password, current, old) in HASHES {
        assert_eq!(hasher.hash(password), current);
        assert_eq!(hasher.verify(password, current), Ok(0));
        assert_eq!(hasher.verify(password, old), Ok(1));
        assert_eq!(hasher.verify("another", current), Err(Error::BadSignature));
        for wrong in [
            "",
            &current[1..],
            &current.to_uppercase(),
            &format!("{current}0"),
            &current.replace('a', "é"),
        ] {
            assert_eq!(
                hasher.verify(password, wrong),
                Err(Error::BadSignature),
                "{wrong}"
            );
        }
    }
    let retired = AuthHasher::new(&KeyRing::new(key(KEY)));
    assert_eq!(
        retired.verify(HASHES[0].0, HASHES[0].2),
        Err(Error::BadSignature)
    );
    assert_eq!(format!("{hasher:?}"), "AuthHasher { .. }");
}

/// Differences that cancel each other out, if they were added up without care.
#[test]
fn the_same_bit_of_two_characters() {
    let hasher = AuthHasher::new(&KeyRing::new(key(KEY)));
    let hash = hasher.hash(PASSWORD);
    let mut pairs = 0;
    for (i, j) in (0..hash.len()).flat_map(|j| (0..j).map(move |i| (i, j))) {
        for bit in 0..7 {
            let mut bytes = hash.clone().into_bytes();
            bytes[i] ^= 1 << bit;
            bytes[j] ^= 1 << bit;
            let forged = String::from_utf8(bytes).expect("ASCII");
            assert!(hasher.verify(PASSWORD, &forged).is_err(), "{i} {j} {bit}");
            pairs += 1;
        }
    }
    assert_eq!(pairs, 64 * 63 / 2 * 7);
}

#[test]
fn a_login_that_counts() {
    let (_, current, _) = HASHES[0];
    let text = login(&quoted(current));
    let mut session = read(&text);
    assert_eq!(hasher().check(&mut session, Some(PASSWORD)), Ok(true));
    holds(&session, &text);
    assert!(session.accessed() && !session.modified());
}

#[test]
fn a_login_under_a_fallback_key_moves_to_the_signing_key() {
    for (password, current, old) in HASHES {
        let mut session = read(&login(&quoted(old)));
        assert_eq!(hasher().check(&mut session, Some(password)), Ok(true));
        holds(&session, &login(&quoted(current)));
        assert!(session.modified());
        // It outlives the old key, and is left alone from now on.
        let retired = AuthHasher::new(&KeyRing::new(key(KEY)));
        let mut session = read(&session.to_json());
        assert_eq!(retired.check(&mut session, Some(password)), Ok(true));
        assert!(!session.modified());
        // Without a check in time, the login ends with the old key.
        let mut late = read(&login(&quoted(old)));
        assert_eq!(retired.check(&mut late, Some(password)), Ok(false));
        assert!(late.is_empty() && late.modified());
    }
}

#[test]
fn no_login() {
    for text in [
        "{}",
        r#"{"cart":[1]}"#,
        r#"{"_auth_user_backend":"backend","_auth_user_hash":"hash"}"#,
    ] {
        for password in [None, Some(PASSWORD)] {
            let mut session = read(text);
            assert_eq!(hasher().check(&mut session, password), Ok(false));
            holds(&session, text);
            assert!(!session.modified());
        }
    }
}

#[test]
fn what_is_refused_is_flushed() {
    let (_, current, _) = HASHES[0];
    let good = login(&quoted(current));
    let without = |key: &str| {
        let mut session = read(&good);
        session.remove(key);
        session.to_json()
    };
    let with = |key: &str, value: &str| {
        let json = serde_json::from_str::<Box<serde_json::value::RawValue>>(value).expect("JSON");
        let mut session = read(&good);
        session.insert(key, json).expect("inserts");
        session.to_json()
    };
    let refused = [
        // The password was changed; the user is gone or inactive.
        (good.clone(), Some("pbkdf2_sha256$1000000$salt$another")),
        (good.clone(), Some("")),
        (good.clone(), None),
        // A hash of another make.
        (login(r#""""#), Some(PASSWORD)),
        (login(&quoted(&current.to_uppercase())), Some(PASSWORD)),
        (login(&quoted(&current[1..])), Some(PASSWORD)),
        (login(&quoted(&current.replace('a', "é"))), Some(PASSWORD)),
        (login("null"), Some(PASSWORD)),
        (login("7"), Some(PASSWORD)),
        (login("[]"), Some(PASSWORD)),
        (login("NaN"), Some(PASSWORD)),
        (login(r#""\ud800""#), Some(PASSWORD)),
        (without("_auth_user_hash"), Some(PASSWORD)),
        // A backend that is none.
        (without("_auth_user_backend"), Some(PASSWORD)),
        (with("_auth_user_backend", "null"), Some(PASSWORD)),
        (with("_auth_user_backend", "7"), Some(PASSWORD)),
        (with("_auth_user_backend", r#""\ud800""#), Some(PASSWORD)),
    ];
    for (text, password) in refused {
        let mut session = read(&text);
        assert_eq!(
            hasher().check(&mut session, password),
            Ok(false),
            "{text} {password:?}"
        );
        assert!(session.is_empty() && session.modified(), "{text}");
    }
}

/// Whoever looks up the row meets the same error first.
#[test]
fn an_id_that_is_not_text() {
    for (id, error) in [
        ("7", Error::WrongType { offset: 0 }),
        ("true", Error::WrongType { offset: 0 }),
        ("[]", Error::WrongType { offset: 0 }),
        ("{}", Error::WrongType { offset: 0 }),
        ("null", Error::WrongType { offset: 0 }),
        (r#""\ud800""#, Error::LoneSurrogate),
        ("NaN", Error::NotFinite),
    ] {
        let (_, current, _) = HASHES[0];
        let text = login(&quoted(current)).replace(r#""7""#, id);
        let mut session = read(&text);
        // Only the kind of the error is this suite's.
        let same = |found: Error| found.name() == error.name();
        assert!(session.auth_user_id().is_err_and(same), "{id}");
        assert!(
            hasher()
                .check(&mut session, Some(PASSWORD))
                .is_err_and(same)
        );
        assert!(hasher().check(&mut session, None).is_err_and(same));
        assert!(session.set_auth_user_hash("hash").is_err_and(same));
        holds(&session, &text);
        assert!(!session.modified());
        // And it does not keep anybody from signing in.
        session
            .set_auth_user("7", "backend", "hash")
            .expect("signs in");
        holds(
            &session,
            r#"{"_auth_user_id":"7","_auth_user_backend":"backend","_auth_user_hash":"hash"}"#,
        );
    }
}

#[test]
fn signing_in() {
    let mut session = read(r#"{"cart":[1]}"#);
    assert_eq!(
        (session.auth_user_id(), session.auth_user_backend()),
        (Ok(None), Ok(None))
    );
    // What was there before the login stays.
    session
        .set_auth_user("7", "backend", "hash")
        .expect("signs in");
    let signed_in = login(r#""hash""#);
    holds(&session, &signed_in);
    assert_eq!(session.auth_user_id(), Ok(Some("7".into())));
    assert_eq!(session.auth_user_backend(), Ok(Some("backend".into())));
    // So does what the same user left, but not another, or with another password.
    session
        .set_auth_user("7", "other backend", "hash")
        .expect("signs in");
    holds(
        &session,
        &signed_in.replace("backend\":\"", "backend\":\"other "),
    );
    for (id, hash) in [("8", "hash"), ("7", "other"), ("7", ""), ("", "hash")] {
        let mut session = read(&signed_in);
        session
            .set_auth_user(id, "backend", hash)
            .expect("signs in");
        assert!(!session.contains_key("cart"));
        assert_eq!(session.auth_user_id(), Ok(Some(id.into())));
    }
    // Nor what was left with a hash of another make.
    for hash in ["7", "null", r#""\ud800""#] {
        let mut session = read(&login(hash));
        session
            .set_auth_user("7", "backend", "hash")
            .expect("signs in");
        assert!(!session.contains_key("cart"));
    }
}

/// A token that was made before the sign-in does not work after it.
#[test]
fn signing_in_ends_the_csrf_secret() {
    for before in ["{}".into(), login(r#""hash""#), login(r#""other""#)] {
        let mut session = read(&before);
        session.insert("_csrftoken", "secret").expect("JSON");
        let mut session = read(&session.to_json());
        session
            .set_auth_user("7", "backend", "hash")
            .expect("signs in");
        assert!(!session.contains_key("_csrftoken"), "{before}");
        assert_eq!(session.auth_user_id(), Ok(Some("7".into())));
        assert_eq!(
            session.contains_key("cart"),
            before == login(r#""hash""#),
            "{before}"
        );
    }
}

#[test]
fn a_new_password_in_this_session() {
    let hasher = hasher();
    let mut session = read(&login(&quoted(HASHES[0].1)));
    let mut elsewhere = session.clone();
    session
        .set_auth_user_hash(&hasher.hash("new"))
        .expect("writes");
    assert_eq!(hasher.check(&mut session, Some("new")), Ok(true));
    assert!(session.contains_key("cart"));
    assert_eq!(hasher.check(&mut elsewhere, Some("new")), Ok(false));

    // It signs nobody in.
    let mut nobody = read(r#"{"cart":[1]}"#);
    nobody.set_auth_user_hash("hash").expect("does nothing");
    holds(&nobody, r#"{"cart":[1]}"#);
    assert!(!nobody.modified());
}
