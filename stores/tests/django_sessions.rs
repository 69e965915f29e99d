//! Runs Django's own tests of its session engines `db`, `cached_db`, `cache` and `file` on our stores.
//!
//! The tests create a virtual environment under `target/`, so they need Python and a package index that pip can reach,
//! and the servers of `servers.sh`.
//!
//! Django's tests do not check everything: none notices a lost update, or a date in a row that is off by a second. The
//! tests of each store do.

mod common;

// The other side of Python's session engines: the protocol, the stores, and Django's sessions over a store.
#[path = "django/answers.rs"]
mod answers;
#[path = "django/engine.rs"]
mod engine;
#[path = "django/events.rs"]
mod events;
#[path = "django/faults.rs"]
mod faults;
#[path = "django/protocol.rs"]
mod protocol;
#[path = "django/session.rs"]
mod session;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use hardtack::{Load, SessionStore};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use common::address;
use engine::Store;
use faults::{FAULTS, Fault, Faulty};
use protocol::{Ask, LogEntry, Outcome, Refusal, Request, Run, Site, run};
use session::{Context, SessionBase, new_key};

const CLASSES: [&str; 8] = [
    "DatabaseSessionTests",
    "DatabaseSessionWithTimeZoneTests",
    "CustomDatabaseSessionTests",
    "CacheDBSessionTests",
    "CacheDBSessionWithTimeZoneTests",
    "FileSessionTests",
    "FileSessionPathLibTests",
    "CacheSessionTests",
];
const DATABASE_CLASSES: &[&str] = CLASSES.split_at(5).0;
const MOST_SKIPPED: usize = 40;

/// The other side of Django's tests.
struct Bridge {
    runtime: Runtime,
    fault: Fault,
    stores: Vec<(Site, Faulty)>,
    sessions: Vec<SessionBase>,
}

impl Bridge {
    fn new(fault: Fault) -> Self {
        Self {
            // Of one thread, whose events `logged` reads.
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            fault,
            stores: Vec::new(),
            sessions: Vec::new(),
        }
    }

    fn answer(&mut self, request: Value, log: &mut Vec<LogEntry>) -> Result<Value, Refusal> {
        let Request {
            site,
            age,
            now,
            id,
            ask,
        } = serde_json::from_value(request).expect("a request");
        let known = self.stores.iter().position(|(known, _)| *known == site);
        let store = known.unwrap_or_else(|| {
            let _runtime = self.runtime.enter();
            let fault = self.fault;
            let store = Store::open(&site, fault);
            self.stores.push((site, Faulty { store, fault }));
            self.stores.len() - 1
        });
        let (site, store) = &self.stores[store];
        let cx = Context {
            site,
            store,
            age: Duration::from_secs(age),
            now,
        };
        match (ask, id) {
            (Ask::New { session_key }, _) => {
                self.runtime.block_on(check(&cx))?;
                self.sessions.push(SessionBase::new(session_key.as_deref()));
                Ok((self.sessions.len() - 1).into())
            }
            (ask, Some(id)) => self
                .runtime
                .block_on(self.sessions[id].answer(ask, &cx, log)),
            (_, None) => panic!("no session"),
        }
    }
}

/// Django's engine `file` always checks its folder first; our store does so when it looks for a session.
async fn check(cx: &Context<'_>) -> Result<(), Refusal> {
    if cx.site.engine == "file" {
        let (key, now) = (&new_key()?, cx.now.into());
        let default_age = cx.age;
        let load = Load {
            key,
            now,
            default_age,
        };
        let found = cx.store.load(load).await;
        found.map_err(|_| Refusal::new("ImproperlyConfigured"))?;
    }
    Ok(())
}

/// Prepares a run in an empty folder.
fn run_of<'a>(
    mode: &'static str,
    database: &'a str,
    classes: &'a [&'a str],
    name: &str,
) -> Run<'a> {
    address("HARDTACK_REDIS"); // the script needs it
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("django-sessions-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    Run {
        mode,
        folder,
        database,
        classes,
    }
}

fn run_over_stores(database: &str, classes: &[&str], name: &str, fault: Fault) -> Vec<Outcome> {
    let mut bridge = Bridge::new(fault);
    run(
        &run_of("bridge", database, classes, name),
        |request, log| {
            let (answer, events) = events::logged(|| bridge.answer(request, log));
            log.extend(events);
            answer
        },
    )
}

/// Returns how many tests passed, failed and were skipped.
fn sums(outcomes: &[Outcome]) -> [usize; 3] {
    ["passed", "failed", "skipped"].map(|ended| {
        let counted = outcomes.iter().filter(|test| test.ended == ended);
        counted.count()
    })
}

/// Prints a line for each class and the tests that did not pass, then the sums, which it returns.
fn report(title: &str, outcomes: &[Outcome]) -> [usize; 3] {
    for tests in outcomes.chunk_by(|one, next| one.class == next.class) {
        let [passed, failed, skipped] = sums(tests);
        let class = tests[0].class.replace("Session", "").replace("Tests", "");
        println!("{title}: {class}: {passed} passed, {failed} failed, {skipped} skipped");
        for test in tests.iter().filter(|test| test.ended != "passed") {
            println!("    {}: {} {}", test.ended, test.test, test.reason);
        }
    }
    let [passed, failed, skipped] = sums(outcomes);
    println!("{title}: {passed} passed, {failed} failed, {skipped} skipped");
    [passed, failed, skipped]
}

/// Runs Django's tests unchanged, then on our stores.
fn compare(database: &str, classes: &[&str], name: &str, tests: usize) {
    let django = run_of("django", database, classes, &format!("{name}-django"));
    let outcomes = run(&django, |_, _| unreachable!("Django asks for nothing"));
    let [passed, ..] = report(&format!("{name}, Django"), &outcomes);
    assert_eq!(passed, tests);

    let outcomes = run_over_stores(database, classes, name, Fault::None);
    let [passed, failed, skipped] = report(&format!("{name}, hardtack"), &outcomes);
    assert_eq!(failed, 0);
    assert_eq!(passed + skipped, tests);
    assert!(skipped <= MOST_SKIPPED);
}

#[test]
#[ignore = "needs Python, Django 5.2.19 and Redis"]
fn djangos_tests_pass_on_all_engines() {
    compare("sqlite", &CLASSES, "all engines", 559);
}

#[test]
#[ignore = "needs Python, Django 5.2.19, Redis and PostgreSQL"]
fn djangos_tests_pass_on_postgres() {
    compare(
        &address("HARDTACK_POSTGRES"),
        DATABASE_CLASSES,
        "PostgreSQL",
        351,
    );
}

#[test]
#[ignore = "needs Python, Django 5.2.19, Redis and MySQL"]
fn djangos_tests_pass_on_mysql() {
    compare(&address("HARDTACK_MYSQL"), DATABASE_CLASSES, "MySQL", 351);
}

/// A test that passes here does not check our stores, so it counts as skipped.
#[test]
#[ignore = "needs Python, Django 5.2.19 and Redis"]
fn nothing_passes_without_answers() {
    let silent = run_of("bridge", "sqlite", &CLASSES, "silent");
    let outcomes = run(&silent, |_, _| Ok(Value::Null));
    let [passed, failed, _] = sums(&outcomes);
    println!("without answers: {passed} passed, {failed} failed");
    assert_eq!(passed, 0);
}

#[test]
#[ignore = "needs Python, Django 5.2.19 and Redis"]
fn faults_are_noticed() {
    for fault in FAULTS {
        let outcomes = run_over_stores("sqlite", &CLASSES, "faulty", fault);
        let [_, failed, _] = sums(&outcomes);
        let broken = outcomes.iter().filter(|test| test.ended == "failed");
        let broken: BTreeSet<&str> = broken.map(|test| test.test.as_str()).collect();
        println!("{fault:?}: {failed} failed: {broken:?}");
        assert_ne!(failed, 0);
    }
}
