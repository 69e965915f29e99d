//! All programs give the same answers to one script of requests. Each runs as a process of its own.

#[path = "../../../tests/common/program.rs"]
mod program;

use hardtack::limits::MAX_COOKIE_LENGTH;
use hardtack::{KeyRing, SecretKey, Session, SessionCodec, Timestamp};
use program::{Program, Response};

const PROGRAMS: [(&str, &str); 7] = [
    ("axum", env!("CARGO_BIN_EXE_axum")),
    ("salvo", env!("CARGO_BIN_EXE_salvo")),
    ("warp", env!("CARGO_BIN_EXE_warp")),
    ("poem", env!("CARGO_BIN_EXE_poem")),
    ("actix", env!("CARGO_BIN_EXE_actix")),
    ("rocket", env!("CARGO_BIN_EXE_rocket")),
    ("hyper", env!("CARGO_BIN_EXE_hyper")),
];

const KEY: &str = "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef";
const FALLBACK: &str = "k2-older-secret-key-0123456789abcdefghijklmnopqrstuv";
const OTHER_KEY: &str = "k3-of-another-site-0123456789abcdefghijklmnopqrstuvw";

const TWO_WEEKS: i64 = 14 * 24 * 60 * 60;

/// Attributes of a cookie that is set, and of one that is deleted, without the time of `Expires`.
const SET: &str = "Expires; HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax";
const DELETED: &str = "Expires; Max-Age=0; Path=/; SameSite=Lax";

/// The parts of a response in which all programs must agree.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    vary: Vec<String>,
    cookies: Vec<Cookie>,
    location: Vec<String>,
    /// The content type and the body of a page. Each framework has its own pages for errors.
    page: Option<(Vec<String>, String)>,
}

#[derive(Debug, PartialEq)]
struct Cookie {
    attributes: String,
    /// The session as JSON, if the signing key verifies it, otherwise the cookie's text.
    session: String,
}

impl Answer {
    fn of(response: &Response) -> Self {
        let all = |name: &str| -> Vec<String> {
            let values = response.headers(name);
            values.map(str::to_owned).collect()
        };
        let cookies = response.headers("set-cookie").map(Cookie::parse);
        let status = response.status;
        Self {
            status,
            vary: all("vary"),
            cookies: cookies.collect(),
            location: all("location"),
            page: (status == 200).then(|| (all("content-type"), response.body.clone())),
        }
    }

    /// A page that counts, and saves this session.
    fn visit(visits: u32) -> Self {
        Self {
            page: Some((
                vec!["text/html; charset=utf-8".into()],
                counters::page(visits),
            )),
            cookies: vec![Cookie {
                attributes: SET.into(),
                session: format!("{{\"visits\":{visits}}}"),
            }],
            ..Self::error(200)
        }
    }

    /// An error of a handler that has read the session, or whose session cannot be sent.
    fn error(status: u16) -> Self {
        Self {
            status,
            vary: vec!["Cookie".into()],
            cookies: vec![],
            location: vec![],
            page: None,
        }
    }
}

impl Cookie {
    fn parse(header: &str) -> Self {
        let (cookie, attributes) = header.split_once("; ").expect("attributes");
        let value = cookie.strip_prefix("visits=").expect("its name");
        let session = codec(KEY).decode(value, Timestamp::now());
        let json = session.map(|session| session.to_json());
        let attributes: Vec<&str> = attributes
            .split("; ")
            .map(|attribute| match attribute.split_once('=') {
                Some(("Expires", _)) => "Expires",
                _ => attribute,
            })
            .collect();
        Self {
            attributes: attributes.join("; "),
            session: json.unwrap_or_else(|_| value.to_owned()),
        }
    }
}

fn codec(key: &str) -> SessionCodec {
    SessionCodec::new(KeyRing::new(SecretKey::new(key).expect("a good key")))
}

fn session(visits: u32) -> Session {
    let mut session = Session::new();
    session.insert("visits", visits).expect("inserts");
    session
}

/// The cookie of a session, signed with this key this long ago.
fn cookie(session: &Session, key: &str, age: i64) -> String {
    let signed_at = Timestamp::now().as_unix_seconds() - age;
    let value = codec(key).encode(session, signed_at).expect("it fits");
    format!("visits={value}")
}

/// The cookie of a session that fits, and no longer fits after one more visit.
fn full_cookie() -> String {
    // Digits that follow no pattern, so zlib cannot shorten them by much.
    let mut state: u32 = 1;
    let digits: String = (0..8000)
        .filter_map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from_digit(state >> 28, 16)
        })
        .collect();
    let codec = codec(KEY).with_max_length(MAX_COOKIE_LENGTH - "visits".len());
    let session_of = |visits, length: usize| {
        let mut session = session(visits);
        let note = &digits[..length];
        session.insert("note", note).expect("inserts");
        session
    };
    let now = Timestamp::now();
    let fits = |visits, length| codec.encode(&session_of(visits, length), now).is_ok();
    let mut hundreds = (0..digits.len()).step_by(100);
    let too_long = hundreds.find(|&length| !fits(9, length)).expect("one");
    let mut lengths = (0..too_long).rev();
    let length = lengths.find(|&length| fits(9, length) && !fits(10, length));
    cookie(&session_of(9, length.expect("one")), KEY, 0)
}

/// A request of the script, and the answer that all programs must give.
struct Step {
    name: &'static str,
    method: &'static str,
    path: &'static str,
    cookies: Vec<String>,
    expected: Answer,
}

fn get(name: &'static str, cookies: &[&str], expected: Answer) -> Step {
    Step {
        name,
        method: "GET",
        path: "/",
        cookies: cookies.iter().map(|&cookie| cookie.to_owned()).collect(),
        expected,
    }
}

/// Visits, with all kinds of cookies.
fn visits() -> Vec<Step> {
    let signed = |visits, key, age| cookie(&session(visits), key, age);
    let (older, younger) = (signed(5, KEY, 20), signed(7, KEY, 10));
    let in_one_line = format!("{younger}; {older}");
    let among_others = format!("lang=en; {older}; a=b");
    let after_umlaut = format!("theme=dunkelgrün; {older}");
    let stranger = signed(5, OTHER_KEY, 10);
    let expired = signed(5, KEY, TWO_WEEKS + 60);
    let old = signed(5, KEY, TWO_WEEKS - 60);
    let fallback = signed(20, FALLBACK, 10);
    let mut forged = younger.clone();
    let last = forged.pop().expect("a signature");
    forged.push(if last == 'A' { 'E' } else { 'A' });

    vec![
        get("no cookie", &[], Answer::visit(1)),
        get("one", &[&signed(1, KEY, 10)], Answer::visit(2)),
        get("the next", &[&signed(2, KEY, 5)], Answer::visit(3)),
        get(
            "in a second line",
            &["theme=dark", &older],
            Answer::visit(6),
        ),
        get("among others", &[&among_others], Answer::visit(6)),
        get(
            "after text that is not ASCII",
            &[&after_umlaut],
            Answer::visit(6),
        ),
        get("forged", &[&forged], Answer::visit(1)),
        get("another site's key", &[&stranger], Answer::visit(1)),
        get("expired", &[&expired], Answer::visit(1)),
        get("nearly expired", &[&old], Answer::visit(6)),
        get("the fallback key", &[&fallback], Answer::visit(21)),
        get(
            "two, the younger last",
            &[&older, &younger],
            Answer::visit(8),
        ),
        get("two in one line", &[&in_one_line], Answer::visit(8)),
        get(
            "two, one of them forged",
            &[&forged, &older],
            Answer::visit(6),
        ),
    ]
}

/// Other requests, and errors.
fn others() -> Vec<Step> {
    let mut text = Session::new();
    text.insert("visits", "many").expect("inserts");
    let visit = cookie(&session(6), KEY, 10);
    let head = Answer {
        page: Some((vec!["text/html; charset=utf-8".into()], String::new())),
        ..Answer::visit(7)
    };
    let forgotten = Answer {
        location: vec!["/".into()],
        cookies: vec![Cookie {
            attributes: DELETED.into(),
            session: String::new(),
        }],
        ..Answer::error(303)
    };
    let unread = Answer {
        vary: vec![],
        ..Answer::error(404)
    };
    vec![
        get(
            "a handler fails",
            &[&cookie(&text, KEY, 10)],
            Answer::error(500),
        ),
        get(
            "a session gets too long",
            &[&full_cookie()],
            Answer::error(500),
        ),
        Step {
            method: "HEAD",
            ..get("HEAD", &[&visit], head)
        },
        Step {
            method: "POST",
            path: "/forget",
            ..get("flush", &[&visit], forgotten)
        },
        Step {
            path: "/missing",
            ..get("a page that reads no session", &[&visit], unread)
        },
    ]
}

#[test]
fn all_frameworks_give_the_same_answers() {
    let keys = [("SECRET_KEY", KEY), ("SECRET_KEY_FALLBACK", FALLBACK)];
    for (name, path) in PROGRAMS {
        let program = Program::start(path, &keys);
        let mut answers = 0;
        for step in visits().into_iter().chain(others()) {
            let response = program.ask(step.method, step.path, &step.cookies, "");
            assert_eq!(
                Answer::of(&response),
                step.expected,
                "{name}: {}",
                step.name
            );
            answers += 1;
        }
        println!("{name}: {answers} answers as expected");
    }
}

#[test]
fn without_a_key_each_process_makes_its_own() {
    let (_, path) = PROGRAMS[0];
    let program = Program::start(path, &[]);
    assert!(program.notices[0].starts_with("SECRET_KEY is not set"));
    let stranger = cookie(&session(5), KEY, 10);
    let visit = program.ask("GET", "/", &[stranger], "");
    assert_eq!(visit.body, counters::page(1));
}
