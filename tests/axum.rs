//! The handle as an argument of axum's handlers.

#![cfg(feature = "axum")]

mod common;

use std::future::Future;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use hardtack::axum::MissingLayer;
use hardtack::tower::{SessionHandle, SessionLayer, Unsent};
use hardtack::{Error, Session, SessionMiddleware};
use http::header::{COOKIE, SET_COOKIE, VARY};
use http::{Request, StatusCode};
use tower::ServiceExt;

use common::{NOW, codec};

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

struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}

async fn login(session: SessionHandle, Path(name): Path<String>) -> Result<(), Failure> {
    session.write(|session| session.insert("user", name))?;
    Ok(())
}

async fn who(State(greeting): State<&str>, session: SessionHandle) -> Result<String, Failure> {
    let user: Option<String> = session.read(|session| session.get("user"))?;
    Ok(format!("{greeting} {}", user.as_deref().unwrap_or("you")))
}

async fn logout(session: SessionHandle) {
    session.write(Session::flush);
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
    assert_eq!(body(response), MissingLayer.to_string());
    assert!(MissingLayer.to_string().contains("SessionLayer"));
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
                let _ = session.write(|session| session.insert("seen", true));
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

async fn overload(session: SessionHandle) -> Result<&'static str, Failure> {
    session.write(|session| session.insert("pad", "x".repeat(70_000)))?;
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
