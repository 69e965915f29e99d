//! A load on two axum servers, one with hardtack's layer and one without, each in a process of its own.
//!
//! ```sh
//! cargo run --release -p load            # rounds of 20000 requests
//! cargo run --release -p load -- 200000  # longer ones
//! ```
//!
//! It is bounded by count. Every cookie, be it good, forged, old, unreadable or overlong, must get the right answer, no
//! response may be an error, the server may not panic, and its memory must stay where the warm-up left it. How fast it
//! is gets printed and is judged by nobody: clients and servers share the machine. Of all kinds alike, every third request
//! writes a session, which is more than a site's users do; so the usual one is timed alone, too.

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

/// What most requests to a site are.
const USUAL: &str = "good, read";

/// Rounds for each server, of which the fastest counts.
const ROUNDS: usize = 5;

/// How many KiB the server's memory may grow by after the warm-up. What an allocator keeps is less; 20 bytes lost with
/// each request of the default number are more.
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

    // What is made once is made now: connections, threads, buffers.
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

/// The best of several rounds, which take turns, so that what else the machine does meets both.
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
