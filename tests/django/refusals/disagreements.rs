//! The cookies for which Django's answer and ours differ, with the reasons. The test fails on a difference that is not
//! listed here, and on a line here that is not a difference.

/// One line: the case's name, Django's answer, ours.
pub(super) type Line = (&'static str, &'static str, &'static str);

pub(super) fn lines(text: &'static str) -> impl Iterator<Item = Line> {
    text.trim().lines().map(|line| {
        let mut parts = line.split(" | ");
        let mut part = || parts.next().expect("three parts");
        (part(), part(), part())
    })
}

/// The reasons, and the lines of each.
pub(super) const DISAGREEMENTS: [(&str, &str); 11] = [
    (
        "no clock shows a time beyond the year 9999",
        "
stamp: ten digits | accepted | TimeOutOfRange
stamp: a second after 9999 | accepted | TimeOutOfRange
stamp: a second after 9999, no max age | accepted | TimeOutOfRange
stamp: eleven digits, in range | accepted | TimeOutOfRange
stamp: eleven digits, in range, no max age | accepted | TimeOutOfRange
stamp: in decimal digits | accepted | TimeOutOfRange
stamp: in decimal digits, no max age | accepted | TimeOutOfRange
stamp: in hex | accepted | TimeOutOfRange
stamp: in hex, no max age | accepted | TimeOutOfRange
stamp: milliseconds | accepted | TimeOutOfRange
stamp: milliseconds, no max age | accepted | TimeOutOfRange
stamp: ten digits, no max age | accepted | TimeOutOfRange
stamp: the last of i64 | accepted | TimeOutOfRange
stamp: the last of i64, no max age | accepted | TimeOutOfRange
",
    ),
    (
        "no Django writes a stamp beyond 64 bits, nor one without a digit",
        "
stamp: one beyond i64 | accepted | MalformedStamp
stamp: one beyond i64, no max age | accepted | MalformedStamp
stamp: one before i64 | SignatureExpired | MalformedStamp
stamp: one before i64, no max age | accepted | MalformedStamp
stamp: one beyond u64 | accepted | MalformedStamp
stamp: one beyond u64, no max age | accepted | MalformedStamp
stamp: eleven digits, all z | accepted | MalformedStamp
stamp: eleven digits, all z, no max age | accepted | MalformedStamp
stamp: sign and eleven z | SignatureExpired | MalformedStamp
stamp: sign and eleven z, no max age | accepted | MalformedStamp
stamp: thirty digits | accepted | MalformedStamp
stamp: thirty digits, no max age | accepted | MalformedStamp
stamp: beyond every float, no max age | accepted | MalformedStamp
stamp: minus | SignatureExpired | MalformedStamp
stamp: minus, no max age | accepted | MalformedStamp
",
    ),
    (
        "a payload has one spelling: no padding, no slack bits, no foreign bytes",
        r#"
base64: 4 slack bits, padded | accepted | MalformedBase64
base64: 4 slack bits, one = more | accepted | MalformedBase64
base64: 4 slack bits, four = more | accepted | MalformedBase64
base64: 4 slack bits, + and / | accepted | MalformedBase64
base64: 4 slack bits, + alone | accepted | MalformedBase64
base64: 4 slack bits, / alone | accepted | MalformedBase64
base64: 4 slack bits, four newlines behind | accepted | MalformedBase64
base64: 4 slack bits, a payload behind padding | accepted | MalformedBase64
base64: 4 slack bits, "!!!!" inside | accepted | MalformedBase64
base64: 4 slack bits, "====" inside | accepted | MalformedBase64
base64: 4 slack bits, "...." inside | accepted | MalformedBase64
base64: 4 slack bits, "::::" inside | accepted | MalformedBase64
base64: 4 slack bits, "    " inside | accepted | MalformedBase64
base64: 4 slack bits, "\n\n\n\n" inside | accepted | MalformedBase64
base64: 4 slack bits, "\0\0\0\0" inside | accepted | MalformedBase64
base64: 4 slack bits, "éé" inside | accepted | MalformedBase64
base64: 4 slack bits, "%%%%" inside | accepted | MalformedBase64
base64: 4 slack bits, slack 1 | accepted | MalformedBase64
base64: 4 slack bits, slack 2 | accepted | MalformedBase64
base64: 4 slack bits, slack 3 | accepted | MalformedBase64
base64: 4 slack bits, slack 4 | accepted | MalformedBase64
base64: 4 slack bits, slack 5 | accepted | MalformedBase64
base64: 4 slack bits, slack 6 | accepted | MalformedBase64
base64: 4 slack bits, slack 7 | accepted | MalformedBase64
base64: 4 slack bits, slack 8 | accepted | MalformedBase64
base64: 4 slack bits, slack 9 | accepted | MalformedBase64
base64: 4 slack bits, slack 10 | accepted | MalformedBase64
base64: 4 slack bits, slack 11 | accepted | MalformedBase64
base64: 4 slack bits, slack 12 | accepted | MalformedBase64
base64: 4 slack bits, slack 13 | accepted | MalformedBase64
base64: 4 slack bits, slack 14 | accepted | MalformedBase64
base64: 4 slack bits, slack 15 | accepted | MalformedBase64
base64: no slack, one = more | accepted | MalformedBase64
base64: no slack, four = more | accepted | MalformedBase64
base64: no slack, = in front | accepted | MalformedBase64
base64: no slack, + and / | accepted | MalformedBase64
base64: no slack, + alone | accepted | MalformedBase64
base64: no slack, / alone | accepted | MalformedBase64
base64: no slack, newline behind | accepted | MalformedBase64
base64: no slack, four newlines behind | accepted | MalformedBase64
base64: no slack, space in front | accepted | MalformedBase64
base64: no slack, "!" inside | accepted | MalformedBase64
base64: no slack, "!!!!" inside | accepted | MalformedBase64
base64: no slack, "=" inside | accepted | MalformedBase64
base64: no slack, "====" inside | accepted | MalformedBase64
base64: no slack, "." inside | accepted | MalformedBase64
base64: no slack, "...." inside | accepted | MalformedBase64
base64: no slack, "::::" inside | accepted | MalformedBase64
base64: no slack, "    " inside | accepted | MalformedBase64
base64: no slack, "\n\n\n\n" inside | accepted | MalformedBase64
base64: no slack, "\0\0\0\0" inside | accepted | MalformedBase64
base64: no slack, "éé" inside | accepted | MalformedBase64
base64: no slack, "%%%%" inside | accepted | MalformedBase64
base64: 2 slack bits, padded | accepted | MalformedBase64
base64: 2 slack bits, one = more | accepted | MalformedBase64
base64: 2 slack bits, four = more | accepted | MalformedBase64
base64: 2 slack bits, + and / | accepted | MalformedBase64
base64: 2 slack bits, + alone | accepted | MalformedBase64
base64: 2 slack bits, / alone | accepted | MalformedBase64
base64: 2 slack bits, four newlines behind | accepted | MalformedBase64
base64: 2 slack bits, a payload behind padding | accepted | MalformedBase64
base64: 2 slack bits, "!!!!" inside | accepted | MalformedBase64
base64: 2 slack bits, "====" inside | accepted | MalformedBase64
base64: 2 slack bits, "...." inside | accepted | MalformedBase64
base64: 2 slack bits, "::::" inside | accepted | MalformedBase64
base64: 2 slack bits, "    " inside | accepted | MalformedBase64
base64: 2 slack bits, "\n\n\n\n" inside | accepted | MalformedBase64
base64: 2 slack bits, "\0\0\0\0" inside | accepted | MalformedBase64
base64: 2 slack bits, "éé" inside | accepted | MalformedBase64
base64: 2 slack bits, "%%%%" inside | accepted | MalformedBase64
base64: 2 slack bits, slack 1 | accepted | MalformedBase64
base64: 2 slack bits, slack 2 | accepted | MalformedBase64
base64: 2 slack bits, slack 3 | accepted | MalformedBase64
zlib: marked twice | accepted | MalformedBase64
zlib: padded | accepted | MalformedBase64
"#,
    ),
    (
        "nothing stands behind a stream",
        "
zlib: a byte behind | accepted | MalformedZlib
zlib: a newline behind | accepted | MalformedZlib
zlib: junk behind | accepted | MalformedZlib
zlib: two streams | accepted | MalformedZlib
",
    ),
    (
        "refused before any hashing: no browser sends it",
        "
size: 4097 characters | accepted | TooLong
",
    ),
    (
        "memory is taken up to the limit only",
        "
size: a byte more than 64 KiB of JSON | accepted | JsonTooLong
size: 3 MB in one cookie | accepted | JsonTooLong
",
    ),
    (
        "no session: it loads in Django too, and fails later (fine for decode_as)",
        r#"
json: [] | accepted | NotAnObject
json: [{}] | accepted | NotAnObject
json: "text" | accepted | NotAnObject
json: "" | accepted | NotAnObject
json: null | accepted | NotAnObject
json: true | accepted | NotAnObject
json: false | accepted | NotAnObject
json: 0 | accepted | NotAnObject
json: -1 | accepted | NotAnObject
json: 1.5 | accepted | NotAnObject
json: NaN | accepted | NotAnObject
json: -Infinity | accepted | NotAnObject
"#,
    ),
    (
        "no Rust string holds a lone surrogate, and keys are strings",
        r#"
json: {"\ud800":1} | accepted | LoneSurrogate
json: {"\uD800":1} | accepted | LoneSurrogate
json: {"a":1,"b\udc00":2} | accepted | LoneSurrogate
"#,
    ),
    (
        "Django reads latin-1, we read UTF-8: no Django writes such bytes",
        "
json: raw UTF-8, two bytes, in a string | accepted | other values
json: raw UTF-8, two bytes, in a key | accepted | other values
json: raw UTF-8, three bytes, in a string | accepted | other values
json: raw UTF-8, three bytes, in a key | accepted | other values
json: raw UTF-8, four bytes, in a string | accepted | other values
json: raw UTF-8, four bytes, in a key | accepted | other values
json: raw UTF-8, a C1 control, in a string | accepted | other values
json: raw UTF-8, a C1 control, in a key | accepted | other values
json: raw UTF-8, line separator, in a string | accepted | other values
json: raw UTF-8, line separator, in a key | accepted | other values
json: raw UTF-8, not a character, in a string | accepted | other values
json: raw UTF-8, not a character, in a key | accepted | other values
",
    ),
    (
        "Django reads latin-1, and this is not UTF-8: no Django writes such bytes",
        "
json: raw latin-1, in a string | accepted | MalformedJson
json: raw latin-1, in a key | accepted | MalformedJson
json: raw a lone continuation byte, in a string | accepted | MalformedJson
json: raw a lone continuation byte, in a key | accepted | MalformedJson
json: raw a cut sequence, in a string | accepted | MalformedJson
json: raw a cut sequence, in a key | accepted | MalformedJson
json: raw 0xff, in a string | accepted | MalformedJson
json: raw 0xff, in a key | accepted | MalformedJson
json: raw 0xc0, in a string | accepted | MalformedJson
json: raw 0xc0, in a key | accepted | MalformedJson
json: raw overlong, in a string | accepted | MalformedJson
json: raw overlong, in a key | accepted | MalformedJson
json: raw a surrogate, in a string | accepted | MalformedJson
json: raw a surrogate, in a key | accepted | MalformedJson
json: raw a pair of surrogates, in a string | accepted | MalformedJson
json: raw a pair of surrogates, in a key | accepted | MalformedJson
json: raw beyond Unicode, in a string | accepted | MalformedJson
json: raw beyond Unicode, in a key | accepted | MalformedJson
json: raw five bytes, in a string | accepted | MalformedJson
json: raw five bytes, in a key | accepted | MalformedJson
",
    ),
    (
        "a stack that overflows is no error",
        "
json: 129 levels of lists | accepted | TooDeep
json: 129 levels of lists around a number | accepted | TooDeep
json: 129 levels of objects | accepted | TooDeep
json: 129 levels of both | accepted | TooDeep
json: 200 levels of lists | accepted | TooDeep
json: 200 levels of lists around a number | accepted | TooDeep
json: 200 levels of objects | accepted | TooDeep
json: 200 levels of both | accepted | TooDeep
",
    ),
];
