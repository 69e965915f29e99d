//! What hardtack costs, beside what it is put together from and beside its peers.

mod backends;
mod codec;
mod instructions;
mod machine;
mod partial;
mod peers;
mod plot;
mod refusals;
mod scaling;
mod table;
mod threads;

use std::time::Duration;

use clap::{Parser, Subcommand};

/// Measures hardtack: ratios to its own pieces, to a bare HMAC, to its peers
///
/// The candidates of a table take turns within one process, each with all 64 sessions of a class. "min" is the fastest
/// of all rounds and "median" the one in the middle, each per session. "ratio" is that of the minima. Trust the ratios: absolute times drift.
///
/// Without a command all parts run, one after the other.
#[derive(Parser)]
#[command(name = "hardtack-bench", version)]
struct Options {
    /// Much shorter: enough to see that all of it works, not to quote
    #[arg(long, global = true)]
    brief: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Clone, Copy, PartialEq, Subcommand)]
enum Part {
    /// Encoding and decoding against the sum of their pieces
    Codec,
    /// Refusing a cookie against bare HMACs of the same text
    Refusals,
    /// Peers in Rust, and Django and itsdangerous in Python (which are installed under target/)
    Peers,
    /// One key of a session against the whole of it
    Partial,
    /// Cost against size, and against threads that share one codec; a picture of both under target/
    Scaling,
    /// Instructions per operation, counted by valgrind, beside those of the last time
    Instructions,
    /// zlib by other crates, and other homes for its state (only when asked for)
    Backends,
    /// What valgrind runs
    #[command(hide = true)]
    Count,
}

fn main() {
    let options = Options::parse();
    let budget = Duration::from_millis(if options.brief { 100 } else { 2000 });
    if options.part == Some(Part::Count) {
        instructions::run_all();
        return;
    }
    machine::print();
    let runs = |part| options.part.is_none_or(|asked| asked == part);
    if runs(Part::Codec) {
        codec::print(budget);
    }
    if runs(Part::Refusals) {
        refusals::print(budget);
    }
    if runs(Part::Peers) {
        peers::print(budget);
    }
    if runs(Part::Partial) {
        partial::print(budget);
    }
    if runs(Part::Instructions) {
        instructions::print(options.brief);
    }
    if runs(Part::Scaling) {
        scaling::print(budget);
    }
    if options.part == Some(Part::Backends) {
        backends::print(budget);
    }
}
