//! Looks for differences between the times of good and of forged signatures, as dudect does (Reparaz, Balasch and
//! Verbauwhede, "Dude, is my code constant time?", 2017): inputs of each class at random, and Welch's t-test.

use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;
use std::time::{Duration, Instant};

use hardtack::auth::AuthHasher;
use hardtack::{KeyRing, SecretKey};
use hardtack_bench::data::{self, CLASSES, LATER};

use crate::equal::equal;
use crate::table::Table;

/// Characters of a signature.
const LENGTH: usize = 43;

/// The shares of the shortest times that are compared. Interrupts make the longest times, which would hide a difference.
const SHARES: [f64; 4] = [1.0, 0.99, 0.9, 0.5];

/// The pairs of classes that are compared: 0 has no wrong byte, in 1 the first is wrong, in 2 the last.
const PAIRS: [(usize, usize); 3] = [(1, 2), (0, 1), (0, 2)];

/// Text of one length for each class.
type Inputs = [String; 3];

/// Prints the t of each pair of classes, for each case.
pub fn print(budget: Duration) {
    println!("\n== timing: Welch's t where a byte of the signature is wrong");
    println!(
        "  Of all times and of the shortest 99, 90 and 50 %, the t furthest from 0. |t| under 4.5 is no evidence of a difference."
    );
    println!(
        "  An attacker sees whether a signature is good, so only \"first, last\" can tell more than the answer does."
    );
    let mut table = Table::new(&["", "measured", "first, last", "none, first", "none, last"]);
    let mut add = |name: &str, inputs: &Inputs, repeats, work: &mut dyn FnMut(&str) -> bool| {
        let times = measure(budget, inputs, repeats, work);
        let measured = times.iter().map(Vec::len).sum::<usize>().to_string();
        let t = PAIRS.map(|(a, b)| format!("{:.1}", largest_t(&times[a], &times[b])));
        table.row([name.to_owned(), measured].into_iter().chain(t));
    };

    let codec = data::codec(1);
    let cookie = CLASSES[1].cookies()[0];
    let cookies = with_wrong_bytes(cookie, LENGTH);
    let signature = &cookie[cookie.len() - LENGTH..];
    let ours = signature
        .as_bytes()
        .first_chunk::<LENGTH>()
        .expect("the length");
    let is_good = |cookie: &str| codec.verify(cookie, LATER).is_ok();
    assert_eq!(
        [0, 1, 2].map(|class| is_good(&cookies[class])),
        [true, false, false]
    );
    let early = |cookie: &str| {
        let claimed = &cookie.as_bytes()[cookie.len() - LENGTH..];
        ours.iter().zip(claimed).all(|(a, b)| a == b)
    };

    let signatures = with_wrong_bytes(signature, LENGTH);
    add("comparison", &signatures, 64, &mut |text| {
        text.as_bytes()
            .first_chunk()
            .is_some_and(|claimed| equal(black_box(ours), claimed))
    });
    add("SessionCodec::verify", &cookies, 4, &mut |text| {
        is_good(text)
    });

    let mut secrets = data::secrets().map(SecretKey::new);
    let key = secrets
        .next()
        .expect("there is a key")
        .expect("it is a good one");
    let hasher = AuthHasher::new(&KeyRing::new(key));
    let password = "pbkdf2_sha256$1000000$salt$hash";
    let hash = hasher.hash(password);
    let hashes = with_wrong_bytes(&hash, hash.len());
    add("AuthHasher::verify", &hashes, 4, &mut |text| {
        hasher.verify(password, text).is_ok()
    });

    // Both leak on purpose, to show that a leak is found.
    add("control: early exit", &signatures, 64, &mut |text| {
        early(text)
    });
    add("control: verify, early exit", &cookies, 4, &mut |text| {
        black_box(is_good(text)) & early(text)
    });
    table.print();
}

/// Returns a text as it is, with another byte where its last `length` bytes start, and with another last byte.
fn with_wrong_bytes(text: &str, length: usize) -> Inputs {
    let forged = |at: usize| {
        let other = if text[at..].starts_with('1') {
            "2"
        } else {
            "1"
        };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    };
    [
        text.to_owned(),
        forged(text.len() - length),
        forged(text.len() - 1),
    ]
}

/// Returns the times of each class, in nanoseconds for `repeats` calls. Each measurement takes a class at random.
fn measure(
    budget: Duration,
    inputs: &Inputs,
    repeats: usize,
    work: &mut dyn FnMut(&str) -> bool,
) -> [Vec<f64>; 3] {
    let mut times = [const { Vec::new() }; 3];
    let mut random = RandomState::new().hash_one(repeats) | 1;
    // All classes are read from the same place, so that its alignment and the caches are the same for all.
    let mut place = inputs[0].clone();
    let start = Instant::now();
    let mut round = 0;
    while start.elapsed() < budget {
        // xorshift (Marsaglia, 2003).
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let class = (random >> 33) as usize % 3;
        place.clear();
        place.push_str(black_box(&inputs[class]));
        let before = Instant::now();
        for _ in 0..repeats {
            black_box(work(black_box(&place)));
        }
        let took = before.elapsed().as_nanos() as f64;
        // While the first are measured, caches and the branch predictor are still cold.
        if round >= 1000 {
            times[class].push(took);
        }
        round += 1;
    }
    times
}

/// Returns the t furthest from zero, of all times and of the shortest. What is too long is decided for both classes
/// together, as otherwise the choice would hide a difference.
fn largest_t(a: &[f64], b: &[f64]) -> f64 {
    let mut all = [a, b].concat();
    all.sort_by(f64::total_cmp);
    let t_of = |share: f64| {
        let longest = all[((all.len() - 1) as f64 * share) as usize];
        let short = |times: &[f64]| {
            times
                .iter()
                .copied()
                .filter(|&time| time <= longest)
                .collect()
        };
        welch(short(a), short(b))
    };
    let values = SHARES.map(t_of).into_iter().filter(|t| t.is_finite());
    values
        .max_by(|a, b| a.abs().total_cmp(&b.abs()))
        .unwrap_or(f64::NAN)
}

/// Returns Welch's t: the difference of the means, in units of its standard error.
fn welch(a: Vec<f64>, b: Vec<f64>) -> f64 {
    let [(mean_a, error_a), (mean_b, error_b)] = [a, b].map(|times| {
        let count = times.len() as f64;
        let mean = times.iter().sum::<f64>() / count;
        let squares: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
        (mean, squares / (count - 1.0) / count)
    });
    (mean_a - mean_b) / (error_a + error_b).sqrt()
}
