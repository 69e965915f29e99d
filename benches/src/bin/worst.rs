//! Counts the instructions and the memory of the inputs that cost the most. It is a separate program, because counting
//! memory slows allocations down.
//!
//! Prints a table. Exits with an error if an input costs more than it may.

#![expect(
    clippy::cast_precision_loss,
    reason = "the ratios of counts need few digits"
)]

use std::process::ExitCode;
use std::{env, thread};

use hardtack_bench::valgrind;
use hardtack_bench::worst::{Case, Work, cases};

/// The argument with which valgrind runs this program.
const COUNT: &str = "count-worst";

/// An input of twice the size takes at most this many times the instructions: a little more than twice, for sorting.
const GROWTH: f64 = 2.2;

fn main() -> ExitCode {
    if env::args().any(|argument| argument == COUNT) {
        cases()
            .iter()
            .flat_map(works)
            .for_each(|mut work| valgrind::counted(&mut work));
        return ExitCode::SUCCESS;
    }
    let cases = cases();
    let counts = valgrind::count(COUNT, 3 * cases.len());
    let mut broken = 0;
    println!(
        "{:<62}  ratio  at most  growth  bytes at a time    at most",
        ""
    );
    for (case, counts) in cases.iter().zip(counts.chunks(3)) {
        let [whole, half, ordinary] = [0, 1, 2].map(|at| counts[at] as f64);
        let (ratio, growth) = (whole / ordinary, whole / half);
        let memory = memory(case);
        let holds = ratio <= case.ratio && growth <= GROWTH && memory <= case.memory;
        broken += u32::from(!holds);
        println!(
            "{:<62}  {ratio:>5.2}  {:>7.1}  {growth:>6.2}  {memory:>15}  {:>9}{}",
            case.name,
            case.ratio,
            case.memory,
            if holds { "" } else { "  TOO MUCH" },
        );
    }
    println!("bounds of worst cases broken: {broken}");
    if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Returns the work on the hostile input, on one of half its size, and on the ordinary one.
fn works(case: &Case) -> [Work; 3] {
    let size = case.size;
    [
        (case.hostile)(size),
        (case.hostile)(size / 2),
        (case.ordinary)(size),
    ]
}

/// Returns how many bytes the hostile input allocates at a time, on a thread that has kept nothing yet.
fn memory(case: &Case) -> u64 {
    let mut work = (case.hostile)(case.size);
    let measure = move || allocation_counter::measure(&mut work).bytes_max;
    thread::spawn(measure).join().expect("the work succeeds")
}
