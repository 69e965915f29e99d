//! Sessions in axum: log in, "remember me", a page for users only, a cart, messages for the next page, log out.
//!
//! Run it with `SECRET_KEY=$(openssl rand -hex 32) cargo run -p axum-example`, open the address that it prints, and log in as
//! `ada` with the password `sesame`. `PORT` sets the port.

use std::{collections::HashMap, convert::Infallible, env, time::Duration};

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

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A user's name and password.
type User = (&'static str, &'static str);

/// In a real app a table, with hashes of the passwords (`examples/login` has them, made by argon2).
const USERS: [User; 1] = [("ada", "sesame")];

/// The router's state. It says how `LoginRequired` finds the user whose id is in the session.
#[derive(Clone)]
struct App {
    hasher: AuthHasher,
}

impl UserLoader for App {
    type User = User;
    type Error = Infallible; // a database's error, as a response

    fn hasher(&self) -> &AuthHasher {
        &self.hasher
    }

    async fn active_user(&self, id: &str) -> Result<Option<User>, Infallible> {
        Ok(USERS.into_iter().find(|(name, _)| *name == id))
    }

    // Logins are tied to it: they end when it changes.
    fn password((_, password): &User) -> &str {
        password
    }
}

/// Keeps a message for the next page.
fn flash(session: &SessionHandle, message: &str) -> Result<(), Error> {
    session.insert("flash", message)
}

/// Returns a page, with the message that was kept for it. `pop` removes the message, so it is shown once.
fn page(session: &SessionHandle, content: &Markup) -> Result<Markup, Error> {
    let message: Option<String> = session.pop("flash")?;
    Ok(html! {
        (DOCTYPE)
        title { "Sessions in axum" }
        @if let Some(message) = message { p { em { (message) } } }
        (content)
    })
}

async fn login_page(session: SessionHandle) -> Result<Markup, Error> {
    // Without an `action`, the form goes to the page's own address, and so keeps `next`.
    let form = html! {
        form method="post" {
            label { "Name " input name="name"; }
            label { "Password " input type="password" name="password"; }
            label { input type="checkbox" name="remember"; "Remember me" }
            button { "Log in" }
        }
    };
    page(&session, &form)
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
    Query(query): Query<HashMap<String, String>>,
    Form(form): Form<Login>,
) -> Result<Redirect, Error> {
    let next = query.get("next").and_then(|next| safe_next(next));
    let next = next.unwrap_or("/");
    let typed = (form.name.as_str(), form.password.as_str());
    let Some((name, password)) = USERS.into_iter().find(|user| *user == typed) else {
        flash(&session, "This is not a user's name and password.")?;
        return Ok(Redirect::to(&login_url("/login", next)));
    };
    let hash = app.hasher.hash(password);
    session.write(|session| {
        session.set_auth_user(name, "axum_example", &hash)?;
        session.set_expiry(match form.remember {
            Some(_) => Expiry::Default, // the age of the settings: 30 days
            None => Expiry::After(DAY),
        })
    })?;
    flash(&session, "Welcome!")?;
    Ok(Redirect::to(next))
}

async fn home(
    LoginRequired((name, _)): LoginRequired<App>,
    session: SessionHandle,
) -> Result<Markup, Error> {
    let cart: Vec<String> = session.get("cart")?.unwrap_or_default();
    let content = html! {
        h1 { "Hello, " (name) }
        ul { @for item in &cart { li { (item) } } }
        form method="post" action="/cart" { input name="item"; button { "Add" } }
        form method="post" action="/logout" { button { "Log out" } }
    };
    page(&session, &content)
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
    let key = env::var("SECRET_KEY");
    let key = key.map_err(|_| "set SECRET_KEY to 32 or more random characters")?;
    let keys = KeyRing::new(SecretKey::new(key)?);
    let hasher = AuthHasher::new(&keys);

    // For plain HTTP only, where browsers may drop `Secure` cookies. With HTTPS, leave the line out.
    let cookie = SetCookie::new("sessionid").with_secure(false);
    let settings = SessionSettings::default().with_cookie(cookie)?;
    let settings = settings.with_age(30 * DAY);
    let sessions = SessionMiddleware::new(SessionCodec::new(keys)).with_settings(settings)?;

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
