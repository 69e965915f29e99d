//! One address, two programs: `/shop/` is served here, everything else by Django behind it. They share a secret, and with
//! it the sessions, and a database that is only read here.

mod failure;
mod login;
mod origin;
mod proxy;
mod shop;

use std::env;
use std::error::Error;
use std::net::SocketAddr;

use axum::http::uri::Authority;
use axum::middleware::from_fn;
use hardtack::tower::SessionLayer;
use hardtack::{
    Error as SessionError, KeyRing, SESSION_COOKIE_NAME, SecretKey, SessionCodec,
    SessionMiddleware, SessionSettings, SetCookie,
};
use tokio::net::TcpListener;

use login::Users;
use proxy::Upstream;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_ansi(false).init();
    let keys = keys()?;
    let users = Users::open(setting("DATABASE")?, &keys)?;
    let django: Authority = setting("DJANGO")?.parse()?;

    // Only pages that are served here pass these layers, from the last one to the first. For all others, Django sets the
    // session's cookie itself.
    let app = shop::pages()
        .layer(SessionLayer::new(sessions(keys)?))
        .layer(from_fn(origin::check))
        .with_state(users)
        .merge(shop::files())
        .fallback(proxy::forward)
        .with_state(Upstream::new(django));

    let port: u16 = env::var("PORT").map_or(Ok(8000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    println!("Shop, in Rust:     http://{address}/shop/");
    println!("Site, in Django:   http://{address}/");
    println!("Admin, in Django:  http://{address}/admin/");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await?;
    Ok(())
}

/// Returns Django's `SECRET_KEY` and `SECRET_KEY_FALLBACKS`, from the environment, where Django reads them, too.
fn keys() -> Result<KeyRing, Box<dyn Error>> {
    let mut keys = KeyRing::new(SecretKey::new(setting("SECRET_KEY")?)?);
    for key in env::var("SECRET_KEY_FALLBACKS")
        .unwrap_or_default()
        .split_whitespace()
    {
        keys = keys.with_fallback(SecretKey::new(key)?);
    }
    Ok(keys)
}

/// Returns sessions with the site's settings: the defaults, except for `SESSION_COOKIE_SECURE`.
fn sessions(keys: KeyRing) -> Result<SessionMiddleware, SessionError> {
    let is_secure = env::var("PLAIN_HTTP").as_deref() != Ok("1");
    let cookie = SetCookie::new(SESSION_COOKIE_NAME).with_secure(is_secure);
    let settings = SessionSettings::default().with_cookie(cookie)?;
    SessionMiddleware::new(SessionCodec::new(keys)).with_settings(settings)
}

fn setting(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error} (run.sh sets it)"))
}
