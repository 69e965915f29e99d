//! Sessions and logins in axum (feature `axum`).
//!
//! Add [`SessionLayer`](crate::tower::SessionLayer) to the router. A handler then takes a [`SessionHandle`] as an
//! argument: the loaded session of the innermost layer. If it may run without the layer, it takes an
//! `Option<SessionHandle>`; if there are several sessions, it takes a [`PendingSession`].
//!
//! [`Error`] implements `IntoResponse`: its status ([`Error::status`], mostly 500) with the error's message, which holds
//! nothing of a session, and an event at level `ERROR`.
//!
//! ```
//! use axum::{Router, routing::post};
//! use hardtack::tower::SessionLayer;
//! use hardtack::{Error, KeyRing, SecretKey, SessionCodec, SessionHandle, SessionMiddleware};
//!
//! async fn add(session: SessionHandle) -> Result<String, Error> {
//!     let mut cart: Vec<u64> = session.get("cart")?.unwrap_or_default();
//!     cart.push(4711);
//!     session.insert("cart", &cart)?;
//!     Ok(format!("{} articles", cart.len()))
//! }
//!
//! let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
//! let sessions = SessionMiddleware::new(SessionCodec::new(KeyRing::new(key)));
//! let app: Router = Router::new()
//!     .route("/cart", post(add))
//!     .layer(SessionLayer::new(sessions));
//! # Ok::<(), Error>(())
//! ```
//!
//! # The signed-in user
//!
//! Implement [`UserLoader`] for the router's state, or for something that the state holds ([`FromRef`]). It says how your
//! app finds an active user by id; checking the login is done here. Then each handler says by an argument what it needs:
//!
//! | argument | without a signed-in user | for |
//! |---|---|---|
//! | [`LoginRequired<L>`](LoginRequired) | status 303 to [`UserLoader::login_url`], with `next` | a page that needs a user (Django's `login_required`) |
//! | [`Option<SignedIn<L>>`](SignedIn) | `None` | a page that shows who is signed in |
//! | [`SignedIn<L>`](SignedIn) | status 401 | an API |
//!
//! A complete login page. It needs hardtack with the feature `axum`, and:
//!
//! ```sh
//! cargo add axum && cargo add serde --features derive
//! cargo add tokio --features full
//! export SECRET_KEY=$(openssl rand -base64 48)   # once: another key ends all sessions
//! # http://127.0.0.1:3000/account asks ada to log in:
//! cargo run
//! ```
//!
//! ```no_run
//! use std::collections::HashMap;
//! use std::sync::Arc;
//!
//! use axum::extract::{Form, Query, State};
//! use axum::http::StatusCode;
//! use axum::response::{Html, IntoResponse, Redirect, Response};
//! use axum::{Router, routing::get};
//! use hardtack::auth::AuthHasher;
//! use hardtack::axum::{LoginRequired, SignedIn, UserLoader, safe_next};
//! use hardtack::tower::SessionLayer;
//! use hardtack::{Error, KeyRing, SecretKey, SessionCodec, SessionHandle, SessionMiddleware};
//! use hardtack::{SessionSettings, SetCookie};
//!
//! #[derive(Clone)]
//! struct User {
//!     name: String,
//!     password: String, // in a real app encoded: `$argon2id$...`, `pbkdf2_sha256$...`
//! }
//!
//! struct App {
//!     users: HashMap<String, User>, // or a pool of connections to a database
//!     hasher: AuthHasher,
//! }
//!
//! impl UserLoader for App {
//!     type User = User;
//!     type Error = StatusCode; // what an unreachable database answers: 503, for example
//!
//!     fn hasher(&self) -> &AuthHasher {
//!         &self.hasher
//!     }
//!
//!     async fn active_user(&self, id: &str) -> Result<Option<User>, StatusCode> {
//!         Ok(self.users.get(id).cloned())
//!     }
//!
//!     fn password(user: &User) -> &str {
//!         &user.password
//!     }
//! }
//!
//! async fn account(LoginRequired(user): LoginRequired<Arc<App>>) -> String {
//!     format!("The account of {}", user.name)
//! }
//!
//! async fn home(user: Option<SignedIn<Arc<App>>>) -> String {
//!     user.map_or("Hello".into(), |SignedIn(user)| format!("Hello, {}", user.name))
//! }
//!
//! // Without an `action`, the form goes to the page's own address, and so keeps `next`.
//! const LOGIN_PAGE: Html<&str> = Html(
//!     r#"<form method="post">
//!     <label>Name <input name="id"></label>
//!     <label>Password <input type="password" name="password"></label>
//!     <button>Log in</button>
//!     </form>"#,
//! );
//!
//! #[derive(serde::Deserialize)]
//! struct Login {
//!     id: String,
//!     password: String,
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Next {
//!     next: Option<String>,
//! }
//!
//! async fn login(
//!     State(app): State<Arc<App>>,
//!     session: SessionHandle,
//!     Query(query): Query<Next>,
//!     Form(form): Form<Login>,
//! ) -> Result<Response, Error> {
//!     let user = app.users.get(&form.id);
//!     let Some(user) = user.filter(|user| is_password(&form.password, &user.password)) else {
//!         return Ok((StatusCode::UNPROCESSABLE_ENTITY, LOGIN_PAGE).into_response());
//!     };
//!     let hash = app.hasher.hash(&user.password);
//!     session.write(|session| session.set_auth_user(&form.id, "my_app.login", &hash))?;
//!     let next = query.next.as_deref().and_then(safe_next).unwrap_or("/");
//!     Ok(Redirect::to(next).into_response())
//! }
//!
//! // Only for this example, whose passwords are plain text. With the crate argon2, parse
//! // `encoded` as a `PasswordHash`, and return
//! // `Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()`.
//! fn is_password(password: &str, encoded: &str) -> bool {
//!     password == encoded
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let key = std::env::var("SECRET_KEY");
//!     let key = key.map_err(|_| "set SECRET_KEY to 32 or more random characters")?;
//!     let keys = KeyRing::new(SecretKey::new(key)?);
//!     let ada = User { name: "Ada".into(), password: "sesame".into() };
//!     let app = App {
//!         users: HashMap::from([("ada".into(), ada)]),
//!         hasher: AuthHasher::new(&keys),
//!     };
//!
//!     // For plain HTTP in development: browsers drop a `Secure` cookie there (some except on
//!     // localhost), and no login would last. With HTTPS, use the default settings.
//!     let cookie = SetCookie::new("sessionid").with_secure(false);
//!     let settings = SessionSettings::default().with_cookie(cookie)?;
//!
//!     let sessions = SessionMiddleware::new(SessionCodec::new(keys)).with_settings(settings)?;
//!     let app = Router::new()
//!         .route("/", get(home))
//!         .route("/account", get(account))
//!         .route("/login", get(LOGIN_PAGE).post(login))
//!         .layer(SessionLayer::new(sessions))
//!         .with_state(Arc::new(app));
//!
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     axum::serve(listener, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! [`safe_next`] checks the `next` of the login page's address, because anyone can make a link with a `next` of their own. If you
//! write it into a page yourself, such as into a hidden field, escape it: it may contain `'` and `&`.
//!
//! Each extractor loads the user, so take one per handler. `axum::middleware::from_extractor_with_state` turns
//! [`LoginRequired`] into a guard for a whole router. It does not replace the argument of a handler that shows the
//! user: the user is then loaded twice.
//!
//! [`FromRef`]: axum::extract::FromRef

mod next;
mod user;

use alloc::string::ToString;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::error::Error;
use crate::handle::SessionHandle;
use crate::tower::PendingSession;

pub use next::{login_url, safe_next};
pub use user::{LoginRequired, SignedIn, UserLoader, UserRejection};

/// Extracts the session without loading it. The rejection is [`Error::MissingLayer`].
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> FromRequestParts<S> for PendingSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get().cloned().ok_or(Error::MissingLayer)
    }
}

/// Extracts the session and loads it. The rejection is [`Error::MissingLayer`], or the error of
/// [`PendingSession::load`].
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> FromRequestParts<S> for SessionHandle {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        PendingSession::from_request_parts(parts, state)
            .await?
            .load()
            .await
    }
}

/// Extracts the session and loads it, or returns `None` without a layer.
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> OptionalFromRequestParts<S> for SessionHandle {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Error> {
        match parts.extensions.get::<PendingSession>().cloned() {
            Some(pending) => pending.load().await.map(Some),
            None => Ok(None),
        }
    }
}

/// Returns the error's status with its message as plain text, and logs an event at level `ERROR`.
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        tracing::error!(target: "hardtack", error = %self, "a handler failed");
        let status = StatusCode::from_u16(self.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.to_string()).into_response()
    }
}
