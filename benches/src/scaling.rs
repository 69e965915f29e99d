//! Cost against the size of a session, and against the number of threads that share one codec.

use std::path::Path;
use std::time::Duration;

use hardtack::{Compression, Scratch, Session, SessionCodec};
use hardtack_bench::data::{self, CLASSES, COUNT, LATER, NOW};
use hardtack_bench::timing::{candidate, measure};

use crate::plot::{self, Plot, Series};
use crate::table::{Table, micros};
use crate::threads;

/// Bytes of JSON.
const SIZES: [usize; 12] = [
    50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 65_536,
];

/// Both tables, and a picture of both.
pub fn print(budget: Duration) {
    let sizes = by_size(budget / 4);
    let threads = by_threads(budget / 4);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench-scaling.svg");
    plot::write(&file, &[sizes, threads]).expect("the picture is written");
    println!("\npicture: target/bench-scaling.svg");
}

/// What is measured at each size.
const WORK: [&str; 5] = [
    "encode",
    "encode, no zlib",
    "decode",
    "decode, no zlib",
    "verify",
];

fn by_size(budget: Duration) -> Plot {
    println!("\n== cost against size, us");
    let headings = ["bytes of JSON"]
        .into_iter()
        .chain(WORK)
        .chain(["encode, us per KB"]);
    let mut table = Table::new(&headings.collect::<Vec<_>>());
    let mut series = WORK.map(Series::new);
    for size in SIZES {
        let costs = cost_of(size, budget);
        for (series, cost) in series.iter_mut().zip(costs) {
            series.points.push((size as f64, cost / 1000.0));
        }
        let per_kb = micros(costs[0] / (size as f64 / 1024.0));
        table.row(
            [size.to_string()]
                .into_iter()
                .chain(costs.map(micros))
                .chain([per_kb]),
        );
    }
    table.print();
    Plot {
        title: "Cost against size",
        x: "bytes of JSON",
        series: series.into(),
        range: None,
    }
}

fn cost_of(size: usize, budget: Duration) -> [f64; 5] {
    let auto = data::codec(1)
        .with_max_length(1 << 20)
        .with_max_json_length(1 << 20);
    let never = auto.clone().with_compression(Compression::Never);
    let sessions: Vec<Session> = (0..COUNT).map(|seed| session(size, seed)).collect();
    let cookies = |codec: &SessionCodec| -> Vec<String> {
        let encode = |session| codec.encode(session, NOW).expect("the session is encoded");
        sessions.iter().map(encode).collect()
    };
    let (short, long) = (cookies(&auto), cookies(&never));
    let candidates = vec![
        candidate(WORK[0], |i| auto.encode(&sessions[i], NOW)),
        candidate(WORK[1], |i| never.encode(&sessions[i], NOW)),
        candidate(WORK[2], |i| auto.decode(&short[i], LATER)),
        candidate(WORK[3], |i| never.decode(&long[i], LATER)),
        candidate(WORK[4], |i| auto.verify(&short[i], LATER).is_ok()),
    ];
    let timings = measure(budget, candidates);
    WORK.map(|name| timings.get(name).minimum())
}

/// A session of the texts of class XL whose JSON has exactly `size` bytes.
fn session(size: usize, seed: usize) -> Session {
    let texts = CLASSES[3].texts();
    let mut letters = (0..COUNT)
        .flat_map(|i| texts[(seed + i) % COUNT].chars())
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == ' ');
    let mut session = Session::new();
    let length = |session: &Session| session.to_json().expect("a session has a text").len();
    for number in 0.. {
        let key = format!("k{number}");
        session.insert(&key, "").expect("a text is JSON");
        let left = size - length(&session);
        // What is left is a whole text, or room for one more.
        let taken = if left > 160 { 120 } else { left };
        let text: String = letters.by_ref().take(taken).collect();
        session.insert(&key, text).expect("a text is JSON");
        if taken == left {
            break;
        }
    }
    assert_eq!(length(&session), size);
    session
}

/// What is measured on each number of threads.
const SHARED: [&str; 4] = ["encode", "encode_with, own scratch", "decode", "verify"];

/// Microseconds of a core, per session, for the class M.
fn by_threads(budget: Duration) -> Plot {
    println!(
        "\n== M: threads that share one codec, us of a core ({} cores); speed-up: to one thread",
        threads::cores()
    );
    let codec = data::codec(1);
    let sessions = CLASSES[1].sessions();
    let cookies = CLASSES[1].cookies();
    let mut table = Table::new(
        &[
            &["threads"],
            &SHARED[..],
            &[
                "encode / own scratch",
                "speed-up of encode",
                "of decode",
                "of verify",
            ],
        ]
        .concat(),
    );
    let mut series = SHARED.map(|name| {
        Series::new(if name == SHARED[1] {
            "encode_with"
        } else {
            name
        })
    });
    let mut alone = Vec::new();
    for count in threads::counts() {
        let costs = threads::measure(
            count,
            budget * 4,
            &[
                &|| {
                    Box::new(|i| {
                        codec
                            .encode(&sessions[i], NOW)
                            .map_or(0, |cookie| cookie.len())
                    })
                },
                &|| own_scratch(&codec, &sessions),
                &|| {
                    Box::new(|i| {
                        codec
                            .decode(cookies[i], LATER)
                            .map_or(0, |session| session.len())
                    })
                },
                &|| Box::new(|i| usize::from(codec.verify(cookies[i], LATER).is_ok())),
            ],
        );
        let parallel = count.min(threads::cores()) as f64;
        let rates: Vec<f64> = costs.iter().map(|cost| parallel / cost).collect();
        if alone.is_empty() {
            alone.clone_from(&rates);
        }
        let speed_up = |kind: usize| format!("{:.2}", rates[kind] / alone[kind]);
        let ratio = format!("{:.2}", costs[0] / costs[1]);
        let cells = costs.iter().map(|cost| micros(*cost));
        table.row([count.to_string()].into_iter().chain(cells).chain([
            ratio,
            speed_up(0),
            speed_up(2),
            speed_up(3),
        ]));
        for (series, cost) in series.iter_mut().zip(&costs) {
            series.points.push((count as f64, cost / 1000.0));
        }
    }
    table.print();
    Plot {
        title: "Cost against threads, class M",
        x: "threads that share one codec",
        series: series.into(),
        range: Some((
            0.9,
            threads::counts().last().copied().unwrap_or(1) as f64 * 1.1,
        )),
    }
}

/// All memory owned by the thread itself, handed in.
fn own_scratch<'a>(
    codec: &'a SessionCodec,
    sessions: &'a [Session],
) -> Box<dyn FnMut(usize) -> usize + 'a> {
    let mut scratch = Scratch::new();
    let mut out = String::with_capacity(8192);
    Box::new(move |i| {
        out.clear();
        let written = codec.encode_with(&mut scratch, &sessions[i], NOW, &mut out);
        written.map_or(0, |()| out.len())
    })
}
