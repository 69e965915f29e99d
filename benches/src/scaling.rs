//! Cost by the size of a session, and a picture of it and of the cost by the number of threads.

use std::path::Path;
use std::time::Duration;

use hardtack::{Compression, Session, SessionCodec};
use hardtack_bench::data::{self, CLASSES, COUNT, LATER, NOW};
use hardtack_bench::timing::{candidate, measure};

use crate::plot::{self, Plot, Series};
use crate::sharing;
use crate::table::{Table, micros};

/// Bytes of JSON.
const SIZES: [usize; 12] = [
    50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 65_536,
];

/// Prints both tables, and writes a picture of both.
pub fn print(budget: Duration) {
    let sizes = by_size(budget / 4);
    let threads = sharing::by_threads(budget);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench-scaling.svg");
    plot::write(&file, &[sizes, threads]).expect("the picture is written");
    println!("\npicture: target/bench-scaling.svg");
}

/// The work that is measured at each size.
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

/// Returns a session with texts of class XL whose JSON has exactly `size` bytes.
fn session(size: usize, seed: usize) -> Session {
    let texts = CLASSES[3].texts();
    let mut letters = (0..COUNT)
        .flat_map(|i| texts[(seed + i) % COUNT].chars())
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == ' ');
    let mut session = Session::new();
    let length = |session: &Session| session.to_json().len();
    for number in 0.. {
        let key = format!("k{number}");
        session.insert(&key, "").expect("a text is JSON");
        let left = size - length(&session);
        // The rest is a whole text, or has room for one more.
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
