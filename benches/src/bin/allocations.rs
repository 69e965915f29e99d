//! Counts allocations: a program of its own, since counting them makes them slow.
//!
//! Prints a table. Ends badly if an operation allocates more often than it may.

use std::process::ExitCode;

use hardtack_bench::data::COUNT;
use hardtack_bench::operations::{Operation, operations};
use hardtack_bench::zlibs;

/// How often an operation may allocate, on a thread that has done it before.
fn bound(operation: &str) -> Option<u64> {
    let (_, operation) = operation.split_once(' ')?;
    match operation {
        "verify" | "verify, forged" | "verify, expired" | "encode_into a warm buffer" => Some(0),
        "decode" => Some(4),
        _ => None,
    }
}

fn main() -> ExitCode {
    println!("{:<32}  allocations       bytes  at most", "");
    let mut broken = 0;
    for mut operation in operations() {
        let (most, bytes) = count(&mut operation);
        let bound = bound(&operation.name);
        let verdict = match bound {
            Some(bound) if most > bound => {
                broken += 1;
                format!("{bound}  TOO MANY")
            }
            Some(bound) => bound.to_string(),
            None => String::new(),
        };
        println!("{:<32}  {most:>11}  {bytes:>10}  {verdict}", operation.name);
    }
    println!();
    for (name, make) in zlibs::states() {
        let info = allocation_counter::measure(make);
        println!(
            "{name:<32}  {:>11}  {:>10}",
            info.count_total, info.bytes_total
        );
    }
    println!("allocation bounds broken: {broken}");
    if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The most allocations of any payload, and the mean of the bytes.
fn count(operation: &mut Operation) -> (u64, u64) {
    (0..COUNT).for_each(|payload| operation.run(payload));
    let counted = (0..COUNT).map(|payload| allocation_counter::measure(|| operation.run(payload)));
    let (most, bytes) = counted.fold((0, 0), |(most, bytes), info| {
        (info.count_total.max(most), bytes + info.bytes_total)
    });
    (most, bytes / COUNT as u64)
}
