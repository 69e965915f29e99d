//! Measures how long a save waits while 270,000 expired rows out of 300,000 are deleted: in batches, and in one
//! statement as Django does it. Prints figures. Needs servers (stores/tests/servers.sh).

mod common;
#[path = "db/site.rs"]
mod site;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hardtack::{Clear, Save, Session, SessionKey, SessionStore};
use site::{Counts, Server, Site};
use sqlx::{MySql, Postgres};

const NOW: i64 = 1_790_000_000; // 2026-09-21 14:13:20 UTC
const ROWS: u32 = 300_000;
const LIVE: u32 = 30_000;
const BATCH: u32 = 1000;

trait Filled: Server {
    /// `NOW`
    const INSTANT: &'static str;
    /// An expression for the numbers of the rows from 0, a table of these, and the statement that updates the
    /// statistics.
    const NUMBERS: [&'static str; 3];
}

impl Filled for Postgres {
    const INSTANT: &'static str = "timestamptz '2026-09-21 14:13:20Z'";
    const NUMBERS: [&'static str; 3] = ["n", "generate_series(0, 299999) n", "ANALYZE"];
}

impl Filled for MySql {
    const INSTANT: &'static str = "timestamp '2026-09-21 14:13:20'";
    const NUMBERS: [&'static str; 3] = ["CAST(seq AS SIGNED)", "seq_0_to_299999", "ANALYZE TABLE"];
}

/// Fills the table with the keys `key000000` and so on. Every tenth is live.
async fn fill<D: Filled>(site: &Site<D>) {
    let (now, [n, numbers, analyze]) = (D::INSTANT, D::NUMBERS);
    let key = format!("CONCAT('key', LPAD(CAST({n} AS char(6)), 6, '0'))");
    let seconds = format!("CASE WHEN {n} % 10 = 0 THEN {n} + 1 ELSE -1 - {n} END");
    let date = match D::NAME {
        "MySQL" => format!("{now} + INTERVAL {seconds} SECOND"),
        _ => format!("{now} + ({seconds}) * interval '1 second'"),
    };
    site.run(&format!(
        "INSERT INTO clearing SELECT {key}, REPEAT('x', 300), {date} FROM {numbers}"
    ))
    .await;
    site.run(&format!("{analyze} clearing")).await;
}

// One test, so that the servers do not disturb one another.
#[tokio::test]
#[ignore = "needs servers"]
async fn a_backlog_is_cleared_in_batches() {
    compare::<Postgres>().await;
    compare::<MySql>().await;
}

async fn compare<D: Filled>() {
    let whole = measure::<D>(false).await;
    let batches = measure::<D>(true).await;
    println!(
        "{}, in batches of {BATCH}: {}, peak memory +{} kB",
        D::NAME,
        batches.text(),
        batches.memory
    );
    println!("{}, in one statement: {}", D::NAME, whole.text());
    println!(
        "{}, longest save: 1 : {:.0}",
        D::NAME,
        whole.longest() / batches.longest()
    );
}

struct Figures {
    rate: f64,
    /// The duration of each save, sorted.
    times: Vec<Duration>,
    memory: u64,
}

impl Figures {
    fn longest(&self) -> f64 {
        self.times.last().map_or(0.0, Duration::as_secs_f64)
    }

    fn text(&self) -> String {
        let nearly = self
            .times
            .get(self.times.len() * 99 / 100)
            .map_or(0.0, Duration::as_secs_f64);
        let (rate, count, longest) = (self.rate, self.times.len(), self.longest());
        format!(
            "{rate:.0} rows a second, {count} saves, 99 % of them in {:.1} ms, the longest in {:.1} ms",
            nearly * 1e3,
            longest * 1e3
        )
    }
}

/// Clears a table while another task saves sessions in it, including expired ones: a request may have read its session
/// just before it ended.
async fn measure<D: Filled>(in_batches: bool) -> Figures {
    let site = Site::<D>::new("clearing").await;
    fill(&site).await;
    let store = site.store();
    assert_eq!(store.count(NOW).await, u64::from(ROWS - LIVE));
    let is_done = AtomicBool::new(false);
    // On Linux, this resets the peak to the current use.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let memory = peak_memory();
    let clear = async {
        let start = Instant::now();
        let mut cleared = 0;
        if in_batches {
            let clear = Clear {
                now: NOW.into(),
                default_age: Duration::ZERO,
                at_most: BATCH,
            };
            loop {
                match store.clear_expired(clear).await.unwrap() {
                    0 => break,
                    batch => cleared += batch,
                }
            }
        } else {
            site.run(&format!(
                "DELETE FROM clearing WHERE expire_date < {}",
                D::INSTANT
            ))
            .await;
        }
        is_done.store(true, Ordering::Relaxed);
        (start.elapsed(), cleared)
    };
    let save = async {
        let mut saved = Vec::new();
        let mut times = Vec::new();
        while !is_done.load(Ordering::Relaxed) {
            // Steps of a prime number reach all rows.
            let key =
                SessionKey::parse(&format!("key{:06}", times.len() * 104_729 % ROWS as usize))
                    .unwrap();
            let session = Session::new();
            let save = Save {
                key: &key,
                session: &session,
                now: NOW.into(),
                expires_at: (NOW + 60).into(),
            };
            let start = Instant::now();
            if store.update(save).await.unwrap() {
                saved.push(key);
            }
            times.push(start.elapsed());
        }
        (times, saved)
    };
    let ((time, cleared), (mut times, saved)) = tokio::join!(clear, save);
    let memory = peak_memory() - memory;

    // The saved rows exist, and no live row is gone.
    assert_eq!(store.count(NOW).await, 0);
    let left = site.keys().await;
    assert!(
        saved
            .iter()
            .all(|key| left.binary_search(&key.as_str().into()).is_ok())
    );
    assert!((0..LIVE).all(|n| left.binary_search(&format!("key{:06}", n * 10)).is_ok()));
    let gone = ROWS - u32::try_from(left.len()).unwrap();
    assert!(!in_batches || cleared == gone);
    times.sort_unstable();
    let rate = f64::from(gone) / time.as_secs_f64();
    Figures {
        rate,
        times,
        memory,
    }
}

/// Returns the peak memory of this process, in kB, on Linux only.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or_default()
}
