//! Load-tests two axum servers, one with hardtack's layer and one without, each in its own process.
//!
//! ```sh
//! cargo run --release -p load            # rounds of 20000 requests
//! cargo run --release -p load -- 200000  # longer ones
//! ```
//!
//! The number of requests is fixed. Every cookie, be it good, forged, old, unreadable or too long, must get the right
//! answer. No response may be an error, the server must not panic, and its memory must not grow after the warm-up. The
//! speed is only printed, because clients and servers share the machine. In the mix of all kinds, every third request
//! writes a session, which is more than on a real site, so the usual kind is also timed alone.

mod client;
mod process;
mod server;
mod site;
mod traffic;

use std::env;
use std::error::Error;
use std::time::Instant;

use hardtack::Timestamp;

use client::{Clients, Look};
use process::Server;
use site::Layer;

type Failure = Box<dyn Error + Send + Sync>;

/// The kind of most requests to a site.
const USUAL: &str = "good, read";

/// Rounds for each server. The fastest one counts.
const ROUNDS: usize = 5;

/// The number of KiB by which the server's memory may grow after the warm-up. An allocator keeps less than this; a leak
/// of 20 bytes per request takes more, with the default number of requests.
const MEMORY_BOUND: u64 = 4096;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", "with"] => server::serve(Layer::With).await,
        ["serve", "without"] => server::serve(Layer::Without).await,
        [] => load(20_000).await,
        [requests] => load(requests.parse()?).await,
        _ => Err("usage: load [REQUESTS_PER_ROUND]".into()),
    }
}

async fn load(requests: usize) -> Result<(), Failure> {
    let kinds = traffic::kinds(Timestamp::now())?;
    let count = kinds.len();
    let usual = kinds.iter().filter(|kind| kind.name == USUAL).cloned();
    let usual = Clients::new(usual.collect())?;
    let mixed = Clients::new(kinds)?;
    let mut with = Server::start(Layer::With)?;
    let mut without = Server::start(Layer::Without)?;

    // Warms up: connections, threads and buffers are created now.
    mixed.round(&without, requests, Look::Closely).await?;
    mixed.round(&with, requests, Look::Closely).await?;
    let warm = with.memory()?;

    let mixed_rates = rates(&mixed, &with, &without, requests).await?;
    let usual_rates = rates(&usual, &with, &without, requests).await?;
    mixed.round(&with, requests, Look::Closely).await?;
    let end = with.memory()?;
    with.stop()?;
    without.stop()?;

    let all = requests * (2 * ROUNDS + 2);
    println!("load: {all} requests of {count} kinds, each answered as it must be");
    println!(
        "server's memory: {warm} KiB after {requests} requests, {end} KiB after {all} (bound: +{MEMORY_BOUND} KiB)"
    );
    mixed_rates.print("all kinds alike");
    usual_rates.print(USUAL);
    if end > warm + MEMORY_BOUND {
        return Err("the server's memory has grown".into());
    }
    Ok(())
}

/// Requests per second, with the layer and without.
struct Rates {
    with: f64,
    without: f64,
}

impl Rates {
    fn print(&self, name: &str) {
        let Self { with, without } = self;
        println!(
            "requests per second, {name}: {without:.0} without the layer, {with:.0} with it, ratio {:.2}",
            with / without
        );
    }
}

/// Returns the best of several rounds. The servers take turns, so that other work on the machine affects both.
async fn rates(
    clients: &Clients,
    with: &Server,
    without: &Server,
    requests: usize,
) -> Result<Rates, Failure> {
    let mut best = Rates {
        with: 0.0,
        without: 0.0,
    };
    for _ in 0..ROUNDS {
        best.without = rate(clients, without, requests).await?.max(best.without);
        best.with = rate(clients, with, requests).await?.max(best.with);
    }
    Ok(best)
}

async fn rate(clients: &Clients, server: &Server, requests: usize) -> Result<f64, Failure> {
    let start = Instant::now();
    clients.round(server, requests, Look::Timed).await?;
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let rate = requests as f64 / start.elapsed().as_secs_f64();
    Ok(rate)
}
