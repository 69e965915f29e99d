//! Counts the queries that a server receives.

use std::fs;
use std::process::Command;
use std::time::Duration;

use hardtack_stores::sqlx::{
    Connection as _, Executor as _, MySqlConnection, PgConnection, query_as,
};

use crate::Failure;
use crate::engine::Engine;
use crate::servers::Servers;

/// The beginning and the end of a transaction also count.
const MYSQL: &str = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_begin', 'Com_commit', 'Com_delete', 'Com_insert', 'Com_insert_select', 'Com_replace', 'Com_rollback', 'Com_select', 'Com_update')";

/// Commands with which a Redis client configures itself. They do not concern a session.
const REDIS_IGNORED: [&str; 6] = ["info", "client", "command", "config", "hello", "ping"];

/// Turns the database's log of all statements on or off.
pub async fn log_statements(servers: &Servers, are_logged: bool) -> Result<(), Failure> {
    let mut connection = PgConnection::connect(servers.addresses.get("postgres")?).await?;
    let set = if are_logged {
        "ALTER SYSTEM SET log_statement = 'all'"
    } else {
        "ALTER SYSTEM RESET log_statement"
    };
    connection.execute(set).await?;
    connection.execute("SELECT pg_reload_conf()").await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(())
}

/// Returns the number of queries that the engine's server has received so far, or `None` for an engine without a
/// server.
pub async fn count(engine: Engine, servers: &Servers) -> Result<Option<u64>, Failure> {
    Ok(match engine {
        Engine::Postgres => {
            let log = fs::read_to_string(servers.log("postgres"))?;
            let is_query =
                |line: &&str| line.contains("LOG:  execute ") || line.contains("LOG:  statement: ");
            Some(log.lines().filter(is_query).count().try_into()?)
        }
        Engine::MySql => {
            let mut connection = MySqlConnection::connect(servers.addresses.get("mysql")?).await?;
            let counts: Vec<(String, String)> = query_as(MYSQL).fetch_all(&mut connection).await?;
            let mut sum = 0;
            for (_, count) in counts {
                sum += count.parse::<u64>()?;
            }
            Some(sum)
        }
        Engine::Redis => {
            let mut command = Command::new("redis-cli");
            command.args([
                "-u",
                servers.addresses.get("redis")?,
                "info",
                "commandstats",
            ]);
            let stats = String::from_utf8(command.output()?.stdout)?;
            let mut sum = 0;
            for line in stats.lines() {
                let Some((name, calls)) = line
                    .strip_prefix("cmdstat_")
                    .and_then(|line| line.split_once(":calls="))
                else {
                    continue;
                };
                let name = name.split('|').next().unwrap_or_default();
                if !REDIS_IGNORED.contains(&name) {
                    sum += calls.split(',').next().unwrap_or_default().parse::<u64>()?;
                }
            }
            Some(sum)
        }
        _ => None,
    })
}
