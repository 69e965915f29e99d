//! Thousands of random sessions, from Django to this crate and back.

use std::collections::BTreeMap;
use std::env;

use hardtack::{Compression, Error, MaxAge, Session, SessionCodec, Timestamp};

use crate::common::timestamp;
use crate::oracle::{Generated, Judge, Key, generate, ring};
use crate::pairs::Pairs;
use crate::typed::Typed;

const TRAITS: [&str; 11] = [
    "control",
    "astral",
    "surrogate",
    "bigint",
    "float17",
    "tie",
    "escaped-key",
    "empty-key",
    "depth",
    "nonfinite",
    "long",
];
/// Traits of sessions that may have values that Rust cannot represent.
const UNTYPED: [&str; 3] = ["surrogate", "bigint", "nonfinite"];

/// One direction: the number of sessions, and those that changed on the way.
#[derive(Default)]
struct Tally {
    sessions: usize,
    mismatches: Vec<String>,
}

impl Tally {
    fn count(&mut self, name: &str, result: Result<(), String>) {
        self.sessions += 1;
        self.mismatches
            .extend(result.err().map(|error| format!("{name}: {error}")));
    }

    #[track_caller]
    fn check(&self, direction: &str) {
        let found = self.mismatches.len();
        println!(
            "{direction}: {} sessions, {found} mismatches",
            self.sessions
        );
        let first = &self.mismatches[..found.min(10)];
        assert!(first.is_empty(), "{direction}:\n{}", first.join("\n"));
    }
}

/// A session of Django, and the codecs that read and sign it.
struct Check {
    django: Generated,
    now: Timestamp,
    /// It has the whole ring.
    reader: SessionCodec,
    /// It has the key with which Django signed.
    signer: SessionCodec,
}

impl Check {
    fn new(django: Generated) -> Self {
        // Without limits of size and age, which have their own tests.
        let codec = |keys: &[Key]| {
            SessionCodec::new(ring(keys))
                .with_salt(&django.salt)
                .with_max_age(MaxAge::NoLimit)
                .with_max_length(1 << 20)
                .with_max_json_length(1 << 20)
        };
        Self {
            now: timestamp(django.now),
            reader: codec(&django.keys),
            signer: codec(&django.keys[django.key..=django.key]),
            django,
        }
    }

    /// Checks that both of Django's cookies have its text and the right key index, and that the uncompressed one is
    /// written again unchanged.
    fn read(&self) -> Result<Session, String> {
        self.read_cookie(&self.django.cookie)?;
        let session = self.read_cookie(&self.django.plain)?;
        self.write_plain(|signer| signer.encode(&session, self.now))?;
        Ok(session)
    }

    fn read_cookie(&self, cookie: &str) -> Result<Session, String> {
        let verified = self.reader.verify(cookie, self.now).map_err(text)?;
        let session = verified.session().map_err(text)?;
        same(&session.to_json(), &self.django.json)?;
        same(
            &format!("key {}", verified.key_index()),
            &format!("key {}", self.django.key),
        )?;
        Ok(session)
    }

    /// Checks that our uncompressed cookie is Django's.
    fn write_plain(
        &self,
        write: impl FnOnce(&SessionCodec) -> Result<String, Error>,
    ) -> Result<(), String> {
        let signer = self.signer.clone().with_compression(Compression::Never);
        same(&write(&signer).map_err(text)?, &self.django.plain)
    }

    /// The same from Rust values, key by key and as a whole. Returns `None` if Rust cannot represent a value.
    fn write_typed(&self, session: &Session) -> Option<Result<(), String>> {
        let values: Result<Vec<(_, Typed)>, Error> = session
            .iter()
            .map(|(key, value)| Ok((key, value.read()?)))
            .collect();
        match values {
            Ok(values) => Some(self.write_values(&values)),
            Err(_) if self.has_one_of(&UNTYPED) => None,
            Err(error) => Some(Err(format!("without a Rust value: {error}"))),
        }
    }

    fn write_values<K: AsRef<str>>(&self, values: &[(K, Typed)]) -> Result<(), String> {
        let mut session = Session::new();
        for (key, value) in values {
            session.insert(key.as_ref(), value).map_err(text)?;
        }
        self.write_plain(|signer| signer.encode(&session, self.now))?;
        let whole: Pairs<Typed> = self
            .reader
            .decode_as(&self.django.cookie, self.now)
            .map_err(text)?;
        self.write_plain(|signer| signer.encode_as(&whole, self.now))
    }

    /// Returns our own cookie, compressed or not, and asks Django whether it finds its own values in it.
    fn ask(&self, session: &Session, judge: &mut Judge) -> String {
        let cookie = self.signer.encode(session, self.now).expect("encodes");
        let django = &self.django;
        judge.expect(
            &django.salt,
            &django.keys,
            django.now,
            &cookie,
            &django.json,
        );
        cookie
    }

    fn has_one_of(&self, traits: &[&str]) -> bool {
        self.django
            .traits
            .iter()
            .any(|name| traits.contains(&name.as_str()))
    }
}

fn text(error: Error) -> String {
    error.to_string()
}

fn same(ours: &str, django: &str) -> Result<(), String> {
    if ours == django {
        Ok(())
    } else {
        Err(format!("\n  hardtack {ours}\n  Django   {django}"))
    }
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn random_sessions_are_the_same_in_django() {
    let seed = env::var("HARDTACK_SEED").unwrap_or_else(|_| "hardtack".into());
    let count = env::var("HARDTACK_SESSIONS").map_or(2000, |count| count.parse().expect("a count"));
    println!("seed {seed:?}, {count} sessions");

    let (mut read, mut typed, mut judged) = (Tally::default(), Tally::default(), Tally::default());
    let mut traits = BTreeMap::new();
    let (mut by_django, mut by_us) = (0, 0);
    let mut asked = Vec::new();
    let mut judge = Judge::start();
    generate(&seed, count, |django| {
        let name = format!("session {seed}/{}", read.sessions);
        let check = Check::new(django);
        let session = check.read();
        if let Ok(session) = &session {
            if let Some(result) = check.write_typed(session) {
                typed.count(&name, result);
            }
            let ours = check.ask(session, &mut judge);
            by_us += usize::from(ours.starts_with('.'));
            asked.push(name.clone());
        }
        read.count(&name, session.map(drop));
        by_django += usize::from(check.django.cookie.starts_with('.'));
        for name in check.django.traits {
            *traits.entry(name).or_default() += 1;
        }
    });
    for (name, answer) in asked.iter().zip(judge.answers()) {
        judged.count(name, if answer.ok { Ok(()) } else { Err(answer.error) });
    }

    check_traits(&traits, count);
    println!("compressed by Django: {by_django}, by hardtack: {by_us}");
    read.check("Django -> hardtack");
    judged.check("hardtack -> Django");
    typed.check("typed");
    assert_eq!((read.sessions, judged.sessions), (count, count));
}

#[track_caller]
fn check_traits(traits: &BTreeMap<String, usize>, count: usize) {
    let sessions = |name| traits.get(name).copied().unwrap_or_default();
    let shares = TRAITS.map(|name| format!("{name} {} %", sessions(name) * 100 / count));
    println!("traits: {}", shares.join(", "));
    for name in TRAITS {
        assert!(sessions(name) * 20 >= count, "too few with {name}");
    }
}
