//! Time per operation: the candidates take turns within one process, so that what slows the machine slows them all.

use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::data::COUNT;

/// Shortest time, in nanoseconds, that is measured in one go: many times what reading the clock costs, and short enough
/// for most to pass without another process in between.
const SHORTEST: f64 = 20_000.0;

/// Something to be measured: it does its work on each payload of a range.
pub struct Candidate<'a> {
    name: String,
    work: Box<dyn FnMut(Range<usize>) + 'a>,
}

/// A candidate by its name and what it does with the payload of a number. What comes back is dropped, and that counts.
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

    /// Payloads that are measured in one go. Ends with caches, states and buffers warm.
    fn chunk(&mut self) -> usize {
        let fastest = (0..3)
            .map(|_| self.nanos(0..COUNT))
            .fold(f64::INFINITY, f64::min);
        let per_payload = fastest / COUNT as f64;
        let fits = |chunk: &usize| *chunk as f64 * per_payload >= SHORTEST;
        [1, 2, 4, 8, 16, 32].into_iter().find(fits).unwrap_or(COUNT)
    }
}

/// What one candidate took.
pub struct Timing {
    /// The candidate's name.
    pub name: String,
    /// Round by round, the nanoseconds of each chunk of payloads.
    rounds: Vec<Vec<f64>>,
}

impl Timing {
    /// The fastest: of each chunk of payloads its fastest round. In nanoseconds per operation.
    pub fn minimum(&self) -> f64 {
        self.each_chunk(|rounds| rounds.into_iter().fold(f64::INFINITY, f64::min))
    }

    /// In the middle: of each chunk of payloads its median. In nanoseconds per operation.
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

/// What each candidate took.
pub struct Timings(pub Vec<Timing>);

impl Timings {
    /// The timing of a candidate.
    pub fn get(&self, name: &str) -> &Timing {
        let found = self.0.iter().find(|timing| timing.name == name);
        found.unwrap_or_else(|| panic!("no candidate is called {name}"))
    }

    /// One candidate's minimum over the sum of the others'.
    pub fn ratio(&self, name: &str, others: &[&str]) -> f64 {
        let sum: f64 = others.iter().map(|other| self.get(other).minimum()).sum();
        self.get(name).minimum() / sum
    }

    /// The same of the medians.
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
        // Everybody comes first once, so that nobody always follows the same neighbour.
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
