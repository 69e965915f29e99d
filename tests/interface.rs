//! Django's session interface and logins: what each method does, and the flags that it leaves.

mod common;

use hardtack::auth::AuthHasher;
use hardtack::{Error, KeyRing, Session};

use common::{KEY, NOW, OTHER_KEY, codec, key, session, sessions};

/// A session as it came in a cookie: neither accessed nor modified.
fn read(text: &str) -> Session {
    Session::from_json(text).expect("a session")
}

#[track_caller]
fn flags(session: &Session, accessed: bool, modified: bool) {
    assert_eq!(
        (session.accessed(), session.modified()),
        (accessed, modified)
    );
}

#[track_caller]
fn holds(session: &Session, text: &str) {
    assert_eq!(session.to_json(), text);
}

#[test]
fn pop() {
    let mut session = read(r#"{"a":1,"b":"x"}"#);
    assert_eq!(session.pop::<u8>("none"), Ok(None));
    flags(&session, true, false);
    assert_eq!(session.pop::<u8>("b"), Err(Error::WrongType { offset: 0 }));
    flags(&session, true, false);
    holds(&session, r#"{"a":1,"b":"x"}"#);
    assert_eq!(session.pop::<String>("b"), Ok(Some("x".into())));
    flags(&session, true, true);
    holds(&session, r#"{"a":1}"#);
}

#[test]
fn set_default() {
    let mut session = read(r#"{"a":NaN}"#);
    assert_eq!(
        session
            .set_default("a", 2)
            .map(|value| value.as_str().to_owned()),
        Ok("NaN".into())
    );
    flags(&session, true, false);
    assert_eq!(
        session.set_default("b", f64::NAN).err(),
        Some(Error::NotFinite)
    );
    flags(&session, true, false);
    assert_eq!(
        session
            .set_default("b", 2)
            .map(|value| value.as_str().to_owned()),
        Ok("2".into())
    );
    flags(&session, true, true);
}

#[test]
fn update() {
    let mut session = read(r#"{"a":1}"#);
    assert_eq!(
        session.update([("b", 1.0), ("a", f64::NAN)]),
        Err(Error::NotFinite)
    );
    flags(&session, false, false);
    holds(&session, r#"{"a":1}"#);
    session
        .update([("b", 2), ("a", 3)])
        .expect("all can be written");
    holds(&session, r#"{"a":3,"b":2}"#);
    flags(&session, true, true);
    // As in Django, nothing at all is an update, too.
    let mut session = read("{}");
    session.update([("", 0); 0]).expect("nothing");
    flags(&session, true, true);
}

#[test]
fn flush_and_cycle() {
    let mut session = read(r#"{"a":1}"#);
    session.cycle();
    flags(&session, true, true);
    holds(&session, r#"{"a":1}"#);
    let mut session = read(r#"{"a":1}"#);
    session.flush();
    flags(&session, true, true);
    assert!(session.is_empty());
}

#[test]
fn the_test_cookie() {
    let mut session = Session::new();
    assert!(!session.test_cookie_worked());
    session.set_test_cookie().expect("it is text");
    holds(&session, r#"{"testcookie":"worked"}"#);
    assert!(session.test_cookie_worked());
    assert!(session.delete_test_cookie() && !session.delete_test_cookie());
    for other in [r#"{"testcookie":"no"}"#, r#"{"testcookie":1}"#] {
        assert!(!read(other).test_cookie_worked());
    }
}

/// Made by Django 5.2.19: `User.get_session_auth_hash` and `get_session_auth_fallback_hash`.
const HASHES: [(&str, &str, &str); 3] = [
    (
        "pbkdf2_sha256$1000000$salt$hash",
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

#[test]
fn auth_hashes() {
    let hasher = AuthHasher::new(&KeyRing::new(key(KEY)).with_fallback(key(OTHER_KEY)));
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

#[test]
fn signing_in() {
    let mut session = read(r#"{"cart":[1]}"#);
    assert_eq!(
        (
            session.auth_user_id(),
            session.auth_user_backend(),
            session.auth_user_hash()
        ),
        (Ok(None), Ok(None), Ok(None))
    );
    // What nobody left stays.
    session
        .set_auth_user("7", "backend", "hash")
        .expect("signs in");
    let signed_in = r#"{"cart":[1],"_auth_user_id":"7","_auth_user_backend":"backend","_auth_user_hash":"hash"}"#;
    holds(&session, signed_in);
    assert_eq!(session.auth_user_id(), Ok(Some("7".into())));
    assert_eq!(session.auth_user_backend(), Ok(Some("backend".into())));
    assert_eq!(session.auth_user_hash(), Ok(Some("hash".into())));
    // So does what the same user left, but not another, or with another password.
    session
        .set_auth_user("7", "backend", "hash")
        .expect("signs in");
    holds(&session, signed_in);
    for (id, hash) in [("8", "hash"), ("7", "other")] {
        let mut session = read(signed_in);
        session
            .set_auth_user(id, "backend", hash)
            .expect("signs in");
        assert!(!session.contains_key("cart"));
        assert_eq!(session.auth_user_id(), Ok(Some(id.into())));
    }
    let mut odd = read(r#"{"_auth_user_id":7}"#);
    assert_eq!(
        odd.set_auth_user("7", "backend", "hash"),
        Err(Error::WrongType { offset: 0 })
    );
    holds(&odd, r#"{"_auth_user_id":7}"#);
}

#[test]
fn a_hash_written_anew() {
    let (old, new) = (key(OTHER_KEY), KeyRing::new(key(KEY)));
    let session_hash = AuthHasher::new(&KeyRing::new(old.clone())).hash("password");
    let mut session = read(r#"{"cart":[1]}"#);
    session
        .set_auth_user("7", "backend", &session_hash)
        .expect("signs in");

    // The key is rotated: the old one is good until it is retired, unless the hash is written anew.
    let retired = AuthHasher::new(&new);
    let rotated = AuthHasher::new(&new.with_fallback(old));
    assert_eq!(rotated.verify("password", &session_hash), Ok(1));
    session
        .set_auth_user_hash(&rotated.hash("password"))
        .expect("writes");
    let session_hash = session.auth_user_hash().expect("a text").expect("a hash");
    assert_eq!(retired.verify("password", &session_hash), Ok(0));
    let rest =
        r#"{"cart":[1],"_auth_user_id":"7","_auth_user_backend":"backend","_auth_user_hash":"#;
    holds(&session, &format!("{rest}\"{session_hash}\"}}"));

    // Nobody is signed in by it.
    let mut nobody = read(r#"{"cart":[1]}"#);
    nobody.set_auth_user_hash("hash").expect("does nothing");
    holds(&nobody, r#"{"cart":[1]}"#);
    assert!(!nobody.modified());
    let mut odd = read(r#"{"_auth_user_id":7}"#);
    assert_eq!(
        odd.set_auth_user_hash("hash"),
        Err(Error::WrongType { offset: 0 })
    );
    holds(&odd, r#"{"_auth_user_id":7}"#);
}

#[test]
fn size_reports() {
    let codec = codec();
    for (name, session) in sessions() {
        let report = codec.size_report(&session, NOW).expect("a report");
        assert_eq!(
            report.length,
            codec.encode(&session, NOW).expect("encodes").len(),
            "{name}"
        );
        assert_eq!((report.limit, report.room()), (4096, 4096 - report.length));
        assert!(!report.is_too_long());
        assert_eq!(report.members.len(), session.len());
        assert!(
            report
                .members
                .is_sorted_by(|one, next| one.bytes >= next.bytes)
        );
        // Every member has a comma but the last, and around all there are two braces: one byte more than commas.
        let sum: usize = report.members.iter().map(|member| member.bytes).sum();
        assert_eq!(sum + 1, session.to_json().len());
        let shares: f64 = report.members.iter().map(|member| member.share).sum();
        assert!((0.98..=1.0).contains(&shares), "{shares}");
    }
    let session = session([("note", "VALUE".repeat(10)), ("k", String::new())]);
    let small = codec.with_max_length(50);
    assert!(small.encode(&session, NOW).is_err());
    let report = small.size_report(&session, NOW).expect("a report");
    assert!(report.is_too_long() && report.room() == 0);
    let text = format!("{report}");
    assert!(
        text.ends_with(r#" of 50 bytes; "note" 60 (88 %), "k" 7 (10 %)"#),
        "{text}"
    );
    assert!(!text.contains("VALUE") && !format!("{report:?}").contains("VALUE"));
    let empty = small
        .with_max_length(4096)
        .size_report(&Session::new(), NOW)
        .expect("a report");
    assert!(empty.members.is_empty());
}
