//! What happens when a store fails, and when several services write the same sessions.

mod hang;
mod mixed;
mod restart;
mod tally;

use std::time::Duration;

use crate::Failure;
use crate::engine::Engine;
use crate::servers::Servers;
use tally::Tally;

/// The engines whose server can be killed, and whether the server keeps its data.
const KILLED: [(Engine, bool); 4] = [
    (Engine::Postgres, true),
    (Engine::MySql, true),
    (Engine::Redis, false),
    (Engine::Memcached, false),
];

/// The engines that hardtack and Django share.
const SHARED: [Engine; 3] = [Engine::Postgres, Engine::Redis, Engine::CachedDb];

pub async fn run(folder: &str, seconds: u64) -> Result<(), Failure> {
    let servers = Servers::open(folder).await?;
    let duration = Duration::from_secs(seconds);
    let mut is_wrong = false;
    let mut report = |tally: Tally| {
        is_wrong |= tally.is_wrong();
        println!("{tally}");
    };
    for engine in SHARED {
        report(mixed::run(engine, &servers, duration).await?);
    }
    for (engine, keeps_data) in KILLED {
        report(restart::run(engine, keeps_data, &servers, duration).await?);
    }
    for (engine, _) in KILLED {
        report(hang::run(engine, &servers).await?);
    }
    if is_wrong {
        Err("a count that should be zero is not".into())
    } else {
        Ok(())
    }
}
