//! Pickles: each opcode, refused pickles, and the limits.

use std::fmt::Write as _;
use std::time::Instant;

use hardtack::limits::DEFAULT_MAX_RECORD_JSON_LENGTH as LIMIT;
use hardtack::limits::{MAX_DEPTH, MAX_INTEGER_DIGITS};
use hardtack::{Error, Session};
use hardtack_stores::pickle::{self, Protocol};

/// Returns the JSON text of a pickle with these opcodes.
fn json(opcodes: &[u8]) -> Result<String, Error> {
    let pickled = [b"\x80\x05", opcodes].concat();
    pickle::read(&pickled, LIMIT).map(|session| session.to_json())
}

/// Returns the JSON text of a value with these opcodes.
#[track_caller]
fn value(opcodes: &[u8]) -> String {
    let json = json(&[b"}\x8c\x01k", opcodes, b"s."].concat()).expect("plain data");
    let value = json.strip_prefix(r#"{"k":"#).expect("one key");
    value.strip_suffix('}').expect("one key").to_owned()
}

#[track_caller]
fn refused(opcodes: &[u8], reason: &str) {
    match json(opcodes) {
        Err(Error::UnreadableRecord { reason: found }) => {
            assert!(found.contains(reason), "{found}");
        }
        other => panic!("{other:?}"),
    }
}

fn session(json: &str) -> Session {
    Session::from_json(json).expect("JSON")
}

/// A session as a pickle of protocol 5.
fn pickled(session: &Session) -> Vec<u8> {
    pickle::write(session, Protocol::Five, LIMIT).expect("it is short")
}

/// The opcodes of a list of these.
fn list(parts: &[&[u8]]) -> Vec<u8> {
    [b"](", parts.concat().as_slice(), b"e."].concat()
}

fn longs(bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).expect("it is short");
    [&[0x8a, length], bytes].concat()
}

#[test]
fn each_opcode_of_plain_data() {
    assert_eq!(value(b"N"), "null");
    assert_eq!(value(b"\x88"), "true");
    assert_eq!(value(b"\x89"), "false");
    assert_eq!(value(b"K\xff"), "255");
    assert_eq!(value(b"M\xff\xff"), "65535");
    assert_eq!(value(b"J\xfe\xff\xff\xff"), "-2");
    assert_eq!(value(b"\x8a\x00"), "0");
    assert_eq!(value(b"\x8a\x01\x80"), "-128");
    assert_eq!(
        value(b"\x8a\x09\0\0\0\0\0\0\0\0\x40"),
        "1180591620717411303424"
    );
    assert_eq!(value(b"\x8b\x02\0\0\0\xff\x7f"), "32767");
    assert_eq!(value(b"G\x3f\xe0\0\0\0\0\0\0"), "0.5");
    assert_eq!(value(b"G\x80\0\0\0\0\0\0\0"), "-0.0");
    assert_eq!(value(b"G\x7f\xf0\0\0\0\0\0\0"), "Infinity");
    assert_eq!(value(b"G\xff\xf0\0\0\0\0\0\0"), "-Infinity");
    assert_eq!(value(b"G\x7f\xf8\0\0\0\0\0\0"), "NaN");
    assert_eq!(value(b"\x8c\x04Zo\xc3\xab"), r#""Zo\u00eb""#);
    assert_eq!(value(b"X\x01\0\0\0\""), r#""\"""#);
    assert_eq!(value(b"\x8d\x01\0\0\0\0\0\0\0a"), r#""a""#);
    assert_eq!(value(b"]"), "[]");
    assert_eq!(value(b"]K\x01a"), "[1]");
    assert_eq!(value(b"](K\x01K\x02e"), "[1,2]");
    assert_eq!(value(b"](e"), "[]");
    assert_eq!(value(b"}"), "{}");
    assert_eq!(value(b"}(X\0\0\0\0NX\x01\0\0\0a]u"), r#"{"":null,"a":[]}"#);
    assert_eq!(value(b"](K\x01eK\x02a(K\x03e"), "[1,2,3]");
    assert_eq!(value(b"\x95\x02\0\0\0\0\0\0\0N"), "null");
}

#[test]
fn memoized_values_are_read() {
    // By order, by one byte, by four.
    assert_eq!(value(b"](]\x94h\x00e"), "[[],[]]");
    assert_eq!(value(b"](]q\x07h\x07e"), "[[],[]]");
    assert_eq!(value(b"](]r\0\0\x01\0j\0\0\x01\0e"), "[[],[]]");
    // A list that grows after it has been shared.
    assert_eq!(value(b"](]q\x01h\x01K\x07ae"), "[[7],[7]]");
    refused(b"}\x8c\x01kh\x09s.", "not there");
    refused(b"\x94}.", "not there");
    refused(b"}\x94\x94\x94.", "memoizes");
    refused(b"](]q\x07]q\x07e.", "memoizes");
    refused(b"](]q\x07]q\x05e.", "memoizes");
    // As `pickletools.optimize` leaves it: only values that are used again have a number.
    assert_eq!(value(b"](]q\x00]h\x00]q\x01h\x01e"), "[[],[],[],[],[]]");
}

#[test]
fn djangos_pickles_are_read() {
    let pickled = b"\x80\x05\x95\x4c\0\0\0\0\0\0\0}\x94(\x8c\x04user\x94\x8c\x04Zo\xc3\xab\x94\x8c\x04cart\x94]\x94(\
        Mg\x12M/\x03e\x8c\x01f\x94G?\xe0\0\0\0\0\0\0\x8c\x01t\x94\x88\x8c\x01n\x94N\x8c\x03big\x94\
        \x8a\x09\0\0\0\0\0\0\0\0@u.";
    let json = r#"{"user":"Zo\u00eb","cart":[4711,815],"f":0.5,"t":true,"n":null,"big":1180591620717411303424}"#;
    let session = pickle::read(pickled, LIMIT).expect("plain data");
    assert_eq!(session.to_json(), json);
    assert_eq!(pickle::read(b"\x80\x02}q\x00.", 2), Ok(Session::new()));
}

#[test]
fn written_opcodes() {
    let session = session(r#"{"a":[1,null,true],"b":{},"c":-2.5,"d":"\ud83d\ude00\ud800\n"}"#);
    let written = |protocol| pickle::write(&session, protocol, LIMIT).expect("it is short");
    let four = b"\x80\x04}(\x8c\x01a](J\x01\0\0\0N\x88e\x8c\x01b}(u\x8c\x01cG\xc0\x04\0\0\0\0\0\0\
        \x8c\x01d\x8c\x08\xf0\x9f\x98\x80\xed\xa0\x80\nu.";
    assert_eq!(written(Protocol::Four), four);
    assert_eq!(written(Protocol::Five)[2..], four[2..]);
    let two = b"\x80\x02}(X\x01\0\0\0a](J\x01\0\0\0N\x88eX\x01\0\0\0b}(uX\x01\0\0\0cG\xc0\x04\0\0\0\0\0\0\
        X\x01\0\0\0dX\x08\0\0\0\xf0\x9f\x98\x80\xed\xa0\x80\nu.";
    assert_eq!(written(Protocol::Two), two);
    assert_eq!(written(Protocol::Three)[2..], two[2..]);
}

/// A session may have numbers in the spelling of another program.
#[test]
fn floats_of_every_spelling_are_written() {
    for (spelled, again) in [
        ("1E5", "100000.0"),
        ("1e5", "100000.0"),
        ("-0.0", "-0.0"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
    ] {
        let session = session(&format!(r#"{{"f":{spelled}}}"#));
        let read = pickle::read(&pickled(&session), LIMIT).expect("our own pickle");
        assert_eq!(read.to_json(), format!(r#"{{"f":{again}}}"#));
    }
}

#[test]
fn integers_of_every_length_are_written() {
    for length in (1..100).chain([MAX_INTEGER_DIGITS]) {
        for digit in ["1", "9", "5", "255"] {
            for sign in ["", "-"] {
                let mut json = format!(r#"{{"k":{sign}"#);
                let digits = digit.repeat(length);
                let _ = write!(json, "{}}}", &digits[..length]);
                let pickled = pickled(&session(&json));
                let again = pickle::read(&pickled, LIMIT).expect("our own pickle");
                assert_eq!(again.to_json(), json);
            }
        }
    }
    for shift in 0..127 {
        for number in [
            1_i128 << shift,
            -(1 << shift),
            (1 << shift) - 1,
            !(1 << shift),
        ] {
            assert_eq!(value(&longs(&number.to_le_bytes())), number.to_string());
            assert_eq!(
                value(&longs(&number.to_be_bytes())),
                number.swap_bytes().to_string()
            );
        }
    }
    assert_eq!(value(&longs(&[0; 40])), "0");
    assert_eq!(value(&longs(&[0xff; 40])), "-1");
}

#[test]
fn opcodes_beyond_plain_data_are_refused() {
    // os.system("true")
    refused(b"cposix\nsystem\n\x8c\x04true\x85R.", "(GLOBAL)");
    refused(
        b"\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
        "(GLOBAL)",
    );
    refused(b"(\x8c\x04trueiposix\nsystem\n.", "(REDUCE)");
    // datetime.date(2026, 1, 2) starts with its class, and so do subclasses of tuple and of str.
    refused(
        b"}\x8c\x01kcdatetime\ndate\nC\x04\x07\xea\x01\x02\x85Rs.",
        "(GLOBAL)",
    );
    for (opcodes, reason) in [
        (&b"R"[..], "(REDUCE)"),
        (b"o", "(REDUCE)"),
        (b"\x81", "(NEWOBJ)"),
        (b"\x92", "(NEWOBJ)"),
        (b"b", "(BUILD)"),
        (b"P1\n", "(PERSID)"),
        (b"Q", "(PERSID)"),
        (b"\x82\x01", "(EXT)"),
        (b"\x83\x01\0", "(EXT)"),
        (b"\x84\x01\0\0\0", "(EXT)"),
        (b")", "(TUPLE)"),
        (b"(t", "(TUPLE)"),
        (b"N\x85", "(TUPLE)"),
        (b"NN\x86", "(TUPLE)"),
        (b"NNN\x87", "(TUPLE)"),
        (b"\x8f", "(EMPTY_SET, FROZENSET)"),
        (b"\x8f(\x90", "(EMPTY_SET, FROZENSET)"),
        (b"(\x91", "(EMPTY_SET, FROZENSET)"),
        (b"C\x01a", "(BINBYTES)"),
        (b"B\x01\0\0\0a", "(BINBYTES)"),
        (b"\x8e\x01\0\0\0\0\0\0\0a", "(BINBYTES)"),
        (b"U\x01a", "(BINSTRING)"),
        (b"T\x01\0\0\0a", "(BINSTRING)"),
        (b"\x96\x01\0\0\0\0\0\0\0a", "(BYTEARRAY8)"),
        (b"\x97", "(BYTEARRAY8)"),
        (b"\x98", "(BYTEARRAY8)"),
        (b"0", "(POP, DUP)"),
        (b"1", "(POP, DUP)"),
        (b"2", "(POP, DUP)"),
        (b"I7\n", "protocol 0"),
        (b"Va\n", "protocol 0"),
        (b"(d", "protocol 0"),
        (b"\x80\x05", "unknown"),
        (b"\xff", "unknown"),
    ] {
        refused(&[b"}\x8c\x01k", opcodes, b"s."].concat(), reason);
    }
}

#[test]
fn malformed_pickles_are_refused() {
    for text in [
        &b""[..],
        b"\x80",
        b"\x80\x05",
        b"123",
        b"\x80\x01}.",
        b"\x80\x06}.",
        b"}.",
        b"{}",
    ] {
        let refusal = pickle::read(text, LIMIT)
            .expect_err("it is no pickle")
            .to_string();
        assert!(
            refusal.starts_with("the record cannot be read"),
            "{refusal}"
        );
    }
    refused(b"}", "cut short");
    refused(b"}.}.", "after");
    refused(b"}}.", "one value");
    refused(b".", "one value");
    refused(b"(.", "one value");
    refused(b"a.", "not there");
    refused(b"]a.", "not there");
    refused(b"e.", "not there");
    refused(b"u.", "not there");
    refused(b"(Nu.", "not there");
    // The mark protects the list below it.
    refused(b"}\x8c\x01k](K\x01a.", "not there");
    refused(b"](a.", "not there");
    refused(b"}K\x01K\x02s.", "a key that is not text");
    refused(b"}NK\x02s.", "a key that is not text");
    refused(b"}\x88K\x02s.", "a key that is not text");
    refused(b"}G?\xe0\0\0\0\0\0\0K\x02s.", "a key that is not text");
    refused(b"}](es.", "not there");
    refused(b"}(\x8c\x01ku.", "cannot be added to");
    refused(b"}K\x01a.", "cannot be added to");
    refused(b"]\x8c\x01kNs.", "cannot be added to");
    refused(b"N\x8c\x01kNs.", "cannot be added to");
    // Claimed lengths.
    for claim in [
        &b"X\xff\xff\xff\xff"[..],
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x8b\xff\xff\xff\xff",
        b"\x8b\xff\xff\xff\x7f",
        b"\x8c\x05abcd",
        b"\x95\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x95\x03\0\0\0\0\0\0\0}.",
        b"J\0\0\0",
        b"G\0\0\0\0\0\0\0",
    ] {
        refused(claim, "cut short");
    }
    // Text.
    refused(b"}\x8c\x01k\x8c\x01\xffs.", "not UTF-8");
    refused(b"}\x8c\x01k\x8c\x02\xed\xa0s.", "not UTF-8");
    refused(b"}\x8c\x01k\x8c\x03\xed\xa0as.", "not UTF-8");
    refused(
        b"}\x8c\x01k\x8c\x06\xed\xa0\xbd\xed\xb8\x80s.",
        "two surrogates",
    );
    assert_eq!(
        value(b"\x8c\x06\xed\xb8\x80\xed\xa0\xbd"),
        r#""\ude00\ud83d""#
    );
    assert_eq!(
        value(b"\x8c\x07\xed\xa0\xbda\xed\xb8\x80"),
        r#""\ud83da\ude00""#
    );
    assert_eq!(json(b"}\x8c\x03\xed\xa0\x80Ns."), Err(Error::LoneSurrogate));
    assert_eq!(json(b"]."), Err(Error::NotAnObject));
    assert_eq!(json(b"N."), Err(Error::NotAnObject));
}

#[test]
fn every_beginning_of_a_pickle_is_refused() {
    let json = r#"{"a":[1,-70000000000,true],"b":{"c":-2.5},"d":"\ud83d\ude00"}"#;
    let pickled = pickled(&session(json));
    for length in 0..pickled.len() {
        assert!(pickle::read(&pickled[..length], LIMIT).is_err(), "{length}");
    }
    assert!(pickle::read(&pickled, LIMIT).is_ok());
}

#[test]
fn length_depth_and_digits_are_limited() {
    // The length to the byte: of values, of text, of a number.
    for (opcodes, length) in [
        (
            &b"}\x8c\x01k](NNNes."[..],
            r#"{"k":[null,null,null]}"#.len(),
        ),
        (b"}\x8c\x01k\x8c\x03abcs.", r#"{"k":"abc"}"#.len()),
        (b"}\x8c\x01k\x8c\x02\xc3\xabs.", r#"{"k":"\u00eb"}"#.len()),
        (
            b"}\x8c\x01k](K\0K\0K\0K\0K\0K\0K\0es.",
            r#"{"k":[0,0,0,0,0,0,0]}"#.len(),
        ),
        (b"}.", 2),
    ] {
        let pickled = [b"\x80\x05", opcodes].concat();
        assert!(pickle::read(&pickled, length).is_ok(), "{length}");
        let limit = length - 1;
        assert_eq!(
            pickle::read(&pickled, limit),
            Err(Error::JsonTooLong { limit })
        );
    }
    let session = session(r#"{"k":1}"#);
    assert!(pickle::write(&session, Protocol::Five, 7).is_ok());
    let too_long = Err(Error::JsonTooLong { limit: 6 });
    assert_eq!(pickle::write(&session, Protocol::Five, 6), too_long);

    // Opcodes without effect, in more bytes than a session may have.
    for opcode in [&b"\x95\0\0\0\0\0\0\0\0"[..], b"(u", b"q\0"] {
        let idle = opcode.repeat(5 * LIMIT / opcode.len());
        let refused = Err(Error::JsonTooLong { limit: LIMIT });
        assert_eq!(json(&[b"}", &idle[..], b"."].concat()), refused);
    }

    // The length of the pickle itself: nothing of a longer one is read.
    let zeros = |length: usize| pickle::read(&vec![0; length], LIMIT);
    let unreadable = zeros(4 * LIMIT + 64);
    assert!(matches!(unreadable, Err(Error::UnreadableRecord { .. })));
    let too_long = Err(Error::JsonTooLong { limit: LIMIT });
    assert_eq!(zeros(4 * LIMIT + 65), too_long);

    // The depth.
    let nested = |depth: usize| {
        [
            b"}\x8c\x01k".repeat(depth - 1),
            b"}".into(),
            b"s".repeat(depth - 1),
        ]
        .concat()
    };
    let nested = |depth| json(&[&nested(depth)[..], b"."].concat());
    assert!(nested(MAX_DEPTH).is_ok());
    let too_deep = Err(Error::TooDeep { limit: MAX_DEPTH });
    assert_eq!(nested(MAX_DEPTH + 1), too_deep);
    assert_eq!(json(&[&b"](".repeat(100_000)[..], b"."].concat()), too_deep);

    // The digits.
    let limit = MAX_INTEGER_DIGITS;
    let long = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len())
            .expect("it is short")
            .to_le_bytes();
        json(&[b"}\x8c\x01k\x8b", &length[..], bytes, b"s."].concat())
    };
    assert!(long(&[0x7f; 1785]).is_ok());
    assert_eq!(long(&[0x7f; 1786]), Err(Error::IntegerTooLong { limit }));
    assert_eq!(
        long(&vec![0x7f; 1_000_000]),
        Err(Error::IntegerTooLong { limit })
    );
}

#[test]
fn cycles_are_too_deep() {
    let too_deep = Err(Error::TooDeep { limit: MAX_DEPTH });
    assert_eq!(json(b"}\x8c\x01k]q\x00h\x00as."), too_deep);
    assert_eq!(json(b"}q\x00\x8c\x01kh\x00s."), too_deep);
}

/// Each of these would take gigabytes, or hours, without the limits.
#[test]
fn hostile_pickles_take_little_memory() {
    // A list of lists, each of which contains the previous one ten times.
    let mut bomb = b"}\x8c\x01k](]q\x00".to_vec();
    for level in 1..=30 {
        bomb.extend([b']', b'q', level, b'(']);
        bomb.extend([b'h', level - 1].repeat(10));
        bomb.push(b'e');
    }
    bomb.extend(b"es.");
    let many = 8_000_000;
    let megabyte = [b"X\0\0\x10\0", &vec![b'a'; 1 << 20][..]].concat();
    let digits = [b"\x8b\xf0\x06\0\0", &[0x7f; 0x6f0][..]].concat();
    for (name, opcodes) in [
        ("shared lists", bomb),
        ("nulls", b"N".repeat(many)),
        ("lists", b"]".repeat(many)),
        ("marks", b"(".repeat(many)),
        ("memo", [b"}", &b"\x94".repeat(many)[..]].concat()),
        ("gets", [b"}q\0", &b"h\0".repeat(many)[..]].concat()),
        (
            "appended gets",
            [b"]q\0", &b"h\0a".repeat(many)[..]].concat(),
        ),
        ("text", list(&[&megabyte.repeat(10)])),
        (
            "one text often",
            list(&[&megabyte, b"q\0", &b"h\0".repeat(1000)]),
        ),
        (
            "control characters",
            [b"]X\0\0\x10\0", &vec![1; 1 << 20][..], b"a."].concat(),
        ),
        ("integers", list(&[&digits.repeat(10_000)])),
        (
            "one integer often",
            list(&[&digits, b"q\0", &b"h\0".repeat(500_000)]),
        ),
        ("claims", b"](\x8d\0\0\0\0\0\0\0\x10".to_vec()),
    ] {
        let pickled = [b"\x80\x05", &opcodes[..]].concat();
        let start = Instant::now();
        let memory = allocation_counter::measure(|| {
            let refusal = pickle::read(&pickled, LIMIT).expect_err("it is hostile");
            println!("{name}, {} bytes: {refusal}", pickled.len());
        });
        println!("    {} KB, {:?}", memory.bytes_max / 1024, start.elapsed());
        assert!(memory.bytes_max < 64 << 20, "{name}: {}", memory.bytes_max);
    }
}
