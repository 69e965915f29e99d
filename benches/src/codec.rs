//! Encoding and decoding compared with the sum of their pieces.

use std::time::Duration;

use hardtack::{Session, SessionCodec};
use hardtack_bench::data::{self, CLASSES, Class, LATER, NOW};
use hardtack_bench::pieces::{Base64, Json, Macs, RawSession};
use hardtack_bench::timing::{Candidate, Timings, candidate, measure};
use hardtack_bench::typed::{Login, Shop};
use hardtack_bench::zlibs::{Deflate, Inflate, Kept};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::shares;
use crate::table::{Table, micros, ratio};

const ENCODE_PIECES: [&str; 4] = ["json", "zlib", "base64", "hmac"];
const ENCODE_TYPED_PIECES: [&str; 4] = ["json of a struct", "zlib", "base64", "hmac"];
const DECODE_PIECES: [&str; 4] = ["hmac", "base64", "inflate", "json"];
/// One pass over the JSON to scan it, and one to read it.
const DECODE_TYPED_PIECES: [&str; 5] = ["hmac", "base64", "inflate", "json", "json to a struct"];

/// Prints both directions, for every class.
pub fn print(budget: Duration) {
    let mut encoded = Vec::new();
    for class in CLASSES {
        let timings = encode(class, budget);
        println!("\n== {}: encode, us", class.name);
        print_encode(&timings);
        encoded.push((class.name, timings));
        println!("\n== {}: decode, us", class.name);
        print_decode(&decode(class, budget));
    }
    shares::print(&encoded);
}

/// Measures encoding, its pieces, and all pieces in a row.
pub fn encode(class: Class, budget: Duration) -> Timings {
    let codec = data::codec(1);
    let sessions = class.sessions();
    let raw: Vec<_> = sessions.iter().map(RawSession::new).collect();
    let cookies: Vec<Parts> = sessions
        .iter()
        .map(|session| Parts::encode(&codec, session))
        .collect();
    let (macs, mut json, mut zlib, mut base64) = (
        Macs::new(1),
        Json::new(),
        Kept::<Deflate>::new(),
        Base64::new(),
    );
    let mut row = (Json::new(), Kept::<Deflate>::new(), Base64::new());
    let mut candidates = vec![
        candidate("encode", |i| codec.encode(&sessions[i], NOW)),
        candidate("json", |i| json.write(&raw[i]).len()),
        candidate("zlib", |i| zlib.run(cookies[i].json.as_bytes()).len()),
        candidate("base64", |i| {
            base64.encode(&cookies[i].digest).len() + base64.encode(&cookies[i].stream).len()
        }),
        candidate("hmac", |i| macs.run(&cookies[i].message)),
        candidate("all pieces in a row", |i| {
            let (json, zlib, base64) = &mut row;
            base64.encode(zlib.run(json.write(&raw[i])));
            base64.encode(&macs.run(&cookies[i].message)).len()
        }),
    ];
    candidates.extend(match class.name {
        "S" => encode_typed::<Login<String>>(class, &codec),
        _ => encode_typed::<Shop<String>>(class, &codec),
    });
    measure(budget, candidates)
}

fn encode_typed<'a, T: Serialize + DeserializeOwned + 'a>(
    class: Class,
    codec: &'a SessionCodec,
) -> [Candidate<'a>; 2] {
    let make = || class.texts().into_iter().map(typed::<T>);
    let (values, same): (Vec<T>, Vec<T>) = (make().collect(), make().collect());
    let mut json = Json::new();
    for (value, text) in values.iter().zip(class.texts()) {
        assert_eq!(
            json.write(value),
            text.as_bytes(),
            "the piece does the same work"
        );
    }
    [
        candidate("encode of a struct", move |i| {
            codec.encode_as(&values[i], NOW)
        }),
        candidate("json of a struct", move |i| json.write(&same[i]).len()),
    ]
}

fn typed<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("the struct has the session's shape")
}

/// Measures decoding, its pieces, and all pieces in a row.
pub fn decode(class: Class, budget: Duration) -> Timings {
    let codec = data::codec(1);
    let cookies: Vec<Parts> = class.cookies().into_iter().map(Parts::read).collect();
    let (macs, mut base64, mut inflate) = (Macs::new(1), Base64::new(), Kept::<Inflate>::new());
    let mut row = (Base64::new(), Kept::<Inflate>::new());
    let mut candidates = vec![
        candidate("decode", |i| codec.decode(&cookies[i].cookie, LATER)),
        candidate("hmac", |i| macs.run(&cookies[i].message)),
        candidate("base64", |i| base64.decode(cookies[i].payload()).len()),
        candidate("inflate", |i| inflate.run(&cookies[i].stream).len()),
        candidate("json", |i| Json::pass(cookies[i].json.as_bytes())),
        candidate("all pieces in a row", |i| {
            let (base64, inflate) = &mut row;
            let digest = macs.run(&cookies[i].message);
            Json::pass(inflate.run(base64.decode(cookies[i].payload())));
            digest
        }),
    ];
    candidates.extend(match class.name {
        "S" => decode_typed::<Login<String>>(&codec, &cookies),
        _ => decode_typed::<Shop<String>>(&codec, &cookies),
    });
    measure(budget, candidates)
}

fn decode_typed<'a, T: DeserializeOwned>(
    codec: &'a SessionCodec,
    cookies: &'a [Parts],
) -> [Candidate<'a>; 2] {
    [
        candidate("decode to a struct", |i| {
            codec.decode_as::<T>(&cookies[i].cookie, LATER)
        }),
        candidate("json to a struct", |i| typed::<T>(&cookies[i].json)),
    ]
}

/// A cookie and its parts.
struct Parts {
    cookie: String,
    json: String,
    stream: Vec<u8>,
    message: String,
    digest: [u8; 32],
}

impl Parts {
    /// Encodes a cookie. The pieces must produce the same one.
    fn encode(codec: &SessionCodec, session: &Session) -> Self {
        let json = session.to_json();
        let raw = Json::new().write(&RawSession::new(session)).to_vec();
        assert_eq!(raw, json.as_bytes(), "the piece does the same work");
        let stream = Kept::<Deflate>::new().run(json.as_bytes()).to_vec();
        let cookie = codec.encode(session, NOW).expect("the session is encoded");
        let parts = Self::read(&cookie);
        assert_eq!(parts.stream, stream, "the piece does the same work");
        parts
    }

    fn read(cookie: &str) -> Self {
        let (message, signature) = cookie.rsplit_once(':').expect("a cookie has a signature");
        let digest = Macs::new(1).run(message);
        assert_eq!(
            Base64::new().encode(&digest),
            signature,
            "the HMAC is the cookie's own"
        );
        let (payload, _) = message.split_once(':').expect("a cookie has a stamp");
        let payload = payload
            .strip_prefix('.')
            .expect("all classes are compressed");
        let stream = Base64::new().decode(payload).to_vec();
        let json = Kept::<Inflate>::new().run(&stream).to_vec();
        Self {
            cookie: cookie.into(),
            json: String::from_utf8(json).expect("JSON is UTF-8"),
            stream,
            message: message.into(),
            digest,
        }
    }

    fn payload(&self) -> &str {
        let (payload, _) = self.message.split_once(':').expect("a cookie has a stamp");
        &payload[1..]
    }
}

/// Returns the ratio that has a target: encoding to the sum of its pieces.
pub fn encode_ratio(timings: &Timings) -> f64 {
    timings.ratio("encode", &ENCODE_PIECES)
}

/// Returns the ratio that has a target: decoding to a session to the sum of its pieces.
pub fn decode_ratio(timings: &Timings) -> f64 {
    timings.ratio("decode", &DECODE_PIECES)
}

/// Returns the ratio that has a target: decoding to a struct to the sum of its pieces.
pub fn decode_typed_ratio(timings: &Timings) -> f64 {
    timings.ratio("decode to a struct", &DECODE_TYPED_PIECES)
}

fn print_encode(timings: &Timings) {
    let against: [(&str, &[&str]); 2] = [
        ("encode", &ENCODE_PIECES),
        ("encode of a struct", &ENCODE_TYPED_PIECES),
    ];
    print_pieces(timings, &against);
}

fn print_decode(timings: &Timings) {
    let against: [(&str, &[&str]); 2] = [
        ("decode", &DECODE_PIECES),
        ("decode to a struct", &DECODE_TYPED_PIECES),
    ];
    print_pieces(timings, &against);
}

/// Prints the candidates with a sum of pieces first, then all others.
fn print_pieces(timings: &Timings, against: &[(&str, &[&str])]) {
    let mut table = Table::new(&[
        "",
        "min",
        "median",
        "pieces",
        "ratio",
        "of medians",
        "in a row",
    ]);
    for (name, pieces) in against {
        let sum: f64 = pieces
            .iter()
            .map(|piece| timings.get(piece).minimum())
            .sum();
        let in_a_row = format!("{:.2}", timings.ratio(name, &["all pieces in a row"]));
        let cells = [micros(sum)].into_iter();
        let cells = cells.chain(ratio(timings, name, pieces)).chain([in_a_row]);
        table.timing(timings.get(name), cells);
    }
    let is_piece = |name: &str| against.iter().all(|(whole, _)| *whole != name);
    for timing in timings.0.iter().filter(|timing| is_piece(&timing.name)) {
        table.timing(timing, []);
    }
    table.print();
}
