//! A server that accepts connections but does not answer, and one that stops while its connections are open.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::tally::Tally;
use crate::Failure;
use crate::engine::{Engine, TIME_LIMIT};
use crate::http::{Connection, SetCookie};
use crate::process::Service;
use crate::servers::Servers;

/// A connection and a statement may take [`TIME_LIMIT`] each; the rest is for a busy machine.
const LONGEST: Duration = TIME_LIMIT.saturating_mul(3);

const STATUS: &str = "with another status or none";
const LATE: &str = "after three times the time limit";
const COOKIE: &str = "with status 503 and a cookie";
const SIGNED_OUT: &str = "signed out";

/// More than the connections of the pool.
const AT_ONCE: usize = 16;

pub async fn run(engine: Engine, servers: &Servers) -> Result<Tally, Failure> {
    let tally = Tally::new(
        format!("{engine}, hanging"),
        &[STATUS, LATE, COOKIE, SIGNED_OUT],
    );
    let server = engine.to_string();

    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = silent.local_addr()?.port();
    let accepting = tokio::spawn(async move {
        let mut connections = Vec::new();
        while let Ok((connection, _)) = silent.accept().await {
            connections.push(connection);
        }
    });
    let address = servers.addresses.get(&server)?;
    let (start, rest) = address.rsplit_once(':').ok_or("no port")?;
    let rest = rest.trim_start_matches(|char: char| char.is_ascii_digit());
    let address = format!("{start}:{port}{rest}");
    let service = Service::hardtack(engine, &servers.addresses.with(&server, address))?;
    all_refused(
        &service,
        "sessionid=abcdefghijklmnopqrstuvwxyz012345",
        &tally,
    )
    .await?;
    service.stop()?;
    accepting.abort();

    let service = Service::hardtack(engine, &servers.addresses)?;
    let mut connection = Connection::open(service.port).await?;
    let signed_in = connection.get("/in/user", None).await?;
    let Some(SetCookie::Set(cookie)) = signed_in.set_cookie else {
        return Err(format!("{engine}: no session, but {signed_in:?}").into());
    };
    servers.signal(engine, "STOP").await?;
    let refused = all_refused(&service, &cookie, &tally).await;
    servers.signal(engine, "CONT").await?;
    refused?;
    let start = Instant::now();
    while start.elapsed() < LONGEST {
        let response = connection.get("/read", Some(&cookie)).await?;
        if response.status == 200 {
            tally.count("with status 200 when the server goes on");
            if response.body != "user" {
                tally.wrong(SIGNED_OUT, &format!("{response:?}"));
            }
            service.stop()?;
            return Ok(tally);
        }
    }
    Err(format!("{engine}: 503 although the server goes on").into())
}

/// Sends many requests at once, none of which may wait for long.
async fn all_refused(service: &Service, cookie: &str, tally: &Tally) -> Result<(), Failure> {
    let mut running = JoinSet::new();
    for at in 0..AT_ONCE {
        let (path, port) = (
            ["/read", "/write", "/out", "/in/user"][at % 4],
            service.port,
        );
        // One in four has no session yet.
        let cookie = (path != "/in/user").then(|| cookie.to_owned());
        running.spawn(async move {
            let mut connection = Connection::open(port).await?;
            let start = Instant::now();
            let response = connection.get(path, cookie.as_deref()).await;
            Ok::<_, Failure>((path, response, start.elapsed()))
        });
    }
    while let Some(ended) = running.join_next().await {
        let (path, response, time) = ended??;
        match response {
            Ok(response) if response.status == 503 => {
                tally.count("with status 503");
                if response.set_cookie.is_some() {
                    tally.wrong(COOKIE, &format!("{path}: {response:?}"));
                }
            }
            Ok(response) => tally.wrong(STATUS, &format!("{path}: {response:?}")),
            Err(error) => tally.wrong(STATUS, &format!("{path}: {error}")),
        }
        if time > LONGEST {
            tally.wrong(LATE, &format!("{path}: {} s", time.as_secs()));
        }
    }
    Ok(())
}
