//! The login in a session: compares Django's `get_user` and `login` with `AuthHasher::check` and
//! `Session::set_auth_user`.

use std::collections::BTreeMap;

use hardtack::auth::AuthHasher;
use hardtack::{Action, Found, KeyMiddleware, KeyRing, Loaded, Session, SessionKey};
use serde::{Deserialize, Serialize};

use crate::ask::ask_django;
use crate::common::{KEY, NOW, OTHER_KEY, key};

const BACKEND: &str = "django.contrib.auth.backends.ModelBackend";
const PASSWORD: &str = "pbkdf2_sha256$1000000$salt$hash";

/// A question, in the form that `logins.py` reads.
#[derive(Clone, Debug, Serialize)]
struct Question {
    op: &'static str,
    session: String,
    row: Option<Row>,
}

#[derive(Clone, Debug, Serialize)]
struct Row {
    password: &'static str,
    is_active: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Outcome {
    Answer {
        signed_in: bool,
        session: String,
        key: String,
    },
    Error {
        error: String,
    },
}

/// Answers a question as the docs of `hardtack::auth` show.
fn ours(hasher: &AuthHasher, question: &Question) -> Outcome {
    let middleware = KeyMiddleware::default();
    let cookie = format!("sessionid={}", SessionKey::from_random([7; 32]).as_str());
    let found = Found {
        session: Session::from_json(&question.session).expect("a session"),
        expires_at: None,
    };
    let lookup = middleware.lookup([&cookie]);
    let mut loaded = middleware.loaded(lookup, Ok(Some(found)), Session::new(), NOW);
    let session = &mut loaded.session;
    let signed_in = if question.op == "login" {
        let password = question.row.as_ref().expect("who signs in").password;
        session
            .set_auth_user("7", BACKEND, &hasher.hash(password))
            .map(|()| true)
    } else {
        signed_in(hasher, question.row.as_ref(), session)
    };
    match signed_in {
        Ok(signed_in) => Outcome::Answer {
            signed_in,
            session: session.to_json(),
            key: key_of(&middleware, &loaded).into(),
        },
        Err(error) => Outcome::Error {
            error: error.name().into(),
        },
    }
}

/// Returns what happens to the record's key.
fn key_of(middleware: &KeyMiddleware, loaded: &Loaded) -> &'static str {
    let headers: [(&str, &str); 0] = [];
    let step = middleware.step(loaded, 200, headers, NOW);
    match step.expect("a step").action() {
        Action::Nothing | Action::Update(_) => "kept",
        Action::Create | Action::Replace(_) => "new",
        Action::Delete(_) => "none",
    }
}

fn signed_in(
    hasher: &AuthHasher,
    row: Option<&Row>,
    session: &mut Session,
) -> Result<bool, hardtack::Error> {
    let Some(id) = session.auth_user_id()? else {
        return Ok(false);
    };
    if matches!(session.auth_user_backend(), Ok(Some(backend)) if backend != BACKEND) {
        return Ok(false);
    }
    let row = row.filter(|row| id.parse() == Ok(7) && row.is_active);
    hasher.check(session, row.map(|row| row.password))
}

/// Returns the difference that the docs name, if it explains the two outcomes.
fn difference(question: &Question, django: &Outcome, ours: &Outcome) -> Option<&'static str> {
    let has_id = |id| {
        question
            .session
            .contains(&format!(r#""_auth_user_id":{id},"#))
    };
    match (question.op, django, ours) {
        ("get_user", django, Outcome::Error { error }) => {
            let is_taken = matches!(django, Outcome::Answer { signed_in, .. } if *signed_in);
            let is_known = error == "WrongType" || error == "LoneSurrogate";
            (is_known && (!is_taken || has_id("7"))).then_some("an id that is not text is an error")
        }
        ("get_user", Outcome::Error { .. }, Outcome::Answer { signed_in, .. }) => {
            (!signed_in).then_some("Django answers 500, and here nobody is signed in")
        }
        (
            "get_user",
            Outcome::Answer {
                signed_in: true,
                session,
                key,
            },
            ours,
        ) => (key == "new" && *session != question.session && *ours == rehashed(session))
            .then_some("a session whose hash is rewritten keeps its key"),
        (
            "get_user",
            Outcome::Answer {
                signed_in, session, ..
            },
            ours,
        ) => (!signed_in && *session == question.session && *ours == flushed())
            .then_some("a login without a user or a backend is flushed"),
        // Whatever the previous login was, the new one has its own session.
        ("login", _, Outcome::Answer { session, .. }) if session.contains("cart") => None,
        ("login", Outcome::Error { .. }, Outcome::Answer { .. }) => {
            Some("Django answers 500, and here the user signs in")
        }
        ("login", Outcome::Answer { .. }, Outcome::Answer { .. }) => (has_id("7")
            || has_id(r#""07""#))
        .then_some("the id in another spelling is another user's"),
        _ => None,
    }
}

/// Returns the outcome of a login whose hash is rewritten.
fn rehashed(session: &str) -> Outcome {
    Outcome::Answer {
        signed_in: true,
        session: session.into(),
        key: "kept".into(),
    }
}

fn flushed() -> Outcome {
    Outcome::Answer {
        signed_in: false,
        session: "{}".into(),
        key: "none".into(),
    }
}

fn questions(hasher: &AuthHasher) -> Vec<Question> {
    let quoted = |text: &str| Some(format!("\"{text}\""));
    let json = |text: &str| Some(text.to_owned());
    let under = |secret| AuthHasher::new(&KeyRing::new(key(secret))).hash(PASSWORD);
    let current = hasher.hash(PASSWORD);
    let ids = [
        None,
        quoted("7"),
        quoted("8"),
        quoted("07"),
        quoted("x"),
        quoted(""),
        quoted(r"\ud800"),
        json("7"),
        json("8"),
        json("true"),
        json("null"),
        json("[7]"),
    ];
    let backends = [
        quoted(BACKEND),
        None,
        quoted("another.Backend"),
        json("7"),
        json("null"),
    ];
    let hashes = [
        quoted(&current),
        quoted(&under(OTHER_KEY)),
        quoted(&under("a-retired-key-of-years-ago-0123456789-abcdef")),
        quoted(&hasher.hash("another")),
        quoted(&current.to_uppercase()),
        quoted(&current[1..]),
        quoted(""),
        quoted(r"\ud800"),
        None,
        json("7"),
        json("null"),
        json("[]"),
    ];
    let row = |password, is_active| {
        Some(Row {
            password,
            is_active,
        })
    };
    let rows = [
        row(PASSWORD, true),
        row("another", true),
        row(PASSWORD, false),
        None,
    ];
    let mut questions = Vec::new();
    for id in &ids {
        for backend in &backends {
            for hash in &hashes {
                let members = [("id", id), ("backend", backend), ("hash", hash)];
                let members = members.iter().filter_map(|(name, value)| {
                    let value = value.as_ref()?;
                    Some(format!(r#","_auth_user_{name}":{value}"#))
                });
                let csrf = r#""_csrftoken":"0123456789ABCDEFGHIJKLMNOPQRSTUV""#;
                let members = members.collect::<String>();
                let session = format!(r#"{{"cart":[1],{csrf}{members}}}"#);
                for row in &rows {
                    for op in ["get_user", "login"] {
                        if op == "get_user" || row.as_ref().is_some_and(|row| row.is_active) {
                            let (session, row) = (session.clone(), row.clone());
                            questions.push(Question { op, session, row });
                        }
                    }
                }
            }
        }
    }
    questions
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn logins_are_judged_as_in_django() {
    let hasher = AuthHasher::new(&KeyRing::new(key(KEY)).with_fallback(key(OTHER_KEY)));
    let questions = questions(&hasher);
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut mismatches = Vec::new();
    let django: Vec<Outcome> = ask_django("logins.py", &[KEY, OTHER_KEY], questions.iter());
    for (question, django) in questions.iter().zip(django) {
        let ours = ours(&hasher, question);
        let kind = if ours == django {
            Some("equal")
        } else {
            difference(question, &django, &ours)
        };
        match kind {
            Some(kind) => *counts.entry(kind).or_default() += 1,
            None => mismatches.push(format!(
                "{question:?}\n  Django {django:?}\n  ours   {ours:?}"
            )),
        }
    }
    println!("logins: {} compared, {counts:#?}", questions.len());
    assert!(
        mismatches.is_empty(),
        "{} mismatches, such as\n{}",
        mismatches.len(),
        mismatches[..mismatches.len().min(10)].join("\n")
    );
    assert_eq!(counts.len(), 7, "each difference is met");
}
