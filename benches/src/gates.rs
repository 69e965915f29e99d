//! Gates that must hold on any machine: allocations, sizes, and ratios at twice their targets, the best of three.

use std::process::Command;
use std::time::Duration;
use std::{env, iter};

use hardtack_bench::data::{self, CLASSES, Class, NOW};

use crate::{codec, refusals};

/// Target for the ratio of encoding and decoding to the sum of their pieces.
const CODEC: f64 = 1.15;
/// How much longer than Django's our cookies may be, because the compressors differ.
const LONGER: f64 = 1.02;

/// Returns whether all gates hold, and prints a line for each.
pub fn hold(budget: Duration) -> bool {
    println!("\n== gates: ratios at twice their targets, the best of three");
    let mut all = true;
    for class in CLASSES {
        let encode = || codec::encode_ratio(&codec::encode(class, budget));
        all &= ratio(&format!("{}: encode / pieces", class.name), CODEC, encode);
        let decode = || codec::decode_ratio(&codec::decode(class, budget));
        all &= ratio(&format!("{}: decode / pieces", class.name), CODEC, decode);
        let typed = || codec::decode_typed_ratio(&codec::decode(class, budget));
        let name = format!("{}: decode to a struct / pieces", class.name);
        all &= ratio(&name, CODEC, typed);
    }
    for case in refusals::cases().into_iter().filter(|case| !case.is_good) {
        all &= ratio(&format!("{} / HMACs", case.name), case.target(), || {
            refusals::ratio_of(&case, budget)
        });
    }
    for class in CLASSES {
        all &= size(class);
    }
    all & (allocations() || verdict("allocations", "too many", false))
}

/// Measures a ratio until it is good, at most three times: disturbances only make it larger.
fn ratio(name: &str, target: f64, measure: impl FnMut() -> f64) -> bool {
    let mut best = f64::INFINITY;
    for measured in iter::repeat_with(measure).take(3) {
        best = best.min(measured);
        if best <= 2.0 * target {
            break;
        }
    }
    let shown = format!("{best:.2}, target {target:.2}, at most {:.2}", 2.0 * target);
    verdict(name, &shown, best <= 2.0 * target)
}

fn size(class: Class) -> bool {
    let codec = data::codec(1);
    let encoded = class.sessions();
    let encoded = encoded
        .iter()
        .map(|session| codec.encode(session, NOW).expect("encodes").len());
    let ours: usize = encoded.sum();
    let djangos: usize = class.cookies().iter().map(|cookie| cookie.len()).sum();
    let longer = ours as f64 / djangos as f64;
    let shown = format!("{longer:.4} of Django's, at most {LONGER:.2}");
    verdict(&format!("{}: bytes", class.name), &shown, longer <= LONGER)
}

fn verdict(name: &str, shown: &str, holds: bool) -> bool {
    println!(
        "  gate {name}: {shown}: {}",
        if holds { "ok" } else { "BROKEN" }
    );
    holds
}

/// Runs the program that counts allocations. It is built first, because cargo builds only the program that it runs.
pub fn allocations() -> bool {
    println!("\n== allocations on a warm thread, the most of any session; bytes on average");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "run",
            "--quiet",
            "--release",
            "--bin",
            "allocations",
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .status();
    status.expect("cargo runs").success()
}
