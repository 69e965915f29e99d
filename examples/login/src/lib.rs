//! A shop with accounts whose sessions are signed cookies: sign up, sign in, "remember me", a cart, a new password, sign
//! out here and everywhere, and keys that are rotated while people shop. A panel at the end of the page shows the cookie,
//! and has buttons that forge it.
//!
//! | file | what it does |
//! |---|---|
//! | `keys` | which key signs, which ones verify, and how that changes while the program runs |
//! | `visitor` | finds the account of a request's login |
//! | `accounts` | sign up, sign in, a new password, sign out, sign out everywhere |
//! | `passwords`, `users` | Argon2 on its own threads; accounts in SQLite |
//! | `shop` | the articles, and the cart in the session |
//! | `guard` | refuses forms of other sites; sets the headers that a page with accounts needs |
//! | `panel`, `forge` | what the page shows of the cookie; cookies that are refused |
//! | `pages` | the HTML |
//!
//! Not here, because it has nothing to do with sessions: confirming an e-mail address, a forgotten password, and a limit
//! on sign-in attempts (a site on the internet needs one in front of `/sign-in`).

mod accounts;
mod failure;
mod forge;
mod guard;
mod keys;
mod pages;
mod panel;
mod passwords;
mod shop;
mod users;
mod visitor;

use std::path::PathBuf;
use std::sync::Arc;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Router, middleware};
use hardtack::{SecretKey, Timestamp};

pub use failure::Failure;
use keys::RotatingKeys;
use passwords::Passwords;
use users::Users;

/// What all requests share.
struct App {
    users: Users,
    passwords: Passwords,
    keys: RotatingKeys,
    clock: Clock,
}

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What several programs that serve the same site share. The default is nothing, for a single program.
#[derive(Default)]
pub struct Shared {
    /// The key that signs, then those that only verify. If there are none, the program generates a key, and its page has a
    /// button that rotates it.
    pub keys: Vec<SecretKey>,
    /// The file of the accounts. Without one, they are in memory.
    pub accounts: Option<PathBuf>,
}

/// Returns the application. `clock` is `Timestamp::now`, or a clock of a test.
///
/// # Errors
///
/// If the file of the accounts cannot be opened, or the system has no random bytes for a key.
pub fn app(
    shared: Shared,
    clock: impl Fn() -> Timestamp + Send + Sync + 'static,
) -> Result<Router, Failure> {
    let clock: Clock = Arc::new(clock);
    let app = Arc::new(App {
        users: Users::open(shared.accounts.as_deref())?,
        passwords: Passwords::new()?,
        keys: RotatingKeys::new(shared.keys, Arc::clone(&clock))?,
        clock,
    });
    let router = Router::new()
        .route("/", get(pages::home))
        .route(
            "/sign-up",
            get(accounts::sign_up_form).post(accounts::sign_up),
        )
        .route(
            "/sign-in",
            get(accounts::sign_in_form).post(accounts::sign_in),
        )
        .route(
            "/password",
            get(accounts::password_form).post(accounts::change_password),
        )
        .route("/sign-out", post(accounts::sign_out))
        .route("/sign-out-everywhere", post(accounts::sign_out_everywhere))
        .route("/cart/add", post(shop::add))
        .route("/cart/remove", post(shop::remove))
        .route("/note", post(shop::note))
        .route("/keys/rotate", post(keys::rotate))
        .route("/cookie/forge", post(forge::forge))
        .route("/cookie/restore", post(forge::restore))
        .route("/style.css", get(style))
        .route("/icon.svg", get(icon))
        .fallback(pages::not_found)
        .method_not_allowed_fallback(pages::wrong_method)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            keys::with_session,
        ))
        .layer(middleware::from_fn(guard::own_forms_only))
        .layer(middleware::map_response(guard::headers))
        .with_state(app);
    Ok(router)
}

async fn style() -> impl IntoResponse {
    file("text/css; charset=utf-8", include_str!("style.css"))
}

async fn icon() -> impl IntoResponse {
    file("image/svg+xml", include_str!("icon.svg"))
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text)
}
