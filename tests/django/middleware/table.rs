//! All scenarios: every request with every view and every status, and every setting with a few of each.

use hardtack::limits::MAX_EXPIRY_AFTER;
use serde_json::json;

use super::cookies::{REQUESTS, Request, Sent, noise};
use super::kinds::OWN_EXPIRY;
use super::scenario::{Action, Question, Scenario, Settings, StandIn, ViewResponse};
use crate::common::{KEY, NOW, OTHER_KEY};
use crate::oracle::seconds;

const STATUSES: [u16; 7] = [200, 302, 399, 400, 404, 500, 503];

/// The requests with which the settings are tried.
const FEW_REQUESTS: [&str; 12] = [
    "no cookie",
    "good",
    "good but empty",
    "own expiry ahead",
    "ends with the browser",
    "own expired",
    "of a fallback",
    "forged",
    "expired",
    "not JSON",
    "padded",
    "good, then forged",
];
const FEW_VIEWS: [&str; 11] = [
    "nothing",
    "get",
    "set",
    "pop all",
    "clear",
    "flush",
    "cycle",
    "expire after",
    "expire after a fraction",
    "expire at",
    "expire with browser",
];

type View = (&'static str, Vec<Action>);

pub fn scenarios() -> Vec<Scenario> {
    let settings = settings();
    let (views, few_views) = (views(), few(views(), &FEW_VIEWS));
    let few_requests = few(
        REQUESTS
            .iter()
            .map(|request| (request.name, *request))
            .collect(),
        &FEW_REQUESTS,
    );

    let mut all = Vec::new();
    let (name, default) = &settings[0];
    for request in REQUESTS {
        for view in &views {
            for status in STATUSES {
                all.push(scenario((name, default), request, view, status, 0.0));
            }
        }
    }
    // Other headers of the view's response: for caches, cookies, `Vary`.
    for (name, settings) in settings.iter().filter(|(name, _)| {
        ["defaults", "every request", "a path", "a domain with a dot"].contains(name)
    }) {
        for (_, request) in &few_requests {
            for view in &few_views {
                for (response_name, response) in responses(settings) {
                    for status in [200, 404, 500] {
                        let mut scenario = scenario((name, settings), request, view, status, 0.0);
                        scenario.name = format!("{}, {response_name}", scenario.name);
                        scenario.question.response = response.clone();
                        if let Some(stand_in) = &mut scenario.stand_in {
                            stand_in.question.response = response.clone();
                        }
                        all.push(scenario);
                    }
                }
            }
        }
    }
    // Also between whole seconds, because expiries are rounded.
    for (name, settings) in &settings {
        for (_, request) in &few_requests {
            for view in &few_views {
                for (status, fraction) in [(200, 0.25), (302, 0.75), (401, 0.25), (503, 0.5)] {
                    all.push(scenario((name, settings), request, view, status, fraction));
                }
            }
        }
    }
    all
}

/// Returns the entries with these names.
fn few<T>(all: Vec<(&'static str, T)>, names: &[&str]) -> Vec<(&'static str, T)> {
    let few: Vec<_> = all
        .into_iter()
        .filter(|(name, _)| names.contains(name))
        .collect();
    assert_eq!(few.len(), names.len());
    few
}

fn scenario(
    (settings_name, settings): (&str, &Settings),
    request: &Request,
    (view_name, actions): &View,
    status: u16,
    fraction: f64,
) -> Scenario {
    let question = Question {
        settings: settings.clone(),
        now: seconds(NOW) + fraction,
        headers: request.headers(request.cookies, settings),
        actions: actions.clone(),
        status,
        response: ViewResponse::default(),
    };
    Scenario {
        name: format!("{settings_name}: {}, {view_name}, {status}", request.name),
        stand_in: stand_in(request, &question),
        question,
    }
}

fn stand_in(request: &Request, question: &Question) -> Option<StandIn> {
    let (kind, cookies) = request.taken_for?;
    if kind == OWN_EXPIRY && !question.settings.enforces_expiry {
        return None;
    }
    let mut question = question.clone();
    question.headers = request.headers(cookies, &question.settings);
    Some(StandIn { kind, question })
}

fn responses(settings: &Settings) -> Vec<(&'static str, ViewResponse)> {
    let cache = |cache_control| ViewResponse {
        cache_control: Some(cache_control),
        ..ViewResponse::default()
    };
    let vary = |vary| ViewResponse {
        vary: Some(vary),
        ..ViewResponse::default()
    };
    let cookie = |sent: Sent, path| ViewResponse {
        cookie: Some((sent.value(settings), path)),
        ..ViewResponse::default()
    };
    let path = settings.session_cookie_path;
    vec![
        ("public", cache("public, max-age=60")),
        ("shared", cache("max-age=60, s-maxage=3600")),
        ("private", cache("private, max-age=60")),
        ("varies", vary("Accept-Language")),
        ("varies on the cookie", vary("Accept-Language, Cookie")),
        ("sets the cookie", cookie(Sent::Compressed, path)),
        ("sets one of a path", cookie(Sent::Compressed, "/other/")),
        (
            "public, varies and sets it",
            ViewResponse {
                cache_control: Some("public"),
                vary: Some("Accept"),
                ..cookie(Sent::Compressed, path)
            },
        ),
    ]
}

fn settings() -> Vec<(&'static str, Settings)> {
    let default = || Settings {
        session_cookie_name: "sessionid",
        session_cookie_age: 1_209_600,
        session_cookie_path: "/",
        session_cookie_domain: None,
        session_cookie_secure: false,
        session_cookie_httponly: true,
        session_cookie_samesite: Some("Lax"),
        session_expire_at_browser_close: false,
        session_save_every_request: false,
        secret_key: KEY,
        secret_key_fallbacks: vec![OTHER_KEY],
        enforces_expiry: true,
    };
    let with = |change: fn(&mut Settings)| {
        let mut settings = default();
        change(&mut settings);
        settings
    };
    vec![
        ("defaults", default()),
        ("an hour", with(|it| it.session_cookie_age = 3600)),
        ("ten years", with(|it| it.session_cookie_age = 315_360_000)),
        ("a name", with(|it| it.session_cookie_name = "sid")),
        ("a path", with(|it| it.session_cookie_path = "/app/")),
        (
            "a domain",
            with(|it| it.session_cookie_domain = Some("example.com")),
        ),
        (
            "a domain with a dot",
            with(|it| it.session_cookie_domain = Some(".example.com")),
        ),
        ("Secure", with(|it| it.session_cookie_secure = true)),
        (
            "not HttpOnly",
            with(|it| it.session_cookie_httponly = false),
        ),
        (
            "Strict",
            with(|it| it.session_cookie_samesite = Some("Strict")),
        ),
        ("no SameSite", with(|it| it.session_cookie_samesite = None)),
        (
            "SameSite=None",
            with(|it| {
                it.session_cookie_samesite = Some("None");
                it.session_cookie_secure = true;
            }),
        ),
        (
            "__Host-",
            with(|it| {
                it.session_cookie_name = "__Host-sessionid";
                it.session_cookie_secure = true;
            }),
        ),
        (
            "__Secure-",
            with(|it| {
                it.session_cookie_name = "__Secure-sessionid";
                it.session_cookie_secure = true;
                it.session_cookie_domain = Some("example.com");
            }),
        ),
        (
            "with the browser",
            with(|it| it.session_expire_at_browser_close = true),
        ),
        (
            "every request",
            with(|it| it.session_save_every_request = true),
        ),
        (
            "every request, with the browser",
            with(|it| {
                it.session_save_every_request = true;
                it.session_expire_at_browser_close = true;
            }),
        ),
        (
            "another key",
            with(|it| it.secret_key = "another-signing-key-0123456789-abcdefghijklmnopqrst"),
        ),
        ("no fallback", with(|it| it.secret_key_fallbacks.clear())),
        ("own expiry ignored", with(|it| it.enforces_expiry = false)),
    ]
}

fn views() -> Vec<View> {
    [reading_and_writing(), ending(), expiring()].concat()
}

fn get() -> Action {
    Action::Get { key: "a" }
}

fn set() -> Action {
    let value = json!({"x": ["Zoë", 1.5, null], "\u{1f600}": true});
    Action::Set { key: "b", value }
}

fn pop(key: &'static str) -> Action {
    Action::Pop { key }
}

fn reading_and_writing() -> Vec<View> {
    use Action::{Delete, Get, Set, SetDefault, SetTestCookie, TestCookieWorked, Update};
    let pop_all = || vec![pop("a"), pop("user"), pop("long"), pop("_session_expiry")];
    vec![
        ("nothing", vec![]),
        ("get", vec![get()]),
        ("get what is not there", vec![Get { key: "none" }]),
        ("set", vec![set()]),
        (
            "set known",
            vec![Set {
                key: "a",
                value: json!(1),
            }],
        ),
        (
            "set two and get",
            vec![
                set(),
                Set {
                    key: "a",
                    value: json!("x"),
                },
                get(),
            ],
        ),
        (
            "set default known",
            vec![SetDefault {
                key: "a",
                value: json!(5),
            }],
        ),
        (
            "set default new",
            vec![SetDefault {
                key: "new",
                value: json!("5"),
            }],
        ),
        (
            "update",
            vec![Update {
                pairs: json!({"a": 7, "c": []}),
            }],
        ),
        ("update by nothing", vec![Update { pairs: json!({}) }]),
        ("pop", vec![pop("a")]),
        ("pop what is not there", vec![pop("none")]),
        ("pop all", pop_all()),
        ("pop all, then set", [pop_all(), vec![set()]].concat()),
        ("set, then pop it", vec![set(), pop("b")]),
        ("delete", vec![Delete { key: "a" }, Delete { key: "none" }]),
        ("set test cookie", vec![SetTestCookie, TestCookieWorked]),
        ("test cookie worked", vec![TestCookieWorked]),
        (
            "set what is too large",
            vec![Set {
                key: "large",
                value: json!(noise(8000)),
            }],
        ),
    ]
}

fn ending() -> Vec<View> {
    use Action::{Clear, Cycle, Flush};
    vec![
        ("clear", vec![Clear]),
        ("clear, then set", vec![Clear, set()]),
        ("get, then clear", vec![get(), Clear]),
        ("flush", vec![Flush]),
        ("get, then flush", vec![get(), Flush]),
        ("flush, then get", vec![Flush, get()]),
        ("flush, then set", vec![Flush, set()]),
        ("set, then flush", vec![set(), Flush]),
        ("cycle", vec![Cycle]),
        ("cycle, then set", vec![Cycle, set()]),
    ]
}

fn expiring() -> Vec<View> {
    use Action::{ExpireAfter, ExpireAt, ExpireByDefault, ExpireWithBrowser, Set};
    vec![
        ("expire after", vec![ExpireAfter { seconds: 600 }]),
        (
            "expire after a fraction",
            vec![Set {
                key: "_session_expiry",
                value: json!(90.5),
            }],
        ),
        (
            "set, expire after",
            vec![set(), ExpireAfter { seconds: 90_000 }],
        ),
        (
            "expire at",
            vec![ExpireAt {
                seconds: NOW + 7200,
            }],
        ),
        (
            "expire in the past",
            vec![
                set(),
                ExpireAt {
                    seconds: NOW - 7200,
                },
            ],
        ),
        (
            "expire in 2100",
            vec![ExpireAt {
                seconds: 4_102_444_800,
            }],
        ),
        (
            "expire after as long as may be",
            vec![ExpireAfter {
                seconds: MAX_EXPIRY_AFTER.as_secs(),
            }],
        ),
        ("expire with browser", vec![ExpireWithBrowser]),
        ("set, expire by default", vec![set(), ExpireByDefault]),
        ("expire by default", vec![ExpireByDefault]),
        (
            "expire after, then by default",
            vec![ExpireAfter { seconds: 600 }, ExpireByDefault],
        ),
        (
            "expire with browser, then after",
            vec![ExpireWithBrowser, ExpireAfter { seconds: 60 }],
        ),
    ]
}
