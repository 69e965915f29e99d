//! Refusing a cookie compared with bare HMACs of the same text.

use std::time::Duration;

use hardtack_bench::data::{self, CLASSES, LATER, TOO_LATE};
use hardtack_bench::pieces::Macs;
use hardtack_bench::timing::{Timings, candidate, measure};

use crate::table::{Table, ratio};

/// A cookie that is refused, or accepted only by a later key.
pub struct Case {
    /// F, X or R, the class if it is not M, and the number of keys.
    pub name: String,
    cookies: Vec<String>,
    now: i64,
    keys: usize,
    /// Whether a key signed it.
    pub is_good: bool,
    is_small: bool,
}

impl Case {
    /// Returns the target for the ratio.
    pub fn target(&self) -> f64 {
        match (self.keys, self.is_small) {
            (1, true) => 1.25,
            (1, false) => 1.15,
            _ => 1.1,
        }
    }
}

/// Prints the cost of every case.
pub fn print(budget: Duration) {
    println!("\n== refuse, us: F forged, X expired, R signed with the last key, which is good");
    let mut table = Table::new(&[
        "",
        "min",
        "median",
        "HMACs",
        "ratio",
        "of medians",
        "target",
    ]);
    for case in cases() {
        let timings = cost(&case, budget);
        let hmacs = crate::table::micros(timings.get("hmac").minimum());
        let cells = [hmacs]
            .into_iter()
            .chain(ratio(&timings, &case.name, &["hmac"]))
            .chain([format!("{:.2}", case.target())]);
        table.timing(timings.get(&case.name), cells);
    }
    table.print();
}

/// Returns the ratio of a case's cost to that of its HMACs.
pub fn ratio_of(case: &Case, budget: Duration) -> f64 {
    cost(case, budget).ratio(&case.name, &["hmac"])
}

fn cost(case: &Case, budget: Duration) -> Timings {
    let codec = data::codec(case.keys);
    let macs = Macs::new(case.keys);
    let signed = |cookie: &String| cookie.rsplit_once(':').map(|(text, _)| text.to_owned());
    let messages: Vec<String> = case.cookies.iter().filter_map(signed).collect();
    for cookie in &case.cookies {
        assert_eq!(
            codec.verify(cookie, case.now).is_ok(),
            case.is_good,
            "{}",
            case.name
        );
    }
    let candidates = vec![
        candidate(&case.name, |i| {
            codec.verify(&case.cookies[i], case.now).is_ok()
        }),
        candidate("hmac", |i| macs.run(&messages[i])),
    ];
    measure(budget, candidates)
}

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    let owned = |cookies: Vec<&str>| cookies.into_iter().map(String::from).collect::<Vec<_>>();
    let case = |name: &str, cookies, now, keys| Case {
        name: format!("{name}, {keys} key{}", if keys == 1 { "" } else { "s" }),
        cookies,
        now,
        keys,
        is_good: name == "R",
        is_small: name.ends_with(" of S"),
    };
    let [s, ..] = CLASSES;
    let m = data::refused();
    vec![
        case("F", owned(m.forged.clone()), LATER, 1),
        case("F", owned(m.forged.clone()), LATER, 2),
        case("F", owned(m.forged), LATER, 3),
        case("X", owned(m.expired), LATER, 1),
        case("R", owned(m.rotated), LATER, 3),
        case("F of S", s.forged(), LATER, 1),
        case("X of S", owned(s.cookies()), TOO_LATE, 1),
    ]
}
