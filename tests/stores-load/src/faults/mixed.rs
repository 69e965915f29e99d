//! Two services and a Django that read, write and end the same sessions at the same time.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::tally::Tally;
use crate::Failure;
use crate::engine::{Engine, SECRET_KEY};
use crate::http::{Connection, Response, SetCookie};
use crate::process::Service;
use crate::random::Random;
use crate::servers::Servers;

const BROWSERS: usize = 16;

/// How often the cache of `cached_db` is emptied, as a cache may be.
const FORGETS_AFTER: Duration = Duration::from_millis(50);

/// Milliseconds that a slow request takes between loading its session and saving it.
const SLOWEST: u64 = 12;

const SIGNED_OUT: &str = "signed out";
const REVIVED: &str = "revived after sign-out";
const OLD_KEY: &str = "signed in under the old key";
const LOST: &str = "lost values";
const SERVER_ERROR: &str = "with status 500 or above";
const STATUS: &str = "with another unexpected status";

const REVIVED_BY_DJANGO: &str = "revived by Django's own save or load (known)";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hardtack,
    Django,
}

/// The services, by their ports.
const KINDS: [Kind; 3] = [Kind::Hardtack, Kind::Hardtack, Kind::Django];

pub async fn run(engine: Engine, servers: &Servers, duration: Duration) -> Result<Tally, Failure> {
    let zero = [SIGNED_OUT, REVIVED, OLD_KEY, LOST, SERVER_ERROR, STATUS];
    let tally = Tally::new(format!("{engine}, two services and a Django"), &zero);
    let services = [
        Service::hardtack(engine, &servers.addresses)?,
        Service::hardtack(engine, &servers.addresses)?,
        django(engine, servers)?,
    ];
    let ports: Arc<Vec<u16>> = Arc::new(services.iter().map(|service| service.port).collect());
    let end = Instant::now() + duration;
    let mut running = JoinSet::new();
    for at in 0..BROWSERS {
        let (ports, tally) = (Arc::clone(&ports), tally.clone());
        running.spawn(async move {
            let mut browser = Browser::new(at, engine, &ports, tally).await?;
            while Instant::now() < end {
                browser.live().await?;
            }
            Ok::<(), Failure>(())
        });
    }
    while engine == Engine::CachedDb && Instant::now() < end {
        sleep(FORGETS_AFTER).await;
        let mut command = tokio::process::Command::new("redis-cli");
        command.args(["-u", servers.addresses.get("redis")?, "flushall"]);
        command.output().await?;
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    for service in services {
        service.stop()?;
    }
    Ok(tally)
}

fn django(engine: Engine, servers: &Servers) -> Result<Service, Failure> {
    let python = std::env::var("DJANGO_PYTHON").map_err(|_| "DJANGO_PYTHON is not set")?;
    let mut command = Command::new(python);
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("django/service.py"))
        .arg(engine.to_string())
        .env("SECRET_KEY", SECRET_KEY)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Service::start(command, &servers.addresses)
}

/// A user who sends one request after the other, except when two tabs race.
struct Browser {
    name: String,
    tally: Tally,
    random: Random,
    /// Two tabs, each with a connection to each service.
    tabs: [Vec<Connection>; 2],
    engine: Engine,
}

impl Browser {
    async fn new(at: usize, engine: Engine, ports: &[u16], tally: Tally) -> Result<Self, Failure> {
        let mut tabs = [Vec::new(), Vec::new()];
        for tab in &mut tabs {
            for port in ports {
                tab.push(Connection::open(*port).await?);
            }
        }
        Ok(Self {
            name: format!("user{at}"),
            tally,
            random: Random::new()?,
            tabs,
            engine,
        })
    }

    /// Plays one user, from an anonymous visit to the end of the session.
    async fn live(&mut self) -> Result<(), Failure> {
        let Some(anonymous) = self.set_by("/write", None).await? else {
            return Ok(());
        };
        let path = format!("/in/{}", self.name);
        let Some(cookie) = self.set_by(&path, Some(&anonymous)).await? else {
            return Ok(());
        };
        self.tally.count("sign-ins");
        if self.user(&anonymous).await?.is_some() || cookie == anonymous {
            self.tally.wrong(OLD_KEY, &path);
        }
        let mut visits = 1;
        for _ in 0..self.random.below(4) {
            let Some(seen) = self.write(&cookie, visits).await? else {
                return Ok(());
            };
            visits = seen;
        }
        match self.random.below(3) {
            0 => self.two_writes(&cookie, visits).await?,
            1 => {
                let path = format!("/write/{}", self.random_pause());
                self.sign_out_during(&path, &cookie).await?;
            }
            _ => self.sign_out_during("/read", &cookie).await?,
        }
        Ok(())
    }

    fn random_pause(&mut self) -> u64 {
        self.random.below(SLOWEST)
    }

    fn service(&mut self) -> usize {
        if self.random.below(3) == 0 {
            2
        } else {
            usize::from(self.random.below(2) == 0)
        }
    }

    /// Counts any status except 200. 400 is fine if another request may have ended the session.
    fn check(&self, path: &str, response: &Response, may_be_gone: bool) -> bool {
        match response.status {
            200 => {
                self.tally.count("with status 200");
                return true;
            }
            400 if may_be_gone => self.tally.count("with status 400"),
            500.. => self
                .tally
                .wrong(SERVER_ERROR, &format!("{path}: {response:?}")),
            _ => self.tally.wrong(STATUS, &format!("{path}: {response:?}")),
        }
        false
    }

    /// Returns the cookie that a page sets.
    async fn set_by(
        &mut self,
        path: &str,
        cookie: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let service = self.service();
        let response = self.tabs[0][service].get(path, cookie).await?;
        if !self.check(path, &response, false) {
            return Ok(None);
        }
        match response.set_cookie {
            Some(SetCookie::Set(cookie)) => Ok(Some(cookie)),
            other => {
                self.tally.wrong(LOST, &format!("{path}: {other:?}"));
                Ok(None)
            }
        }
    }

    /// Returns the user who is signed in, according to one of the services.
    async fn user(&mut self, cookie: &str) -> Result<Option<String>, Failure> {
        let service = self.service();
        let response = self.tabs[0][service].get("/read", Some(cookie)).await?;
        let is_fine = self.check("/read", &response, false);
        Ok((is_fine && response.body != "anonymous").then_some(response.body))
    }

    /// Counts a visit. Nothing else changes the session meanwhile.
    async fn write(&mut self, cookie: &str, visits: u64) -> Result<Option<u64>, Failure> {
        let service = self.service();
        let response = self.tabs[0][service].get("/write", Some(cookie)).await?;
        if !self.check("/write", &response, false) {
            return Ok(None);
        }
        self.tally.count("writes");
        let expected = format!("{} {}", self.name, visits + 1);
        if response.body == expected {
            return Ok(Some(visits + 1));
        }
        let is_signed_out = response.body.starts_with("anonymous");
        let example = format!("{expected:?} expected, but {:?}", response.body);
        self.tally
            .wrong(if is_signed_out { SIGNED_OUT } else { LOST }, &example);
        Ok(None)
    }

    /// Two tabs write at once. One write may overwrite the other, but the user stays signed in.
    async fn two_writes(&mut self, cookie: &str, visits: u64) -> Result<(), Failure> {
        let services = [self.service(), self.service()];
        let paths =
            [self.random_pause(), self.random_pause()].map(|pause| format!("/write/{pause}"));
        let [first, second] = &mut self.tabs;
        let (one, other) = tokio::join!(
            first[services[0]].get(&paths[0], Some(cookie)),
            second[services[1]].get(&paths[1], Some(cookie)),
        );
        let (one, other) = (one?, other?);
        self.tally.count("pairs of writes at once");
        if !self.check(&paths[0], &one, false) | !self.check(&paths[1], &other, false) {
            return Ok(());
        }
        match self.user(cookie).await? {
            Some(user) if user == self.name => {}
            user => self
                .tally
                .wrong(SIGNED_OUT, &format!("{user:?} after two writes")),
        }
        let service = self.service();
        let response = self.tabs[0][service].get("/write", Some(cookie)).await?;
        let seen = response
            .body
            .split(' ')
            .nth(1)
            .and_then(|text| text.parse().ok());
        if seen.is_none_or(|seen: u64| !(visits + 2..=visits + 3).contains(&seen)) {
            let example = format!("{} after two writes from {visits}", response.body);
            self.tally.wrong(LOST, &example);
        }
        Ok(())
    }

    /// Returns whether Django may have brought the session back. Django writes to a cache in two steps: `save` of its
    /// engine `cache` checks that the key exists and then sets it (`django/contrib/sessions/backends/cache.py`), and
    /// `save` and `load` of `cached_db` set a value that the row may no longer have.
    fn is_revived_by_django(&self, path: &str) -> bool {
        match self.engine {
            Engine::Redis => path != "/read",
            Engine::CachedDb => true,
            _ => false,
        }
    }

    /// One tab signs out while another one requests a page. The session must be gone for all services.
    async fn sign_out_during(&mut self, path: &str, cookie: &str) -> Result<(), Failure> {
        let (out, other) = (self.service(), self.service());
        let pause = Duration::from_micros(self.random.below(SLOWEST * 1000));
        let [first, second] = &mut self.tabs;
        let (ended, paged) = tokio::join!(
            async {
                sleep(pause).await;
                first[out].get("/out", Some(cookie)).await
            },
            second[other].get(path, Some(cookie)),
        );
        let (ended, paged) = (ended?, paged?);
        self.check(path, &paged, true);
        if !self.check("/out", &ended, true) {
            return Ok(());
        }
        self.tally.count("sign-outs during another request");
        for service in 0..KINDS.len() {
            let response = self.tabs[0][service].get("/read", Some(cookie)).await?;
            if self.check("/read", &response, false) && response.body != "anonymous" {
                if KINDS[other] == Kind::Django && self.is_revived_by_django(path) {
                    self.tally.count(REVIVED_BY_DJANGO);
                } else {
                    let name = |at: usize| {
                        if KINDS[at] == Kind::Django {
                            "Django"
                        } else {
                            "hardtack"
                        }
                    };
                    let example = format!(
                        "{path} at {}, /out at {}, {:?}",
                        name(other),
                        name(out),
                        response.body
                    );
                    self.tally.wrong(REVIVED, &example);
                }
                break;
            }
        }
        Ok(())
    }
}
