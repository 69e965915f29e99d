//! A `SessionHandle` does to a request's session what `Session` and `Loaded` do, and the middleware makes the same response
//! from it. `Debug` shows only the keys of the session and how long its values are: it is the same text for other values, in
//! a cookie with another signature or under another session key.
//!
//! Fields: the request and its response, one letter or digit each; the JSON text of the request's session; then one call
//! each: a letter, the key and `=` with a value where there is one.
//!
//! | request | session |
//! |---|---|
//! | `n`, `N` | none, in a cookie or in a store |
//! | `c`, `x` | in a cookie that is good, or whose signature is bad |
//! | `k`, `g`, `u` | in a store, under a key with a record, without one, or with one that cannot be read |
//! | `o` | in a store, with a cookie that has no key |
//!
//! | response | |
//! |---|---|
//! | `1`, `4`, `5` | status 101, 404 or 500 instead of 200 |
//! | `p` | shared caches may store it |
//! | `d`, `D` | the caches of a CDN may store it, or may not |
//! | `v`, `V`, `a` | it varies on something else, on cookies, or on everything |
//! | `s` | it sets the session's cookie itself |
//! | `G`, `K`, `F` | the store finds the record gone, has no free key, or fails with an error |

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use hardtack::{
    Action, Answer, Error, Found, KeyMiddleware, Loaded, Outcome, Session, SessionCodec,
    SessionHandle, SessionKey, SessionMiddleware, SessionSettings, Step,
};
use hardtack_fuzz::{NOW, PLAIN, assert_readable, fields, masked};
use libfuzzer_sys::fuzz_target;

/// The most calls of an input, for speed.
const MAX_CALLS: usize = 50;
/// When the request arrives. Its cookie is due for renewal.
const LATER: i64 = NOW + 120;
const KEYS: [&str; 3] = [
    "0123456789abcdefghijklmnopqrstuv",
    "the0key0of0the0other0session0000",
    "a0new0key00000000000000000000000",
];

static STRANGER: LazyLock<SessionCodec> = LazyLock::new(|| PLAIN.clone().with_salt("another"));
static SETTINGS: LazyLock<SessionSettings> =
    LazyLock::new(|| SessionSettings::default().with_renewal_after(Duration::from_secs(60)));
static COOKIES: LazyLock<SessionMiddleware> = LazyLock::new(|| {
    let middleware = SessionMiddleware::new(PLAIN.clone());
    middleware.with_settings(SETTINGS.clone()).expect("one age")
});
static KEYED: LazyLock<KeyMiddleware> = LazyLock::new(|| KeyMiddleware::new(SETTINGS.clone()));

fn key(text: &str) -> SessionKey {
    SessionKey::parse(text).expect("a key")
}

/// Loads the session of a request. Returns `None` if there is no such request.
fn load(request: u8, json: &str, key: &str) -> Option<Loaded> {
    let session = Session::from_json(json).ok()?;
    let text = match request {
        b'n' | b'N' => String::new(),
        b'c' => PLAIN.encode(&session, NOW).ok()?,
        b'x' => STRANGER.encode(&session, NOW).ok()?,
        b'k' | b'g' | b'u' => key.into(),
        b'o' => "not.a.key".into(),
        _ => return None,
    };
    let cookie = if text.is_empty() {
        "theme=dark".into()
    } else {
        format!("theme=dark; sessionid={text}")
    };
    if matches!(request, b'n' | b'c' | b'x') {
        return Some(COOKIES.load([&cookie], LATER));
    }
    let found = match request {
        b'k' => Ok(Some(Found {
            session,
            expires_at: Some((NOW + 60).into()),
        })),
        b'u' => Err(Error::BadSignature),
        _ => Ok(None),
    };
    let lookup = KEYED.lookup([&cookie]);
    Some(KEYED.loaded(lookup, found, Session::new(), LATER))
}

/// Asserts that both know where the session came from.
fn is_from(request: u8, handle: &SessionHandle, loaded: &Loaded) {
    let refusal = match request {
        b'x' | b'u' => Some(Error::BadSignature),
        b'g' => Some(Error::UnknownSessionKey),
        b'o' => Some(Error::NotASessionKey),
        _ => None,
    };
    assert_eq!([handle.refusal(), loaded.refusal()], [refusal; 2]);
    let issued_at = (request == b'c').then(|| NOW.into());
    assert_eq!([handle.issued_at(), loaded.issued_at()], [issued_at; 2]);
    let known = (request == b'k').then(|| key(KEYS[0]));
    assert_eq!(handle.key(), known);
    assert_eq!(loaded.key(), known);

    assert_eq!(handle.log_id(), loaded.log_id());
    let id = loaded.log_id();
    assert_eq!(id.is_some(), matches!(request, b'c' | b'k' | b'u'));
    if let Some(id) = id {
        let shown = id.to_string();
        assert!(shown.len() == 16 && shown.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(format!("{id:?}"), format!("LogId({shown})"));
        assert!(request == b'c' || id == key(KEYS[0]).log_id());
    }
}

/// Does the same with both.
fn call(letter: u8, key: &str, value: &str, handle: &SessionHandle, session: &mut Session) {
    match letter {
        b'g' => assert_eq!(handle.get::<String>(key), session.get::<String>(key)),
        b'i' => assert_eq!(handle.insert(key, value), session.insert(key, value)),
        b'r' => assert_eq!(handle.remove(key), session.remove(key)),
        b'p' => assert_eq!(handle.pop::<String>(key), session.pop::<String>(key)),
        b'c' => {
            handle.clear();
            session.clear();
        }
        b'f' => {
            handle.flush();
            session.flush();
        }
        b'y' => {
            handle.write(Session::cycle);
            session.cycle();
        }
        // Several edits are one call, and an error leaves those before it.
        b'w' => {
            let edit = |session: &mut Session| {
                let known = session.pop::<String>(key)?;
                session.insert(value, f64::NAN)?;
                Ok::<_, Error>(known)
            };
            assert_eq!(handle.write(edit), edit(session));
        }
        // Another session takes the place of the loaded one.
        b'a' => {
            let assign = |session: &mut Session| {
                *session = Session::new();
                session.insert(key, value)
            };
            assert_eq!(handle.write(assign), assign(session));
        }
        b't' => {
            let set = |session: &mut Session| {
                session.set_test_cookie()?;
                Ok::<_, Error>(session.test_cookie_worked())
            };
            assert_eq!([handle.write(set), set(session)], [Ok(true), Ok(true)]);
        }
        b'd' => {
            let was_there = session.contains_key("testcookie");
            let worked = session.get::<String>("testcookie") == Ok(Some("worked".into()));
            assert_eq!(handle.read(Session::test_cookie_worked), worked);
            let deleted = handle.write(Session::delete_test_cookie);
            assert_eq!([deleted, session.delete_test_cookie()], [was_there; 2]);
            assert!(!session.test_cookie_worked());
        }
        _ => {}
    }
}

struct Response {
    status: u16,
    headers: Vec<(&'static str, Vec<u8>)>,
    /// What the store does with a new session, or with the record that it has.
    outcome: Option<Outcome>,
}

impl Response {
    fn new(letters: &[u8]) -> Self {
        let has = |letter| letters.contains(&letter);
        let headers = [
            ("set-cookie", "theme=light", true),
            ("Cache-Control", "max-age=60, Public", has(b'p')),
            ("CDN-Cache-Control", "max-age=60", has(b'd')),
            ("CDN-Cache-Control", "max-age=60, private", has(b'D')),
            ("Vary", "Accept", has(b'v')),
            ("vary", "Accept , cookie", has(b'V')),
            ("vary", "*", has(b'a')),
            ("Set-Cookie", "sessionid=own; Path=/", has(b's')),
        ];
        let headers = headers.into_iter().filter(|(_, _, is_there)| *is_there);
        let status = [(b'1', 101), (b'4', 404), (b'5', 500)];
        let status = status.into_iter().find(|(letter, _)| has(*letter));
        let outcomes = [
            (b'G', Outcome::Gone),
            (b'K', Outcome::NoKey),
            (b'F', Outcome::Failed(Error::StoreFailed)),
        ];
        let outcome = outcomes.into_iter().find(|(letter, _)| has(*letter));
        Self {
            status: status.map_or(200, |(_, status)| status),
            headers: headers
                .map(|(name, value, _)| (name, value.into()))
                .collect(),
            outcome: outcome.map(|(_, outcome)| outcome),
        }
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &Vec<u8>)> {
        self.headers.iter().map(|(name, value)| (*name, value))
    }

    /// Answers both from a store. The step of both is the same.
    fn stored(&self, handle: &SessionHandle, loaded: &Loaded) -> [Result<Answer, Error>; 2] {
        let steps = [
            handle.step(&KEYED, self.status, self.headers(), LATER),
            KEYED.step(loaded, self.status, self.headers(), LATER),
        ];
        if let [Ok(step), Ok(other)] = &steps {
            assert_eq!(format!("{step:?}"), format!("{other:?}"));
            assert_eq!(step.action(), other.action());
            assert_eq!(step.keeps_values(), other.keeps_values());
            let key = key(KEYS[2]);
            let [save, other] = [step, other].map(|step| step.save(&key));
            assert_eq!(save.session, other.session);
            assert_eq!((save.now, save.expires_at), (other.now, other.expires_at));
            let saves = !matches!(step.action(), Action::Nothing | Action::Delete(_));
            assert_eq!(save.expires_at > save.now, saves);
        }
        let answer = |step: Step| {
            let outcome = match (step.action(), &self.outcome) {
                (Action::Nothing | Action::Delete(_), _) => Outcome::Done,
                (_, Some(outcome)) => outcome.clone(),
                (Action::Update(key), None) => Outcome::Saved(key.clone()),
                (Action::Create | Action::Replace(_), None) => Outcome::Saved(key(KEYS[2])),
            };
            KEYED.answer(step, outcome, self.headers())
        };
        steps.map(|step| step.and_then(answer))
    }

    /// Asserts that the response keeps its other cookie, has at most one of the session's, and varies on cookies if it sets
    /// that one.
    fn takes(&self, answer: &Answer) {
        let mut headers = self.headers.clone();
        for header in &answer.headers {
            if header.replaces {
                headers.retain(|(name, _)| !name.eq_ignore_ascii_case(header.name));
            }
            headers.push((header.name, header.value.clone()));
        }
        let values = |wanted: &'static str| {
            let found = headers
                .iter()
                .filter(move |(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.as_slice())
        };
        let starting = |start: &'static [u8]| {
            let found = values("set-cookie").filter(move |value| value.starts_with(start));
            found.count()
        };
        assert_eq!(starting(b"theme=light"), 1, "{answer:?}");
        assert!(starting(b"sessionid=") <= 1, "{answer:?}");
        let varies = |value: &[u8]| value.ends_with(b"ookie") || value == b"*";
        if answer
            .headers
            .iter()
            .any(|header| header.name == "set-cookie")
        {
            assert!(values("vary").any(varies), "{answer:?}");
        }
        if self.headers.iter().any(|(_, value)| value == b"Accept") {
            assert!(values("vary").any(|value| value.starts_with(b"Accept")));
        }
        let mut hidden = answer.clone();
        for header in &mut hidden.headers {
            header.value.fill(b'x');
        }
        assert_eq!(format!("{answer:?}"), format!("{hidden:?}"));
    }
}

fuzz_target!(|data: &[u8]| {
    let mut fields = fields(data);
    let Some((&request, letters)) = fields.next().and_then(<[u8]>::split_first) else {
        return;
    };
    let Some(Ok(json)) = fields.next().map(str::from_utf8) else {
        return;
    };
    let Some(mut loaded) = load(request, json, KEYS[0]) else {
        return;
    };
    let handle = SessionHandle::from(load(request, json, KEYS[0]).expect("it was loaded before"));
    let session = Session::from_json(json).expect("it was loaded before");
    if let Some(other) = load(request, &masked(&session).to_json(), KEYS[1]) {
        assert_eq!(format!("{loaded:?}"), format!("{other:?}"));
    }

    for field in fields.take(MAX_CALLS) {
        let Some((&letter, Ok(rest))) = field
            .split_first()
            .map(|(letter, rest)| (letter, str::from_utf8(rest)))
        else {
            continue;
        };
        let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
        // A clone is the same session.
        call(letter, key, value, &handle.clone(), &mut loaded.session);
        if letter == b'q' {
            is_from(request, &handle, &loaded);
        }
    }

    let shown = format!("SessionHandle {{ loaded: {loaded:?} }}");
    assert_eq!(format!("{handle:?}"), shown);
    let locked = handle.read(|_| format!("{handle:?}"));
    assert_eq!(locked, "SessionHandle { .. }");

    let response = Response::new(letters);
    let answers = if matches!(request, b'n' | b'c' | b'x') {
        let status = response.status;
        [
            handle.answer(&COOKIES, status, response.headers(), LATER),
            COOKIES.answer(&loaded, status, response.headers(), LATER),
        ]
    } else {
        response.stored(&handle, &loaded)
    };
    assert_eq!(answers[0], answers[1]);
    match &answers[0] {
        Ok(answer) => response.takes(answer),
        Err(error) => {
            let status = match error {
                Error::SessionGone => 400,
                Error::StoreFailed => 503,
                _ => 500,
            };
            assert_eq!(error.status(), status);
            assert_readable(*error);
        }
    }
    assert_eq!(handle.read(Session::to_json), loaded.session.to_json());
});
