//! The same sessions with peers in Rust and in Python.

mod python;
mod rust;
mod speed_up;

pub use python::generate;

use std::time::Duration;

use hardtack::{Compression, RecordCodec, Session, SessionCodec};
use hardtack_bench::data::{self, CLASSES, COUNT, Class, LATER, NOW};
use hardtack_bench::timing::{Candidate, candidate, measure};
use hardtack_bench::typed::{Login, Shop};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::table::{Table, micros};
use rust::{Jwt, Peer, SignedJar, hardtack, itsdangerous};

/// The cost of a peer for a class.
struct Row {
    /// The peer, and the type between which and the cookie it converts.
    name: String,
    zlib: bool,
    encode: Cost,
    decode: Cost,
    /// Average number of bytes of a cookie's value.
    bytes: f64,
}

/// Nanoseconds per session.
#[derive(Clone, Copy)]
struct Cost {
    minimum: f64,
    median: f64,
}

/// hardtack, measured alone.
const ALONE: &str = "hardtack, Session, by itself";

/// The same for the text of a row or a file instead of a cookie.
const RECORD: &str = "hardtack, record, by itself";

/// Prints two tables for each class.
pub fn print(budget: Duration) {
    let mut python = python::measure(budget);
    let mut all = Vec::new();
    for class in CLASSES {
        let rust = measure_rust(class, budget);
        let mut apart = measure_alone(class, budget);
        apart.append(&mut python.rows(class.name));
        println!(
            "\n== {}: peers, us; ratio: to hardtack's Session, with zlib or without as they",
            class.name
        );
        print_rows(&rust);
        println!(
            "\n== {}: Python in a process of its own, and hardtack by itself",
            class.name
        );
        print_rows(&apart);
        all.push(rust.into_iter().chain(apart).collect());
    }
    speed_up::print(&all);
    println!("\n== M: refuse, us; ratio: to hardtack");
    python.print_refusals(budget);
}

fn print_rows(rows: &[Row]) {
    let mut table = Table::new(&[
        "", "zlib", "encode", "median", "ratio", "decode", "median", "ratio", "bytes",
    ]);
    for row in rows {
        let own = rows
            .iter()
            .find(|own| own.zlib == row.zlib)
            .expect("hardtack is there with both");
        let ratio = |theirs: Cost, ours: Cost| format!("{:.2}", theirs.minimum / ours.minimum);
        table.row([
            row.name.clone(),
            if row.zlib { "yes" } else { "no" }.into(),
            micros(row.encode.minimum),
            micros(row.encode.median),
            ratio(row.encode, own.encode),
            micros(row.decode.minimum),
            micros(row.decode.median),
            ratio(row.decode, own.decode),
            format!("{:.0}", row.bytes),
        ]);
    }
    table.print();
}

/// Measures the peers in Rust, which take turns.
fn measure_rust(class: Class, budget: Duration) -> Vec<Row> {
    let (auto, never) = (hardtack(Compression::Auto), hardtack(Compression::Never));
    let (jar, itsdangerous, jwt) = (SignedJar::new(), itsdangerous(), Jwt::new());
    let mut entries = Entries::default();
    for (zlib, codec) in [(true, &auto), (false, &never)] {
        entries.add_session(class, "hardtack, Session", codec, zlib);
        entries.add_both(class, "hardtack", codec, zlib);
    }
    entries.add_both(class, "cookie, signed jar", &jar, false);
    entries.add_both(class, "itsdangerous", &itsdangerous, false);
    entries.add_both(class, "jsonwebtoken", &jwt, false);
    entries.measure(budget)
}

/// Measures hardtack alone, to compare it with Python, which is also measured alone.
fn measure_alone(class: Class, budget: Duration) -> Vec<Row> {
    let (auto, never) = (hardtack(Compression::Auto), hardtack(Compression::Never));
    let records = data::record_codec();
    let mut entries = Entries::default();
    entries.add_session(class, ALONE, &auto, true);
    entries.add_session(class, ALONE, &never, false);
    entries.add_records(class, &records);
    entries.measure(budget)
}

#[derive(Default)]
struct Entries<'a> {
    /// Name, zlib, bytes.
    facts: Vec<(String, bool, f64)>,
    encode: Vec<Candidate<'a>>,
    decode: Vec<Candidate<'a>>,
}

impl<'a> Entries<'a> {
    fn add_both<P: Peer>(&mut self, class: Class, name: &str, peer: &'a P, zlib: bool) {
        let typed = format!("{name}, struct");
        match class.name {
            "S" => self.add::<P, Login<String>>(class, typed, peer, zlib),
            _ => self.add::<P, Shop<String>>(class, typed, peer, zlib),
        }
        self.add::<P, Value>(class, format!("{name}, tree"), peer, zlib);
    }

    fn add<P, T>(&mut self, class: Class, name: String, peer: &'a P, zlib: bool)
    where
        P: Peer,
        T: Serialize + DeserializeOwned + 'a,
    {
        let read = |text| serde_json::from_str(text).expect("it has the session's shape");
        let values: Vec<T> = class.texts().into_iter().map(read).collect();
        let cookies: Vec<String> = values.iter().map(|value| peer.encode(value)).collect();
        self.facts::<P>(name, zlib, &cookies);
        self.encode
            .push(candidate("", move |i| peer.encode(&values[i])));
        self.decode
            .push(candidate("", move |i| peer.decode::<T>(&cookies[i])));
    }

    fn add_session(&mut self, class: Class, name: &str, codec: &'a SessionCodec, zlib: bool) {
        let sessions = class.sessions();
        let cookies: Vec<String> = sessions
            .iter()
            .map(|session| Peer::encode(codec, session))
            .collect();
        self.facts::<SessionCodec>(name.into(), zlib, &cookies);
        self.encode
            .push(candidate("", move |i| codec.encode(&sessions[i], NOW)));
        self.decode.push(candidate("", move |i| -> Session {
            codec
                .decode(&cookies[i], LATER)
                .expect("the cookie is decoded")
        }));
    }

    fn add_records(&mut self, class: Class, codec: &'a RecordCodec) {
        let sessions = class.sessions();
        let encode =
            |session: &Session| codec.encode(session, NOW).expect("the session is encoded");
        let records: Vec<String> = sessions.iter().map(encode).collect();
        self.facts::<SessionCodec>(RECORD.into(), true, &records);
        self.encode
            .push(candidate("", move |i| codec.encode(&sessions[i], NOW)));
        self.decode.push(candidate("", move |i| -> Session {
            codec.decode(&records[i]).expect("the record is decoded")
        }));
    }

    fn facts<P: Peer>(&mut self, name: String, zlib: bool, cookies: &[String]) {
        let bytes: usize = cookies.iter().map(|cookie| P::length(cookie)).sum();
        self.facts.push((name, zlib, bytes as f64 / COUNT as f64));
    }

    fn measure(self, budget: Duration) -> Vec<Row> {
        let (encode, decode) = (measure(budget, self.encode), measure(budget, self.decode));
        let timings = encode.0.iter().zip(&decode.0);
        let cost = |timing: &hardtack_bench::timing::Timing| Cost {
            minimum: timing.minimum(),
            median: timing.median(),
        };
        let row = |((name, zlib, bytes), (encode, decode))| Row {
            name,
            zlib,
            encode: cost(encode),
            decode: cost(decode),
            bytes,
        };
        self.facts.into_iter().zip(timings).map(row).collect()
    }
}
