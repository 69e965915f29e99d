//! Time per operation. The candidates take turns in one process, so that other load on the machine slows all of them.

use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::data::COUNT;

/// Shortest time, in nanoseconds, that is measured at once: much longer than reading the clock takes, and short enough
/// that usually no other process interrupts it.
const SHORTEST: f64 = 20_000.0;

/// Something to measure. It does its work on each payload of a range.
pub struct Candidate<'a> {
    name: String,
    work: Box<dyn FnMut(Range<usize>) + 'a>,
}

/// Creates a candidate from its name and its work, which is called with the number of a payload. Dropping the result is
/// included in the time.
pub fn candidate<'a, R>(
    name: impl Into<String>,
    mut operation: impl FnMut(usize) -> R + 'a,
) -> Candidate<'a> {
    Candidate {
        name: name.into(),
        work: Box::new(move |payloads| {
            for payload in payloads {
                black_box(operation(black_box(payload)));
            }
        }),
    }
}

impl Candidate<'_> {
    fn nanos(&mut self, payloads: Range<usize>) -> f64 {
        let start = Instant::now();
        (self.work)(payloads);
        start.elapsed().as_secs_f64() * 1e9
    }

    /// Returns the number of payloads that are measured at once. Afterwards, caches, states and buffers are warm.
    fn chunk(&mut self) -> usize {
        let fastest = (0..3)
            .map(|_| self.nanos(0..COUNT))
            .fold(f64::INFINITY, f64::min);
        let per_payload = fastest / COUNT as f64;
        let fits = |chunk: &usize| *chunk as f64 * per_payload >= SHORTEST;
        [1, 2, 4, 8, 16, 32].into_iter().find(fits).unwrap_or(COUNT)
    }
}

/// The times of one candidate.
pub struct Timing {
    /// The candidate's name.
    pub name: String,
    /// For each round, the nanoseconds of each chunk of payloads.
    rounds: Vec<Vec<f64>>,
}

impl Timing {
    /// Returns the minimum, from the fastest round of each chunk of payloads, in nanoseconds per operation.
    pub fn minimum(&self) -> f64 {
        self.each_chunk(|rounds| rounds.into_iter().fold(f64::INFINITY, f64::min))
    }

    /// Returns the median, from the median of each chunk of payloads, in nanoseconds per operation.
    pub fn median(&self) -> f64 {
        self.each_chunk(median)
    }

    fn each_chunk(&self, pick: impl Fn(Vec<f64>) -> f64) -> f64 {
        let chunks = 0..self.rounds[0].len();
        let picked =
            chunks.map(|chunk| pick(self.rounds.iter().map(|round| round[chunk]).collect()));
        picked.sum::<f64>() / COUNT as f64
    }
}

/// The times of each candidate.
pub struct Timings(pub Vec<Timing>);

impl Timings {
    /// Returns the timing of a candidate.
    pub fn get(&self, name: &str) -> &Timing {
        let found = self.0.iter().find(|timing| timing.name == name);
        found.unwrap_or_else(|| panic!("no candidate is called {name}"))
    }

    /// Returns the ratio of one candidate's minimum to the sum of the others'.
    pub fn ratio(&self, name: &str, others: &[&str]) -> f64 {
        let sum: f64 = others.iter().map(|other| self.get(other).minimum()).sum();
        self.get(name).minimum() / sum
    }

    /// Returns the same ratio of the medians.
    pub fn median_ratio(&self, name: &str, others: &[&str]) -> f64 {
        let sum: f64 = others.iter().map(|other| self.get(other).median()).sum();
        self.get(name).median() / sum
    }
}

/// Lets the candidates take turns for about as long as `budget`, and at least five times.
pub fn measure(budget: Duration, mut candidates: Vec<Candidate<'_>>) -> Timings {
    let mut timings: Vec<Timing> = candidates
        .iter()
        .map(|candidate| Timing {
            name: candidate.name.clone(),
            rounds: Vec::new(),
        })
        .collect();
    let chunks: Vec<usize> = candidates.iter_mut().map(Candidate::chunk).collect();
    let count = candidates.len();
    let start = Instant::now();
    let mut round = 0;
    while round < 5 || start.elapsed() < budget {
        // Each candidate is first in turn, so that none always follows the same neighbour.
        for turn in 0..count {
            let number = (round + turn) % count;
            let starts = (0..COUNT).step_by(chunks[number]);
            let took = starts.map(|start| candidates[number].nanos(start..start + chunks[number]));
            timings[number].rounds.push(took.collect());
        }
        round += 1;
    }
    Timings(timings)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
