//! Counts of what happened.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How many examples of a violation are shown.
const EXAMPLES: usize = 3;

/// Counts that all clients share.
#[derive(Clone)]
pub struct Tally {
    title: String,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    allowed: BTreeMap<&'static str, u64>,
    wrong: BTreeMap<&'static str, u64>,
    examples: Vec<String>,
}

impl Tally {
    /// Creates a tally. `must_be_zero` are the names of the violations; each is printed, even if it did not occur.
    pub fn new(title: String, must_be_zero: &[&'static str]) -> Self {
        let wrong = must_be_zero.iter().map(|name| (*name, 0)).collect();
        let counts = Counts {
            wrong,
            ..Counts::default()
        };
        Self {
            title,
            counts: Arc::new(Mutex::new(counts)),
        }
    }

    pub fn count(&self, name: &'static str) {
        *self.lock().allowed.entry(name).or_default() += 1;
    }

    /// Counts a violation.
    pub fn wrong(&self, name: &'static str, example: &str) {
        let mut counts = self.lock();
        *counts.wrong.entry(name).or_default() += 1;
        if counts.examples.len() < EXAMPLES {
            counts.examples.push(format!("{name}: {example}"));
        }
    }

    pub fn is_wrong(&self) -> bool {
        self.lock().wrong.values().any(|count| *count > 0)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.lock();
        let line = |of: &BTreeMap<&str, u64>| {
            let counts = of.iter().map(|(name, count)| format!("{count} {name}"));
            counts.collect::<Vec<_>>().join(", ")
        };
        write!(f, "{}: {}", self.title, line(&counts.allowed))?;
        write!(f, "\n    must be 0: {}", line(&counts.wrong))?;
        for example in &counts.examples {
            write!(f, "\n    for example {example}")?;
        }
        Ok(())
    }
}
