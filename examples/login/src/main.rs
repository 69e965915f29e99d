//! `cargo run -p login`, then open the address that it prints.
//!
//! | variable | value |
//! |---|---|
//! | `PORT` | the port, 3000 by default; 0 is any that is free |
//! | `SECRET_KEY` | the key that signs. By default, the program generates one, which ends with it |
//! | `SECRET_KEY_FALLBACKS` | keys that only verify, separated by white space |
//! | `ACCOUNTS` | the file of the accounts. By default, they end with the program |
//!
//! Several of these programs can serve one site, if all have the same keys and the same file.

use std::env;
use std::net::Ipv4Addr;

use hardtack::{Error, SecretKey, Timestamp};
use login::{Failure, Shared};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let port = match env::var("PORT") {
        Ok(port) => port.parse()?,
        Err(_) => 3000,
    };
    let shared = Shared {
        keys: keys()?,
        accounts: env::var_os("ACCOUNTS").map(Into::into),
    };
    let app = login::app(shared, Timestamp::now)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{} (Ctrl-C stops it)", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

/// Returns the keys in the environment, the one that signs first.
fn keys() -> Result<Vec<SecretKey>, Failure> {
    let Ok(signing) = env::var("SECRET_KEY") else {
        return Ok(Vec::new());
    };
    let fallbacks = env::var("SECRET_KEY_FALLBACKS").unwrap_or_default();
    let keys = std::iter::once(&*signing).chain(fallbacks.split_whitespace());
    Ok(keys.map(SecretKey::new).collect::<Result<_, Error>>()?)
}
