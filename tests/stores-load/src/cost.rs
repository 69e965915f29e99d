//! Measures what a session in a store costs: requests per second, compared with a page without a session on the same
//! server and with tower-sessions on the same server; and the queries of a request.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Failure;
use crate::engine::{CONNECTIONS as POOL, Engine};
use crate::http::{Connection, SetCookie};
use crate::process::Service;
use crate::queries;
use crate::servers::Servers;
use crate::table;

const ENGINES: [Engine; 6] = [
    Engine::Cookie,
    Engine::Memory,
    Engine::Postgres,
    Engine::MySql,
    Engine::Sqlite,
    Engine::Redis,
];

/// More than the connections of a pool.
const CLIENTS: usize = 32;
/// Duration of each round, for each page of each service.
const ROUND: Duration = Duration::from_millis(250);

/// Without a session, with one that is read, with one that is read and written.
const PAGES: [&str; 3] = ["/plain", "/read", "/write"];
/// Maximum number of queries for each of them.
const MOST_QUERIES: [f64; 3] = [0.0, 1.0, 2.0];

/// Number of requests that are sent to count their queries.
const COUNTED: u32 = 50;

/// A service under load, and its measurements.
pub struct Contender {
    pub engine: Engine,
    pub is_hardtack: bool,
    pub rates: [Vec<f64>; 3],
    /// Processor time of the service itself per request, in ticks.
    pub ticks: [f64; 3],
    pub queries: [Option<f64>; 3],
    service: Service,
    clients: Vec<Client>,
}

/// A connection, and the cookie of its own session.
struct Client {
    connection: Connection,
    cookie: String,
}

pub async fn run(folder: &str, rounds: usize) -> Result<(), Failure> {
    let servers = Servers::open(folder).await?;
    let mut contenders = Vec::new();
    for engine in ENGINES {
        let service = Service::hardtack(engine, &servers.addresses)?;
        contenders.push(Contender::open(engine, true, service).await?);
        if engine != Engine::Cookie
            && let Some(service) = Service::tower_sessions(engine, &servers.addresses)?
        {
            contenders.push(Contender::open(engine, false, service).await?);
        }
    }
    queries::log_statements(&servers, true).await?;
    for contender in &mut contenders {
        contender.count_queries(&servers).await?;
    }
    queries::log_statements(&servers, false).await?;

    // The first round is a warm-up: it creates connections, statements and threads.
    for round in 0..=rounds {
        for page in 0..PAGES.len() {
            for contender in &mut contenders {
                contender.round(page, round > 0).await?;
            }
        }
    }
    println!(
        "{CLIENTS} connections, {rounds} rounds of {} ms each, sessions of about 700 bytes, pools of {POOL} connections",
        ROUND.as_millis()
    );
    table::print(&contenders);

    let mut wrong = Vec::new();
    for contender in contenders {
        for (page, most) in MOST_QUERIES.into_iter().enumerate() {
            let queries = contender.queries[page].unwrap_or_default();
            if contender.is_hardtack && queries > most {
                wrong.push(format!(
                    "{}{}: {queries} queries",
                    contender.engine, PAGES[page]
                ));
            }
        }
        contender.service.stop()?;
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("more queries than there should be: {}", wrong.join(", ")).into())
    }
}

impl Contender {
    async fn open(engine: Engine, is_hardtack: bool, service: Service) -> Result<Self, Failure> {
        let mut clients = Vec::new();
        for at in 0..CLIENTS {
            let mut connection = Connection::open(service.port).await?;
            let response = connection.get(&format!("/fill/{at}"), None).await?;
            let Some(SetCookie::Set(cookie)) = response.set_cookie else {
                return Err(format!("{engine}: no session, but status {}", response.status).into());
            };
            clients.push(Client { connection, cookie });
        }
        Ok(Self {
            engine,
            is_hardtack,
            rates: [const { Vec::new() }; 3],
            ticks: [0.0; 3],
            queries: [None; 3],
            service,
            clients,
        })
    }

    async fn count_queries(&mut self, servers: &Servers) -> Result<(), Failure> {
        for (page, path) in PAGES.into_iter().enumerate() {
            let client = &mut self.clients[0];
            // Not counted. It opens the connection to the server.
            client.get(path).await?;
            let before = queries::count(self.engine, servers).await?;
            for _ in 0..COUNTED {
                client.get(path).await?;
            }
            let after = queries::count(self.engine, servers).await?;
            if let (Some(before), Some(after)) = (before, after) {
                let queries = u32::try_from(after - before)?;
                self.queries[page] = Some(f64::from(queries) / f64::from(COUNTED));
            }
        }
        Ok(())
    }

    async fn round(&mut self, page: usize, is_counted: bool) -> Result<(), Failure> {
        let ticks = self.service.ticks()?;
        let start = Instant::now();
        let mut running = JoinSet::new();
        for mut client in self.clients.drain(..) {
            running.spawn(async move {
                let mut requests = 0_u32;
                while start.elapsed() < ROUND {
                    client.get(PAGES[page]).await?;
                    requests += 1;
                }
                Ok::<_, Failure>((client, requests))
            });
        }
        let mut requests = 0;
        while let Some(ended) = running.join_next().await {
            let (client, answered) = ended?.map_err(|wrong| format!("{}: {wrong}", self.engine))?;
            self.clients.push(client);
            requests += answered;
        }
        let rate = f64::from(requests) / start.elapsed().as_secs_f64();
        if is_counted {
            let ticks = u32::try_from(self.service.ticks()? - ticks)?;
            self.rates[page].push(rate);
            self.ticks[page] += f64::from(ticks) / f64::from(requests);
        }
        Ok(())
    }
}

impl Client {
    async fn get(&mut self, path: &str) -> Result<(), Failure> {
        let response = self.connection.get(path, Some(&self.cookie)).await?;
        let is_anonymous = response.body.starts_with("anonymous") && path != "/plain";
        if response.status != 200 || is_anonymous || response.body.is_empty() {
            return Err(format!("{path}: {response:?}").into());
        }
        Ok(())
    }
}
