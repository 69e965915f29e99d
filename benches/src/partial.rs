//! Reading one key of a session compared with reading the whole session.

use std::time::Duration;

use hardtack::SessionCodec;
use hardtack_bench::data::{self, CLASSES, LATER};
use hardtack_bench::timing::{Candidate, candidate, measure};
use hardtack_bench::typed::{Login, Shop, Text};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::table::{Table, ratio};

const WHOLE: &str = "all of it to a struct";

/// A struct with a single key, which skips all others.
#[derive(Deserialize)]
struct UserId {
    #[serde(rename = "_auth_user_id")]
    id: String,
}

/// Prints a table for each class.
pub fn print(budget: Duration) {
    for class in CLASSES {
        println!(
            "\n== {}: one key or all, from the cookie on, us; ratio: to all of it in a struct",
            class.name
        );
        let codec = data::codec(1);
        let cookies = class.cookies();
        let sessions = class.sessions();
        let mut candidates = match class.name {
            "S" => whole::<Login<String>>(&codec, &cookies, borrowed_login),
            _ => whole::<Shop<String>>(&codec, &cookies, borrowed_shop),
        };
        candidates.push(one_key_of_session(&codec, &cookies));
        candidates.push(candidate("one key to a struct", |i| {
            let user: UserId = codec
                .decode_as(cookies[i], LATER)
                .expect("the cookie is decoded");
            user.id
        }));
        candidates.push(candidate("Session, nothing read", |i| {
            codec.decode(cookies[i], LATER)
        }));
        candidates.push(candidate("one key, Session at hand", |i| {
            sessions[i]
                .get::<String>("_auth_user_id")
                .expect("it is a text")
        }));
        let timings = measure(budget, candidates);
        let mut table = Table::new(&["", "min", "median", "ratio", "of medians"]);
        for timing in &timings.0 {
            table.timing(timing, ratio(&timings, &timing.name, &[WHOLE]));
        }
        table.print();
    }
}

fn one_key_of_session<'a>(codec: &'a SessionCodec, cookies: &'a [&str]) -> Candidate<'a> {
    candidate("Session and one key", |i| {
        let session = codec
            .decode(cookies[i], LATER)
            .expect("the cookie is decoded");
        session
            .get::<String>("_auth_user_id")
            .expect("it is a text")
    })
}

fn whole<'a, T: DeserializeOwned + 'a>(
    codec: &'a SessionCodec,
    cookies: &'a [&str],
    borrowed: fn(&str),
) -> Vec<Candidate<'a>> {
    vec![
        candidate(WHOLE, |i| {
            codec
                .decode_as::<T>(cookies[i], LATER)
                .expect("the cookie is decoded")
        }),
        candidate("all of it, borrowed", move |i| {
            let verified = codec.verify(cookies[i], LATER).expect("the cookie is good");
            borrowed(&verified.raw_json().expect("it has a text"));
        }),
        candidate("all of it to a tree", |i| {
            codec
                .decode_as::<Value>(cookies[i], LATER)
                .expect("the cookie is decoded")
        }),
    ]
}

fn borrowed_login(json: &str) {
    let read: Login<Text<'_>> = serde_json::from_str(json).expect("it has the session's shape");
    std::hint::black_box(read);
}

fn borrowed_shop(json: &str) {
    let read: Shop<Text<'_>> = serde_json::from_str(json).expect("it has the session's shape");
    std::hint::black_box(read);
}
