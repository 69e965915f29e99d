//! Measures the cost of hardtack, compared with its pieces and with its peers.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts and times are small and positive"
)]

mod backends;
mod codec;
/// The comparison alone, which the crate does not export.
#[path = "../../src/equal.rs"]
mod equal;
mod gates;
mod instructions;
mod machine;
mod partial;
mod peers;
mod plot;
mod refusals;
mod scaling;
mod shares;
mod sharing;
mod table;
mod threads;
mod timing_leaks;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Measures hardtack: ratios to its own pieces, to a bare HMAC, to its peers
///
/// The candidates of a table take turns within one process, each with all 64 sessions of a class. "min" is the fastest
/// of all rounds and "median" the one in the middle, each per session. "ratio" is that of the minima. Trust the ratios: absolute times drift.
///
/// Without a command, all parts run in order, which takes some minutes.
#[derive(Parser)]
#[command(name = "hardtack-bench", version)]
struct Options {
    /// Measure for a much shorter time: enough to see that everything works, not to quote
    #[arg(long, global = true)]
    brief: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Clone, Copy, PartialEq, Subcommand)]
enum Part {
    /// Encoding and decoding compared with the sum of their pieces
    Codec,
    /// Refusing a cookie compared with bare HMACs of the same text
    Refusals,
    /// Peers in Rust, and Django and itsdangerous in Python (which are installed under target/)
    Peers,
    /// Reading one key of a session compared with the whole session
    Partial,
    /// Allocations and bytes allocated per operation, with their bounds
    Allocations,
    /// Cost by size, and by the number of threads that share one codec; a picture of both under target/
    Scaling,
    /// Whether the time to refuse a signature tells which byte is wrong: Welch's t, without a verdict
    Timing,
    /// Instructions per operation, counted by valgrind, next to the previous counts
    Instructions,
    /// The compressor, next to those of other crates and to CPython's (only on request)
    Zlib,
    /// Gates that must hold on any machine, or the exit status is not 0 (only on request)
    Gates,
    /// Instructions and memory of the inputs that cost the most, with their bounds (only on request)
    Worst,
    /// The operations that valgrind counts
    #[command(hide = true)]
    Count,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let budget = Duration::from_millis(if options.brief { 100 } else { 2000 });
    if options.part == Some(Part::Count) {
        instructions::run_all();
        return ExitCode::SUCCESS;
    }
    if cfg!(debug_assertions) {
        println!("NOT OPTIMIZED: the figures say nothing. Run it with --release.");
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
    let mut good = !runs(Part::Allocations) || gates::allocations();
    if runs(Part::Instructions) {
        instructions::print(options.brief);
    }
    if runs(Part::Timing) {
        timing_leaks::print(budget);
    }
    if runs(Part::Scaling) {
        scaling::print(budget);
    }
    match options.part {
        Some(Part::Zlib) => backends::print(budget),
        Some(Part::Worst) => good &= gates::worst(),
        Some(Part::Gates) => good &= gates::hold(budget / 4),
        _ => {}
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
