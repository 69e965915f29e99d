//! The handle as an argument of axum's handlers.

#![cfg(feature = "axum")]

mod common;

use std::future::Future;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use hardtack::auth::AuthHasher;
use hardtack::tower::{PendingSession, SessionLayer, Unsent};
use hardtack::{
    Error, KeyRing, Session, SessionCodec, SessionHandle, SessionMiddleware, SessionSettings,
    SetCookie,
};
use http::header::{COOKIE, SET_COOKIE, VARY};
use http::{Request, StatusCode};
use tower::ServiceExt;

use common::{KEY, NOW, OTHER_KEY, codec, key, ring, session};

fn layer() -> SessionLayer {
    SessionLayer::new(SessionMiddleware::new(codec())).with_clock(|| NOW)
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(future)
}

fn request(path: &str, cookie: Option<&str>) -> Request<Body> {
    let mut request = Request::get(path);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    request.body(Body::empty()).expect("a request")
}

fn send(app: &Router, request: Request<Body>) -> Response {
    let Ok(response) = run(app.clone().oneshot(request));
    response
}

fn body(response: Response) -> String {
    let bytes = run(to_bytes(response.into_body(), usize::MAX)).expect("a body");
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// What a browser sends back.
#[track_caller]
fn cookie(response: &Response) -> String {
    let header = response.headers()[SET_COOKIE].to_str().expect("text");
    header.split(';').next().expect("a pair").to_owned()
}

async fn login(session: SessionHandle, Path(name): Path<String>) -> Result<(), Error> {
    session.insert("user", name)
}

async fn who(State(greeting): State<&str>, session: SessionHandle) -> Result<String, Error> {
    let user: Option<String> = session.get("user")?;
    Ok(format!("{greeting} {}", user.as_deref().unwrap_or("you")))
}

async fn logout(session: SessionHandle) {
    session.flush();
}

async fn perhaps(session: Option<SessionHandle>) -> String {
    session.is_some().to_string()
}

fn app() -> Router {
    Router::new()
        .route("/login/{name}", get(login))
        .route("/", get(who))
        .route("/logout", get(logout).merge(post(logout)))
        .route("/static", get("no session in here"))
        .layer(layer())
        .with_state("hello")
}

#[test]
fn a_visit() {
    let app = app();
    let response = send(&app, request("/", None));
    assert!(!response.headers().contains_key(SET_COOKIE));
    assert_eq!(response.headers()[VARY], "Cookie");
    assert_eq!(body(response), "hello you");

    let response = send(&app, request("/login/Zo%C3%AB", None));
    assert_eq!(response.status(), 200);
    let cookie_in = cookie(&response);

    let response = send(&app, request("/", Some(&cookie_in)));
    assert_eq!(body(response), "hello Zoë");

    let response = send(&app, request("/static", Some(&cookie_in)));
    assert!(!response.headers().contains_key(VARY));

    let response = send(&app, request("/logout", Some(&cookie_in)));
    assert_eq!(cookie(&response), "sessionid=");
}

#[test]
fn a_missing_layer_is_named() {
    let app = Router::new().route("/", get(who)).with_state("hello");
    let response = send(&app, request("/", None));
    assert_eq!(response.status(), 500);
    assert_eq!(body(response), Error::MissingLayer.to_string());
    assert!(Error::MissingLayer.to_string().contains("session layer"));

    let pending = async |_: PendingSession| ();
    let app = Router::new().route("/", get(pending));
    let response = send(&app, request("/", None));
    assert_eq!(body(response), Error::MissingLayer.to_string());
}

#[test]
fn an_error_is_a_response() {
    let app = Router::new()
        .route(
            "/",
            get(async |session: SessionHandle| session.insert("odd", f64::NAN)),
        )
        .layer(layer());
    let response = send(&app, request("/", None));
    assert_eq!(response.status(), 500);
    let kind = response.headers()["content-type"].to_str().expect("text");
    assert!(kind.starts_with("text/plain"), "{kind}");
    assert_eq!(body(response), "the number is not finite");
}

#[test]
fn an_optional_handle() {
    let app = Router::new().route("/", get(perhaps));
    assert_eq!(body(send(&app, request("/", None))), "false");
    assert_eq!(body(send(&app.layer(layer()), request("/", None))), "true");
}

#[test]
fn other_layers_see_the_same_session() {
    let app = Router::new()
        .route("/login/{name}", get(login))
        .route_layer(middleware::map_request(
            async |session: SessionHandle, request: Request<Body>| {
                let _ = session.insert("seen", true);
                request
            },
        ))
        .layer(layer());
    let response = send(&app, request("/login/alice", None));
    let cookie = cookie(&response);
    let value = cookie.trim_start_matches("sessionid=");
    let session = codec().decode(value, NOW).expect("our own");
    assert_eq!(session.to_json(), r#"{"seen":true,"user":"alice"}"#);
}

async fn overload(session: SessionHandle) -> Result<&'static str, Error> {
    session.insert("pad", "x".repeat(70_000))?;
    Ok("saved")
}

#[test]
fn a_session_that_cannot_be_sent() {
    let app = Router::new().route("/", get(overload));
    let response = send(&app.clone().layer(layer()), request("/", None));
    assert_eq!(response.status(), 500);
    assert_eq!(body(response), "");

    let layer = layer().with_error_handler(|unsent: Unsent, response| {
        assert_eq!(response.status(), 200);
        let key = &unsent.report.expect("a size").members[0].key;
        (StatusCode::INSUFFICIENT_STORAGE, format!("large: {key}")).into_response()
    });
    let response = send(&app.layer(layer), request("/", None));
    assert_eq!(response.status(), 507);
    assert_eq!(body(response), "large: pad");
}

// A guard that refuses, under everything that may send a session.

/// `Cookie` header of a session that was signed two hours ago.
fn signed_in(extra: &[(&str, &str)]) -> String {
    let pairs = [("user", "7")].into_iter().chain(extra.iter().copied());
    let value = codec().encode(&session(pairs), NOW - 7200);
    format!("sessionid={}", value.expect("encodes"))
}

fn eager() -> [SessionMiddleware; 3] {
    let renewing = SessionSettings::default().with_renewal_after(Duration::from_secs(3600));
    let every = SessionSettings::default().with_save_every_request(true);
    let rotated = KeyRing::new(key(OTHER_KEY)).with_fallback(key(KEY));
    [
        SessionMiddleware::new(codec())
            .with_settings(renewing)
            .expect("one age"),
        SessionMiddleware::new(codec())
            .with_settings(every)
            .expect("one age"),
        SessionMiddleware::new(SessionCodec::new(rotated)),
    ]
}

/// A captured cookie of before the cut-off, and a handler that answers 401 for it: it never gets a stamp of today.
#[test]
fn a_refused_session_gets_no_new_stamp() {
    const CUT_OFF: i64 = NOW - 60;
    async fn page(session: SessionHandle) -> Result<String, (StatusCode, &'static str)> {
        let user: Option<String> = session.get("user").expect("a text");
        let user = user.ok_or((StatusCode::UNAUTHORIZED, "sign in"))?;
        if session.issued_at().expect("a cookie") < CUT_OFF.into() {
            return Err((StatusCode::UNAUTHORIZED, "signed out"));
        }
        Ok(format!("hello {user}"))
    }
    for sessions in eager() {
        let app = Router::new()
            .route("/", get(page))
            .layer(SessionLayer::new(sessions).with_clock(|| NOW));
        let mut cookie = signed_in(&[]);
        for _ in 0..2 {
            let response = send(&app, request("/", Some(&cookie)));
            assert_eq!(response.status(), 401);
            if response.headers().contains_key(SET_COOKIE) {
                cookie = self::cookie(&response);
            }
        }
    }
}

/// Guards of status 302 and 200. What revokes is the login's hash, which no save moves.
#[test]
fn a_login_that_was_revoked_stays_revoked() {
    fn hasher() -> AuthHasher {
        AuthHasher::new(&ring())
    }
    async fn page(session: SessionHandle) -> Response {
        let hash: Option<String> = session.get("hash").expect("a text");
        let is_good = hash.is_some_and(|hash| hasher().verify("new password", &hash).is_ok());
        if is_good {
            "hello".into_response()
        } else {
            "sign in".into_response()
        }
    }
    async fn redirect(session: SessionHandle) -> Response {
        let hash: Option<String> = session.get("hash").expect("a text");
        let is_good = hash.is_some_and(|hash| hasher().verify("new password", &hash).is_ok());
        if is_good {
            "hello".into_response()
        } else {
            Redirect::to("/login").into_response()
        }
    }
    let hash = hasher().hash("old password");
    for sessions in eager() {
        let app = Router::new()
            .route("/page", get(page))
            .route("/redirect", get(redirect))
            .layer(SessionLayer::new(sessions).with_clock(|| NOW));
        for path in ["/page", "/redirect"] {
            let mut cookie = signed_in(&[("hash", &hash)]);
            for _ in 0..3 {
                let response = send(&app, request(path, Some(&cookie)));
                if response.headers().contains_key(SET_COOKIE) {
                    cookie = self::cookie(&response);
                }
                assert_ne!(body(response), "hello");
            }
        }
    }
}

// Several layers.

/// `nest` with a layer on both routers.
#[test]
fn a_layer_around_a_nested_router_and_one_around_all() {
    for sessions in eager() {
        let of_user = signed_in(&[]);
        let account = Router::new()
            .route("/logout", get(logout))
            .route(
                "/add",
                get(async |session: SessionHandle| session.insert("k", "2")),
            )
            .layer(SessionLayer::new(sessions.clone()).with_clock(|| NOW));
        let app = Router::new()
            .nest("/account", account)
            .layer(middleware::map_request(
                async |session: SessionHandle, request: Request<Body>| {
                    let _: Result<Option<String>, _> = session.get("user");
                    request
                },
            ))
            .layer(SessionLayer::new(sessions).with_clock(|| NOW));
        let only = |path| {
            let response = send(&app, request(path, Some(&of_user)));
            assert_eq!(response.status(), 200);
            let count = response.headers().get_all(SET_COOKIE).iter().count();
            assert_eq!(count, 1, "{path}");
            cookie(&response)
        };
        assert_eq!(only("/account/logout"), "sessionid=");
        let rotated = KeyRing::new(key(OTHER_KEY)).with_fallback(key(KEY));
        let added = only("/account/add");
        let added = added.trim_start_matches("sessionid=");
        let added = SessionCodec::new(rotated).decode(added, NOW);
        assert_eq!(added.expect("our own").to_json(), r#"{"user":"7","k":"2"}"#);
    }
}

#[test]
fn two_sessions_on_one_request() {
    async fn both(admin: SessionHandle, pending: PendingSession) -> Result<String, Error> {
        let site = pending.named("sessionid").ok_or(Error::MissingLayer)?;
        let site = site.load().await?;
        admin.insert("of", "admin")?;
        let user: Option<String> = site.get("user")?;
        Ok(user.unwrap_or_default())
    }
    let settings = SessionSettings::default().with_cookie(SetCookie::new("admin"));
    let admin = SessionMiddleware::new(codec())
        .with_settings(settings.expect("a name"))
        .expect("one age");
    let app = Router::new()
        .route("/", get(both))
        .layer(SessionLayer::new(admin).with_clock(|| NOW))
        .layer(layer());
    let response = send(&app, request("/", Some(&signed_in(&[]))));
    assert!(cookie(&response).starts_with("admin="));
    assert_eq!(response.headers()[VARY], "Cookie");
    assert_eq!(body(response), "7");
}

#[test]
fn conflicting_layers() {
    let other = SessionMiddleware::new(codec().with_salt("another"));
    let app = Router::new()
        .route("/", get(who))
        .route("/static", get("no session in here"))
        .layer(SessionLayer::new(other).with_clock(|| NOW))
        .layer(layer())
        .with_state("hello");
    for path in ["/", "/static"] {
        let response = send(&app, request(path, None));
        assert_eq!(response.status(), 500);
        assert_eq!(body(response), "");
    }
}

// What the handler left.

#[test]
fn another_session_in_its_place() {
    let app = Router::new()
        .route(
            "/new",
            get(async |session: SessionHandle| session.write(|it| *it = Session::new())),
        )
        .route(
            "/take",
            get(async |session: SessionHandle| session.write(std::mem::take).to_json()),
        )
        .route(
            "/json",
            get(async |session: SessionHandle| {
                let other = Session::from_json(r#"{"_auth_user_id":"9"}"#)?;
                session.write(|session| *session = other);
                Ok::<_, Error>(())
            }),
        )
        .layer(layer());
    for path in ["/new", "/take"] {
        let response = send(&app, request(path, Some(&signed_in(&[]))));
        assert_eq!(cookie(&response), "sessionid=");
        assert_eq!(response.headers()[VARY], "Cookie");
    }
    let response = send(&app, request("/json", Some(&signed_in(&[]))));
    let value = cookie(&response);
    let session = codec().decode(value.trim_start_matches("sessionid="), NOW);
    assert_eq!(
        session.expect("our own").to_json(),
        r#"{"_auth_user_id":"9"}"#
    );
}

#[test]
fn a_handle_in_its_own_closure_is_no_hang() {
    async fn page(session: SessionHandle) {
        session.write(|inner| {
            if session.refusal().is_none() {
                inner.clear();
            }
        });
    }
    let app = Router::new().route("/", get(page)).layer(layer());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        send(&app, request("/", None));
    }));
    assert!(panicked.is_err());
}
