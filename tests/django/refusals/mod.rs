//! Refusals: mangled cookies, and cookies that a holder of the key signed with odd content. Django and this crate give
//! the same answers, except for one list ([`disagreements`]).

mod disagreements;
mod mangled;
mod odd_json;
mod odd_payloads;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hardtack::signing::{Signer, b62_encode};
use hardtack::{Error, MaxAge, SESSION_SALT, Session, SessionCodec};

use crate::common::{KEY, NOW};
use crate::oracle::{Answer, Judge, Key, ring, seconds};
use disagreements::{DISAGREEMENTS, lines};

/// All cookies are read a minute after they were signed.
const READ_AT: i64 = NOW + 60;

/// A cookie, and what is odd about it.
struct Case {
    name: String,
    cookie: String,
    max_age: MaxAge,
}

impl Case {
    fn new(name: impl Into<String>, cookie: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            cookie: cookie.into(),
            max_age: MaxAge::default(),
        }
    }

    fn without_max_age(mut self) -> Self {
        self.name += ", no max age";
        self.max_age = MaxAge::NoLimit;
        self
    }

    /// Creates a case from an odd payload, with a good stamp and a valid signature.
    fn payload(name: impl Into<String>, payload: &str) -> Self {
        Self::new(name, signed(&format!("{payload}:{}", b62_encode(NOW))))
    }

    /// Creates a case from odd JSON in a good payload, which is compressed if it would be too long for a cookie.
    fn json(name: impl Into<String>, json: impl AsRef<[u8]>) -> Self {
        let json = json.as_ref();
        let payload = if json.len() > 2000 {
            compressed(&zlib(json))
        } else {
            URL_SAFE_NO_PAD.encode(json)
        };
        Self::payload(format!("json: {}", name.into()), &payload)
    }
}

fn keys() -> [Key; 1] {
    [Key::Text(KEY.into())]
}

/// Signs any text as a session is signed.
fn signed(text: &str) -> String {
    Signer::new(ring(&keys()))
        .with_salt(SESSION_SALT)
        .sign(text)
}

fn zlib(data: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(data, 6)
}

fn compressed(stream: &[u8]) -> String {
    format!(".{}", URL_SAFE_NO_PAD.encode(stream))
}

/// Returns base64 texts that differ from this one only in the last bits of the last character: numbers from 1 to
/// `spellings` (exclusive), and the texts. If those bits are unused, the texts are spellings of the same bytes.
fn last_bits(text: &str, spellings: usize) -> impl Iterator<Item = (usize, String)> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (head, last) = text.split_at(text.len() - 1);
    let last = ALPHABET.find(last).expect("base64url");
    (1..spellings).map(move |bits| {
        let other = &ALPHABET[last ^ bits..=last ^ bits];
        (bits, format!("{head}{other}"))
    })
}

/// The outcome for a cookie, on either side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Accepted,
    BadSignature,
    Expired,
    /// Any fault under a valid signature. The two sides need not find the same fault first.
    Malformed,
}

struct Verdict {
    outcome: Outcome,
    /// The error's name, or "accepted".
    told: String,
}

impl From<&Answer> for Verdict {
    fn from(answer: &Answer) -> Self {
        let outcome = match answer.error.as_str() {
            _ if answer.ok => Outcome::Accepted,
            "BadSignature" => Outcome::BadSignature,
            "SignatureExpired" => Outcome::Expired,
            _ => Outcome::Malformed,
        };
        let told = if answer.ok { "accepted" } else { &answer.error };
        Self {
            outcome,
            told: told.into(),
        }
    }
}

impl From<Error> for Verdict {
    fn from(error: Error) -> Self {
        let outcome = match error {
            // Django has one error for both.
            Error::BadSignature | Error::NotSigned => Outcome::BadSignature,
            Error::Expired { .. } => Outcome::Expired,
            _ => Outcome::Malformed,
        };
        // Without the numbers.
        let shown = format!("{error:?}");
        let told = shown.split(' ').next().unwrap_or_default().into();
        Self { outcome, told }
    }
}

/// Returns our verdict, and the JSON that we read: a session's, or any other that was signed.
fn judge_ourselves(case: &Case) -> (Verdict, Option<String>) {
    let codec = SessionCodec::new(ring(&keys())).with_max_age(case.max_age);
    let verified = codec.verify(&case.cookie, READ_AT);
    let json = verified.and_then(|verified| verified.raw_json()).ok();
    let session = verified
        .and_then(|verified| verified.session())
        .map(|session| session.to_json());
    match session {
        Ok(session) => {
            // The text is returned as it was signed; the session has Django's spelling.
            let text = json.as_deref().map(Session::from_json);
            let respelled = text.and_then(Result::ok).map(|session| session.to_json());
            assert_eq!(respelled, Some(session.clone()), "{}", case.name);
            let outcome = Outcome::Accepted;
            let told = "accepted".into();
            (Verdict { outcome, told }, Some(session))
        }
        Err(error) => (error.into(), json),
    }
}

fn ask_django(cases: &[Case]) -> Vec<Answer> {
    let mut judge = Judge::start();
    for case in cases {
        let max_age = match case.max_age {
            MaxAge::Limit(limit) => Some(limit.as_secs_f64()),
            MaxAge::NoLimit => None,
        };
        judge.load(
            SESSION_SALT,
            &keys(),
            seconds(READ_AT),
            max_age,
            &case.cookie,
        );
    }
    judge.answers()
}

/// Returns for each case whether Django finds the values that we read, if we read any.
fn compare_values(cases: &[Case], ours: &[(Verdict, Option<String>)]) -> Vec<Option<Answer>> {
    let mut judge = Judge::start();
    for (case, (_, json)) in cases.iter().zip(ours) {
        if let Some(json) = json {
            judge.expect(SESSION_SALT, &keys(), seconds(READ_AT), &case.cookie, json);
        }
    }
    let mut answers = judge.answers().into_iter();
    ours.iter()
        .map(|(_, json)| json.as_ref().and_then(|_| answers.next()))
        .collect()
}

/// The answers for one cookie.
struct Reading<'a> {
    name: &'a str,
    django: Verdict,
    ours: Verdict,
    /// Whether Django finds the values that we read, if we read any.
    values: Option<Answer>,
}

impl Reading<'_> {
    /// Returns our answer, if it differs from Django's.
    fn difference(&self) -> Option<&str> {
        let alike = self.values.as_ref().is_none_or(|values| values.ok);
        if self.django.outcome == Outcome::Accepted && !alike {
            Some("other values")
        } else if self.django.outcome != self.ours.outcome {
            Some(&self.ours.told)
        } else {
            None
        }
    }
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn mangled_and_odd_cookies_are_judged_as_in_django() {
    let cases: Vec<Case> = mangled::cases()
        .chain(odd_payloads::cases())
        .chain(odd_json::cases())
        .collect();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "a name stands twice");

    let ours: Vec<_> = cases.iter().map(judge_ourselves).collect();
    let values = compare_values(&cases, &ours);
    let django = ask_django(&cases);
    let readings: Vec<Reading<'_>> = cases
        .iter()
        .zip(django.iter().zip(ours.into_iter().zip(values)))
        .map(|(case, (django, ((ours, _), values)))| Reading {
            name: &case.name,
            django: django.into(),
            ours,
            values,
        })
        .collect();
    report(&readings);
    check_list(&readings);
}

fn report(readings: &[Reading<'_>]) {
    let count = |outcome| {
        let alike = readings
            .iter()
            .filter(|reading| reading.difference().is_none());
        alike
            .filter(|reading| reading.django.outcome == outcome)
            .count()
    };
    println!(
        "refusals: {} cookies; both sides accept {} with equal values, and refuse {} for the signature, {} for their \
         age, {} as malformed; {} disagreements",
        readings.len(),
        count(Outcome::Accepted),
        count(Outcome::BadSignature),
        count(Outcome::Expired),
        count(Outcome::Malformed),
        readings
            .iter()
            .filter(|reading| reading.difference().is_some())
            .count(),
    );
}

/// Asserts that the differences are exactly the listed ones.
#[track_caller]
fn check_list(readings: &[Reading<'_>]) {
    let found = readings.iter().filter_map(|reading| {
        let ours = reading.difference()?;
        Some((reading.name, reading.django.told.as_str(), ours))
    });
    let mut unlisted: BTreeSet<_> = found.collect();
    let mut idle = Vec::new();
    for (why, text) in DISAGREEMENTS {
        println!("  {why}:");
        for line in lines(text) {
            let (name, django, ours) = line;
            println!("    {name}: Django {django}, hardtack {ours}");
            if !unlisted.remove(&line) {
                idle.push(line);
            }
        }
    }
    assert!(
        unlisted.is_empty() && idle.is_empty(),
        "not listed: {unlisted:#?}\nlisted, but not so: {idle:#?}"
    );
}
