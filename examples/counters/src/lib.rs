//! The same visit counter in seven web frameworks. Each program is one page, and its sessions behave the same:
//!
//! | program | how a request gets its session |
//! |---|---|
//! | `axum` | hardtack's layer and extractor (feature `axum`) |
//! | `salvo` | hardtack's layer, through salvo's `compat()` |
//! | `warp` | hardtack's layer around all filters |
//! | `poem` | a function around the routes |
//! | `actix` | a middleware function |
//! | `rocket` | a fairing and a request guard |
//! | `hyper` | a function around the application; to support another framework, start here and with `add_headers` |
//!
//! Run one with `cargo run -p counters --features rocket --bin rocket`, then open the address that it prints.
//!
//! | environment | |
//! |---|---|
//! | `SECRET_KEY` | the key; without it, a random one that is lost when the program ends |
//! | `SECRET_KEY_FALLBACK` | an older key, whose cookies are still accepted |
//! | `PORT` | the port; defaults to 3000, and 0 means any free one |
//!
//! This library has the parts that do not depend on the framework.

#[cfg(feature = "http")]
mod headers;
#[cfg(feature = "serve")]
mod serve;

use std::env;
use std::net::{Ipv4Addr, TcpListener};

use hardtack::{KeyRing, SecretKey, SessionCodec, SessionMiddleware, SessionSettings, SetCookie};
#[cfg(feature = "http")]
pub use headers::add_headers;
#[cfg(feature = "serve")]
pub use serve::serve;

/// Any error at the start of a program.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Returns the sessions' middleware, with the keys from the environment.
///
/// # Errors
///
/// A key in the environment is too weak, or the system has no random bytes for one.
pub fn sessions() -> Result<SessionMiddleware, Failure> {
    let key = env::var("SECRET_KEY").or_else(|_| {
        println!("SECRET_KEY is not set: using a random key, which is lost when this program ends");
        let mut key = [0; 16];
        getrandom::fill(&mut key).map(|()| format!("{:032x}", u128::from_ne_bytes(key)))
    })?;
    let mut keys = KeyRing::new(SecretKey::new(key)?);
    if let Ok(fallback) = env::var("SECRET_KEY_FALLBACK") {
        keys = keys.with_fallback(SecretKey::new(fallback)?);
    }
    // For plain HTTP only, where browsers may drop `Secure` cookies. With HTTPS, leave `with_secure` out.
    // The name is not `sessionid`, because all ports of a host share their cookies.
    let cookie = SetCookie::new("visits").with_secure(false);
    let settings = SessionSettings::default().with_cookie(cookie)?;
    Ok(SessionMiddleware::new(SessionCodec::new(keys)).with_settings(settings)?)
}

/// Returns the port from the environment.
///
/// # Errors
///
/// `PORT` is not a port.
pub fn port() -> Result<u16, Failure> {
    Ok(env::var("PORT").map_or(Ok(3000), |port| port.parse())?)
}

/// Binds the port on this machine's loopback address, and prints the address. The listener is non-blocking, as
/// asynchronous runtimes require.
///
/// # Errors
///
/// `PORT` is not a port, or another program uses it.
pub fn listen() -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port()?))?;
    listener.set_nonblocking(true)?;
    println!("http://{}", listener.local_addr()?);
    Ok(listener)
}

/// Returns the HTML page of a number of visits.
pub fn page(visits: u32) -> String {
    format!(include_str!("page.html"), visits = visits)
}
