//! The login in a session: signing in, checking it against the user's row, and refusing it. `tests/django/logins.rs`
//! asks a real Django the same questions.

mod common;

use hardtack::auth::AuthHasher;
use hardtack::{Error, KeyRing, Session};

use common::{KEY, OTHER_KEY, key};

const PASSWORD: &str = "pbkdf2_sha256$1000000$salt$hash";

/// Computed by Django 5.2.19: `User.get_session_auth_hash` and `get_session_auth_fallback_hash`.
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

/// Returns a session as if it had just been read from a cookie: neither accessed nor modified.
fn read(text: &str) -> Session {
    Session::from_json(text).expect("a session")
}

#[track_caller]
fn holds(session: &Session, text: &str) {
    assert_eq!(*session, read(text), "{session:?}");
}

/// Returns a hasher with the signing key `KEY` and the fallback `OTHER_KEY`.
fn hasher() -> AuthHasher {
    AuthHasher::new(&KeyRing::new(key(KEY)).with_fallback(key(OTHER_KEY)))
}

/// Returns the JSON text of a cart and the login of user 7, whose hash is this JSON text.
fn login(hash: &str) -> String {
    format!(
        r#"{{"cart":[1],"_auth_user_id":"7","_auth_user_backend":"backend","_auth_user_hash":{hash}}}"#
    )
}

fn quoted(hash: &str) -> String {
    format!("\"{hash}\"")
}

#[test]
fn hashes_are_those_of_django() {
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

/// The two differences would cancel out if the comparison combined them with XOR.
#[test]
fn two_equal_flips_in_the_hash_are_refused() {
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
fn a_login_with_a_matching_hash_is_accepted() {
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
        // The login survives the old key, and is not changed any more.
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
fn a_session_without_a_login_is_left_alone() {
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
fn a_refused_login_flushes_the_session() {
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
        // Not a hash.
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
        // No valid backend.
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

/// Code that looks up the row gets the same error first.
#[test]
fn an_id_that_is_not_text_is_an_error() {
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
        // Only the kind of the error matters here.
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
        // It does not prevent a sign-in.
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
fn signing_in_keeps_the_session_of_the_same_user_only() {
    let mut session = read(r#"{"cart":[1]}"#);
    assert_eq!(
        (session.auth_user_id(), session.auth_user_backend()),
        (Ok(None), Ok(None))
    );
    // Values from before the login are kept.
    session
        .set_auth_user("7", "backend", "hash")
        .expect("signs in");
    let signed_in = login(r#""hash""#);
    holds(&session, &signed_in);
    assert_eq!(session.auth_user_id(), Ok(Some("7".into())));
    assert_eq!(session.auth_user_backend(), Ok(Some("backend".into())));
    // So are those of the same user, but not of another user, or with another password.
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
    // Nor those of a login whose hash is not a hash.
    for hash in ["7", "null", r#""\ud800""#] {
        let mut session = read(&login(hash));
        session
            .set_auth_user("7", "backend", "hash")
            .expect("signs in");
        assert!(!session.contains_key("cart"));
    }
}

/// A token from before the sign-in does not work afterwards.
#[test]
fn signing_in_removes_the_csrf_secret() {
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
fn a_new_password_keeps_this_session_signed_in() {
    let hasher = hasher();
    let mut session = read(&login(&quoted(HASHES[0].1)));
    let mut elsewhere = session.clone();
    session
        .set_auth_user_hash(&hasher.hash("new"))
        .expect("writes");
    assert_eq!(hasher.check(&mut session, Some("new")), Ok(true));
    assert!(session.contains_key("cart"));
    assert_eq!(hasher.check(&mut elsewhere, Some("new")), Ok(false));

    // It does not sign in an anonymous visitor.
    let mut nobody = read(r#"{"cart":[1]}"#);
    nobody.set_auth_user_hash("hash").expect("does nothing");
    holds(&nobody, r#"{"cart":[1]}"#);
    assert!(!nobody.modified());
}
