//! Sends requests to several workers of `examples/login`, and of `examples/shared-login` with Django behind it, while the
//! workers are killed, their clock is set back and forth, and their keys are rotated.
//!
//! ```sh
//! cargo build -p login -p shared-login -p faults
//! target/debug/faults target/venv-django-5.2.19/bin/python 900000 100000
//! ```
//!
//! A model says what the answer to each request must be, and what it must do with the cookie. An answer is wrong if a
//! good cookie is refused or a bad one accepted, and if a value is lost. Needs Debian's package libfaketime.

mod clock;
mod faults;
mod fleet;
mod forgery;
mod http;
mod judge;
mod keys;
mod login;
mod model;
mod person;
mod process;
mod random;
mod shared_login;
mod site;
mod tally;

use std::env;
use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use clock::Clock;
use faults::{END_OF_PYTHON, Faults, START};
use fleet::{Django, Fleet, Moment, Setup};
use keys::Keys;
use login::Login;
use person::Person;
use random::Random;
use shared_login::{PASSWORD, SharedLogin};
use site::Site;
use tally::{Head, Row, Tally};

type Failure = Box<dyn Error + Send + Sync>;

const PEOPLE: usize = 24;
const ACCOUNTS_EACH: usize = 60;

/// Workers in front, and Djangos behind them.
const WORKERS: usize = 4;
const DJANGOS: usize = 2;

/// At most this many requests between two faults.
const LONGEST_PAUSE: usize = 1000;
/// Faults of each site in a short run: a round.
const FAULTS: usize = 40;

/// The longest time without an answer. No fault takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(180);

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let usage =
        "usage: faults PYTHON_WITH_DJANGO [REQUESTS_TO_LOGIN REQUESTS_TO_SHARED_LOGIN [SEED]]";
    let arguments: Vec<String> = env::args().skip(1).collect();
    let python = arguments.first().ok_or(usage)?;
    let number = |at: usize| arguments.get(at).map_or(Ok(10_000), |text| text.parse());
    let (to_login, to_shared): (usize, usize) = (number(1)?, number(2)?);
    let seed = match arguments.get(3) {
        Some(seed) => seed.parse()?,
        None => u64::from(getrandom::u32()?),
    };
    let folder = Folder(env::temp_dir().join(format!("faults-{}", std::process::id())));
    fs::create_dir_all(&folder.0)?;
    println!("seed {seed}");
    println!("{Head}");
    let login = run::<Login>(login_setup(&folder.0, seed)?, to_login, seed, i64::MAX).await?;
    println!("login: {login}");
    let setup = shared_setup(&folder.0, Path::new(python), seed)?;
    let shared = run::<SharedLogin>(setup, to_shared, seed, END_OF_PYTHON).await?;
    println!("shared-login: {shared}");
    let answered = login.answered() + shared.answered();
    let (login, shared) = (login.wrong(), shared.wrong());
    let [refused, accepted, otherwise] = [0, 1, 2].map(|at| login[at] + shared[at]);
    println!(
        "{answered} requests: wrongly refused {refused}, wrongly accepted {accepted}, otherwise wrong {otherwise}"
    );
    if [refused, accepted, otherwise] == [0; 3] {
        Ok(())
    } else {
        Err("some answers are wrong".into())
    }
}

/// Runs all people and all faults of one site. Without requests, it starts nothing.
async fn run<S: Site>(
    setup: Setup,
    requests: usize,
    seed: u64,
    end: i64,
) -> Result<Arc<Tally>, Failure> {
    if requests == 0 {
        return Ok(Arc::default());
    }
    let moment = Moment {
        now: START,
        era: Row::Home,
        moves: 0,
        was_set_back: false,
    };
    let fleet = Fleet::start(setup, WORKERS, faults::first_ring(), moment).await?;
    let (fleet, tally) = (Arc::new(fleet), Arc::new(Tally::default()));
    let mut running = JoinSet::new();
    for number in 0..PEOPLE {
        let random = Random::new(seed, 1 + number as u64);
        let person = Person::<S>::new(
            number,
            PEOPLE,
            Arc::clone(&fleet),
            Arc::clone(&tally),
            random,
        );
        running.spawn(person.run());
    }
    let every = (requests / FAULTS).clamp(1, LONGEST_PAUSE);
    let faults = Faults::new(&fleet, &tally, Random::new(seed, 0), end);
    let people = async {
        while let Some(ended) = running.join_next().await {
            ended??;
        }
        Ok::<(), Failure>(())
    };
    tokio::select! {
        ended = async { tokio::try_join!(faults.run(requests, every), people) } => drop(ended?),
        stuck = watch(&tally) => return Err(stuck),
    }
    for at in 0..fleet.workers() {
        fleet.kill(at).await?;
    }
    Ok(tally)
}

/// Returns an error if there are no more answers.
async fn watch(tally: &Tally) -> Failure {
    loop {
        let before = tally.answered();
        sleep(PATIENCE).await;
        if tally.answered() == before {
            return format!("no answer in {} s", PATIENCE.as_secs()).into();
        }
    }
}

/// Returns the path of an example that was built with the same profile.
fn program(name: &str) -> Result<PathBuf, Failure> {
    Ok(env::current_exe()?.with_file_name(name))
}

fn login_setup(folder: &Path, seed: u64) -> Result<Setup, Failure> {
    let accounts = folder.join("login.sqlite").display().to_string();
    Ok(Setup {
        name: "login",
        program: program("login")?,
        django: None,
        variables: vec![("ACCOUNTS", accounts)],
        keys: Keys::new(seed),
        clock: Clock::new(folder)?,
        folder: folder.to_owned(),
    })
}

fn shared_setup(folder: &Path, python: &Path, seed: u64) -> Result<Setup, Failure> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let site = here.join("../../examples/shared-login/site");
    let paths = format!("{}:{}", here.join("django").display(), site.display());
    let database = folder.join("shared-login.sqlite").display().to_string();
    let variables = vec![
        ("DATABASE", database),
        ("PLAIN_HTTP", "1".to_owned()),
        ("PYTHONPATH", paths),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("DJANGO_RUNSERVER_HIDE_WARNING", "true".to_owned()),
        ("DJANGO_SETTINGS_MODULE", "fast_settings".to_owned()),
    ];
    let keys = Keys::new(!seed);
    let status = Command::new(python)
        .arg(here.join("django/accounts.py"))
        .args([&(PEOPLE * ACCOUNTS_EACH).to_string(), PASSWORD])
        .envs(variables.clone())
        .env("SECRET_KEY", keys.text(0))
        .status()?;
    if !status.success() {
        return Err("Django could not create the accounts".into());
    }
    let mut ports = Vec::new();
    for _ in 0..DJANGOS {
        ports.push(
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
                .local_addr()?
                .port(),
        );
    }
    Ok(Setup {
        name: "shared-login",
        program: program("shared-login")?,
        django: Some(Django {
            python: python.to_owned(),
            manage: site.join("manage.py"),
            ports,
        }),
        variables,
        keys,
        clock: Clock::new(folder)?,
        folder: folder.to_owned(),
    })
}
