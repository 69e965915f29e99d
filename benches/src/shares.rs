//! Where encoding spends its time.

use hardtack_bench::timing::Timings;

use crate::table::{Table, micros};

/// Prints a line for each class, from the results of [`crate::codec::encode`].
pub fn print(encoded: &[(&str, Timings)]) {
    println!("\n== encode: shares of its time");
    let mut table = Table::new(&["", "us", "zlib", "json", "base64", "hmac", "the rest"]);
    for (class, timings) in encoded {
        let whole = timings.get("encode").minimum();
        let share = |name: &str| timings.get(name).minimum() / whole;
        let pieces = ["zlib", "json", "base64", "hmac"].map(share);
        let rest = (1.0 - pieces.iter().sum::<f64>()).max(0.0);
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let shares = pieces.into_iter().chain([rest]).map(percent);
        let cells = [(*class).to_owned(), micros(whole)].into_iter();
        table.row(cells.chain(shares));
    }
    table.print();
}
