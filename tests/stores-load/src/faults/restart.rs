//! Kills and restarts a server while clients sign in, write, read and sign out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::tally::Tally;
use crate::Failure;
use crate::engine::Engine;
use crate::http::{Connection, Response, SetCookie};
use crate::process::Service;
use crate::random::Random;
use crate::servers::Servers;

const CLIENTS: usize = 16;

/// How long the server stays down.
const OUTAGE: Duration = Duration::from_millis(1500);

/// How long the service may take to reconnect.
const RECOVERY: Duration = Duration::from_secs(5);

const STATUS: &str = "with another status";
const COOKIE: &str = "with status 503 and a cookie";
const SIGNED_OUT: &str = "signed out";
const LOST: &str = "lost or old values";
const REVIVED: &str = "revived after sign-out";
const BROKEN: &str = "without a response";
const DOWN: &str = "with status 503 although the server is up";

/// State that all clients share.
struct Scene {
    tally: Tally,
    /// How often the server was killed.
    kills: AtomicU64,
    keeps_data: bool,
    /// Whether the server is up, and the service has had time to reconnect.
    is_up: AtomicBool,
    is_over: AtomicBool,
    port: u16,
}

pub async fn run(
    engine: Engine,
    keeps_data: bool,
    servers: &Servers,
    duration: Duration,
) -> Result<Tally, Failure> {
    let zero = [STATUS, COOKIE, SIGNED_OUT, LOST, REVIVED, BROKEN, DOWN];
    let tally = Tally::new(format!("{engine}, killed twice"), &zero);
    let service = Service::hardtack(engine, &servers.addresses)?;
    let scene = Arc::new(Scene {
        tally: tally.clone(),
        kills: AtomicU64::new(0),
        keeps_data,
        is_up: AtomicBool::new(true),
        is_over: AtomicBool::new(false),
        port: service.port,
    });
    let mut running = JoinSet::new();
    for at in 0..CLIENTS {
        let scene = Arc::clone(&scene);
        running.spawn(async move { Visitor::new(at, scene).await?.visit().await });
    }
    for _ in 0..2 {
        servers.keep_commits(engine).await?;
        sleep(duration / 3).await;
        scene.is_up.store(false, Ordering::SeqCst);
        servers.signal(engine, "KILL").await?;
        scene.kills.fetch_add(1, Ordering::SeqCst);
        sleep(OUTAGE).await;
        servers.start(engine).await?;
        let recovered = recovery(&scene).await?;
        tally.count(if recovered < Duration::from_secs(1) {
            "recovered within a second"
        } else {
            "recovered within five seconds"
        });
        scene.is_up.store(true, Ordering::SeqCst);
    }
    sleep(duration / 3).await;
    scene.is_over.store(true, Ordering::SeqCst);
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    service.stop()?;
    Ok(tally)
}

/// Returns for how long a new visitor gets 503s.
async fn recovery(scene: &Scene) -> Result<Duration, Failure> {
    let start = Instant::now();
    let mut connection = Connection::open(scene.port).await?;
    let mut successes = 0;
    // All connections of a pool may be broken.
    while successes < 20 {
        let response = connection.get("/write", None).await?;
        successes = if response.status == 200 {
            successes + 1
        } else {
            0
        };
        if start.elapsed() > RECOVERY {
            return Err("the service has not found the server again".into());
        }
    }
    Ok(start.elapsed())
}

struct Visitor {
    name: String,
    scene: Arc<Scene>,
    connection: Connection,
    random: Random,
    session: Option<Session>,
}

struct Session {
    cookie: String,
    visits: u64,
    /// Writes whose response was a 503: they may have been saved.
    unknown: u64,
    /// How often the server had been killed when the session was created.
    kills: u64,
}

impl Visitor {
    async fn new(at: usize, scene: Arc<Scene>) -> Result<Self, Failure> {
        Ok(Self {
            name: format!("user{at}"),
            connection: Connection::open(scene.port).await?,
            scene,
            random: Random::new()?,
            session: None,
        })
    }

    async fn visit(mut self) -> Result<(), Failure> {
        while !self.scene.is_over.load(Ordering::SeqCst) {
            match self.session.take() {
                None => self.sign_in().await?,
                Some(session) => match self.random.below(20) {
                    0 => self.sign_out(session).await?,
                    1..10 => self.write(session).await?,
                    _ => self.read(session).await?,
                },
            }
        }
        if let Some(session) = self.session.take() {
            self.read(session).await?;
        }
        Ok(())
    }

    /// Returns a response of status 200, or `None` after counting any other status.
    async fn get(&mut self, path: &str, cookie: Option<&str>) -> Result<Option<Response>, Failure> {
        let tally = &self.scene.tally;
        let was_up = self.scene.is_up.load(Ordering::SeqCst);
        let response = match self.connection.get(path, cookie).await {
            Ok(response) => response,
            Err(error) => {
                tally.wrong(BROKEN, &format!("{path}: {error}"));
                self.connection = Connection::open(self.scene.port).await?;
                return Ok(None);
            }
        };
        match response.status {
            200 => {
                tally.count("with status 200");
                return Ok(Some(response));
            }
            503 => {
                tally.count("with status 503");
                if response.set_cookie.is_some() {
                    tally.wrong(COOKIE, &format!("{path}: {response:?}"));
                }
                if was_up && self.scene.is_up.load(Ordering::SeqCst) {
                    tally.wrong(DOWN, path);
                }
                // Not as fast as possible, so that the server has time to start.
                sleep(Duration::from_millis(20)).await;
            }
            _ => tally.wrong(STATUS, &format!("{path}: {response:?}")),
        }
        Ok(None)
    }

    async fn sign_in(&mut self) -> Result<(), Failure> {
        let kills = self.scene.kills.load(Ordering::SeqCst);
        let path = format!("/in/{}", self.name);
        if let Some(response) = self.get(&path, None).await? {
            let Some(SetCookie::Set(cookie)) = response.set_cookie else {
                self.scene
                    .tally
                    .wrong(SIGNED_OUT, &format!("{path}: no cookie"));
                return Ok(());
            };
            self.session = Some(Session {
                cookie,
                visits: 0,
                unknown: 0,
                kills,
            });
        }
        Ok(())
    }

    async fn read(&mut self, session: Session) -> Result<(), Failure> {
        let Some(response) = self.get("/read", Some(&session.cookie)).await? else {
            self.session = Some(session);
            return Ok(());
        };
        if response.body == self.name {
            self.session = Some(session);
        } else {
            self.ended(&session, &response);
        }
        Ok(())
    }

    async fn write(&mut self, mut session: Session) -> Result<(), Failure> {
        let Some(response) = self.get("/write", Some(&session.cookie)).await? else {
            session.unknown += 1;
            self.session = Some(session);
            return Ok(());
        };
        let (user, visits) = response.body.split_once(' ').ok_or("no visits")?;
        if user != self.name {
            self.ended(&session, &response);
            return Ok(());
        }
        let visits = visits.parse()?;
        let expected = session.visits + 1..=session.visits + 1 + session.unknown;
        if !expected.contains(&visits) {
            let example = format!("{visits} visits, and not {expected:?}");
            self.scene.tally.wrong(LOST, &example);
        }
        session.visits = visits;
        session.unknown = 0;
        self.session = Some(session);
        Ok(())
    }

    /// Counts a session that is gone. Only a server that keeps no data may lose it.
    fn ended(&self, session: &Session, response: &Response) {
        let was_killed = self.scene.kills.load(Ordering::SeqCst) > session.kills;
        if was_killed && !self.scene.keeps_data {
            self.scene
                .tally
                .count("sessions ended by a server without its data");
        } else {
            self.scene.tally.wrong(SIGNED_OUT, &format!("{response:?}"));
        }
    }

    async fn sign_out(&mut self, session: Session) -> Result<(), Failure> {
        // After a 503, the record may exist or not, so the user tries again.
        let Some(response) = self.get("/out", Some(&session.cookie)).await? else {
            self.session = None;
            return Ok(());
        };
        if response.set_cookie != Some(SetCookie::Deleted) {
            self.scene
                .tally
                .wrong(REVIVED, &format!("/out: {response:?}"));
        }
        if let Some(response) = self.get("/read", Some(&session.cookie)).await? {
            self.scene.tally.count("sign-outs");
            if response.body == self.name {
                self.scene.tally.wrong(REVIVED, &format!("{response:?}"));
            }
        }
        Ok(())
    }
}
