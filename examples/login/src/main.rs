//! `cargo run -p login`, then open the address that it prints. `PORT` sets the port; 0 is any that is free.

use std::env;
use std::net::Ipv4Addr;

use hardtack::Timestamp;
use login::Failure;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let port = match env::var("PORT") {
        Ok(port) => port.parse()?,
        Err(_) => 3000,
    };
    let app = login::app(Timestamp::now)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{} (Ctrl-C stops it)", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
