//! Counts allocations. It is a separate program, because counting slows allocations down.
//!
//! Prints a table. Exits with an error if an operation allocates more often than it may.

use std::process::ExitCode;

use hardtack::Session;
use hardtack_bench::data::{self, COUNT, LATER, NOW};
use hardtack_bench::operations::{Operation, operations};
use hardtack_bench::zlibs;

/// Returns how often an operation may allocate, on a thread that has run it before.
fn bound(operation: &str) -> Option<u64> {
    let (_, operation) = operation.split_once(' ')?;
    match operation {
        "verify" | "verify, forged" | "verify, expired" => Some(0),
        "encode" => Some(1),
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
    for keys in [0, 1, 16, 17, 100, 1000] {
        let most = allocations_of_decoding(keys);
        let verdict = if most > 4 { "4  TOO MANY" } else { "4" };
        broken += u32::from(most > 4);
        println!(
            "{:<32}  {most:>11}  {:>10}  {verdict}",
            format!("decode, {keys} keys"),
            ""
        );
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

/// Returns the maximum number of allocations for a payload, and the mean number of bytes.
fn count(operation: &mut Operation) -> (u64, u64) {
    (0..COUNT).for_each(|payload| operation.run(payload));
    let counted = (0..COUNT).map(|payload| allocation_counter::measure(|| operation.run(payload)));
    let (most, bytes) = counted.fold((0, 0), |(most, bytes), info| {
        (info.count_total.max(most), bytes + info.bytes_total)
    });
    (most, bytes / COUNT as u64)
}

/// Decoding to a session does not allocate more often for many keys than for few.
fn allocations_of_decoding(keys: usize) -> u64 {
    let codec = data::codec(1).with_max_length(usize::MAX);
    let names = (0..keys).map(|number| (format!("key {number}"), number));
    let mut session = Session::new();
    session.update(names).expect("the session is made");
    let cookie = codec.encode(&session, NOW).expect("the session is encoded");
    let decode = || drop(codec.decode(&cookie, LATER).expect("the cookie is decoded"));
    decode();
    allocation_counter::measure(decode).count_total
}
