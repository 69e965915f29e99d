//! How many times faster than its peers hardtack is, next to the targets.

use super::{ALONE, RECORD, Row};
use crate::table::Table;

/// A comparison: its name, the two peers, with or without zlib, and the targets for S, M, L and XL.
struct Comparison {
    name: &'static str,
    theirs: &'static str,
    ours: &'static str,
    zlib: bool,
    encode: &'static str,
    decode: &'static str,
}

const COMPARISONS: [Comparison; 5] = [
    Comparison {
        name: "Session, to Django",
        theirs: "Django, dict",
        ours: ALONE,
        zlib: true,
        encode: "5 / 4.5 / 3.5 / 3",
        decode: "6 / 4.5 / 3.8",
    },
    Comparison {
        name: "record, to Django",
        theirs: "Django's record, dict",
        ours: RECORD,
        zlib: true,
        encode: "5 / 4.5 / 3.5 / 3",
        decode: "6 / 4.5 / 3.8",
    },
    Comparison {
        name: "Session, to cookie with a tree",
        theirs: "cookie, signed jar, tree",
        ours: "hardtack, Session",
        zlib: false,
        encode: "2 / 2 / 1.7",
        decode: "3 / 3 / 3",
    },
    Comparison {
        name: "Session, to cookie with a struct",
        theirs: "cookie, signed jar, struct",
        ours: "hardtack, Session",
        zlib: false,
        encode: "",
        decode: "",
    },
    Comparison {
        name: "struct, to cookie with a struct",
        theirs: "cookie, signed jar, struct",
        ours: "hardtack, struct",
        zlib: false,
        encode: "",
        decode: "",
    },
];

/// Prints a line for each comparison and direction. The rows are those of S, M, L and XL.
pub fn print(classes: &[Vec<Row>]) {
    println!("\n== speed-up");
    let mut table = Table::new(&["", "zlib", "S", "M", "L", "XL", "to reach"]);
    for comparison in &COMPARISONS {
        let zlib = if comparison.zlib { "yes" } else { "no" };
        for (direction, target) in [("encode", comparison.encode), ("decode", comparison.decode)] {
            let factor = |rows: &Vec<Row>| {
                let of = |name: &str| {
                    let row = rows
                        .iter()
                        .find(|row| row.name == name && row.zlib == comparison.zlib);
                    let row = row.expect("everybody was measured");
                    if direction == "encode" {
                        row.encode.minimum
                    } else {
                        row.decode.minimum
                    }
                };
                format!("{:.2}", of(comparison.theirs) / of(comparison.ours))
            };
            let name = format!("{direction} {}", comparison.name);
            let cells = classes.iter().map(factor);
            table.row(
                [name, zlib.into()]
                    .into_iter()
                    .chain(cells)
                    .chain([target.into()]),
            );
        }
    }
    table.print();
}
