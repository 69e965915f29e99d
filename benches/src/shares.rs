//! Where encoding spends its time, and how far that is from a compressor for small inputs.

use hardtack_bench::timing::Timings;

use crate::table::{Table, micros};

/// Microseconds for S, M and L that a compressor for inputs of a few KB has reached in safe Rust, including all other
/// work, with 0.4 to 1.6 % more bytes. The libraries that the codec uses are made for long streams: they clear hundreds
/// of KB of state for each stream.
const REACHABLE: [(&str, f64); 3] = [("S", 2.8), ("M", 7.0), ("L", 22.0)];

/// Prints a line for each class, from the results of [`crate::codec::encode`].
pub fn print(encoded: &[(&str, Timings)]) {
    println!(
        "\n== encode: shares of its time, and its distance from what a compressor for small inputs reaches"
    );
    let mut table = Table::new(&[
        "",
        "us",
        "zlib",
        "json",
        "base64",
        "hmac",
        "the rest",
        "reachable us",
        "distance",
    ]);
    for (class, timings) in encoded {
        let whole = timings.get("encode").minimum();
        let share = |name: &str| timings.get(name).minimum() / whole;
        let pieces = ["zlib", "json", "base64", "hmac"].map(share);
        let rest = (1.0 - pieces.iter().sum::<f64>()).max(0.0);
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let shares = pieces.into_iter().chain([rest]).map(percent);
        let reachable = REACHABLE.iter().find(|(name, _)| name == class);
        let distance = reachable.map_or(["-".into(), "-".into()], |(_, us)| {
            [format!("{us:.1}"), format!("{:.1} x", whole / 1000.0 / us)]
        });
        table.row(
            [(*class).to_owned(), micros(whole)]
                .into_iter()
                .chain(shares)
                .chain(distance),
        );
    }
    table.print();
}
