//! The signed-in user as an argument of axum's handlers, and where the login page leads to.

#![cfg(feature = "axum")]

mod common;
#[path = "common/next.rs"]
mod next;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::{FromRef, Query};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};
use hardtack::auth::AuthHasher;
use hardtack::axum::{LoginRequired, SignedIn, UserLoader, UserRejection, login_url, safe_next};
use hardtack::tower::SessionLayer;
use hardtack::{Error, KeyRing, Session, SessionMiddleware};
use http::header::{COOKIE, LOCATION, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::{Method, Request, StatusCode};
use tower::ServiceExt;

use common::{KEY, NOW, OTHER_KEY, codec, key};

const BACKEND: &str = "shop.accounts";
const PASSWORD: &str = "pbkdf2_sha256$1000000$salt$hash";

struct User {
    name: &'static str,
    password: String,
}

/// A table with the user 7, who is active, and the user 8, who is not.
struct Users {
    hasher: AuthHasher,
    password: String,
    is_reachable: bool,
    queries: AtomicUsize,
}

impl Users {
    fn new() -> Self {
        Self {
            hasher: AuthHasher::new(&KeyRing::new(key(KEY)).with_fallback(key(OTHER_KEY))),
            password: PASSWORD.into(),
            is_reachable: true,
            queries: AtomicUsize::new(0),
        }
    }
}

impl UserLoader for Users {
    type User = User;
    type Error = (StatusCode, &'static str);

    fn hasher(&self) -> &AuthHasher {
        &self.hasher
    }

    async fn active_user(&self, id: &str) -> Result<Option<User>, Self::Error> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        if !self.is_reachable {
            return Err((StatusCode::SERVICE_UNAVAILABLE, "no database"));
        }
        Ok((id == "7").then(|| User {
            name: "Zoë",
            password: self.password.clone(),
        }))
    }

    fn password(user: &User) -> &str {
        &user.password
    }

    fn accepts_backend(&self, backend: &str) -> bool {
        backend == BACKEND
    }

    fn login_url(&self) -> &'static str {
        "/sign-in"
    }
}

/// The router's state, which has more in it than the users.
#[derive(Clone)]
struct App {
    users: Arc<Users>,
}

impl FromRef<App> for Arc<Users> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.users)
    }
}

type Member = LoginRequired<Arc<Users>>;
type Known = SignedIn<Arc<Users>>;

async fn page(LoginRequired(user): Member) -> &'static str {
    user.name
}

async fn home(user: Option<Known>) -> &'static str {
    user.map_or("anonymous", |SignedIn(user)| user.name)
}

async fn api(SignedIn(user): Known) -> &'static str {
    user.name
}

fn app(users: Users) -> Router {
    let sessions = SessionMiddleware::new(codec());
    router()
        .layer(SessionLayer::new(sessions).with_clock(|| NOW))
        .with_state(App {
            users: Arc::new(users),
        })
}

fn router() -> Router<App> {
    Router::new()
        .route("/page", get(page).post(page).put(page))
        .route("/home", get(home))
        .route("/api", post(api).get(api))
        .nest("/account", Router::new().route("/{*rest}", get(page)))
        .fallback(page)
}

const PATHS: [&str; 3] = ["/page", "/home", "/api"];

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// Sends a request with a session.
fn send(app: Router, method: Method, uri: &str, session: &Session) -> Response {
    let mut request = Request::builder().method(method).uri(uri);
    if !session.is_empty() {
        let value = codec().encode(session, NOW).expect("a cookie");
        request = request.header(COOKIE, format!("sessionid={value}"));
    }
    let request = request.body(Body::empty()).expect("a request");
    let Ok(response) = run(app.oneshot(request));
    response
}

fn get_with(users: Users, uri: &str, session: &Session) -> Response {
    send(app(users), Method::GET, uri, session)
}

fn body(response: Response) -> String {
    let bytes = run(to_bytes(response.into_body(), usize::MAX)).expect("a body");
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[track_caller]
fn location(response: &Response) -> &str {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[LOCATION].to_str().expect("text")
}

/// The session that the response sets, as JSON text; `None` if it sets none.
fn set_session(response: &Response) -> Option<String> {
    let header = response.headers().get(SET_COOKIE)?.to_str().expect("text");
    let value = header.split(['=', ';']).nth(1).expect("a value");
    if value.is_empty() {
        return Some(String::new());
    }
    Some(codec().decode(value, NOW).expect("our own").to_json())
}

fn login(id: &str, backend: &str, hash: &str) -> Session {
    let mut session = Session::new();
    session.insert("cart", 1).expect("JSON");
    session.set_auth_user(id, backend, hash).expect("text");
    session
}

fn hash(secret: &str) -> String {
    AuthHasher::new(&KeyRing::new(key(secret))).hash(PASSWORD)
}

#[track_caller]
fn assert_anonymous(users: impl Fn() -> Users, session: &Session, set: Option<&str>) {
    let response = get_with(users(), "/page?a=1&b=2", session);
    assert_eq!(location(&response), "/sign-in?next=/page%3Fa%3D1%26b%3D2");
    assert_eq!(set_session(&response).as_deref(), set, "page");

    let response = get_with(users(), "/home", session);
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(set_session(&response).as_deref(), set, "home");
    assert_eq!(body(response), "anonymous");

    let response = get_with(users(), "/api", session);
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()[WWW_AUTHENTICATE], "Cookie");
    assert_eq!(set_session(&response).as_deref(), set, "api");
}

#[test]
fn a_login_that_is_valid() {
    for path in PATHS {
        let response = get_with(Users::new(), path, &login("7", BACKEND, &hash(KEY)));
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()[VARY], "Cookie", "{path}");
        assert_eq!(set_session(&response), None, "{path}");
        assert_eq!(body(response), "Zoë", "{path}");
    }
}

#[test]
fn a_login_of_a_fallback_key_is_rewritten() {
    for path in PATHS {
        let response = get_with(Users::new(), path, &login("7", BACKEND, &hash(OTHER_KEY)));
        let rewritten = login("7", BACKEND, &hash(KEY)).to_json();
        assert_eq!(set_session(&response), Some(rewritten), "{path}");
        assert_eq!(body(response), "Zoë", "{path}");
    }
}

#[test]
fn without_a_login() {
    let mut cart = Session::new();
    cart.insert("cart", 1).expect("JSON");
    for session in [Session::new(), cart] {
        assert_anonymous(Users::new, &session, None);
    }
}

/// The session of a login that has ended is flushed.
#[test]
fn a_login_that_has_ended() {
    let changed = || Users {
        password: "pbkdf2_sha256$1000000$salt$another".into(),
        ..Users::new()
    };
    assert_anonymous(changed, &login("7", BACKEND, &hash(KEY)), Some(""));
    assert_anonymous(Users::new, &login("8", BACKEND, &hash(KEY)), Some(""));
    assert_anonymous(Users::new, &login("7", BACKEND, ""), Some(""));
    let no_backend = Session::from_json(r#"{"_auth_user_id":"7"}"#).expect("a session");
    assert_anonymous(Users::new, &no_backend, Some(""));
}

/// As in Django, it is ignored.
#[test]
fn a_login_of_another_backend() {
    let session = login("7", "another.Backend", &hash(KEY));
    assert_anonymous(Users::new, &session, None);
}

#[test]
fn a_database_that_fails_is_never_an_anonymous_user() {
    for path in PATHS {
        let users = Users {
            is_reachable: false,
            ..Users::new()
        };
        let response = get_with(users, path, &login("7", BACKEND, &hash(KEY)));
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(set_session(&response), None, "{path}");
        assert_eq!(body(response), "no database", "{path}");
    }
}

#[test]
fn an_anonymous_request_does_not_query_the_database() {
    let users = Arc::new(Users::new());
    let sessions = SessionMiddleware::new(codec());
    let app = router()
        .layer(SessionLayer::new(sessions).with_clock(|| NOW))
        .with_state(App {
            users: Arc::clone(&users),
        });
    for path in PATHS {
        send(app.clone(), Method::GET, path, &Session::new());
    }
    assert_eq!(users.queries.load(Ordering::Relaxed), 0);
    send(app, Method::GET, "/home", &login("7", BACKEND, &hash(KEY)));
    assert_eq!(users.queries.load(Ordering::Relaxed), 1);
}

#[test]
fn an_id_that_is_not_text_is_an_error() {
    let session = Session::from_json(r#"{"_auth_user_id":7}"#).expect("a session");
    for path in PATHS {
        let response = get_with(Users::new(), path, &session);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(
            body(response),
            Error::WrongType { offset: 0 }.to_string(),
            "{path}"
        );
    }
}

#[test]
fn a_missing_layer_is_named() {
    let users = Arc::new(Users::new());
    for path in PATHS {
        let app = router().with_state(App {
            users: Arc::clone(&users),
        });
        let response = send(app, Method::GET, path, &Session::new());
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(body(response), Error::MissingLayer.to_string(), "{path}");
    }
}

/// A loader that is the router's state, with only the methods that it must have.
#[derive(Clone)]
struct Plain(AuthHasher);

impl UserLoader for Plain {
    type User = String;
    type Error = StatusCode;

    fn hasher(&self) -> &AuthHasher {
        &self.0
    }

    async fn active_user(&self, _: &str) -> Result<Option<String>, StatusCode> {
        Ok(Some(PASSWORD.into()))
    }

    fn password(user: &String) -> &str {
        user
    }
}

#[test]
fn the_defaults_of_a_loader() {
    async fn page(_: LoginRequired<Plain>) -> &'static str {
        "hello"
    }
    let app = Router::new()
        .route("/page", get(page))
        .layer(SessionLayer::new(SessionMiddleware::new(codec())).with_clock(|| NOW))
        .with_state(Plain(Users::new().hasher));
    let response = send(app.clone(), Method::GET, "/page", &Session::new());
    assert_eq!(location(&response), "/login?next=/page");
    let session = login("7", "any.Backend", &hash(KEY));
    assert_eq!(body(send(app, Method::GET, "/page", &session)), "hello");
}

#[test]
fn a_guard_of_a_router() {
    let state = App {
        users: Arc::new(Users::new()),
    };
    let guard = middleware::from_extractor_with_state::<Member, _>(state);
    let app = Router::new()
        .route("/orders", get("the orders"))
        .route_layer(guard)
        .layer(SessionLayer::new(SessionMiddleware::new(codec())).with_clock(|| NOW));
    let anonymous = Session::new();
    let response = send(app.clone(), Method::GET, "/orders", &anonymous);
    assert_eq!(location(&response), "/sign-in?next=/orders");
    let session = login("7", BACKEND, &hash(KEY));
    assert_eq!(
        body(send(app, Method::GET, "/orders", &session)),
        "the orders"
    );
}

// `next`.

#[test]
fn only_a_get_is_come_back_to() {
    for (method, to) in [
        (Method::GET, "/sign-in?next=/page%3Fa"),
        (Method::HEAD, "/sign-in?next=/page%3Fa"),
        (Method::POST, "/sign-in"),
        (Method::PUT, "/sign-in"),
    ] {
        let response = send(app(Users::new()), method, "/page?a", &Session::new());
        assert_eq!(location(&response), to);
    }
}

#[test]
fn next_is_the_whole_path_of_a_nested_route() {
    let response = get_with(Users::new(), "/account/orders?page=2", &Session::new());
    assert_eq!(
        location(&response),
        "/sign-in?next=/account/orders%3Fpage%3D2"
    );
}

/// The request's own path may be the address of another site, too: `GET //evil.example/`.
#[test]
fn next_of_a_hostile_path() {
    for path in ["//evil.example/", "//evil.example", "///evil.example"] {
        let response = get_with(Users::new(), path, &Session::new());
        assert_eq!(location(&response), "/sign-in", "{path}");
    }
}

#[test]
fn hostile_values_of_next() {
    let (hostile, good) = next::values();
    assert!(hostile.len() >= 30 && good.len() >= 10);
    for value in hostile {
        assert_eq!(safe_next(&value), None, "{value:?}");
        assert_eq!(login_url("/login", &value), "/login", "{value:?}");
    }
    for value in good {
        assert_eq!(safe_next(&value), Some(&*value));
    }
}

#[test]
fn next_has_a_limit() {
    let path = format!("/{}", "x".repeat(2047));
    assert_eq!(safe_next(&path), Some(&*path));
    assert_eq!(safe_next(&format!("{path}x")), None);
}

/// The characters that a `next` may not have anywhere, of those that an address could have.
#[test]
fn characters_that_next_refuses() {
    let refused: String = ('!'..='~')
        .filter(|character| safe_next(&format!("/a{character}")).is_none())
        .collect();
    assert_eq!(refused, r#""<>\"#);
}

/// A form parser reads back just what was written, whatever is in it.
#[test]
fn next_survives_the_query() {
    let mut all = String::from("/");
    all.extend(('!'..='~').filter(|character| !r#""<>\"#.contains(*character)));
    let url = login_url("/login?by=mail", &all);
    let query = url.strip_prefix("/login?").expect("the page");
    let uri = format!("/?{query}").parse().expect("a URI");
    let Query(pairs): Query<Vec<(String, String)>> = Query::try_from_uri(&uri).expect("a query");
    let expected =
        [("by", "mail"), ("next", &all)].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(pairs, expected);
}

// Rejections.

#[test]
fn rejections_are_errors() {
    let rejections = [
        UserRejection::NotSignedIn,
        UserRejection::LoginRequired {
            location: "/login?next=/".into(),
        },
        UserRejection::Session(Error::StoreFailed),
        UserRejection::Loader(Error::MissingLayer),
    ];
    let texts = rejections.map(|rejection| {
        let error: Box<dyn std::error::Error> = Box::new(rejection);
        error.to_string()
    });
    let session = Error::StoreFailed.to_string();
    let loader = Error::MissingLayer.to_string();
    assert_eq!(texts, ["not signed in", "not signed in", &session, &loader]);
}
