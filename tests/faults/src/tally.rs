//! Counts of what was answered.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many wrong answers are printed.
const EXAMPLES: usize = 20;

/// A line of the table. Each request counts in one of the first part, and in each of the second part that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    NoCookie,
    Own,
    OfFallback,
    Ahead,
    Copy,
    Two,
    AtMaxAge,
    FarAhead,
    TooOld,
    PastEnd,
    LoginEnded,
    OtherKey,
    Forged,
    LetterChanged,
    Swapped,
    OtherSalt,
    Stranger,
    Retired,
    NotYetKnown,
    SecondTooOld,

    AfterCut,
    AfterMove,
    Mixed,
    ByDjango,
    Home,
    Year1970,
    Year2038,
    Year2106,
    Year2262,
}

/// The first line of the second part.
const FAULTS: Row = Row::AfterCut;

impl Row {
    fn name(self) -> &'static str {
        match self {
            Self::NoCookie => "no cookie",
            Self::Own => "own cookie",
            Self::OfFallback => "own cookie, signed by a fallback key",
            Self::Ahead => "own cookie, stamp ahead of the clock",
            Self::Copy => "copy of an older cookie",
            Self::Two => "own cookie beside a forged one",
            Self::AtMaxAge => "good key, as old as the max age",
            Self::FarAhead => "good key, stamp up to 300 years ahead",
            Self::TooOld => "too old",
            Self::PastEnd => "past its own expiry",
            Self::LoginEnded => "its login was ended elsewhere",
            Self::OtherKey => "its key is retired",
            Self::Forged => "forged",
            Self::LetterChanged => "one letter changed",
            Self::Swapped => "payload and signature of two cookies",
            Self::OtherSalt => "good key, another salt",
            Self::Stranger => "another site's key",
            Self::Retired => "new, signed by a retired key",
            Self::NotYetKnown => "new, signed by a key of the future",
            Self::SecondTooOld => "good key, a second too old",
            Self::AfterCut => "after an interrupted request",
            Self::AfterMove => "the first after a move of the clock",
            Self::Mixed => "while workers had different rings",
            Self::ByDjango => "answered by Django",
            Self::Home => "clock in 2026 and later",
            Self::Year1970 => "clock in 1970",
            Self::Year2038 => "clock in 2038",
            Self::Year2106 => "clock in 2106",
            Self::Year2262 => "clock in 2262",
        }
    }
}

pub enum Verdict {
    RightlyRefused,
    RightlyAccepted,
    WronglyRefused(String),
    WronglyAccepted(String),
    /// Another status, a lost value, a wrong stamp.
    Otherwise(String),
}

#[derive(Default)]
pub struct Tally {
    answered: AtomicUsize,
    allowed: AtomicUsize,
    is_over: AtomicBool,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    /// As the columns of the table.
    all: [u64; 5],
    rows: BTreeMap<Row, [u64; 5]>,
    events: BTreeMap<&'static str, u64>,
    examples: Vec<String>,
}

impl Tally {
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// Lets the people go on to this many answers, so that workers that start have the machine's time.
    pub fn allow(&self, answers: usize) {
        self.allowed.store(answers, Ordering::SeqCst);
    }

    pub fn must_wait(&self) -> bool {
        self.answered() >= self.allowed.load(Ordering::SeqCst)
    }

    /// Tells the people to stop.
    pub fn stop(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// Counts an answer.
    pub fn answer(&self, rows: &[Row], verdict: Verdict) {
        let (column, example) = match verdict {
            Verdict::RightlyRefused => (0, None),
            Verdict::RightlyAccepted => (1, None),
            Verdict::WronglyRefused(example) => (2, Some(example)),
            Verdict::WronglyAccepted(example) => (3, Some(example)),
            Verdict::Otherwise(example) => (4, Some(example)),
        };
        let mut counts = self.lock();
        counts.all[column] += 1;
        for row in rows {
            counts.rows.entry(*row).or_default()[column] += 1;
        }
        if let Some(example) = example
            && counts.examples.len() < EXAMPLES
        {
            let rows: Vec<_> = rows.iter().map(|row| row.name()).collect();
            counts
                .examples
                .push(format!("{}: {example}", rows.join(", ")));
        }
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a fault, or a request without an answer.
    pub fn event(&self, name: &'static str) {
        *self.lock().events.entry(name).or_default() += 1;
    }

    /// Returns how many requests were wrongly refused, wrongly accepted, and otherwise wrong.
    pub fn wrong(&self) -> [u64; 3] {
        let [.., refused, accepted, otherwise] = self.lock().all;
        [refused, accepted, otherwise]
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.lock();
        let mut line = |name: &str, counts: &[u64; 5]| {
            let [
                refused,
                accepted,
                wrongly_refused,
                wrongly_accepted,
                otherwise,
            ] = counts;
            let all: u64 = counts.iter().sum();
            writeln!(
                f,
                "{name:<38}{all:>9}{refused:>9}{accepted:>9}{wrongly_refused:>9}{wrongly_accepted:>9}{otherwise:>9}"
            )
        };
        line("all requests", &counts.all)?;
        let (cookies, faults): (Vec<_>, Vec<_>) =
            counts.rows.iter().partition(|(row, _)| **row < FAULTS);
        for (row, counts) in cookies {
            line(&format!("  {}", row.name()), counts)?;
        }
        for (row, counts) in faults {
            line(&format!("  * {}", row.name()), counts)?;
        }
        for (name, count) in &counts.events {
            writeln!(f, "  {name}: {count}")?;
        }
        for example in &counts.examples {
            writeln!(f, "  WRONG: {example}")?;
        }
        Ok(())
    }
}

/// The head of the table.
pub struct Head;

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:38}{:>9}{:>18}{:>18}{:>9}\n{:38}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "",
            "",
            "rightly",
            "wrongly",
            "wrong",
            "",
            "requests",
            "refused",
            "accepted",
            "refused",
            "accepted",
            "else"
        )
    }
}
