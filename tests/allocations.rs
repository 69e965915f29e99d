//! Counts how often the codec allocates.

mod common;

use std::time::Duration;

use hardtack::limits::DEFAULT_MAX_AGE;
use hardtack::signing::Signer;
use hardtack::{Error, MaxAge, Session, SessionCodec};

use common::{NOW, OTHER_KEY, codec, key, ring, sessions};

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

#[test]
fn verifying_allocates_nothing() {
    let codec = SessionCodec::new(ring().with_fallback(key(OTHER_KEY)));
    let late = NOW + 10_000_000;
    for (name, session) in sessions() {
        let good = codec.encode(&session, NOW).expect("encodes");
        let forged = format!("{}x", &good[..good.len() - 1]);
        let long = good.repeat(40);
        let mut seen = Vec::with_capacity(5);
        for (what, value, now) in [
            ("good", &good, NOW),
            ("forged", &forged, NOW),
            ("expired", &good, late),
            ("too long", &long, NOW),
        ] {
            let mut answer = None;
            let count = allocations(|| {
                answer = Some(codec.verify(value, now).map(|verified| verified.age()));
            });
            println!("{name} {what}: {count} allocations");
            assert_eq!(count, 0, "{name} {what}");
            seen.push(answer.expect("verify answered"));
        }
        let expired = Error::Expired {
            age: Duration::from_secs(10_000_000),
            max_age: DEFAULT_MAX_AGE,
        };
        let too_long = Error::TooLong {
            length: long.len(),
            limit: 4096,
        };
        assert_eq!(
            seen,
            [
                Ok(Duration::ZERO),
                Err(Error::BadSignature),
                Err(expired),
                Err(too_long)
            ]
        );
    }
    // These are refused by a policy.
    let strict = codec
        .clone()
        .with_max_future(Duration::ZERO)
        .refuse_issued_before(NOW)
        .with_max_age(MaxAge::NoLimit);
    let early = codec.encode_as(&[1], NOW - 1).expect("encodes");
    let mut answer = None;
    assert_eq!(
        allocations(|| answer = Some(strict.verify(&early, NOW).err())),
        0
    );
    assert_eq!(answer, Some(Some(Error::IssuedTooEarly)));
}

/// With `std`, a thread's working memory is kept, so only the value is allocated.
#[test]
fn encoding() {
    let codec = codec();
    for (name, session) in sessions() {
        let encode = || drop(codec.encode(&session, NOW).expect("encodes"));
        encode();
        let whole = allocations(encode);
        println!("{name} encode: {whole} allocations");
        if cfg!(feature = "std") {
            assert_eq!(whole, 1, "{name}");
        }
    }
}

/// Decoding allocates the text and the table of its members, and from 17 keys on the index that finds duplicates. With
/// `std`, a thread's working memory is kept.
#[test]
#[cfg(feature = "std")]
fn decoding_allocates_text_and_table_only() {
    let codec = codec().with_max_length(1 << 20);
    let many = [16, 17, 100, 1000].map(|keys| {
        let session = common::session((0..keys).map(|at| (format!("key {at}"), at)));
        (format!("{keys} keys"), session)
    });
    let sessions = sessions().map(|(name, session)| (name.to_owned(), session));
    for (name, session) in sessions.into_iter().chain(many) {
        let cookie = codec.encode(&session, NOW).expect("encodes");
        if cookie.starts_with('.') && cfg!(not(feature = "compress")) {
            continue;
        }
        codec.decode(&cookie, NOW).expect("decodes");
        let count = allocations(|| drop(codec.decode(&cookie, NOW).expect("decodes")));
        println!("{name} decode to a session: {count} allocations");
        assert!(
            count <= if session.iter().len() > 16 { 3 } else { 2 },
            "{name}: {count}"
        );
    }
}

/// A type is read from a thread's working memory: only `serde_json` allocates, and from 17 keys on the order that finds
/// duplicates.
#[test]
#[cfg(feature = "std")]
fn decoding_to_a_type_copies_no_text() {
    use serde::de::IgnoredAny;

    let codec = codec();
    for (name, session) in sessions() {
        let cookie = codec.encode(&session, NOW).expect("encodes");
        if cookie.starts_with('.') && cfg!(not(feature = "compress")) {
            continue;
        }
        let decode = || {
            _ = codec
                .decode_as::<IgnoredAny>(&cookie, NOW)
                .expect("decodes");
        };
        decode();
        let json = session.to_json();
        let needed = allocations(|| _ = serde_json::from_str::<IgnoredAny>(&json).expect("reads"));
        let count = allocations(decode);
        println!("{name} decode to a type: {count} allocations");
        let order = u64::from(session.iter().len() > 16);
        assert_eq!(count, needed + order, "{name}");
    }
}

/// The memory of replaced values is reused after a while.
#[test]
fn changing_a_session_repeatedly_takes_bounded_memory() {
    let mut session = sessions()[1].1.clone();
    let grown = allocation_counter::measure(|| {
        for count in 0..10_000 {
            session.insert("counter", count).expect("inserts");
        }
    });
    assert!(grown.bytes_current < 8192, "{}", grown.bytes_current);
}

/// A change copies neither the whole text nor the whole index: what all changes allocate is a few times the session.
#[test]
fn changing_a_session_rarely_copies_it() {
    for number in [16, 4000] {
        let keys: Vec<String> = (0..number).map(|key| format!("key {key:04}")).collect();
        let mut session = Session::new();
        let allocated = |session: &mut Session, change: &dyn Fn(&mut Session, &str)| {
            allocation_counter::measure(|| keys.iter().for_each(|key| change(session, key)))
                .bytes_total
        };
        let insert: &dyn Fn(&mut Session, &str) =
            &|session, key| session.insert(key, "a short text").expect("inserts");
        let inserted = allocated(&mut session, insert);
        let set_again = allocated(&mut session, insert);
        let length = session.to_json().len() as u64;
        let removed = allocated(&mut session, &|session, key| assert!(session.remove(key)));
        println!(
            "{number} keys, {length} bytes: {inserted} bytes are allocated to insert them, {set_again} to set them again, {removed} to remove them"
        );
        for bytes in [inserted, set_again, removed] {
            assert!(bytes < 10 * length, "{bytes} of {length}");
        }
    }
}

/// More effort takes more memory. It is not tried for a payload that is longer than its room by more than half.
#[test]
#[cfg(feature = "compress")]
fn a_value_that_is_far_too_long_is_compressed_once() {
    let [_, (_, mut session), _] = sessions();
    for more in 0..3 {
        session.insert("more", "x".repeat(more)).expect("inserts");
        let added = ":1r31eq:".len() + 43;
        let payload = codec().encode(&session, NOW).expect("encodes").len() - added;
        let bytes = |room| {
            let codec = codec().with_max_length(room + added);
            allocation_counter::measure(|| drop(codec.encode(&session, NOW))).bytes_total
        };
        let once = bytes(payload);
        for room in payload / 2..payload {
            let is_tried_again = payload - room <= room / 2;
            assert_eq!(
                bytes(room) > 2 * once,
                is_tried_again,
                "{room} of {payload}"
            );
        }
    }
}

/// A value is allocated once, with the length that it has with the longest stamp and with the mark of a compressed one.
#[test]
fn a_value_has_no_spare_memory() {
    for (name, session) in sessions() {
        let value = codec().encode(&session, i64::MIN).expect("encodes");
        let has_mark = value.starts_with('.');
        let spare = value.capacity() - value.len();
        assert_eq!(spare, usize::from(!has_mark), "{name}");
    }
    let signer = Signer::new(ring());
    for text in ["", "a", "zoe@example.org"] {
        let signed = signer.sign(text);
        assert_eq!(signed.capacity(), signed.len(), "{text}");
    }
}
