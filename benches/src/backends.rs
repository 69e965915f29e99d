//! Compares the codec's compressor, and what inflates its streams, with other crates and with CPython's zlib.

use std::time::Duration;

use hardtack_bench::data::{CLASSES, COUNT, Class};
use hardtack_bench::timing::{Candidate, Timings, candidate, measure};
use hardtack_bench::zlibs::{
    Deflate, Inflate, Kept, MinizDeflate, MinizInflate, ThoroughDeflate, Zlib, ZlibRsDeflate,
};

use crate::peers;
use crate::table::{Table, ratio};

/// What compressing may cost: its time, divided by that of zlib-rs, and how much longer than CPython's its streams may be.
pub struct Target {
    /// The time, divided by that of zlib-rs, whose state is kept.
    pub time: f64,
    /// How many percent longer than CPython's the streams may be.
    pub longer: f64,
}

/// Returns the target of a class.
pub fn target(class: Class) -> Target {
    let (time, longer) = match class.name {
        "S" => (0.33, 0.3),
        "M" => (0.42, 0.3),
        "L" => (0.58, 0.6),
        _ => (0.62, 1.2),
    };
    Target { time, longer }
}

/// How many sessions of each class are generated.
const GENERATED: usize = 5000;

/// Prints time and bytes for each class.
pub fn print(budget: Duration) {
    for class in CLASSES {
        println!(
            "\n== {}: zlib alone, us; ratio: to zlib-rs, kept",
            class.name
        );
        print_class(class, budget);
    }
    println!("\n== bytes of the streams, against CPython's zlib at level 6");
    print_bytes();
}

/// Measures compressing, with the codec's compressor and zlib-rs.
pub fn time_ratio(class: Class, budget: Duration) -> f64 {
    let texts = class.texts();
    let (mut ours, mut theirs) = (Kept::<Deflate>::new(), Kept::<ZlibRsDeflate>::new());
    let timings = measure(
        budget,
        vec![
            candidate("ours", |i| ours.run(texts[i].as_bytes()).len()),
            candidate("theirs", |i| theirs.run(texts[i].as_bytes()).len()),
        ],
    );
    timings.ratio("ours", &["theirs"])
}

/// Returns how many percent longer than CPython's the streams are, from texts and the lengths of their streams.
pub fn longer<'t>(sizes: impl IntoIterator<Item = (&'t str, usize)>) -> f64 {
    let mut zlib = Kept::<Deflate>::new();
    let (mut ours, mut theirs) = (0, 0);
    for (text, length) in sizes {
        ours += zlib.run(text.as_bytes()).len();
        theirs += length;
    }
    (ours as f64 / theirs as f64 - 1.0) * 100.0
}

/// Prints the bytes for the sessions that are measured, and for others of the same classes.
fn print_bytes() {
    let generated = peers::generate(GENERATED);
    let mut table = Table::new(&["", "these 64", "generated", "sessions", "at most"]);
    for class in CLASSES {
        let (texts, lengths) = (class.texts(), class.stream_lengths());
        let of_class = generated
            .iter()
            .filter(|session| session.class == class.name);
        let sizes: Vec<_> = of_class
            .map(|session| (session.text.as_str(), session.length))
            .collect();
        table.row([
            class.name.to_owned(),
            format!("{:+.2} %", longer(texts.into_iter().zip(lengths))),
            format!("{:+.2} %", longer(sizes.iter().copied())),
            sizes.len().to_string(),
            format!("{:+.1} %", target(class).longer),
        ]);
    }
    table.print();
}

fn print_class(class: Class, budget: Duration) {
    let texts = class.texts();
    let (mut bytes, mut deflaters) = (Vec::new(), Vec::new());
    let (all, sizes) = (&mut deflaters, &mut bytes);
    add::<ZlibRsDeflate>("deflate, zlib-rs", &texts, all, sizes);
    add::<Deflate>("deflate, the codec's", &texts, all, sizes);
    add::<ThoroughDeflate>("deflate, the codec's, thorough", &texts, all, sizes);
    add::<MinizDeflate>("deflate, miniz_oxide", &texts, all, sizes);
    print_timings(&measure(budget, deflaters), &bytes);

    let mut zlib = Kept::<Deflate>::new();
    let streams: Vec<Vec<u8>> = texts
        .iter()
        .map(|text| zlib.run(text.as_bytes()).to_vec())
        .collect();
    let (mut bytes, mut inflaters) = (Vec::new(), Vec::new());
    add::<Inflate>("inflate, zlib-rs", &streams, &mut inflaters, &mut bytes);
    add::<MinizInflate>("inflate, miniz_oxide", &streams, &mut inflaters, &mut bytes);
    print_timings(&measure(budget, inflaters), &bytes);
}

/// Adds two candidates: the state is kept for the next stream, or created for each.
fn add<'a, Z: Zlib + 'a>(
    name: &str,
    inputs: &'a [impl AsRef<[u8]>],
    candidates: &mut Vec<Candidate<'a>>,
    bytes: &mut Vec<f64>,
) {
    let mut kept = Kept::<Z>::new();
    let total: usize = inputs
        .iter()
        .map(|input| kept.run(input.as_ref()).len())
        .sum();
    bytes.extend([total as f64 / COUNT as f64; 2]);
    candidates.push(candidate(format!("{name}, kept"), move |i| {
        kept.run(inputs[i].as_ref()).len()
    }));
    let mut out = vec![0; 256 * 1024];
    candidates.push(candidate(format!("{name}, fresh"), move |i| {
        Z::fresh().run(inputs[i].as_ref(), &mut out).len()
    }));
}

fn print_timings(timings: &Timings, bytes: &[f64]) {
    let mut table = Table::new(&["", "min", "median", "ratio", "of medians", "bytes"]);
    let first = timings.0[0].name.as_str();
    for (timing, bytes) in timings.0.iter().zip(bytes) {
        let cells = ratio(timings, &timing.name, &[first]).into_iter();
        table.timing(timing, cells.chain([format!("{bytes:.1}")]));
    }
    table.print();
}
