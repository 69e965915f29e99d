//! Compares zlib from other crates, and other places to keep its state. The codec's choice is based on this.

use std::cell::RefCell;
use std::sync::Mutex;
use std::time::Duration;

use hardtack_bench::data::{CLASSES, COUNT, Class};
use hardtack_bench::timing::{Candidate, Timings, candidate, measure};
use hardtack_bench::zlibs::{
    Deflate, Inflate, Kept, MinizDeflate, MinizInflate, Zlib, ZlibRsDeflate,
};

use crate::table::{Table, ratio};
use crate::threads;

/// Prints time and bytes for each backend, then the places to keep a state.
pub fn print(budget: Duration) {
    for class in CLASSES {
        println!(
            "\n== {}: zlib alone, us; ratio: to flate2 with zlib-rs, reset",
            class.name
        );
        print_class(class, budget);
    }
    println!(
        "\n== a home for the compressor, class M: us per stream on a thread, all threads at work"
    );
    print_homes(budget);
}

fn print_class(class: Class, budget: Duration) {
    let texts = class.texts();
    let mut bytes = Vec::new();
    let mut deflaters = Vec::new();
    add::<Deflate>(
        "deflate, flate2 with zlib-rs",
        &texts,
        &mut deflaters,
        &mut bytes,
    );
    add::<MinizDeflate>("deflate, miniz_oxide", &texts, &mut deflaters, &mut bytes);
    let (all, sizes) = (&mut deflaters, &mut bytes);
    add::<ZlibRsDeflate<6, 6>>("deflate, zlib-rs, memory 6", &texts, all, sizes);
    add::<ZlibRsDeflate<6, 5>>("deflate, zlib-rs, memory 5", &texts, all, sizes);
    add::<ZlibRsDeflate<1, 8>>("deflate, zlib-rs, level 1", &texts, all, sizes);
    print_timings(&measure(budget, deflaters), &bytes);

    let streams: Vec<Vec<u8>> = texts.iter().map(|text| compressed(text)).collect();
    let (mut bytes, mut inflaters) = (Vec::new(), Vec::new());
    add::<Inflate>(
        "inflate, flate2 with zlib-rs",
        &streams,
        &mut inflaters,
        &mut bytes,
    );
    add::<MinizInflate>("inflate, miniz_oxide", &streams, &mut inflaters, &mut bytes);
    print_timings(&measure(budget, inflaters), &bytes);
}

fn compressed(text: &str) -> Vec<u8> {
    Kept::<Deflate>::new().run(text.as_bytes()).to_vec()
}

/// Adds two candidates: the state is reset for each stream, or created for each.
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
    candidates.push(candidate(format!("{name}, reset"), move |i| {
        kept.run(inputs[i].as_ref()).len()
    }));
    let mut out = vec![0; 256 * 1024];
    candidates.push(candidate(format!("{name}, fresh"), move |i| {
        Z::fresh().run(inputs[i].as_ref(), &mut out)
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

std::thread_local! {
    static OF_THREAD: RefCell<Option<Kept<Deflate>>> = const { RefCell::new(None) };
}

/// A state per thread, in a pool, owned by the caller, or created for each call: on one thread, on all cores, and on
/// four times as many threads.
fn print_homes(budget: Duration) {
    let texts = &CLASSES[1].texts();
    let pool: Mutex<Vec<Kept<Deflate>>> = Mutex::default();
    let per_thread = |i: usize| {
        OF_THREAD
            .with_borrow_mut(|kept| kept.get_or_insert_default().run(texts[i].as_bytes()).len())
    };
    let from_pool = |i: usize| {
        let kept = pool.lock().expect("nobody panicked").pop();
        let mut kept = kept.unwrap_or_default();
        let length = kept.run(texts[i].as_bytes()).len();
        pool.lock().expect("nobody panicked").push(kept);
        length
    };
    let fresh = |i: usize| Deflate::fresh().run(texts[i].as_bytes(), &mut [0; 8192]);
    let mut table = Table::new(&["threads", "caller", "per thread", "pool", "fresh"]);
    for count in threads::counts() {
        let costs = threads::measure(
            count,
            budget,
            &[
                &|| {
                    let mut kept = Kept::<Deflate>::new();
                    Box::new(move |i| kept.run(texts[i].as_bytes()).len())
                },
                &|| Box::new(per_thread),
                &|| Box::new(from_pool),
                &|| Box::new(fresh),
            ],
        );
        table.row(
            [count.to_string()]
                .into_iter()
                .chain(costs.into_iter().map(crate::table::micros)),
        );
    }
    table.print();
}
