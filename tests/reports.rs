//! Problems with sessions from public bug reports of other libraries, tried as a user of an axum site would meet them
//! here.

#![cfg(feature = "axum")]

mod common;
#[path = "common/zone.rs"]
mod zone;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use hardtack::auth::AuthHasher;
use hardtack::tower::{SessionLayer, Unsent};
use hardtack::{
    Error, Expiry, KeyRing, Session, SessionCodec, SessionHandle, SessionMiddleware,
    SessionSettings, SetCookie, Timestamp, cookie,
};
use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE};
use http::{Request, StatusCode};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;

use common::{KEY, NOW, OTHER_KEY, codec, key};

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(future)
}

fn layer(codec: SessionCodec, settings: SessionSettings) -> SessionLayer {
    let sessions = SessionMiddleware::new(codec)
        .with_settings(settings)
        .expect("one age");
    SessionLayer::new(sessions).with_clock(|| NOW)
}

/// Middlewares that have a reason to send the session again: a renewal is due, every request saves the session, the key
/// was rotated.
fn eager() -> [SessionMiddleware; 3] {
    let settings = SessionSettings::default;
    let renewing = settings().with_renewal_after(Duration::from_secs(10));
    let every = settings().with_save_every_request(true);
    let sessions = SessionMiddleware::new(codec());
    [
        sessions.clone().with_settings(renewing).expect("one age"),
        sessions.with_settings(every).expect("one age"),
        SessionMiddleware::new(SessionCodec::new(rotated())),
    ]
}

fn rotated() -> KeyRing {
    KeyRing::new(key(OTHER_KEY)).with_fallback(key(KEY))
}

/// A cookie that a browser keeps: its domain (empty if only the host gets it), its path and its value.
type Kept = (String, String, String);

/// The parts of a browser at `www.example.org` that matter here.
#[derive(Clone, Default)]
struct Browser {
    cookies: Vec<Kept>,
}

struct Page {
    status: u16,
    body: String,
    /// The `Set-Cookie` headers for the session's cookie.
    set: Vec<String>,
}

impl Browser {
    fn with(value: &str) -> Self {
        let cookies = vec![(String::new(), "/".into(), value.into())];
        Self { cookies }
    }

    fn get(&mut self, app: &Router, path: &str) -> Page {
        let mut sent: Vec<_> = self.cookies.iter().collect();
        sent.retain(|(_, below, _)| path.starts_with(below.as_str()));
        // Longer paths come first. Among equal paths, the cookie that was set earlier comes first.
        sent.sort_by_key(|(_, below, _)| std::cmp::Reverse(below.len()));
        let pairs: Vec<_> = sent
            .iter()
            .map(|it| format!("sessionid={}", it.2))
            .collect();
        let request = Request::get(path).header(COOKIE, pairs.join("; "));
        let request = request.body(Body::empty()).expect("a request");
        let Ok(response) = run(app.clone().oneshot(request));

        let headers = response.headers().get_all(SET_COOKIE).iter();
        let set: Vec<String> = headers
            .map(|header| header.to_str().expect("text").to_owned())
            .filter(|header| header.starts_with("sessionid="))
            .collect();
        for header in &set {
            self.keep(header);
        }
        let status = response.status().as_u16();
        let body = run(to_bytes(response.into_body(), usize::MAX)).expect("a body");
        Page {
            status,
            body: String::from_utf8(body.to_vec()).expect("text"),
            set,
        }
    }

    fn keep(&mut self, header: &str) {
        let mut parts = header.split("; ");
        let pair = parts.next().expect("a pair");
        let attributes: Vec<_> = parts.collect();
        let attribute = |name: &str| {
            let mut values = attributes.iter().filter_map(|it| it.strip_prefix(name));
            values.next_back().unwrap_or_default().to_owned()
        };
        let scope = (attribute("Domain="), attribute("Path="));
        self.cookies
            .retain(|(domain, path, _)| (domain, path) != (&scope.0, &scope.1));
        if attribute("Max-Age=") != "0" {
            let value = cookie::find("sessionid", [pair]).next().expect("a value");
            self.cookies.push((scope.0, scope.1, value.into_owned()));
        }
    }
}

async fn sign_in(session: SessionHandle, Path(name): Path<String>) -> Result<(), Error> {
    session.insert("user", name)
}

async fn who(session: SessionHandle) -> Result<String, Error> {
    let user: Option<String> = session.get("user")?;
    Ok(user.unwrap_or_else(|| "nobody".into()))
}

async fn sign_out(session: SessionHandle) {
    session.flush();
}

fn site() -> Router {
    Router::new()
        .route("/app/in/{name}", get(sign_in))
        .route("/app/who", get(who))
        .route("/app/out", get(sign_out))
}

/// The path or the domain was changed, and browsers send both cookies. A sign-in might have no effect, and a sign-out
/// might not last.
#[test]
fn a_changed_path_or_domain_does_not_undo_a_sign_in_or_sign_out() {
    let host = || SetCookie::new("sessionid");
    let scopes = [
        host(),
        host().with_path("/app/"),
        host().with_domain("example.org"),
        host().with_domain("example.org").with_path("/app/"),
    ];
    let settings = |cookie: &SetCookie| {
        let settings = SessionSettings::default().with_cookie(cookie.clone());
        settings.expect("a cookie that browsers take")
    };
    for (before, now) in scopes
        .iter()
        .flat_map(|before| scopes.iter().map(move |now| (before, now)))
        .filter(|(before, now)| before != now)
    {
        let sessions = SessionMiddleware::new(codec())
            .with_settings(settings(before))
            .expect("one age");
        let old_site = site().layer(SessionLayer::new(sessions).with_clock(|| NOW - 3600));
        let mut browser = Browser::default();
        browser.get(&old_site, "/app/in/alice");

        // The old cookie still counts, until the user signs in again.
        let new_site = site().layer(layer(codec(), settings(now)));
        assert_eq!(browser.get(&new_site, "/app/who").body, "alice");
        browser.get(&new_site, "/app/in/bob");
        assert_eq!(browser.cookies.len(), 2, "{before:?} {now:?}");
        for _ in 0..3 {
            assert_eq!(browser.get(&new_site, "/app/who").body, "bob");
        }
        // As the docs say, signing out needs one more header.
        let mut warned = browser.clone();
        warned.get(&new_site, "/app/out");
        assert_eq!(warned.get(&new_site, "/app/who").body, "alice");

        let deletion = before.clone().into_deletion().to_header().expect("good");
        let old_cookie = axum::middleware::map_response(move |mut response: Response| {
            let deletion = deletion.parse().expect("a header");
            response.headers_mut().append(SET_COOKIE, deletion);
            async { response }
        });
        for both in [
            site()
                .layer(layer(codec(), settings(now)))
                .layer(old_cookie.clone()),
            site()
                .layer(old_cookie)
                .layer(layer(codec(), settings(now))),
        ] {
            let mut browser = browser.clone();
            assert_eq!(browser.get(&both, "/app/out").set.len(), 2);
            assert_eq!(browser.cookies, []);
            assert_eq!(browser.get(&both, "/app/who").body, "nobody");
            // A new session is not mistaken for the old one either.
            browser.get(&both, "/app/in/bob");
            assert_eq!(browser.get(&both, "/app/who").body, "bob");
        }
    }
}

/// A clock in milliseconds, and an instant in milliseconds: the first sign-in fails, so the mistake is found at once.
#[test]
fn milliseconds_in_place_of_seconds_fail_at_once() {
    let sessions = SessionMiddleware::new(codec());
    let clock = SessionLayer::new(sessions).with_clock(|| NOW * 1000);
    let clock = clock.with_error_handler(|unsent: Unsent, _: Response| {
        (StatusCode::INSUFFICIENT_STORAGE, unsent.error.name()).into_response()
    });
    let app = site().layer(clock);
    let mut browser = Browser::default();
    let page = browser.get(&app, "/app/in/alice");
    assert_eq!((page.status, page.body.as_str()), (507, "TimeOutOfRange"));
    assert_eq!(page.set, [""; 0]);
    // By that clock, a good cookie expired long ago.
    let value = codec().encode(&common::session([("user", "alice")]), NOW);
    let mut browser = Browser::with(&value.expect("encodes"));
    assert_eq!(browser.get(&app, "/app/who").body, "nobody");

    let app = Router::new()
        .route(
            "/end",
            get(async |session: SessionHandle| {
                session.write(|session| session.set_expiry(Expiry::At((NOW * 1000).into())))
            }),
        )
        .layer(layer(codec(), SessionSettings::default()));
    let page = Browser::default().get(&app, "/end");
    assert_eq!((page.status, page.set.len()), (500, 0));
    assert_eq!(page.body, Error::MalformedExpiry.to_string());

    // A cookie that another program has signed with milliseconds is refused, and does not prevent a sign-in.
    let forever = hardtack::signing::Signer::new(common::ring())
        .with_salt(hardtack::SESSION_SALT)
        .sign("eyJ1c2VyIjoiYWxpY2UifQ:Tvcokgi");
    for sessions in eager() {
        let app = site().layer(SessionLayer::new(sessions).with_clock(|| NOW));
        let mut browser = Browser::with(&forever);
        assert_eq!(browser.get(&app, "/app/who").body, "nobody");
        browser.get(&app, "/app/in/bob");
        assert_eq!(browser.get(&app, "/app/who").body, "bob");
    }
}

/// A handler writes the expiry itself, as chrono or JavaScript spell it. The next request reads it, or it is refused at
/// once.
#[test]
fn an_expiry_that_a_handler_writes_as_text_is_read_or_refused() {
    let app = Router::new()
        .route(
            "/end/{text}",
            get(async |session: SessionHandle, Path(text): Path<String>| {
                session.insert("user", "alice")?;
                session.insert("_session_expiry", text)
            }),
        )
        .route("/who", get(who))
        .layer(layer(codec(), SessionSettings::default()));
    for text in [
        "2023-11-14T23:13:20Z",
        "2023-11-14T23:13:20.000Z",
        "2023-11-14T23:13:20.123456789Z",
        "2023-11-14%2023:13:20Z",
        "20231114T231320Z",
        "2023-11-14T23:13Z",
        "2023-11-15T01:13:20+02:00",
        "2023-11-15T01:13:20+0200",
        "2023-11-15T01:13:20+02",
        "2023-11-14T23:13:20+00:00",
    ] {
        let mut browser = Browser::default();
        let page = browser.get(&app, &format!("/end/{text}"));
        assert_eq!((page.status, page.set.len()), (200, 1), "{text}");
        let seconds = if text.ends_with(":13Z") { 3580 } else { 3600 };
        let max_age = format!("; Max-Age={seconds}; ");
        assert!(page.set[0].contains(&max_age), "{:?}", page.set);
        assert_eq!(browser.get(&app, "/who").body, "alice", "{text}");
    }
    for text in [
        "soon",
        "300",
        "2023-11-14",
        "2023-11-14T23:13:20",
        "Tue,%2014%20Nov%202023%2023:13:20%20GMT",
        "2023-W46-2T23:13:20Z",
        "2023-11-14T23:13:20,5Z",
    ] {
        let mut browser = Browser::default();
        let page = browser.get(&app, &format!("/end/{text}"));
        assert_eq!((page.status, page.set.len()), (500, 0), "{text}");
    }
}

/// Half an hour lasts half an hour, in summer and in winter, before and after both clock changes, for old and new
/// visitors.
#[test]
fn half_an_hour_in_berlin_lasts_half_an_hour() {
    const HALF: i64 = 1800;
    let now = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&now);
    let sessions = SessionMiddleware::new(codec().with_site_time_zone(zone::berlin()));
    let layer = SessionLayer::new(sessions).with_clock(move || clock.load(Ordering::Relaxed));
    let hours = Arc::clone(&now);
    let app = Router::new()
        .route(
            "/end",
            get(async move |session: SessionHandle| {
                let end = Timestamp::from(hours.load(Ordering::Relaxed) + HALF);
                session.write(|session| session.set_expiry(Expiry::At(end)))
            }),
        )
        .route("/app/in/{name}", get(sign_in))
        .route("/app/out", get(sign_out))
        .route("/app/who", get(who))
        .layer(layer);
    for (start, text) in [
        (1_720_000_000, "2024-07-03T12:16:40"),
        (1_735_000_000, "2024-12-24T01:56:40"),
        (1_711_846_000, "2024-03-31T03:16:40"), // the clocks skip an hour meanwhile
        (1_711_846_800, "2024-03-31T03:30:00"),
        (1_729_980_000, "2024-10-27T00:30:00"),
        (1_729_994_400, "2024-10-27T03:30:00"), // the hour that comes twice is over
    ] {
        for known in [false, true] {
            now.store(start, Ordering::Relaxed);
            let mut browser = Browser::default();
            if known {
                browser.get(&app, "/app/in/alice");
            }
            let page = browser.get(&app, "/end");
            assert!(page.set[0].contains("; Max-Age=1800; "), "{:?}", page.set);
            let plain = codec().ignore_session_expiry();
            let session = plain.decode(&browser.cookies[0].2, start).expect("ours");
            let expiry: Option<String> = session.get("_session_expiry").expect("a text");
            assert_eq!(expiry.as_deref(), Some(text));

            now.store(start + HALF, Ordering::Relaxed);
            let name = if known { "alice" } else { "nobody" };
            let page = browser.get(&app, "/app/who");
            assert_eq!((page.body.as_str(), page.set.len()), (name, 0), "{text}");
            // A change meanwhile does not move the end.
            let mut later = browser.clone();
            let page = later.get(&app, "/app/in/bob");
            assert!(page.set[0].contains("; Max-Age=0; "), "{:?}", page.set);
            now.store(start + HALF + 1, Ordering::Relaxed);
            let page = browser.get(&app, "/app/who");
            assert_eq!(
                (page.body.as_str(), page.set.len()),
                ("nobody", 1),
                "{text}"
            );
        }
    }
}

/// The cookie holds a session key of another engine of the site: a page that only reads leaves it alone.
#[test]
fn a_session_key_of_another_engine_is_left_alone() {
    let app = |sessions| {
        site()
            .route(
                "/why",
                get(async |session: SessionHandle| session.refusal().map_or("none", Error::name)),
            )
            .layer(SessionLayer::new(sessions).with_clock(|| NOW))
    };
    for sessions in eager() {
        let app = app(sessions);
        for value in [
            "wr8ow3ej5xwmi7mq2v8fd1j5mmgrhqf4",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "6bca8a6c-0cd0-4dd4-9b5c-0d7d4b3bb3b7",
            "one:separator",
            "x",
        ] {
            let mut browser = Browser::with(value);
            for _ in 0..2 {
                let page = browser.get(&app, "/app/who");
                assert_eq!(
                    (page.body.as_str(), page.set.len()),
                    ("nobody", 0),
                    "{value}"
                );
            }
            assert_eq!(browser.get(&app, "/why").body, "NotSigned");
            assert_eq!(browser.cookies[0].2, value);
            // Unless the handler clears or writes the session.
            let mut leaver = browser.clone();
            leaver.get(&app, "/app/out");
            assert_eq!(leaver.cookies, []);
            browser.get(&app, "/app/in/alice");
            assert_eq!(browser.get(&app, "/app/who").body, "alice");
        }
    }
}

/// Text in every script, through the handle and in the program's own type.
#[test]
fn names_in_all_scripts_come_back() {
    #[derive(Serialize, Deserialize)]
    struct Login {
        name: String,
        nicknames: Vec<String>,
    }
    let app = Router::new()
        .route(
            "/in/{name}",
            get(async |session: SessionHandle, Path(name): Path<String>| {
                session.insert("user", &name)?;
                let nicknames = vec![name.clone(), name.clone()];
                session.insert("login", Login { name, nicknames })
            }),
        )
        .route(
            "/who",
            get(async |session: SessionHandle| {
                let user: Option<std::borrow::Cow<'_, str>> = session.get("user")?;
                let login: Option<Login> = session.get("login")?;
                let Login { name, nicknames } = login.expect("signed in");
                assert!(user.as_deref() == Some(&name) && nicknames == [&*name, &*name]);
                Ok::<_, Error>(name)
            }),
        )
        .layer(layer(codec(), SessionSettings::default()));
    for (encoded, name) in [
        ("Zoe", "Zoe"),
        ("Zo%C3%AB", "Zoë"),
        ("O%22Neil", "O\"Neil"),
        ("a%0Ab%09c", "a\nb\tc"),
        ("%5C%2F", "\\/"),
        ("%D0%97%D0%BE%D1%8F", "Зоя"),
        ("%F0%9F%98%80", "😀"),
        ("%00%7F", "\0\u{7f}"),
    ] {
        let mut browser = Browser::default();
        assert_eq!(browser.get(&app, &format!("/in/{encoded}")).status, 200);
        let page = browser.get(&app, "/who");
        assert_eq!((page.status, page.body.as_str()), (200, name));
    }
}

/// A page for all users, and a sign-in that is passed on from another service: a session that was only read adds
/// nothing to the response.
#[test]
fn a_response_with_its_own_cache_or_cookie_headers_keeps_them() {
    let passed_on = "sessionid=signed-in; HttpOnly; Path=/";
    let words = [
        (CACHE_CONTROL, "public, max-age=60"),
        (CACHE_CONTROL, "max-age=0, s-maxage=3600"),
        (SET_COOKIE, passed_on),
    ];
    for ((name, value), sessions) in words
        .into_iter()
        .flat_map(|word| eager().map(|sessions| (word.clone(), sessions)))
    {
        let word = AppendHeaders([(name.clone(), value)]);
        let app = Router::new()
            .route(
                "/read",
                get({
                    let word = word.clone();
                    async move |session: SessionHandle| (word, who(session).await)
                }),
            )
            .route(
                "/write",
                get(async move |session: SessionHandle| (word, session.insert("user", "bob"))),
            )
            .layer(SessionLayer::new(sessions).with_clock(|| NOW));
        let cookie = codec().encode(&common::session([("user", "alice")]), NOW - 60);
        let mut browser = Browser::with(&cookie.expect("encodes"));
        let page = browser.clone().get(&app, "/read");
        assert_eq!(page.body, "alice");
        let expected = if name == SET_COOKIE {
            vec![passed_on]
        } else {
            vec![]
        };
        assert_eq!(page.set, expected);
        // A session that the handler changed replaces the response's own cookie.
        let page = browser.get(&app, "/write");
        assert!(
            page.set.len() == 1 && page.set[0] != passed_on,
            "{:?}",
            page.set
        );
    }
}

/// Guards that refuse with a page, a redirect or an error, with the two methods of the docs: the login's hash, and a
/// time in the session. After a revocation, a captured cookie never passes again, whatever saves the session meanwhile.
#[test]
fn a_revoked_login_never_passes_again() {
    const PASSWORD: &str = "pbkdf2_sha256$1000000$salt$after";
    const SIGNED_OUT_AT: i64 = NOW - 1800;
    type Guard = fn(&mut Session) -> Result<bool, Error>;
    const GUARDS: [Guard; 2] = [
        |session| AuthHasher::new(&rotated()).check(session, Some(PASSWORD)),
        |session| {
            let instant: Option<i64> = session.get("signed_in_at")?;
            Ok(instant.is_some_and(|instant| instant > SIGNED_OUT_AT))
        },
    ];
    async fn page(
        State((guard, status)): State<(usize, u16)>,
        session: SessionHandle,
    ) -> Result<Response, Error> {
        if session.write(GUARDS[guard])? {
            return Ok("welcome".into_response());
        }
        let status = StatusCode::from_u16(status).expect("a status");
        Ok(if status.is_redirection() {
            Redirect::to("/login").into_response()
        } else {
            (status, "sign in").into_response()
        })
    }
    // Something that saves the session: Django, or another handler.
    async fn save(session: SessionHandle) -> Result<(), Error> {
        session.insert("cart", 1)
    }
    let hashes = AuthHasher::new(&KeyRing::new(key(KEY)));
    let login = |password: &str, at: i64| {
        let mut session = common::session([("signed_in_at", at)]);
        let hash = hashes.hash(password);
        session.set_auth_user("7", "backend", &hash).expect("text");
        codec().encode(&session, at).expect("encodes")
    };
    let before = login("pbkdf2_sha256$1000000$salt$before", NOW - 3600);
    let after = login(PASSWORD, NOW - 600);
    let codecs = [codec(), SessionCodec::new(rotated())];
    let settings = SessionSettings::default;
    for ((guard, status), (codec, settings)) in [0, 1]
        .into_iter()
        .flat_map(|guard| [200, 302, 401, 403].map(|status| (guard, status)))
        .flat_map(|guard| {
            let settings = [
                settings(),
                settings().with_renewal_after(Duration::from_secs(10)),
                settings().with_save_every_request(true),
            ];
            let sites = codecs
                .iter()
                .flat_map(move |codec| settings.clone().map(|settings| (codec.clone(), settings)));
            sites.map(move |site| (guard, site))
        })
    {
        let app = Router::new()
            .route("/", get(page))
            .route("/save", get(save))
            .layer(layer(codec.clone(), settings))
            .with_state((guard, status));
        let mut thief = Browser::with(&before);
        for path in ["/", "/", "/save", "/", "/save", "/"] {
            // The thief keeps a copy of every cookie.
            let mut copy = thief.clone();
            let page = copy.get(&app, path);
            assert_ne!(page.body, "welcome");
            if !copy.cookies.is_empty() {
                thief = copy;
            }
        }
        let mut user = Browser::with(&after);
        for path in ["/", "/save", "/", "/"] {
            let page = user.get(&app, path);
            assert_eq!(page.status, 200);
            assert!(path == "/save" || page.body == "welcome");
        }
        // The check has moved the login to the new key.
        let session = codec.decode(&user.cookies[0].2, NOW).expect("ours");
        let hash: Option<String> = session.get("_auth_user_hash").expect("a text");
        let index = AuthHasher::new(&rotated()).verify(PASSWORD, &hash.expect("a login"));
        assert_eq!(index, Ok(usize::from(guard == 1)));
    }
}
