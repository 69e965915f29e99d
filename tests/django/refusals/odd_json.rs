//! Cookies with a valid signature and odd JSON, or none.

use super::Case;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let values = NUMBERS.split_whitespace().chain(STRINGS.lines());
    let values = values.map(|value| format!("{{\"a\":{value}}}"));
    let texts = TEXTS.lines().chain(SPACES).map(str::to_owned);
    texts
        .chain(values)
        .map(|text| Case::json(text.clone(), text))
        .chain(controls())
        .chain(raw_bytes())
        .chain(integers())
        .chain(depths())
        .chain(duplicates())
}

/// Values, separated by spaces.
const NUMBERS: &str = "
    NaN Infinity -Infinity [NaN,-Infinity] +Infinity -NaN nan Inf Infinit -Inf -I NaNa Infinity1
    0 -0 00 01 -01 +1 --1 - 1. .5 -.5 1.e5 1e 1e+ 1e5 1E5 1E+5 1e-5 1e05 1e5.5 0e0 -0.0 -0e9 1.0000 0.10
    1e400 -1e400 1e-400 1e99999999999 5e-324 1.7976931348623159e308 0.1000000000000000055511151231257827
    0x10 1_000 1,000 1f 1n \u{661}
    9223372036854775807 -9223372036854775808 18446744073709551615 18446744073709551616
    1180591620717411303424 -1180591620717411303424 340282366920938463463374607431768211456
    tru truee True TRUE nul None undefined (1)
";

/// Values, one per line.
const STRINGS: &str = r#""\u00e9"
"\u00E9"
"\u0041"
"\u000a\u0000\u007f"
"\/"
"\b\f\n\r\t\"\\"
"\a"
"\x41"
"\'"
"\0"
"\U0041"
"\N"
"\
"\"
"\u"
"\u12"
"\u123g"
"\u 123"
"\u+123"
"\u-123"
"\u1_23"
"\u0x1"
"\u{e9}"
"\u00٣9"
"\ud83d\ude00"
"\uD83D\uDE00"
"\ud83d"
"\ude00"
"\ude00\ud83d"
"\ud83d\ud83d\ude00"
"\ud83dx\ude00"
"\ud83d\n\ude00"
"\ud83d\u0041"
"\ud83d\"
"\ud83d\u"
"\ud83d\ude0"
["\udfff"]
{"\ud800":1}
{"\ud800":1,"\uD800":2}
"text
text"
'text'
"""
b"x""#;

/// Whole texts, one per line.
const TEXTS: &str = r#"{}
[]
[{}]
"text"
""
null
true
false
0
-1
1.5
NaN
-Infinity
nul
nulll
None
hello
<html>
{"\ud800":1}
{"\uD800":1}
{"a":1,"b\udc00":2}
{"\ud83d\ude00":1}
{"":1}
{"\u0000":1}
{'a':1}
{a:1}
{"a":1}x
{"a":1}{}
{"a":1},
{"a":1}]
{"a":1}2
{}//
/**/{}
{"a":1,}
{,}
{,"a":1}
{"a":1,,"b":2}
{"a":1 "b":2}
{"a":1;"b":2}
{"a"}
{"a":}
{"a" 1}
{"a"=1}
{"a"::1}
{:1}
{1:1}
{null:1}
{["a"]:1}
{"a":1
{"a":1 2}
{"a":[1}
{"a":[1,]}
{"a":[,1]}
{"a":[,]}
{"a":[1 2]}
{"a":[1,2}
{"a":{]}
{"a":[}]}
{"a":{1}}
{
}
[
]
{}}
{]
[}
,
:"#;

/// White space, and characters that could be taken for it.
const SPACES: [&str; 11] = [
    "",
    " ",
    " {\"a\":1}",
    "{\"a\":1} ",
    " \t\r\n{ \t\r\n\"a\" : [ 1 , { } , [ ] ] } \t\r\n",
    "\u{b}{}",
    "\u{c}{}",
    "{\u{c}}",
    "{}\0",
    "\0{}",
    "#\n{}",
];

/// Every control character, unescaped in a string and in a key.
fn controls() -> impl Iterator<Item = Case> {
    let characters = (0..0x20).chain(0x7f..0x80).map(char::from);
    characters.flat_map(|character| {
        [
            Case::json(
                format!("raw {character:?} in a string"),
                format!("{{\"a\":\"<{character}>\"}}"),
            ),
            Case::json(
                format!("raw {character:?} in a key"),
                format!("{{\"<{character}>\":1}}"),
            ),
        ]
    })
}

/// Bytes that are not ASCII.
fn raw_bytes() -> impl Iterator<Item = Case> {
    let in_string: [(&str, &[u8]); 16] = [
        ("UTF-8, two bytes", "Zo\u{eb}".as_bytes()),
        ("UTF-8, three bytes", "\u{65e5}\u{672c}".as_bytes()),
        ("UTF-8, four bytes", "\u{1f36a}".as_bytes()),
        ("UTF-8, a C1 control", "\u{85}".as_bytes()),
        ("UTF-8, line separator", "\u{2028}".as_bytes()),
        ("UTF-8, not a character", "\u{ffff}".as_bytes()),
        ("latin-1", b"Zo\xeb"),
        ("a lone continuation byte", b"\x80"),
        ("a cut sequence", b"\xe6\x97"),
        ("0xff", b"\xff"),
        ("0xc0", b"\xc0"),
        ("overlong", b"\xc0\xaf"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("a pair of surrogates", b"\xed\xa0\xbd\xed\xb8\x80"),
        ("beyond Unicode", b"\xf4\x90\x80\x80"),
        ("five bytes", b"\xf8\x88\x80\x80\x80"),
    ];
    let in_string = in_string.into_iter().flat_map(|(name, bytes)| {
        [
            Case::json(
                format!("raw {name}, in a string"),
                [b"{\"a\":\"", bytes, b"\"}"].concat(),
            ),
            Case::json(
                format!("raw {name}, in a key"),
                [b"{\"", bytes, b"\":1}"].concat(),
            ),
        ]
    });
    let outside: [(&str, &[u8]); 10] = [
        ("BOM", b"\xef\xbb\xbf{}"),
        ("BOM behind", b"{}\xef\xbb\xbf"),
        ("UTF-16", b"\xff\xfe{\0}\0"),
        ("UTF-16 without BOM", b"{\0}\0"),
        ("latin-1 space in front", b"\xa0{}"),
        ("UTF-8 space in front", b"\xc2\xa0{}"),
        ("UTF-8 space inside", b"{\xc2\xa0}"),
        ("UTF-8 space behind", b"{}\xc2\xa0"),
        ("next line", b"\x85{}"),
        ("0xff behind", b"{}\xff"),
    ];
    in_string.chain(outside.map(|(name, bytes)| Case::json(name, bytes)))
}

/// Integers of more than 64 bits, up to Python's limit and one digit longer.
fn integers() -> impl Iterator<Item = Case> {
    [19, 20, 39, 40, 309, 310, 4299, 4300, 4301, 5000]
        .into_iter()
        .flat_map(|digits| {
            let number = "7".repeat(digits);
            [
                Case::json(format!("{digits} digits"), format!("{{\"a\":{number}}}")),
                Case::json(
                    format!("{digits} digits, negative"),
                    format!("{{\"a\":-{number}}}"),
                ),
                Case::json(
                    format!("{digits} digits and a fraction"),
                    format!("{{\"a\":{number}.5}}"),
                ),
                Case::json(
                    format!("{digits} digits of a fraction"),
                    format!("{{\"a\":0.{number}}}"),
                ),
                Case::json(
                    format!("{digits} digits and an exponent"),
                    format!("{{\"a\":{number}e-9}}"),
                ),
                Case::json(
                    format!("{digits} digits in a list of lists"),
                    format!("{{\"a\":[[0,{number}]]}}"),
                ),
            ]
        })
}

/// The session itself is the first level.
fn depths() -> impl Iterator<Item = Case> {
    // Not near Python's own limit, which depends on what is on its stack already.
    [2, 127, 128, 129, 200, 30_000]
        .into_iter()
        .flat_map(|levels: usize| {
            let inner = levels - 1;
            let of = |kind: &str, open: &str, bottom: &str, close: &str, times: usize| {
                let json = format!(
                    "{{\"a\":{}{bottom}{}}}",
                    open.repeat(times),
                    close.repeat(times)
                );
                Case::json(format!("{levels} levels of {kind}"), json)
            };
            [
                of("lists", "[", "", "]", inner),
                of("lists around a number", "[", "1", "]", inner),
                of("objects", "{\"\":", "{}", "}", inner - 1),
                of(
                    "both",
                    "[{\"\":",
                    if inner.is_multiple_of(2) { "0" } else { "[]" },
                    "}]",
                    inner / 2,
                ),
                of("lists, not closed", "[", "", "", inner),
            ]
        })
}

/// Duplicate keys: the last value counts, at the position of the first.
fn duplicates() -> impl Iterator<Item = Case> {
    let many = |prefix: &str| {
        let members: Vec<String> = (0..40)
            .map(|number| format!("\"{prefix}{}\":{number}", number % 23))
            .collect();
        format!("{{{}}}", members.join(","))
    };
    let texts = [
        ("two", r#"{"a":1,"b":2,"a":3}"#.to_owned()),
        ("three", r#"{"a":1,"b":2,"a":3,"c":4,"a":5}"#.into()),
        ("two keys, crosswise", r#"{"a":1,"b":2,"b":3,"a":4}"#.into()),
        ("escaped and not", r#"{"a":1,"b":2,"\u0061":3}"#.into()),
        (
            "escaped in two ways",
            r#"{"\u00e9":1,"b":2,"\u00E9":3}"#.into(),
        ),
        (
            "a pair, escaped in two ways",
            r#"{"\ud83d\ude00":1,"b":2,"\uD83D\uDE00":3}"#.into(),
        ),
        ("slash, escaped and not", r#"{"\/":1,"b":2,"/":3}"#.into()),
        (
            "short escape and long",
            r#"{"\n":1,"b":2,"\u000a":3}"#.into(),
        ),
        ("another case", r#"{"a":1,"A":2}"#.into()),
        ("empty", r#"{"":1,"b":2,"":3}"#.into()),
        ("nested", r#"{"a":{"x":1,"y":2,"x":3}}"#.into()),
        (
            "nested, escaped and not",
            r#"{"a":[{"x":1,"y":2,"\u0078":3}]}"#.into(),
        ),
        ("types", r#"{"a":1,"b":2,"a":[]}"#.into()),
        ("many", many("k")),
        ("many, escaped", many("\\u006b")),
    ];
    texts
        .map(|(name, text)| Case::json(format!("duplicate keys: {name}"), text))
        .into_iter()
}
