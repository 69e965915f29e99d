//! The session as an ordered map: its values, their spelling, and its flags.

#![allow(
    clippy::items_after_statements,
    reason = "a type stands where it is used"
)]

mod common;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hardtack::signing::TimestampSigner;
use hardtack::{Compression, Error, JsonText, RecordCodec, SESSION_SALT, Session, SessionCodec};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use common::{NOW, codec, ring, session};

#[track_caller]
fn read(text: &str) -> Session {
    Session::from_json(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Asserts that JSON text is unchanged, also after a round trip through a cookie.
#[track_caller]
fn kept(text: &str) {
    respelled(text, text);
}

#[track_caller]
fn respelled(text: &str, canonical: &str) {
    let session = read(text);
    assert_eq!(session.to_json(), canonical);
    for compression in [Compression::Auto, Compression::Never] {
        let codec = codec().with_compression(compression);
        let cookie = codec.encode(&session, NOW).expect("encodes");
        if cookie.starts_with('.') && cfg!(not(feature = "compress")) {
            continue;
        }
        let back = codec.decode(&cookie, NOW).expect("decodes");
        assert_eq!(back.to_json(), canonical);
        assert_eq!(back, session);
    }
}

/// Asserts how a value from Rust is spelled.
#[track_caller]
fn spelled<T: Serialize>(value: T, text: &str) {
    let mut session = Session::new();
    session
        .insert("v", value)
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(
        session.get_json("v").as_ref().map(JsonText::as_str),
        Some(text)
    );
}

#[track_caller]
fn unwritable<T: Serialize>(value: T, error: Error) {
    let mut session = Session::new();
    assert_eq!(session.insert("v", &value), Err(error));
    assert_eq!((session.is_empty(), session.modified()), (true, false));
    assert_eq!(codec().encode_as(&[value], NOW), Err(error));
}

#[test]
fn untouched_values_are_kept_byte_for_byte() {
    kept("{}");
    kept(
        r#"{"big":1180591620717411303424,"negative":-1606938044258990275541962092341162602522202993782792835301376}"#,
    );
    kept(r#"{"f":[1e16,1e-05,0.1,-0.0,1E5,1.0e+10,100000000000000000000.0,1e400]}"#);
    kept(r#"{"nan":NaN,"list":[Infinity,-Infinity,{"x":NaN}]}"#);
    kept(
        r#"{"lone":"\ud800","pair":"\ud83d\ude00","reversed":"\udc00\ud800","nested":{"\ud800":1}}"#,
    );
    kept(r#"{"z":1,"a":2,"m":3,"":4,"\u00e9":5,"\"":6,"\\":7,"\n":8}"#);
    kept(
        r#"{"_auth_user_id":"1","nested":[[],{},[[]],[{}],{"a":{}}],"t":true,"f":false,"n":null}"#,
    );
    kept(r#"{"all":"\u0000\u0001\b\t\n\u000b\f\r\u001f !\"\\/~\u007f\u0080\u00ff\u2028\uffff"}"#);
}

#[test]
fn text_from_elsewhere_is_respelled() {
    respelled(
        " { \"a\" : [ 1 , 2 ] ,\t\"b\"\r\n: { } } \n",
        r#"{"a":[1,2],"b":{}}"#,
    );
    respelled(
        r#"{"é":"東京 😀"}"#,
        r#"{"\u00e9":"\u6771\u4eac \ud83d\ude00"}"#,
    );
    respelled("{\"del\":\"\x7f\"}", r#"{"del":"\u007f"}"#);
    respelled(
        r#"{"a":"\/\u0041\u000a\u0022\u005C\u00E9\ud83D\uDE00"}"#,
        r#"{"a":"/A\n\"\\\u00e9\ud83d\ude00"}"#,
    );
    // Numbers keep their spelling.
    respelled(r#"{"n": [-0, 1E5, 1.50]}"#, r#"{"n":[-0,1E5,1.50]}"#);
}

#[test]
fn the_last_of_duplicate_keys_counts() {
    respelled(r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#);
    respelled(r#"{"a":1,"\u0061":2}"#, r#"{"a":2}"#);
    respelled(
        r#"{"a":1,"a":2,"b":0,"a":{"a":3,"a":4}}"#,
        r#"{"a":{"a":3,"a":4},"b":0}"#,
    );
    let many: Vec<String> = (0..300)
        .map(|at| format!("\"k{}\":{at}", at % 100))
        .collect();
    let last: Vec<String> = (0..100)
        .map(|at| format!("\"k{at}\":{}", at + 200))
        .collect();
    respelled(
        &format!("{{{}}}", many.join(",")),
        &format!("{{{}}}", last.join(",")),
    );
    // Reading with a type sees the same value as the session.
    let twice = codec()
        .encode_as(
            &RawValue::from_string(r#"{"a":1,"a":2}"#.into()).expect("JSON"),
            NOW,
        )
        .expect("encodes");
    assert_eq!(
        codec().decode_as::<BTreeMap<String, u8>>(&twice, NOW),
        Ok([("a".into(), 2)].into())
    );
}

#[test]
fn floats_are_spelled_as_python_does() {
    spelled(0.0, "0.0");
    spelled(-0.0, "-0.0");
    spelled(1.0, "1.0");
    spelled(0.1 + 0.2, "0.30000000000000004");
    spelled(100.0, "100.0");
    spelled(123_456.789, "123456.789");
    spelled(1e15, "1000000000000000.0");
    spelled(9_999_999_999_999_998.0, "9999999999999998.0");
    spelled(1e16, "1e+16");
    spelled(1.5e16, "1.5e+16");
    spelled(1e100, "1e+100");
    spelled(0.0001, "0.0001");
    spelled(0.000_123, "0.000123");
    spelled(0.00001, "1e-05");
    spelled(0.000_012_5, "1.25e-05");
    spelled(5e-324, "5e-324");
    spelled(f64::MAX, "1.7976931348623157e+308");
    spelled(f64::MIN_POSITIVE, "2.2250738585072014e-308");
    // Two shortest texts are equally close, or the shortest text is not the closest.
    let halved = |times| (0..times).fold(1.0, |value, _| value / 2.0); // exact, unlike `powi`
    spelled(halved(25), "2.9802322387695312e-08");
    spelled(halved(24), "5.960464477539063e-08");
    spelled(halved(44), "5.684341886080802e-14");
    spelled(216_823_989.435_546_88, "216823989.43554688");
    spelled(0.1_f32, "0.1");
    spelled(f32::MAX, "3.4028235e+38");
    spelled(f32::MIN_POSITIVE, "1.1754944e-38");
}

#[test]
fn values_from_rust_are_spelled_as_in_python() {
    spelled(
        "Zoë \u{1f600}\u{7f}\"\\/\n",
        r#""Zo\u00eb \ud83d\ude00\u007f\"\\/\n""#,
    );
    spelled(i128::MIN, "-170141183460469231731687303715884105728");
    spelled(u128::MAX, "340282366920938463463374607431768211455");
    spelled(
        (1_u8, -1_i8, 2_u16, -2_i16, 3_u32, -3_i32, 4_u64, -4_i64),
        "[1,-1,2,-2,3,-3,4,-4]",
    );
    spelled(
        (true, 'é', (), None::<u8>, Some(1)),
        r#"[true,"\u00e9",null,null,1]"#,
    );
    spelled(Vec::<u8>::new(), "[]");
    spelled(BTreeMap::<u8, u8>::new(), "{}");

    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct New(u8);
    #[derive(Serialize)]
    struct Pair(u8, &'static str);
    #[derive(Serialize)]
    enum Kind {
        Unit,
        New(u8),
        Pair(u8, u8),
        Fields { a: u8, b: Pair },
    }
    spelled((Unit, New(1), Pair(2, "b")), r#"[null,1,[2,"b"]]"#);
    spelled(
        [
            Kind::Unit,
            Kind::New(1),
            Kind::Pair(2, 3),
            Kind::Fields {
                a: 4,
                b: Pair(5, "é"),
            },
        ],
        r#"["Unit",{"New":1},{"Pair":[2,3]},{"Fields":{"a":4,"b":[5,"\u00e9"]}}]"#,
    );
    // Only a few types are serialized as bytes. A slice is a sequence.
    struct Bytes(&'static [u8]);
    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    spelled([Bytes(&[0, 127, 255]), Bytes(&[])], "[[0,127,255],[]]");
}

#[test]
fn keys_of_maps_become_text() {
    spelled(
        BTreeMap::from([(1, 'a'), (-2, 'b')]),
        r#"{"-2":"b","1":"a"}"#,
    );
    spelled(BTreeMap::from([(true, 1)]), r#"{"true":1}"#);
    spelled(BTreeMap::from([('é', 1)]), r#"{"\u00e9":1}"#);
    #[derive(Serialize)]
    struct Pairs(#[serde(serialize_with = "float_keys")] ());
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
    fn float_keys<S: serde::Serializer>((): &(), serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(1e16, 1), (0.5, 2)])
    }
    spelled(Pairs(()), r#"{"1e+16":1,"0.5":2}"#);
    unwritable(BTreeMap::from([((1, 2), 3)]), Error::Unserializable);
    unwritable(BTreeMap::from([(None::<u8>, 3)]), Error::Unserializable);
}

#[test]
fn values_without_json_are_errors() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        unwritable(number, Error::NotFinite);
        unwritable(json!([1]).as_array().map(|_| [[number]]), Error::NotFinite);
    }
    unwritable(f32::NAN, Error::NotFinite);
    struct Fails;
    impl Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("text that may quote the session"))
        }
    }
    unwritable(Fails, Error::Unserializable);
}

/// A type that writes another one may ask why that failed.
#[test]
fn an_error_within_a_value_has_a_text() {
    struct Asks<'t>(&'t RefCell<String>);
    impl Serialize for Asks<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            f64::NAN.serialize(serializer).inspect_err(|error| {
                self.0.replace(error.to_string());
            })
        }
    }
    let text = RefCell::default();
    unwritable(Asks(&text), Error::NotFinite);
    assert_eq!(text.take(), Error::NotFinite.to_string());
}

#[test]
fn serde_jsons_own_types_keep_their_text() {
    let raw = |text: &str| RawValue::from_string(text.into()).expect("JSON");
    spelled(
        raw(r#"[ 1.50, "é\/", {"k" : 1e400} ]"#),
        r#"[1.50,"\u00e9/",{"k":1e400}]"#,
    );
    spelled(
        json!({"a": [1, 2.5, 1e16, "é", null, true]}),
        r#"{"a":[1,2.5,1e+16,"\u00e9",null,true]}"#,
    );
    let long = raw(&"9".repeat(4301));
    unwritable(&long, Error::IntegerTooLong { limit: 4300 });
    // JSON text inside other JSON text.
    spelled(("a", raw("[ ]"), raw("{ }")), r#"["a",[],{}]"#);
}

#[test]
fn values_are_read_with_a_type() {
    let session = read(
        r#"{"text":"Zo\u00eb","n":7,"big":1180591620717411303424,"f":2.5,"list":[1,2],"lone":"\ud800","nan":[NaN],"huge":1e999,"null":null}"#,
    );
    assert_eq!(session.get::<String>("text"), Ok(Some("Zoë".into())));
    assert_eq!(session.get::<String>("none"), Ok(None));
    assert_eq!(session.get::<u8>("n"), Ok(Some(7)));
    assert_eq!(session.get::<i128>("big"), Ok(Some(1 << 70)));
    assert_eq!(
        session.get::<f64>("big"),
        Ok(Some(1_180_591_620_717_411_303_424.0))
    );
    assert_eq!(session.get::<f64>("f"), Ok(Some(2.5)));
    assert_eq!(session.get::<Vec<u8>>("list"), Ok(Some(vec![1, 2])));
    assert_eq!(session.get::<Option<u8>>("null"), Ok(Some(None)));
    assert!(matches!(
        session.get::<u8>("text"),
        Err(Error::WrongType { .. })
    ));
    assert!(matches!(
        session.get::<u8>("big"),
        Err(Error::WrongType { .. })
    ));
    assert_eq!(session.get::<String>("lone"), Err(Error::LoneSurrogate));
    assert_eq!(session.get::<Vec<f64>>("nan"), Err(Error::NotFinite));
    assert_eq!(session.get::<f64>("huge"), Err(Error::NumberOutOfRange));
}

/// Text with an escape is read like any other, and a type that would have to borrow it does not compile:
///
/// `session.get::<&str>("user")`
#[test]
fn text_with_escapes_is_read() {
    use std::borrow::Cow;
    for name in ["Zoe", "Zoë", "O\"Neil", "a\nb", "Зоя", "😀"] {
        let mut session = session([("user", name)]);
        assert_eq!(session.get::<String>("user"), Ok(Some(name.into())));
        assert_eq!(session.get::<Cow<'_, str>>("user"), Ok(Some(name.into())));
        let json = session.get_json("user").expect("is there");
        assert_eq!(json.read::<Cow<'_, str>>(), Ok(name.into()));
        let cookie = codec().encode(&session, NOW).expect("encodes");
        let map = codec().decode_as::<BTreeMap<Cow<'_, str>, Cow<'_, str>>>(&cookie, NOW);
        assert_eq!(map, Ok([("user".into(), name.into())].into()));
        assert_eq!(session.pop::<Cow<'_, str>>("user"), Ok(Some(name.into())));
    }
}

/// The offset is the start of the value that does not match, in the text of the whole value.
#[test]
fn a_wrong_type_is_reported_with_its_offset() {
    #[derive(Deserialize, Debug, PartialEq)]
    #[allow(dead_code, reason = "only read")]
    struct Line {
        name: String,
        count: u8,
        price: (f64, Unit),
        tags: Option<Vec<char>>,
        #[serde(default)]
        even: Even,
        #[serde(default)]
        by_number: BTreeMap<u8, bool>,
        #[serde(default)]
        nested: Option<Box<Line>>,
    }
    #[derive(Deserialize, Debug, PartialEq)]
    enum Unit {
        Piece,
        Box { of: u8 },
    }
    #[derive(Deserialize, Debug, PartialEq, Default)]
    #[serde(try_from = "u8")]
    struct Even(u8);
    impl TryFrom<u8> for Even {
        type Error = &'static str;
        fn try_from(number: u8) -> Result<Self, &'static str> {
            let even = number.is_multiple_of(2).then_some(Self(number));
            even.ok_or("odd")
        }
    }
    let good = r#"{"name":"Zo\u00eb","count":7,"price":[1.5,"Piece"],"tags":["a","\u00e9"],"even":4,"by_number":{"1":true},"nested":null}"#;
    let other = r#"{"name":"b","count":1,"price":[2,{"Box":{"of":6}}],"tags":null}"#;
    let whole = good.replace("null}", &format!("{other}}}"));
    let value = |text: &str| read(&format!(r#"{{"v":{text}}}"#));
    assert!(matches!(value(&whole).get::<Line>("v"), Ok(Some(_))));
    // A part of the text, its replacement, and the part of the replacement that does not match.
    let cases = [
        (r#""Zo\u00eb""#, "12345", "12345"),
        (r#""Zo\u00eb""#, r#"["Zo\u00eb"]"#, r#"["Zo\u00eb"]"#),
        (r#""Zo\u00eb""#, "null", "null"),
        (r#""Zo\u00eb""#, r#"{"a":1}"#, r#"{"a":1}"#),
        ("7", "-7", "-7"),
        ("7", "700", "700"),
        ("7", "1180591620717411303424", "1180591620717411303424"),
        ("7", "7.5", "7.5"),
        ("7", r#""seven""#, r#""seven""#),
        ("7", "true", "true"),
        ("1.5", r#""1.5""#, r#""1.5""#),
        (r#""Piece""#, r#""Pound""#, r#""Pound""#),
        (r#""Piece""#, "12", "12"),
        (r#""Piece""#, r#"{"Box":6}"#, "6}"),
        (r#""Piece""#, r#"{"Box":{"of":[]}}"#, "[]}"),
        // One too few, one too many.
        (r#"[1.5,"Piece"]"#, "[1.5]", "[1.5]"),
        (r#"[1.5,"Piece"]"#, r#"[1.5,"Piece",17]"#, "17]"),
        (r#"[1.5,"Piece"]"#, r#"[1.5,"Piece",[]]"#, "[]]"),
        (r#"["a","\u00e9"]"#, r#"["a",["b"]]"#, r#"["b"]"#),
        (r#"["a","\u00e9"]"#, r#"[["b"]]"#, r#"["b"]"#),
        (r#"["a","\u00e9"]"#, r#"["a","long"]"#, r#""long""#),
        // A missing or duplicate field is reported at the object.
        (r#""count":1,"#, "", r#"{"name":"b","price""#),
        (r#""of":6"#, "", "{}}]"),
        ("4", "5", "5,\"by"),
        (r#"{"1":true}"#, r#"{"one":true}"#, r#""one""#),
        (r#"{"1":true}"#, r#"{"1":1}"#, "1}"),
    ];
    for (part, other, at) in cases {
        let text = whole.replacen(part, other, 1);
        let offset = text.find(at).expect("it is in the text");
        let expected = Err(Error::WrongType { offset });
        assert_eq!(value(&text).get::<Line>("v").map(drop), expected, "{text}");
    }
    // The text of a session that is read as a whole.
    let cookie = codec().encode_json(&whole.replace("\"count\":7", "\"count\":700"), NOW);
    let error = codec().decode_as::<Line>(&cookie.expect("encodes"), NOW);
    let offset = whole.find("7,").expect("it is in the text");
    assert_eq!(error, Err(Error::WrongType { offset }));
    // A value that no Rust type can hold has another error than one that some type could hold.
    for (other, error) in [
        ("NaN", Error::NotFinite),
        ("-Infinity", Error::NotFinite),
        ("1e999", Error::NumberOutOfRange),
        ("-1e99999999999999999999", Error::NumberOutOfRange),
    ] {
        let text = whole.replacen("1.5", other, 1);
        assert_eq!(value(&text).get::<Line>("v"), Err(error), "{other}");
    }
    let text = whole.replacen(r"Zo\u00eb", r"Zo\ud800", 1);
    assert_eq!(value(&text).get::<Line>("v"), Err(Error::LoneSurrogate));
}

/// `serde_json::Value` turns them into floats. The alternatives in the docs keep them, wherever they are.
#[test]
fn integers_of_more_than_64_bits_can_be_kept() {
    const BIG: &str = "18446744073709551617";
    #[derive(Serialize, Deserialize)]
    struct Kept {
        id: Box<RawValue>,
        rest: Session,
    }
    for sign in ["", "-"] {
        let text = format!(
            r#"{{"p":{{"id":{sign}{BIG},"rest":{{"ids":[1,[{sign}{BIG}]]}}}},"all":[{{"id":{sign}{BIG}}}]}}"#
        );
        let passed = |pass: fn(&mut Session)| {
            let mut session = read(&text);
            pass(&mut session);
            assert!(session.modified());
            let cookie = codec().encode(&session, NOW).expect("encodes");
            let session = codec().decode(&cookie, NOW).expect("decodes");
            assert_eq!(session.to_json(), text);
        };
        passed(|session| {
            let value: Session = session.get("p").expect("an object").expect("is there");
            session.insert("p", value).expect("inserts");
            let all: Vec<Session> = session.pop("all").expect("objects").expect("is there");
            session.insert("all", &all).expect("inserts");
        });
        passed(|session| {
            let value: Kept = session.get("p").expect("a type").expect("is there");
            session.insert("p", &value).expect("inserts");
        });
        passed(|session| {
            let value: Box<RawValue> = session.get("p").expect("JSON").expect("is there");
            session.insert("p", value).expect("inserts");
            let map: BTreeMap<String, Box<RawValue>> =
                session.get("p").expect("an object").expect("is there");
            session.insert("p", map).expect("inserts");
        });
        passed(|session| {
            let before = session.clone();
            session.clear();
            for (key, value) in before.iter() {
                session.insert_json(&key, value);
            }
        });
        let number: i128 = format!("{sign}{BIG}").parse().expect("a number");
        let id = |session: &Session| session.get::<Session>("p").expect("an object");
        let id = id(&read(&text)).expect("is there").get("id");
        assert_eq!(id, Ok(Some(number)));
        spelled(number, &number.to_string());
    }
}

#[test]
fn a_programs_own_structs_come_back() {
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Login {
        user: u32,
        name: String,
        tags: HashMap<String, f64>,
    }
    let login = Login {
        user: 7,
        name: "Zoë".into(),
        tags: [("a".into(), 0.1)].into(),
    };
    let cookie = codec().encode_as(&login, NOW).expect("encodes");
    assert_eq!(
        codec().decode_as::<Login>(&cookie, NOW).as_ref(),
        Ok(&login)
    );
    let session = codec().decode(&cookie, NOW).expect("decodes");
    assert_eq!(
        session.to_json(),
        r#"{"user":7,"name":"Zo\u00eb","tags":{"a":0.1}}"#
    );
    let mut same = Session::new();
    same.insert("user", login.user).expect("inserts");
    same.insert("name", &login.name).expect("inserts");
    same.insert("tags", &login.tags).expect("inserts");
    assert_eq!(codec().encode(&same, NOW), Ok(cookie.clone()));
    // A type that borrows reads from the text.
    #[derive(Deserialize)]
    struct Borrowed<'a> {
        #[serde(borrow)]
        tags: &'a RawValue,
    }
    let json = codec()
        .verify(&cookie, NOW)
        .and_then(|verified| verified.raw_json())
        .expect("JSON");
    assert_eq!(
        serde_json::from_str::<Borrowed<'_>>(&json)
            .expect("reads")
            .tags
            .get(),
        r#"{"a":0.1}"#
    );
}

#[test]
fn json_that_is_not_an_object_is_refused() {
    for (value, text) in [
        (json!([1, "é"]), r#"[1,"\u00e9"]"#),
        (json!(null), "null"),
        (json!("a"), "\"a\""),
    ] {
        let cookie = codec().encode_as(&value, NOW).expect("encodes");
        assert_eq!(codec().decode(&cookie, NOW), Err(Error::NotAnObject));
        assert_eq!(codec().decode_as::<Value>(&cookie, NOW), Ok(value));
        assert_eq!(
            codec()
                .verify(&cookie, NOW)
                .and_then(|verified| verified.raw_json())
                .as_deref(),
            Ok(text)
        );
        assert_eq!(Session::from_json(text), Err(Error::NotAnObject));
    }
}

#[test]
fn keys_keep_the_order_of_insertion() {
    let mut session = session([("b", 1), ("a", 2), ("c", 3)]);
    session.insert("a", "changed").expect("inserts");
    session.insert("é", 4).expect("inserts");
    assert!(session.remove("b") && !session.remove("b"));
    session.insert("b", 5).expect("inserts");
    assert_eq!(
        session.iter().map(|(key, _)| key).collect::<Vec<_>>(),
        ["a", "c", "é", "b"]
    );
    assert_eq!(
        session.to_json(),
        r#"{"a":"changed","c":3,"\u00e9":4,"b":5}"#
    );
    let values: Vec<&str> = session.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["\"changed\"", "3", "4", "5"]);
    assert_eq!(
        session
            .iter()
            .next_back()
            .map(|(key, _)| key.into_owned())
            .as_deref(),
        Some("b")
    );
    assert_eq!(session.iter().len(), 4);
    let mut members = session.iter();
    for left in [3, 2, 1] {
        assert!(members.next().is_some());
        assert_eq!(members.len(), left);
    }
    assert!(members.next_back().is_some());
    assert_eq!(members.len(), 0);
    assert_eq!(read(&session.to_json()), session);
}

#[test]
fn keys_that_need_escapes_are_found() {
    let keys = [
        "", "\"", "\\", "\n", "é", "😀", "a\u{7f}b", "\\u0061", "\u{0}",
    ];
    let mut session = session(keys.map(|key| (key, key)));
    for key in keys {
        assert!(session.contains_key(key), "{key:?}");
        assert_eq!(session.get::<String>(key), Ok(Some(key.into())), "{key:?}");
    }
    assert_eq!(session.iter().map(|(key, _)| key).collect::<Vec<_>>(), keys);
    assert!(!session.contains_key("a"));
    assert!(keys.iter().all(|key| session.remove(key)));
    assert!(session.is_empty());
}

/// With few keys or many, a session behaves like a map.
#[test]
fn a_session_behaves_like_an_ordered_map() {
    // The keys are similar, have escapes, and an additional quote or space changes their order.
    let key = |number: u32| {
        let end = ["", " ", "\"", "!", "é", "\u{0}"][number as usize % 6];
        format!("k{}{end}", number / 6 % 9)
    };
    let mut state: u32 = 1;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let (mut session, mut model) = (Session::new(), Vec::<(String, u32)>::new());
    for step in 0..6000 {
        let key = key(random(54));
        let at = model.iter().position(|(known, _)| *known == key);
        match random(if step / 1000 % 2 == 0 { 8 } else { 3 }) {
            0 | 1 => {
                assert_eq!(session.remove(&key), at.is_some());
                at.map(|at| model.remove(at));
            }
            _ => {
                session.insert(&key, step).expect("inserts");
                match at {
                    Some(at) => model[at].1 = step,
                    None => model.push((key.clone(), step)),
                }
            }
        }
        if step % 500 == 499 {
            // Sometimes through its text, in which some keys occur twice.
            let json = session.to_json();
            let twice = format!("{},{}", &json[..json.len() - 1], &json[1..]);
            session = read(if model.is_empty() || step % 1000 == 499 {
                &json
            } else {
                &twice
            });
        }
        assert_eq!(session.iter().len(), model.len());
        let expected = model.iter().find(|(known, _)| *known == key);
        assert_eq!(session.get(&key), Ok(expected.map(|(_, value)| *value)));
        if step % 10 == 0 {
            let pairs = session
                .iter()
                .map(|(key, value)| (key.into_owned(), value.read().expect("a number")));
            assert!(pairs.eq(model.iter().cloned()), "{step}");
            let json: String = session.to_json();
            assert_eq!(read(&json), session);
        }
    }
}

/// The same with thousands of keys, which come and go, and come back at the end. (`hardtack-bench -- worst` counts what
/// they cost.)
#[test]
fn thousands_of_keys_behave_like_an_ordered_map() {
    const KEYS: u32 = 3000;
    let mut state: u32 = 1;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut session = Session::new();
    // The place of each key in the order of insertion, and its value.
    let (mut places, mut values) = (HashMap::new(), BTreeMap::new());
    for step in 0..30_000 {
        let key = format!("key {}", random(KEYS) * 7919 % 10_007);
        // Mostly inserts, then mostly removals, and so on.
        let removes = random(10) < if step / 5000 % 2 == 0 { 2 } else { 8 };
        let known = places.get(&key).copied();
        assert_eq!(session.contains_key(&key), known.is_some());
        if removes {
            assert_eq!(session.remove(&key), known.is_some());
            if let Some(place) = places.remove(&key) {
                values.remove(&place);
            }
        } else {
            session.insert(&key, step).expect("inserts");
            let place = known.unwrap_or(step);
            places.insert(key.clone(), place);
            values.insert(place, (key.clone(), step));
        }
        let expected = places.get(&key).map(|place| values[place].1);
        assert_eq!(session.get(&key), Ok(expected));
        assert_eq!(session.iter().len(), values.len());
        if step % 1000 == 999 {
            let pairs = session
                .iter()
                .map(|(key, value)| (key.into_owned(), value.read().expect("a number")));
            assert!(pairs.clone().eq(values.values().cloned()), "{step}");
            assert!(pairs.rev().eq(values.values().rev().cloned()), "{step}");
            assert_eq!(read(&session.to_json()), session);
        }
    }
    for (key, _) in values.into_values() {
        assert!(session.remove(&key));
    }
    assert!(session.is_empty());
    assert_eq!(session.to_json(), "{}");
}

/// After a while, replaced values are removed from the text, and nothing else is.
#[test]
fn many_changes_keep_the_text_short() {
    let mut session = read(r#"{"kept":[NaN,1E5],"counter":0,"last":"\ud800"}"#);
    for count in 1..=5000 {
        session.insert("counter", count).expect("inserts");
        if count % 7 == 0 {
            session
                .insert("extra", "x".repeat(count % 50))
                .expect("inserts");
            assert!(session.remove("extra"));
        }
    }
    assert_eq!(
        session.to_json(),
        r#"{"kept":[NaN,1E5],"counter":5000,"last":"\ud800"}"#
    );
}

#[test]
fn reading_and_changing_set_the_flags() {
    type Act = fn(&mut Session);
    let acts: [(&str, Act, bool, bool); 13] = [
        ("nothing", |_| {}, false, false),
        (
            "get",
            |session| assert_eq!(session.get::<u8>("a"), Ok(Some(1))),
            true,
            false,
        ),
        (
            "get nothing",
            |session| assert_eq!(session.get::<u8>("x"), Ok(None)),
            true,
            false,
        ),
        (
            "get_json",
            |session| assert!(session.get_json("a").is_some()),
            true,
            false,
        ),
        (
            "contains_key",
            |session| assert!(!session.contains_key("x")),
            true,
            false,
        ),
        (
            "keys",
            |session| assert_eq!(session.iter().count(), 1),
            true,
            false,
        ),
        (
            "iter",
            |session| assert_eq!(session.iter().count(), 1),
            true,
            false,
        ),
        (
            "remove nothing",
            |session| assert!(!session.remove("x")),
            true,
            false,
        ),
        ("remove", |session| assert!(session.remove("a")), true, true),
        (
            "insert",
            |session| session.insert("b", 2).expect("inserts"),
            true,
            true,
        ),
        ("clear", Session::clear, true, true),
        (
            "insert_json",
            |session| session.insert_json("b", read("{\"b\":2}").get_json("b").expect("is there")),
            true,
            true,
        ),
        (
            "the log's step",
            |session| {
                assert!(format!("{session:?}").contains("\"a\""));
            },
            false,
            false,
        ),
    ];
    let cookie = codec().encode(&read(r#"{"a":1}"#), NOW).expect("encodes");
    for (name, act, accessed, modified) in acts {
        let mut session = codec().decode(&cookie, NOW).expect("decodes");
        act(&mut session);
        assert_eq!(
            (session.accessed(), session.modified()),
            (accessed, modified),
            "{name}"
        );
        let copy = session.clone();
        assert_eq!(
            (copy.accessed(), copy.modified()),
            (true, modified),
            "{name}, cloned"
        );
    }
}

/// A page can be made from a copy as well as from the session itself.
#[test]
fn copying_counts_as_reading() {
    type Act = fn(&Session);
    let reading: [(&str, Act); 11] = [
        ("len", |session| {
            assert_eq!(session.iter().len(), 1);
        }),
        ("is_empty", |session| {
            assert!(!session.is_empty());
        }),
        ("clone", |session| {
            drop(session.clone());
        }),
        ("to_json", |session| {
            drop(session.to_json());
        }),
        ("serialize", |session| {
            drop(serde_json::to_string(session).expect("writes"));
        }),
        ("serialize within", |session| {
            drop(codec().encode_as(&[session], NOW).expect("encodes"));
        }),
        ("encode", |session| {
            drop(codec().encode(session, NOW).expect("encodes"));
        }),
        ("encode a record", |session| {
            let records = RecordCodec::new(ring());
            drop(records.encode(session, NOW).expect("encodes"));
        }),
        ("size_report", |session| {
            drop(codec().size_report(session, NOW).expect("a size"));
        }),
        ("compare", |session| {
            assert_eq!(*session, read(r#"{"a":1}"#));
        }),
        ("compare with", |session| {
            assert_eq!(read(r#"{"a":1}"#), *session);
        }),
    ];
    for (name, act) in reading {
        let session = read(r#"{"a":1}"#);
        act(&session);
        assert!(session.accessed() && !session.modified(), "{name}");
    }
}

#[test]
fn values_move_between_sessions_as_they_are() {
    let from = read(r#"{"big":1180591620717411303424,"nan":[NaN],"lone":"\ud800","f":1E5}"#);
    let mut to = session([("first", 1)]);
    for (key, value) in from.iter() {
        to.insert_json(&key, value);
    }
    let members = &from.to_json()[1..];
    assert_eq!(to.to_json(), format!(r#"{{"first":1,{members}"#));
    // As the value of a key, and in a program's own struct, as long as it is JSON: `NaN` is not.
    assert_eq!(to.insert("all", &from), Err(Error::Unserializable));
    let nan = from.get_json("nan").expect("is there");
    assert_eq!(to.insert("one", nan), Err(Error::Unserializable));
    assert_eq!(codec().encode_as(&[nan], NOW), Err(Error::Unserializable));
    let mut from = from.clone();
    from.remove("nan");
    let members = &from.to_json()[1..];
    let mut to = session([("first", 1)]);
    to.insert("all", &from).expect("a session is a value");
    assert_eq!(to.to_json(), format!(r#"{{"first":1,"all":{{{members}}}"#));
    #[derive(Serialize)]
    struct Wraps<'a> {
        inner: &'a Session,
        one: JsonText<'a>,
    }
    let one = from.get_json("lone").expect("is there");
    let cookie = codec()
        .encode_as(&Wraps { inner: &from, one }, NOW)
        .expect("encodes");
    let text = codec()
        .verify(&cookie, NOW)
        .and_then(|verified| verified.raw_json());
    assert_eq!(
        text,
        Ok(format!(r#"{{"inner":{{{members},"one":"\ud800"}}"#))
    );
}

#[test]
fn serde_json_keeps_the_text_of_a_session() {
    let text = r#"{"big":1180591620717411303424,"f":1E5,"\u00e9":"\ud83d\ude00","lone":["\ud800"],"a":{"b":1e16}}"#;
    let session = read(text);
    assert_eq!(serde_json::to_string(&session).expect("writes"), text);
    let back: Session =
        serde_json::from_str(&format!(" {} ", text.replace(',', " ,\n"))).expect("reads");
    assert_eq!((back.accessed(), back.modified()), (false, false));
    assert_eq!(back, session);

    // Inside other types, and through a tree of values.
    let list: Vec<Session> = serde_json::from_str(r#"[{"a":1.50},{}]"#).expect("reads");
    assert_eq!(
        serde_json::to_string(&list).expect("writes"),
        r#"[{"a":1.50},{}]"#
    );
    let tree = json!({"a": [1, "é"], "b": null});
    assert_eq!(
        serde_json::from_value::<Session>(tree.clone())
            .expect("reads")
            .to_json(),
        r#"{"a":[1,"\u00e9"],"b":null}"#
    );
    assert_eq!(
        serde_json::to_value(read(r#"{"a":[1,"\u00e9"],"b":null}"#)).expect("writes"),
        tree
    );
    // Duplicate keys are merged here as well.
    let merged: Session = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).expect("reads");
    assert_eq!(merged.to_json(), r#"{"a":3,"b":2}"#);

    // A value that serde_json could not read back is an error; it is not changed.
    assert!(serde_json::to_string(&read(r#"{"a":[NaN]}"#)).is_err());
    let array = serde_json::from_str::<Session>("[]").expect_err("not an object");
    let message = array.to_string();
    assert!(message.contains("expected a JSON object"), "{message}");
    assert!(serde_json::from_str::<Session>(r#"{"a":NaN}"#).is_err());
    let deep = format!(r#"{{"a":{}}}"#, "[".repeat(127) + &"]".repeat(127));
    assert!(serde_json::to_string(&read(&deep)).is_ok());
}

#[test]
fn other_formats_get_an_error() {
    let session = read(r#"{"a":1,"b":"x"}"#);
    assert!(ron::to_string(&session).is_err());
    assert!(ron::from_str::<Session>("{\"a\":1}").is_err());
    assert!(postcard::to_allocvec(&session).is_err());
    assert!(postcard::from_bytes::<Session>(&[1, 1, b'a', 1]).is_err());
    // As a key, which must be text.
    struct Key(Session);
    impl Serialize for Key {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([(&self.0, 1)])
        }
    }
    assert!(serde_json::to_string(&Key(session.clone())).is_err());
    unwritable(Key(session), Error::Unserializable);
}

#[test]
fn depth_is_limited() {
    let nested = |levels: usize| {
        format!(
            r#"{{"a":{}{}}}"#,
            "[".repeat(levels - 1),
            "]".repeat(levels - 1)
        )
    };
    let too_deep = Error::TooDeep { limit: 128 };
    kept(&nested(128));
    assert_eq!(Session::from_json(&nested(129)), Err(too_deep));
    assert_eq!(Session::from_json(&nested(100_000)), Err(too_deep));
    let deepest = read(&nested(128));
    assert!(deepest.get::<Value>("a").is_ok());
    let cookie = codec().encode(&deepest, NOW).expect("encodes");
    if cfg!(feature = "compress") || !cookie.starts_with('.') {
        assert!(codec().decode_as::<Value>(&cookie, NOW).is_ok());
    }

    // From Rust.
    let mut value = json!(1);
    for _ in 0..127 {
        value = json!([value]);
    }
    let mut session = Session::new();
    session
        .insert("a", &value)
        .expect("128 levels with the session's own");
    assert_eq!(session.insert("b", [&value]), Err(too_deep));
    assert_eq!(session.insert("b", session.clone()), Err(too_deep));
    assert_eq!(codec().encode_as(&[&session], NOW), Err(too_deep));
    let raw = RawValue::from_string(value.to_string()).expect("JSON");
    assert_eq!(session.insert("b", [raw]), Err(too_deep));
    assert_eq!(session.iter().len(), 1);
}

#[test]
fn integers_that_python_refuses_are_errors() {
    let text = |digits: usize| format!(r#"{{"n":{}}}"#, "9".repeat(digits));
    assert!(Session::from_json(&text(4300)).is_ok());
    assert_eq!(
        Session::from_json(&text(4301)),
        Err(Error::IntegerTooLong { limit: 4300 })
    );
    // This applies only to integers: a float may have any number of digits.
    assert!(Session::from_json(&format!(r#"{{"n":{}.5}}"#, "1".repeat(5000))).is_ok());
    assert!(Session::from_json(&format!(r#"{{"n":0.{}}}"#, "1".repeat(5000))).is_ok());
}

#[test]
#[cfg_attr(target_family = "wasm", ignore = "there is one thread")]
fn all_threads_share_a_codec() {
    fn shared<T: Send + Sync + Clone + std::fmt::Debug>() {}
    shared::<SessionCodec>();
    shared::<Session>();
    let codec = codec();
    let cookies: Vec<String> = std::thread::scope(|scope| {
        let encode = |user: u32| {
            codec
                .encode(&session([("user", user)]), NOW)
                .expect("encodes")
        };
        let threads: Vec<_> = (0..8)
            .map(|user| scope.spawn(move || encode(user)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("ends"))
            .collect()
    });
    for (user, cookie) in cookies.iter().enumerate() {
        assert_eq!(
            codec
                .decode(cookie, NOW)
                .and_then(|session| session.get("user")),
            Ok(Some(user))
        );
    }
}

/// A `Serialize` that itself encodes a cookie gets working memory as well.
#[test]
fn encoding_while_encoding_works() {
    struct Token;
    impl Serialize for Token {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(
                &codec()
                    .encode_as(&["inner"], NOW)
                    .map_err(serde::ser::Error::custom)?,
            )
        }
    }
    let cookie = codec()
        .encode(&session([("token", Token)]), NOW)
        .expect("encodes");
    let inner: String = codec()
        .decode(&cookie, NOW)
        .and_then(|session| session.get("token"))
        .expect("reads")
        .expect("is there");
    assert_eq!(
        codec().decode_as::<[String; 1]>(&inner, NOW),
        Ok(["inner".into()])
    );
}

/// A panic in the caller's own `Serialize` that is caught leaves the session unchanged.
#[test]
#[cfg_attr(panic = "abort", ignore = "a panic is the end")]
fn a_panic_while_writing_changes_nothing() {
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeSeq;
            let mut list = serializer.serialize_seq(None)?;
            list.serialize_element("half")?;
            panic!("on purpose");
        }
    }
    let mut session = read(r#"{"a":1}"#);
    let insert = std::panic::AssertUnwindSafe(|| session.insert("b", Panics));
    assert!(std::panic::catch_unwind(insert).is_err());
    assert_eq!(session.to_json(), r#"{"a":1}"#);
    assert!(!session.modified());
    session.insert("b", 2).expect("inserts");
    assert_eq!(session.to_json(), r#"{"a":1,"b":2}"#);
}

/// One deviation at a time: each is noticed alone.
#[test]
fn every_deviation_from_the_canonical_spelling_is_respelled() {
    respelled(r#"{"a":"\/"}"#, r#"{"a":"/"}"#);
    respelled(r#"{"a":"\u00E9"}"#, r#"{"a":"\u00e9"}"#);
    for (escape, spelled) in [
        ("0008", r"\b"),
        ("0009", r"\t"),
        ("000a", r"\n"),
        ("000c", r"\f"),
        ("000d", r"\r"),
        ("0020", " "),
        ("0022", "\\\""),
        ("005c", r"\\"),
        ("007e", "~"),
    ] {
        respelled(
            &format!(r#"{{"a":"\u{escape}"}}"#),
            &format!(r#"{{"a":"{spelled}"}}"#),
        );
    }
    kept(r#"{"a":"\u0007\u000b\u000e\u001f\u007f\u0080"}"#);
    for space in [" ", "\t", "\n", "\r"] {
        respelled(&format!("{{{space}}}"), "{}");
        respelled(&format!("{{}}{space}"), "{}");
    }
}

#[test]
fn lone_surrogates_in_keys_are_errors() {
    for key in [
        r"\ud800",
        r"\udc00",
        r"\ud800\ud800\udc00",
        r"\ud800a",
        r"\ud800abc\udc00",
        r"\ud800\n",
        r"\ud83d\ude00\udfff",
    ] {
        assert_eq!(
            Session::from_json(&format!(r#"{{"{key}":1}}"#)),
            Err(Error::LoneSurrogate),
            "{key}"
        );
    }
}

/// A value can contain JSON text, also as a key. Text that decoding would refuse is not signed.
#[test]
fn lone_surrogates_in_keys_of_a_value_are_not_signed() {
    let raw = |text: &str| RawValue::from_string(text.into()).expect("JSON");
    struct Map(Box<RawValue>);
    impl Serialize for Map {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([(&self.0, 1)])
        }
    }
    let codec = codec();
    let signer = TimestampSigner::new(ring());
    for key in [r#""\ud800""#, r#""a\uDC00b""#, r#""\ud83d\ude00\udfff""#] {
        let text = format!(r#"{{"ok":1,{key}:2}}"#);
        let outer = read(&format!(r#"{{"v":{text}}}"#));
        let value = outer.get_json("v").expect("is there");
        let refused = Err(Error::LoneSurrogate);
        assert_eq!(codec.encode_as(&raw(&text), NOW), refused, "{key}");
        assert_eq!(codec.encode_as(&value, NOW), refused, "{key}");
        assert_eq!(codec.encode_as(&Map(raw(key)), NOW), refused, "{key}");
        let auto = Compression::Auto;
        assert_eq!(signer.dumps(&raw(&text), auto, NOW), refused, "{key}");

        // In a nested object, and in a value, it is accepted.
        for text in [format!(r#"{{"in":{text}}}"#), format!(r#"{{"😀":{key}}}"#)] {
            let cookie = codec.encode_as(&raw(&text), NOW).expect("encodes");
            assert!(codec.decode(&cookie, NOW).is_ok(), "{text}");
        }
        let mut session = Session::new();
        assert_eq!(session.insert("v", raw(&text)), Ok(()));
    }
}

/// A value that was read and then changed is written as changed.
#[test]
fn changes_after_reading_are_written() {
    let changed = |act: fn(&mut Session)| {
        let mut session = read(r#"{"a":1,"b":[2],"c":3}"#);
        act(&mut session);
        let cookie = codec().encode(&session, NOW).expect("encodes");
        assert_eq!(codec().decode(&cookie, NOW).as_ref(), Ok(&session));
        session.to_json()
    };
    assert_eq!(
        changed(|session| assert!(session.remove("b"))),
        r#"{"a":1,"c":3}"#
    );
    assert_eq!(
        changed(|session| session.insert("b", 5).expect("inserts")),
        r#"{"a":1,"b":5,"c":3}"#
    );
    assert_eq!(
        changed(|session| session.insert("d", 5).expect("inserts")),
        r#"{"a":1,"b":[2],"c":3,"d":5}"#
    );
    let fails = |session: &mut Session| assert!(session.insert("b", [f64::NAN]).is_err());
    assert_eq!(changed(fails), r#"{"a":1,"b":[2],"c":3}"#);
    let again = |session: &mut Session| {
        assert!(session.remove("a") && !session.remove("a"));
        assert!(session.modified());
    };
    assert_eq!(changed(again), r#"{"b":[2],"c":3}"#);
}

#[test]
fn equality_compares_keys_text_and_order() {
    assert_ne!(read(r#"{"a":1,"b":2}"#), read(r#"{"b":2,"a":1}"#));
    assert_ne!(read(r#"{"a":1}"#), read(r#"{"a":1.0}"#));
    let mut touched = read(r#"{"a":1}"#);
    touched.cycle();
    assert_eq!(touched, read(r#"{"a":1}"#));
}

#[test]
fn other_keys_of_maps_are_errors() {
    #[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
    enum Kind {
        Unit,
    }
    #[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
    struct New(u8);
    spelled(BTreeMap::from([(Some(1), 2)]), r#"{"1":2}"#);
    spelled(BTreeMap::from([(New(1), 2)]), r#"{"1":2}"#);
    spelled(BTreeMap::from([(Kind::Unit, 2)]), r#"{"Unit":2}"#);
}

/// Depth is the number of containers that are open at a time, not their total. An enum's variant is also a level.
#[test]
fn depth_counts_open_containers() {
    spelled(
        vec![[(); 0]; 300],
        &format!("[{}]", vec!["[]"; 300].join(",")),
    );
    #[derive(Serialize)]
    enum Nested {
        End,
        More(Box<Nested>),
    }
    let nested = |levels| (0..levels).fold(Nested::End, |inner, _| Nested::More(Box::new(inner)));
    assert!(Session::new().insert("a", nested(127)).is_ok());
    unwritable_alone(&nested(128));
}

#[track_caller]
fn unwritable_alone<T: Serialize>(value: &T) {
    assert_eq!(
        Session::new().insert("a", value),
        Err(Error::TooDeep { limit: 128 })
    );
}

/// If a `Serialize` ignores the error of a part, no incomplete text is signed.
#[test]
fn an_ignored_error_is_returned() {
    struct Swallows;
    impl Serialize for Swallows {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeMap;
            let mut map = serializer.serialize_map(None)?;
            let _ = map.serialize_entry("ratio", &f64::NAN);
            map.serialize_entry("n", &1)?;
            map.end()
        }
    }
    unwritable(Swallows, Error::NotFinite);
}

/// The same if it catches the panic of a part.
#[cfg(panic = "unwind")]
#[test]
fn a_caught_panic_is_an_error() {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    /// Panics before it has written anything, or within a list.
    struct Panics(bool);
    impl Serialize for Panics {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeSeq;
            if self.0 {
                let mut list = serializer.serialize_seq(None)?;
                list.serialize_element(&1)?;
            }
            resume_unwind(Box::new(()))
        }
    }
    struct Catches {
        is_late: bool,
        goes_on: bool,
    }
    impl Serialize for Catches {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeMap;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_key("k")?;
            let value = AssertUnwindSafe(|| map.serialize_value(&Panics(self.is_late)));
            assert!(catch_unwind(value).is_err());
            if self.goes_on {
                let _ = map.serialize_value(&2);
            }
            map.end()
        }
    }
    for is_late in [false, true] {
        for goes_on in [false, true] {
            unwritable(Catches { is_late, goes_on }, Error::Unserializable);
            unwritable([Catches { is_late, goes_on }], Error::Unserializable);
        }
    }
}

/// If a `Serialize` breaks serde's protocol, no incomplete text is signed, whichever step it omits.
#[test]
fn a_broken_protocol_is_an_error() {
    use serde::ser::{SerializeMap, SerializeStruct, Serializer};
    struct Breaks(&'static str);
    impl Serialize for Breaks {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if let Some(steps) = self.0.strip_prefix("map ") {
                let mut map = serializer.serialize_map(None)?;
                for step in steps.chars() {
                    // The kind of error does not matter.
                    let _ = match step {
                        'k' => map.serialize_key("k"),
                        _ => map.serialize_value(&1),
                    };
                }
                return map.end();
            }
            let (name, fields) = self.0.split_once(' ').expect("a name");
            let mut raw = serializer.serialize_struct(name, fields.len())?;
            for _ in fields.chars() {
                let _ = raw.serialize_field(name, "1");
            }
            raw.end()
        }
    }
    for steps in [
        "map v",
        "map k",
        "map kk",
        "map kvv",
        "map kvk",
        "map kkv",
        "map vk",
        "$serde_json::private::RawValue ",
        "$serde_json::private::RawValue ff",
        "$serde_json::private::Number ",
        "$serde_json::private::Number ff",
    ] {
        unwritable(Breaks(steps), Error::Unserializable);
    }
    // A list in the place of JSON text.
    struct List;
    impl Serialize for List {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let name = "$serde_json::private::RawValue";
            let mut raw = serializer.serialize_struct(name, 1)?;
            raw.serialize_field(name, &[1])?;
            raw.end()
        }
    }
    unwritable(List, Error::Unserializable);
    spelled(Breaks("map "), "{}");
    spelled(Breaks("map kv"), r#"{"k":1}"#);
    spelled(Breaks("map kvkv"), r#"{"k":1,"k":1}"#);
    spelled(Breaks("$serde_json::private::RawValue f"), "1");
}

/// A session that is already JSON text is signed as Django would write it.
#[test]
fn json_text_is_signed_in_djangos_spelling() {
    let text = " {\"user\": \"Zo\u{eb}\", \"big\":1180591620717411303424,\t\"f\":1E5, \"x\":\"\\u0041\\/\", \"nan\":NaN }\n";
    let session = Session::from_json(text).expect("JSON");
    let cookie = codec().encode_json(text, NOW).expect("encodes");
    assert_eq!(Ok(cookie), codec().encode(&session, NOW));

    // Both values are signed, and the last one counts.
    let cookie = codec().encode_json(r#"{"a":1,"b":2,"a":3}"#, NOW);
    let session = codec()
        .decode(&cookie.expect("encodes"), NOW)
        .expect("decodes");
    assert_eq!(session.to_json(), r#"{"a":3,"b":2}"#);

    for (text, error) in [
        ("[1]", Error::NotAnObject),
        ("null", Error::NotAnObject),
        ("", Error::MalformedJson { offset: 0 }),
        ("{\"a\":1}}", Error::MalformedJson { offset: 7 }),
        (r#"{"\ud800":1}"#, Error::LoneSurrogate),
    ] {
        assert_eq!(codec().encode_json(text, NOW), Err(error), "{text}");
        assert_eq!(Session::from_json(text), Err(error), "{text}");
    }
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(70_000));
    let limit = hardtack::limits::DEFAULT_MAX_JSON_LENGTH;
    assert_eq!(
        codec().encode_json(&long, NOW),
        Err(Error::JsonTooLong { limit })
    );
    let short = codec().with_max_length(60).encode_json(r#"{"a":1}"#, NOW);
    assert!(matches!(short, Err(Error::TooLong { limit: 60, .. })));
    let late = codec().refuse_issued_before(NOW + 1);
    assert_eq!(late.encode_json("{}", NOW), Err(Error::IssuedTooEarly));
}

/// `raw_json` returns the text as it was signed; the session has Django's spelling.
#[test]
fn raw_json_is_the_text_as_it_was_signed() {
    let text = " { \"a\" : \"\\u0041\u{e9}\\/\", \"a\":2, \"b\":[1E5, NaN] }";
    let payload = URL_SAFE_NO_PAD.encode(text);
    let cookie = TimestampSigner::new(ring())
        .with_salt(SESSION_SALT)
        .sign(&payload, NOW)
        .expect("signs");
    let codec = codec();
    let verified = codec.verify(&cookie, NOW).expect("a good signature");
    assert_eq!(verified.raw_json().as_deref(), Ok(text));
    let session = verified.session().map(|session| session.to_json());
    assert_eq!(session.as_deref(), Ok(r#"{"a":2,"b":[1E5,NaN]}"#));
}
