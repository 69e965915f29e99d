//! Sessions in axum: log in, "remember me", a page for users only, a cart, messages for the next page, log out.
//!
//! Run it with `SECRET_KEY=$(openssl rand -hex 32) cargo run -p axum-example`, open the address that it prints, and log in as
//! `ada` with the password `sesame`. `PORT` sets the port.

use std::convert::Infallible;
use std::env;
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::Redirect;
use axum::routing::{get, post};
use hardtack::auth::AuthHasher;
use hardtack::axum::{LoginRequired, UserLoader, login_url, safe_next};
use hardtack::tower::SessionLayer;
use hardtack::{Error, Expiry, KeyRing, SecretKey, SessionCodec, SessionHandle};
use hardtack::{SessionMiddleware, SessionSettings, SetCookie};
use maud::{DOCTYPE, Markup, html};

/// How long "remember me" lasts.
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A user: in a real app a row of the database, with a hash of the password (`examples/login` has one, by argon2).
struct User {
    name: &'static str,
    password: &'static str,
}

static USERS: [User; 1] = [User {
    name: "ada",
    password: "sesame",
}];

/// The router's state. It says how `LoginRequired` finds the user whose id is in the session.
#[derive(Clone)]
struct App {
    hasher: AuthHasher,
}

impl UserLoader for App {
    type User = &'static User;
    type Error = Infallible; // a database's error, as a response

    fn hasher(&self) -> &AuthHasher {
        &self.hasher
    }

    async fn active_user(&self, id: &str) -> Result<Option<&'static User>, Infallible> {
        Ok(USERS.iter().find(|user| user.name == id))
    }

    // Logins are tied to it: they end when it changes.
    fn password<'u>(user: &'u &'static User) -> &'u str {
        user.password
    }
}

/// Keeps a message for the next page.
fn flash(session: &SessionHandle, message: &str) -> Result<(), Error> {
    session.insert("flash", message)
}

/// A page, with the message that was kept for it. `pop` removes the message, so it is shown once.
fn page(session: &SessionHandle, content: &Markup) -> Result<Markup, Error> {
    let message: Option<String> = session.pop("flash")?;
    Ok(html! {
        (DOCTYPE)
        title { "Sessions in axum" }
        @if let Some(message) = message { p { em { (message) } } }
        (content)
    })
}

/// The query of the login page: where to go afterwards.
#[derive(serde::Deserialize)]
struct Next {
    next: Option<String>,
}

async fn login_page(session: SessionHandle) -> Result<Markup, Error> {
    // Without an `action`, the form goes to the page's own address, and so keeps `next`.
    page(
        &session,
        &html! {
            form method="post" {
                label { "Name " input name="name"; }
                label { "Password " input type="password" name="password"; }
                label { input type="checkbox" name="remember"; "Remember me" }
                button { "Log in" }
            }
        },
    )
}

#[derive(serde::Deserialize)]
struct Login {
    name: String,
    password: String,
    remember: Option<String>,
}

async fn login(
    State(app): State<App>,
    session: SessionHandle,
    Query(query): Query<Next>,
    Form(form): Form<Login>,
) -> Result<Redirect, Error> {
    let next = query.next.as_deref().and_then(safe_next).unwrap_or("/");
    let fits = |user: &&User| user.name == form.name && user.password == form.password;
    let Some(user) = USERS.iter().find(fits) else {
        flash(&session, "This is not a user's name and password.")?;
        return Ok(Redirect::to(&login_url("/login", next)));
    };
    let hash = app.hasher.hash(user.password);
    session.write(|session| {
        session.set_auth_user(user.name, "axum_example", &hash)?;
        let forget = form.remember.is_none().then_some(Expiry::WithBrowser);
        session.set_expiry(forget.unwrap_or(Expiry::Default))
    })?;
    flash(&session, "Welcome!")?;
    Ok(Redirect::to(next))
}

async fn home(
    LoginRequired(user): LoginRequired<App>,
    session: SessionHandle,
) -> Result<Markup, Error> {
    let cart: Vec<String> = session.get("cart")?.unwrap_or_default();
    page(
        &session,
        &html! {
            h1 { "Hello, " (user.name) }
            ul { @for item in &cart { li { (item) } } }
            form method="post" action="/cart" { input name="item"; button { "Add" } }
            form method="post" action="/logout" { button { "Log out" } }
        },
    )
}

#[derive(serde::Deserialize)]
struct Item {
    item: String,
}

async fn add(
    _: LoginRequired<App>,
    session: SessionHandle,
    Form(form): Form<Item>,
) -> Result<Redirect, Error> {
    // `write` locks the session, so nothing changes it between reading and writing the cart.
    session.write(|session| {
        let mut cart: Vec<String> = session.get("cart")?.unwrap_or_default();
        cart.push(form.item);
        session.insert("cart", cart)
    })?;
    Ok(Redirect::to("/"))
}

async fn logout(session: SessionHandle) -> Result<Redirect, Error> {
    session.flush();
    flash(&session, "Goodbye!")?;
    Ok(Redirect::to("/login"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key =
        env::var("SECRET_KEY").map_err(|_| "set SECRET_KEY to 32 or more random characters")?;
    let keys = KeyRing::new(SecretKey::new(key)?);
    let hasher = AuthHasher::new(&keys);

    // For plain HTTP only, where browsers may drop `Secure` cookies. With HTTPS, leave the line out.
    let cookie = SetCookie::new("sessionid").with_secure(false);
    let settings = SessionSettings::default()
        .with_cookie(cookie)?
        .with_age(MONTH);
    let codec = SessionCodec::new(keys);
    let sessions = SessionMiddleware::new(codec).with_settings(settings)?;

    let app = Router::new()
        .route("/", get(home))
        .route("/login", get(login_page).post(login))
        .route("/cart", post(add))
        .route("/logout", post(logout))
        .layer(SessionLayer::new(sessions))
        .with_state(App { hasher });
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
