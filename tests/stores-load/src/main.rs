//! Measures what sessions in a store cost, and checks what happens when a store fails. Each service is a separate
//! process, and the servers are real ones, in a folder of `stores/tests/servers.sh`.
//!
//! ```sh
//! stores/tests/servers.sh start target/servers
//! cargo build --release --manifest-path tests/stores-load/tower-sessions/Cargo.toml --target-dir target/tower-sessions
//! cargo run --release -p stores-load -- cost target/servers [ROUNDS]
//! export DJANGO_PYTHON=...  # a Python with Django, psycopg and redis
//! cargo run --release -p stores-load -- faults target/servers [SECONDS]
//! stores/tests/servers.sh stop target/servers
//! ```
//!
//! `cost` prints ratios of requests per second, including tower-sessions if the second command has built it. It fails
//! if a request makes more queries than it should. With `HARDTACK_UNCOMPRESSED=1`, rows are written without
//! compression; with `HARDTACK_JSON=1`, values in Redis are JSON, as with the `JSONSerializer` of django-redis.
//!
//! `faults` prints counts, and fails if one of them should be zero and is not.

mod cost;
mod engine;
mod faults;
mod http;
mod process;
mod queries;
mod random;
mod server;
mod servers;
mod table;

use std::env;
use std::error::Error;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", engine] => server::serve(engine.parse()?).await,
        ["cost", folder] => cost::run(folder, 9).await,
        ["cost", folder, rounds] => cost::run(folder, rounds.parse()?).await,
        ["faults", folder] => faults::run(folder, 10).await,
        ["faults", folder, seconds] => faults::run(folder, seconds.parse()?).await,
        _ => Err("usage: stores-load cost FOLDER [ROUNDS] | faults FOLDER [SECONDS]".into()),
    }
}
