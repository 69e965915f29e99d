//! The program as its users run it: arguments, environment and standard input in; output and status back.

#[path = "../../../tests/common/mod.rs"]
mod common;

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{fs, thread};

use hardtack::signing::{Signer, TimestampSigner};
use hardtack::{KeyRing, RecordCodec, SESSION_SALT, SecretKey, SessionCodec};
use serde_json::Value;

use common::{KEY, NOW, OTHER_KEY, ring, sessions};

/// `{"user":42}`, signed with `KEY` at `NOW`.
const USER: &str = "eyJ1c2VyIjo0Mn0:1r31eq:gsGzvdC9upPOM-eyJhD5mMqb-S6mPpt-Ib3v6uhWC4o";
const USER_LINE: &str = r#"{"ok":true,"session":{"user":42},"issued_at":1700000000,"age":0,"key":0,"compressed":false,"bytes":66}"#;
const BAD_SIGNATURE: &str =
    r#"{"ok":false,"error":"BadSignature","message":"the signature does not match"}"#;
const NOT_SIGNED: &str = r#"{"ok":false,"error":"NotSigned","message":"the text is not signed"}"#;

fn refusal(error: &str, message: &str) -> String {
    format!(r#"{{"ok":false,"error":"{error}","message":"{message}"}}"#)
}

fn too_long(length: usize, limit: usize) -> String {
    let message = format!("the value has {length} bytes; at most {limit} are allowed");
    refusal("TooLong", &message)
}
const WEAK_KEY: &str = "sesame";

// ---- The program and one run of it

struct Run {
    command: Command,
    input: Vec<u8>,
}

/// A run with `KEY` in the environment, at `NOW`, with nothing on standard input.
fn inspect(arguments: &[&str]) -> Run {
    at("1700000000").arguments(arguments)
}

/// The same at another time.
fn at(now: &str) -> Run {
    bare(&["--now", now]).variable("SECRET_KEY", KEY)
}

/// A run without keys, at the clock's time.
fn bare(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardtack-inspect"));
    for name in ["SECRET_KEY", "SECRET_KEY_FALLBACKS"] {
        command.env_remove(name);
    }
    for pipe in [Command::stdin, Command::stdout, Command::stderr] {
        pipe(&mut command, Stdio::piped());
    }
    let input = Vec::new();
    Run { command, input }.arguments(arguments)
}

impl Run {
    fn arguments(mut self, arguments: &[impl AsRef<OsStr>]) -> Self {
        self.command.args(arguments);
        self
    }

    fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    fn output(mut self) -> Output {
        let mut child = self.command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = self.input;
        // In a thread of its own, since the program writes while it reads. It may end before it has read all.
        let writer = thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("the program ends");
        let _ = writer.join().expect("the writer ends");
        output
    }

    fn status(self) -> Option<i32> {
        self.output().status.code()
    }

    /// The one line, or cookie, that it wrote.
    fn written(self) -> String {
        text(&self.output().stdout).trim_end().to_owned()
    }

    /// Status and standard output; nothing is on standard error.
    #[track_caller]
    fn prints(self, status: i32, stdout: &str) {
        let output = self.output();
        assert_eq!(text(&output.stdout), stdout);
        assert_eq!(text(&output.stderr), "");
        assert_eq!(output.status.code(), Some(status));
    }

    /// Status and one line of standard output.
    #[track_caller]
    fn line(self, status: i32, line: &str) {
        self.prints(status, &format!("{line}\n"));
    }

    /// Status, one line of standard output, and all of standard error.
    #[track_caller]
    fn notes(self, status: i32, line: &str, stderr: &str) {
        let output = self.output();
        assert_eq!(text(&output.stderr), stderr);
        assert_eq!(text(&output.stdout), format!("{line}\n"));
        assert_eq!(output.status.code(), Some(status));
    }

    /// Status 2, nothing on standard output, no key on standard error, which is returned.
    #[track_caller]
    fn stops(self) -> String {
        let output = self.output();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stdout), "");
        let stderr = text(&output.stderr).to_owned();
        assert!(!stderr.is_empty());
        for key in [KEY, OTHER_KEY, WEAK_KEY] {
            assert!(!stderr.contains(key), "{stderr}");
        }
        stderr
    }
}

#[track_caller]
fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("UTF-8")
}

/// A file that is gone after the test.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, content).expect("a file in the target directory");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

// ---- JSON lines

#[test]
fn a_good_cookie() {
    inspect(&["--json", USER]).line(0, USER_LINE);
    inspect(&["--json"]).input(USER).line(0, USER_LINE);
    inspect(&["--json", USER, USER]).prints(0, &format!("{USER_LINE}\n{USER_LINE}\n"));
}

#[test]
fn an_empty_input_is_not_a_verified_one() {
    for arguments in [&[][..], &["--json"], &["--exact"], &["--encode"]] {
        for input in ["", "\n\r\n \t\n"] {
            let stderr = inspect(arguments).input(input).stops();
            assert_eq!(stderr, "error: standard input is empty (see --help)\n");
        }
    }
}

#[test]
fn refused_cookies() {
    let late = at("1701209600.5").arguments(&["--json", USER]);
    let message = "expired: signed 1209600.5s ago; at most 1209600s are allowed";
    late.line(1, &refusal("Expired", message));

    let forged = USER.replacen("eyJ1", "eyJ2", 1);
    inspect(&["--json", &forged]).line(1, BAD_SIGNATURE);
    inspect(&["--json", ""]).line(1, NOT_SIGNED);

    let letters = |count| inspect(&["--json"]).input("x".repeat(count));
    letters(4096).line(1, NOT_SIGNED);
    letters(4097).line(1, &too_long(4097, 4096));
}

/// A payload as a holder of the key might sign it.
fn signed(payload: &str) -> String {
    let signer = TimestampSigner::new(ring()).with_salt(SESSION_SALT);
    signer.sign(payload, NOW).expect("signs")
}

#[track_caller]
fn malformed(cookie: &str, error: &str, message: &str) {
    inspect(&["--json", cookie]).line(1, &refusal(error, message));
}

#[test]
fn malformed_payloads_under_a_good_signature() {
    let unstamped = Signer::new(ring()).with_salt(SESSION_SALT).sign("e30");
    let stamp = "the stamp is not a base62 number of 64 bits";
    malformed(&unstamped, "MalformedStamp", stamp);
    let base64 = "the payload is not unpadded base64url";
    malformed(&signed("e30="), "MalformedBase64", base64);
    let json = "the text is not JSON at byte 1";
    malformed(&signed("eyc"), "MalformedJson", json);
    let list = "the JSON is not an object";
    malformed(&signed("W10"), "NotAnObject", list);

    let zlib = "the payload is not one whole zlib stream";
    malformed(&signed(".e30"), "MalformedZlib", zlib);
}

#[test]
fn all_lines_are_processed() {
    let lines = format!("{USER}\r\n\r\nnonsense\n\n  \n{USER}");
    let expected = format!("{USER_LINE}\n{NOT_SIGNED}\n{USER_LINE}\n");
    inspect(&["--json"]).input(lines).prints(1, &expected);
}

#[test]
fn lines_that_are_not_utf8() {
    let lines = [USER.as_bytes(), b"\xff\xfe", USER.as_bytes(), b""].join(&b'\n');
    let expected = format!("{USER_LINE}\n{BAD_SIGNATURE}\n{USER_LINE}\n");
    inspect(&["--json"]).input(lines).prints(1, &expected);

    let run = inspect(&["--json"]).input(vec![0xff; 5000]);
    run.line(1, &too_long(5000, 4096));

    let run = inspect(&["--encode", "--json"]).input(b"{\"a\":\xff}");
    run.line(
        1,
        &refusal("MalformedJson", "the text is not JSON at byte 5"),
    );
}

/// Bytes are counted as they were pasted, not as the replacement characters that take their place.
#[test]
fn the_view_of_what_is_not_utf8() {
    for (input, expected) in [
        (vec![0xff; 2000], "Cookie 1  (2000 bytes, not shown)\n"),
        (vec![0xff; 2000], "  contents   It is not text in UTF-8.\n"),
        (vec![0xff; 5000], "It has 5000 bytes; at most 4096"),
    ] {
        let seen = view(inspect(&[]).input(input.clone()), 1);
        assert!(seen.contains(expected), "{seen}");
        assert_eq!(seen.contains("TooLong"), input.len() > 4096, "{seen}");
    }
    let lines = [b"\xff\xfe", USER.as_bytes()].join(&b'\n');
    let seen = view(inspect(&[]).input(lines), 1);
    assert!(seen.contains("Cookie 1  (2 bytes, not shown)\n"), "{seen}");
    assert!(seen.contains("Cookie 2  eyJ1c2VyIjo0Mn0:"), "{seen}");
    let beside = [b"a=\xff; sessionid=", USER.as_bytes()].concat();
    let seen = view(inspect(&[]).input(beside), 0);
    assert!(seen.contains("75 of 4096 bytes with its name"), "{seen}");
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let argument = OsStr::from_bytes(b"\xff");
    let run = inspect(&["--json"]).arguments(&[argument]);
    run.line(1, BAD_SIGNATURE);
}

#[test]
fn very_long_lines() {
    const LENGTH: usize = 20_000_000;
    for end in ["\n", "\r\n"] {
        let line = "x".repeat(LENGTH) + end + USER;
        let expected = format!("{}\n{USER_LINE}\n", too_long(LENGTH, 4096));
        inspect(&["--json"]).input(line).prints(1, &expected);
    }
    let message = "the JSON text is too long; at most 65536 bytes are allowed";
    let run = inspect(&["--encode", "--json"]).input(" ".repeat(LENGTH));
    run.line(1, &refusal("JsonTooLong", message));
}

// ---- Encode

#[test]
fn encode() {
    inspect(&["--encode", r#"{"user":42}"#]).line(0, USER);
    let spaced = "\n { \"user\" : 42 } \r\n";
    inspect(&["--encode"]).input(spaced).line(0, USER);
    let line = format!(r#"{{"ok":true,"cookie":"{USER}"}}"#);
    inspect(&["--encode", "--json", r#"{"user":42}"#]).line(0, &line);
}

#[test]
fn encode_refuses() {
    let list = refusal("NotAnObject", "the JSON is not an object");
    inspect(&["--encode", "--json", "[]"]).line(1, &list);
    let message = "the text has a lone surrogate, which no Rust string holds";
    let surrogate = refusal("LoneSurrogate", message);
    inspect(&["--encode", "--json", r#"{"\ud800":1}"#]).line(1, &surrogate);

    // A clock in milliseconds, and expiries that reading would refuse.
    let message =
        "the time is after the year 9999: it may be milliseconds where seconds are expected";
    let milliseconds = refusal("TimeOutOfRange", message);
    at("1700000000000")
        .arguments(&["--encode", "--json", "{}"])
        .line(1, &milliseconds);
    for (expiry, error, message) in [
        (
            r#""soon""#,
            "MalformedExpiry",
            "the session's own expiry is neither a finite number nor an ISO 8601 time with an offset",
        ),
        (
            "-1",
            "SessionExpired",
            "expired: the session's own expiry has passed",
        ),
    ] {
        let session = format!(r#"{{"_session_expiry":{expiry}}}"#);
        inspect(&["--encode", "--json", &session]).line(1, &refusal(error, message));
    }

    // Without --json, standard output has only the cookies.
    let output = inspect(&["--encode", "{", r#"{"user":42}"#]).output();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), format!("{USER}\n"));
    let refusal = "JSON object 1 refused: the text is not JSON at byte 1\n";
    assert_eq!(text(&output.stderr), refusal);
}

#[test]
fn a_round_trip_keeps_every_byte() {
    let texts = [
        "{}",
        r#"{"z":1,"a":2,"m":3}"#,
        r#"{"big":1180591620717411303424,"negative":-99999999999999999999999999}"#,
        r#"{"nan":NaN,"infinite":[Infinity,-Infinity]}"#,
        r#"{"lone":"\ud800","pair":"\ud83d\ude00","escapes":"\u0000\n\"\\\u007f"}"#,
        r#"{"floats":[1e+16,1e-05,0.1,-0.0,1.0,100000.0,3.0000000000000004],"odd":1E5}"#,
        r#"{"":null,"nested":{"b":[[],{}],"a":true}}"#,
    ];
    for arguments in [&["--encode"][..], &["--encode", "--compression", "never"]] {
        let cookies = inspect(arguments).input(texts.join("\n")).output();
        let lines = inspect(&["--json"]).input(cookies.stdout).output();
        assert_eq!(lines.status.code(), Some(0));
        let lines: Vec<_> = text(&lines.stdout).lines().collect();
        assert_eq!(lines.len(), texts.len());
        for (line, session) in lines.into_iter().zip(texts) {
            let start = format!(r#"{{"ok":true,"session":{session},"issued_at":1700000000,"#);
            assert!(line.starts_with(&start), "{line}");
        }
    }
}

#[test]
fn compression() {
    let session = format!(r#"{{"text":"{}"}}"#, "na".repeat(300));
    let cookie = |mode| inspect(&["--encode", "--compression", mode, &session]).written();
    let (auto, never) = (cookie("auto"), cookie("never"));
    let line = |compressed: bool, bytes: usize| {
        format!(
            r#"{{"ok":true,"session":{session},"issued_at":1700000000,"age":0,"key":0,"compressed":{compressed},"bytes":{bytes}}}"#
        )
    };
    inspect(&["--json", &never]).line(0, &line(false, never.len()));
    inspect(&["--json", &auto]).line(0, &line(true, auto.len()));
    assert!(auto.len() < never.len());
}

// ---- Options

#[test]
fn ages_are_exact() {
    for (now, age) in [
        ("1700000000", "0"),
        ("+1700000012.50", "12.5"),
        ("1700000000.000000001", "0.000000001"),
        ("1700000000.1", "0.1"),
        ("1699999999.75", "-0.25"),
        ("1699999980", "-20"),
        ("-0.5", "-1700000000.5"),
        ("-10", "-1700000010"),
    ] {
        let line = USER_LINE.replace(r#""age":0"#, &format!(r#""age":{age}"#));
        at(now).arguments(&["--json", USER]).line(0, &line);
    }
}

#[test]
fn the_clock_is_the_default() {
    let clock = || bare(&[]).variable("SECRET_KEY", KEY);
    let cookie = clock().arguments(&["--encode", "{}"]).written();
    let run = clock().arguments(&["--json", "--max-age", "60", &cookie]);
    assert_eq!(run.status(), Some(0));
}

#[test]
fn max_age() {
    let status = |now, max_age| {
        let run = at(now).arguments(&["--max-age", max_age, USER]);
        run.status()
    };
    assert_eq!(status("1700000060", "60"), Some(0));
    assert_eq!(status("1700000060.000000001", "60"), Some(1));
    assert_eq!(status("1700000060.5", "60.5"), Some(0));
    assert_eq!(status("1700000000", "0"), Some(0));
    assert_eq!(status("1701209600", "1209600"), Some(0));
    assert_eq!(status("9223372036854775807.999999999", "none"), Some(0));
}

#[test]
fn salts() {
    let cookie = inspect(&["--encode", "--salt", "basket", "{}"]).written();
    inspect(&["--json", &cookie]).line(1, BAD_SIGNATURE);
    let basket = inspect(&["--salt", "basket", &cookie]);
    assert_eq!(basket.status(), Some(0));
    inspect(&["--encode", "--salt", SESSION_SALT, r#"{"user":42}"#]).line(0, USER);
}

#[test]
fn max_length() {
    let session = r#"{"user":42}"#;
    let run = |length| inspect(&["--json", "--max-length", length]);
    run("65").arguments(&[USER]).line(1, &too_long(66, 65));
    run("66").arguments(&[USER]).line(0, USER_LINE);
    let encode = |length| run(length).arguments(&["--encode", session]);
    encode("65").line(1, &too_long(66, 65));
    assert_eq!(encode("66").status(), Some(0));

    let long = format!(r#"{{"text":"{}"}}"#, "x".repeat(6000));
    let encode = || inspect(&["--encode", "--compression", "never", &long]);
    assert_eq!(encode().status(), Some(1));
    let cookie = encode().arguments(&["--max-length", "9999"]).written();
    assert_eq!(inspect(&[&cookie]).status(), Some(1));
    assert_eq!(run("9999").arguments(&[&cookie]).status(), Some(0));
}

// ---- Keys

#[test]
fn fallback_keys_of_the_environment() {
    let line = |index: u32| USER_LINE.replace(r#""key":0"#, &format!(r#""key":{index}"#));
    let with = |fallbacks: &str| {
        let run = inspect(&["--json", USER]).variable("SECRET_KEY", OTHER_KEY);
        run.variable("SECRET_KEY_FALLBACKS", fallbacks)
    };
    with("").line(1, BAD_SIGNATURE);
    with(KEY).line(0, &line(1));
    with(&format!("  {OTHER_KEY}\n\t{KEY} ")).line(0, &line(2));
}

#[test]
fn a_key_file() {
    let content = format!("\r\n{OTHER_KEY}\r\n\n{KEY}\n");
    let file = TemporaryFile::new("key-file", content.as_bytes());
    let arguments = ["--json", "--key-file", file.path()];
    let line = USER_LINE.replace(r#""key":0"#, r#""key":1"#);
    // The environment does not count then.
    let run = inspect(&arguments).variable("SECRET_KEY", "x");
    run.input(USER).line(0, &line);
}

#[test]
fn nested_json_keeps_its_closing_braces() {
    // A JWT with the claims {"sub":{"id":7}}.
    let output = bare(&["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOnsiaWQiOjd9fQ.c2lnbmF0dXJl"]).output();
    assert!(text(&output.stdout).contains(r#"{"sub":{"id":7}}"#));
}

/// The program trims a pasted key, and says so.
#[test]
fn trimmed_keys() {
    for (index, (key, removed)) in [
        (format!(" {KEY}"), "white space"),
        (format!("{KEY}\t"), "white space"),
        (format!("{KEY}\r"), "white space"),
        (format!("\u{feff}{KEY}"), "white space"),
        (format!("'{KEY}'"), "quotes"),
        (format!("'{KEY}' # it's new"), "quotes and a comment"),
        (
            format!("SECRET_KEY={KEY} # new"),
            "\"SECRET_KEY =\" and a comment",
        ),
        (format!("\"{KEY}\","), "quotes"),
        (format!("SECRET_KEY={KEY}"), "\"SECRET_KEY =\""),
        (
            format!("SECRET_KEY = '{KEY}'"),
            "\"SECRET_KEY =\" and quotes",
        ),
        (
            format!("SECRET_KEY: str = '{KEY}'"),
            "\"SECRET_KEY =\" and quotes",
        ),
        (
            format!("SECRET_KEY = env('SECRET_KEY', default=\"{KEY}\")"),
            "\"SECRET_KEY =\" and quotes",
        ),
        (
            format!("export DJANGO_SECRET_KEY=\"{KEY}\" "),
            "white space and \"SECRET_KEY =\" and quotes",
        ),
        (
            format!("\"SECRET_KEY\": \"{KEY}\","),
            "\"SECRET_KEY =\" and quotes",
        ),
    ]
    .iter()
    .enumerate()
    {
        let file = TemporaryFile::new(&format!("trimmed-{index}"), format!("{key}\r\n").as_bytes());
        let of_file = || inspect(&["--json", "--key-file", file.path(), USER]);
        let note = format!("note: took {removed} off the signing key\n");
        of_file().notes(0, USER_LINE, &note);
        inspect(&["--json", USER])
            .variable("SECRET_KEY", key)
            .notes(0, USER_LINE, &note);
        inspect(&["--encode", r#"{"user":42}"#])
            .variable("SECRET_KEY", key)
            .notes(0, USER, &note);
        // As it is, it is another key, and one that hardtack refuses if it has white space around it.
        let output = of_file().arguments(&["--exact"]).output();
        assert_eq!(text(&output.stdout), format!("{BAD_SIGNATURE}\n"));
        let is_refused = text(&output.stderr).contains("begins or ends with white space");
        assert_eq!(
            is_refused,
            key.trim_matches(['\u{feff}', ' ', '\t', '\r']) != key
        );
    }
    let line_feed = inspect(&["--json", USER]).variable("SECRET_KEY", format!("{KEY}\n"));
    assert_eq!(line_feed.status(), Some(0));
}

/// The settings of a Django site, or an environment file.
#[test]
fn a_key_file_that_assigns_the_key() {
    for (index, content) in [
        format!("\"\"\"Settings.\"\"\"\nimport os\n\n# Keep the secret key secret!\nSECRET_KEY = '{KEY}'\nDEBUG = True\n"),
        format!("DEBUG=1\nexport DJANGO_SECRET_KEY={KEY}\n"),
        format!("SECRET_KEY = os.getenv('SECRET_KEY', '{KEY}')\nSECRET_KEY_FALLBACKS = ['{OTHER_KEY}']\n"),
    ]
    .iter()
    .enumerate()
    {
        let file = TemporaryFile::new(&format!("settings-{index}"), content.as_bytes());
        let output = inspect(&["--json", "--key-file", file.path(), USER]).output();
        assert_eq!(text(&output.stdout), format!("{USER_LINE}\n"));
    }
}

/// The key must be in the text itself; the default of a call is.
#[test]
fn settings_that_read_the_key_from_elsewhere() {
    for (index, value) in [
        "os.environ['SECRET_KEY']",
        "os.environ[\"DJANGO_KEY\"]  # set by systemd",
        "os.environ[NAME]",
        "env('DJANGO_KEY')",
        "config('DJANGO_KEY', cast=str)",
        "env('SECRET_KEY', default='')",
        "os.environ.get(",
        "${DJANGO_KEY}",
    ]
    .iter()
    .enumerate()
    {
        let content = format!("DEBUG = False\nSECRET_KEY = {value}\n");
        let file = TemporaryFile::new(&format!("elsewhere-{index}"), content.as_bytes());
        let stderr = inspect(&["--key-file", file.path(), USER]).stops();
        let expected = "error: SECRET_KEY is assigned an expression there, such as os.environ[...]";
        assert!(stderr.starts_with(expected), "{value}: {stderr}");

        let content = format!("SECRET_KEY = {value}\nif DEBUG:\n    SECRET_KEY = '{KEY}'\n");
        let file = TemporaryFile::new(&format!("elsewhere-too-{index}"), content.as_bytes());
        let output = inspect(&["--json", "--key-file", file.path(), USER]).output();
        assert_eq!(text(&output.stdout), format!("{USER_LINE}\n"));
        let note = "note: SECRET_KEY is also assigned an expression, which is ignored\n";
        assert!(text(&output.stderr).starts_with(note), "{value}");
    }
}

#[test]
fn fallback_keys_of_settings() {
    let line = |index: u32| USER_LINE.replace(r#""key":0"#, &format!(r#""key":{index}"#));
    let signing = format!("SECRET_KEY = '{OTHER_KEY}'  # it's new\n");
    for (index, (list, key)) in [
        (format!("['{KEY}']"), 1),
        (format!("(\"{KEY}\",)  # older"), 1),
        (format!("['an-old-key', \"{KEY}\"]"), 2),
        (
            format!("[\r\n    # 2023's\r\n    'an-old-key',  # 2022\r\n    '{KEY}',\r\n]\r\n"),
            2,
        ),
        (format!("['{KEY}', os.environ['OLDER']]"), 1),
        (format!("an-old-key {KEY}"), 2),
    ]
    .iter()
    .enumerate()
    {
        let list = format!("SECRET_KEY_FALLBACKS = {list}\n");
        for content in [format!("{signing}{list}"), format!("{list}{signing}")] {
            let file = TemporaryFile::new(&format!("fallbacks-{index}"), content.as_bytes());
            let output = inspect(&["--json", "--key-file", file.path(), USER]).output();
            assert_eq!(text(&output.stdout), format!("{}\n", line(*key)), "{list}");
            let is_noted = text(&output.stderr).contains("SECRET_KEY_FALLBACKS has an expression");
            assert_eq!(is_noted, list.contains("environ"));
        }
    }
    for list in [
        format!("['an-old-key', '{KEY}']"),
        format!("an-old-key '{KEY}'"),
    ] {
        let run = inspect(&["--json", USER]).variable("SECRET_KEY", OTHER_KEY);
        let output = run.variable("SECRET_KEY_FALLBACKS", &list).output();
        assert_eq!(text(&output.stdout), format!("{}\n", line(2)), "{list}");
    }
    let file = TemporaryFile::new(
        "fallbacks-alone",
        format!("SECRET_KEY_FALLBACKS = ['{KEY}']\n").as_bytes(),
    );
    let stderr = inspect(&["--key-file", file.path(), USER]).stops();
    assert!(stderr.contains("the signing key is missing"), "{stderr}");
}

#[test]
fn a_file_as_an_argument() {
    let file = TemporaryFile::new("paste", USER.as_bytes());
    let output = inspect(&[file.path()]).output();
    assert!(text(&output.stderr).contains("there is a file of that name"));
    assert_eq!(output.status.code(), Some(1));
}

/// Quotes and equals signs within a key belong to it.
#[test]
fn keys_that_only_look_untrimmed() {
    for key in [
        "a-key-that-ends-in-a-quote-0123456789-abcdef'",
        "'a-key-that-begins-with-a-quote-0123456789-abc",
        "a-key=with-an-equals-sign-0123456789-abcdefghi",
        "SECRET_KEY-is-how-this-key-begins-0123456789-abc",
    ] {
        let run = || inspect(&[]).variable("SECRET_KEY", key);
        let cookie = run().arguments(&["--encode", "{}"]).written();
        let codec = SessionCodec::new(KeyRing::new(SecretKey::new(key).expect("a good key")));
        assert!(codec.verify(&cookie, NOW).is_ok(), "{key}");
        let output = run().arguments(&["--json", &cookie]).output();
        assert_eq!((text(&output.stderr), output.status.code()), ("", Some(0)));
    }
}

#[test]
fn keys_may_be_any_bytes() {
    let secret: Vec<u8> = (128..=255).collect();
    let file = TemporaryFile::new("bytes-key-file", &secret);
    let arguments = ["--encode", "--key-file", file.path(), "{}"];
    let cookie = bare(&arguments).written();
    let key = SecretKey::new(secret).expect("a good key");
    let codec = SessionCodec::new(KeyRing::new(key));
    assert!(codec.verify(&cookie, NOW).is_ok());
}

#[test]
fn no_key() {
    for arguments in [&["--json", USER][..], &["--encode", "{}"]] {
        assert!(bare(arguments).stops().contains("there is no key"));
    }
    let fallbacks_only = bare(&[USER]).variable("SECRET_KEY_FALLBACKS", KEY);
    assert!(fallbacks_only.stops().contains("the signing key"));
    let file = TemporaryFile::new("empty-key-file", b"\n \r\n\n");
    let empty_file = inspect(&["--key-file", file.path(), USER]).stops();
    assert!(empty_file.contains("there is no key"), "{empty_file}");
    let missing = inspect(&["--key-file", KEY, USER]).stops();
    assert!(missing.contains("the key file cannot be read"), "{missing}");
    let nothing = inspect(&[USER]).variable("SECRET_KEY", "SECRET_KEY=");
    assert!(
        nothing
            .stops()
            .contains("the signing key is refused: the key is empty")
    );
}

/// To verify with a weak key harms no one; to sign with it might.
#[test]
fn weak_keys() {
    let weak = || inspect(&[]).variable("SECRET_KEY", WEAK_KEY);
    let stderr = weak().arguments(&["--encode", "{}"]).stops();
    assert!(stderr.contains("the signing key is refused: the key has 6 bytes"));
    let fallback =
        inspect(&["--encode", "{}"]).variable("SECRET_KEY_FALLBACKS", format!("{KEY} {WEAK_KEY}"));
    let stderr = fallback.stops();
    assert!(stderr.contains("fallback key 2 is refused: the key has 6 bytes"));

    let cookie = weak()
        .arguments(&["--allow-weak-key", "--encode", "{}"])
        .written();
    let output = weak().arguments(&[cookie]).output();
    assert_eq!(output.status.code(), Some(0));
    let note = "note: the signing key is too weak for production: the key has 6 bytes";
    assert!(
        text(&output.stderr).starts_with(note),
        "{}",
        text(&output.stderr)
    );

    let of_startproject = inspect(&[USER]).variable("SECRET_KEY", format!("django-insecure-{KEY}"));
    let output = of_startproject.output();
    let note = "note: the signing key is too weak for production: the key starts with \"django-insecure-\"";
    assert!(
        text(&output.stderr).starts_with(note),
        "{}",
        text(&output.stderr)
    );
    assert!(text(&output.stdout).contains("BadSignature"));
}

// ---- Usage

#[test]
fn wrong_usage() {
    for arguments in [
        &["--unknown"][..],
        &["--compression", "best"],
        &["--max-length", "-1"],
        &["--max-length", "4k"],
        &["--max-age", "-1"],
        &["--max-age", "never"],
        &["--now"],
    ] {
        inspect(arguments).stops();
    }
    let words = "nan inf 1e9 0x10 1_000 1. .5 . - --1 1.2.3 1.0000000001 ١ \
                 9223372036854775808 -9223372036854775809";
    let many_digits = "9".repeat(99);
    for seconds in words.split_whitespace().chain(["", " 1", &many_digits]) {
        bare(&[&format!("--now={seconds}"), USER]).stops();
        bare(&[&format!("--max-age={seconds}"), USER]).stops();
    }
}

#[test]
fn colours() {
    let with = |variables: &[(&str, &str)]| {
        let run = inspect(&[USER]);
        let run = variables
            .iter()
            .fold(run, |run, (name, value)| run.variable(name, value));
        run.written().contains('\x1b')
    };
    // Standard output is a pipe here.
    assert!(!with(&[]));
    assert!(with(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]));
    assert!(!with(&[("NO_COLOR", "1")]));
}

#[test]
fn help_and_version() {
    let help = bare(&["--help"]).output();
    assert_eq!(help.status.code(), Some(0));
    for option in [
        "--encode",
        "--key-file",
        "SECRET_KEY_FALLBACKS",
        "Exit status:",
        "django.contrib.messages",
    ] {
        assert!(text(&help.stdout).contains(option), "{option}");
    }
    let is_narrow = |line: &str| line.chars().count() <= 100;
    assert!(text(&help.stdout).lines().all(is_narrow));
    let version = concat!("hardtack-inspect ", env!("CARGO_PKG_VERSION"));
    bare(&["--version"]).line(0, version);
}

#[test]
fn closed_output_ends_quietly() {
    let mut run = inspect(&["--json"]);
    let mut child = run.command.spawn().expect("the program starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = thread::spawn(move || {
        let lines = format!("{USER}\n").repeat(100_000);
        // Fails as soon as the program has ended.
        let _ = stdin.write_all(lines.as_bytes());
    });
    let mut first = [0; 100];
    stdout.read_exact(&mut first).expect("a line");
    drop(stdout);
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the writer ends");
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

// ---- Django's cookies

/// A field of a vector; they are explained in `tests/vectors.rs`.
#[track_caller]
fn field<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().expect("text")
}

/// The keys of a vector as the lines of a key file.
fn key_lines(vector: &Value) -> Vec<u8> {
    let keys = vector["keys"].as_array().expect("a list");
    let digit = |at: usize, hex: &str| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    let key = |key: &Value| match key["hex"].as_str() {
        Some(hex) => (0..hex.len()).step_by(2).map(|at| digit(at, hex)).collect(),
        None => field(key, "text").as_bytes().to_vec(),
    };
    keys.iter().map(key).collect::<Vec<_>>().join(&b'\n')
}

#[test]
fn cookies_that_django_made() {
    let vectors = include_str!("../../../tests/vectors/django-5.2.19.jsonl").lines();
    let vectors = vectors.map(|line| serde_json::from_str(line).expect("a vector"));
    let mut count = 0;
    for vector in vectors.filter(|vector: &Value| vector["kind"] == "session") {
        let file = TemporaryFile::new("vector-key-file", &key_lines(&vector));
        let (now, salt) = (vector["now"].to_string(), field(&vector, "salt"));
        let run = bare(&["--json", "--max-age", "none", "--max-length", "16384"])
            .arguments(&["--allow-weak-key", "--key-file", file.path()])
            .arguments(&["--now", &now, "--salt", salt])
            .input(field(&vector, "cookie"));
        let expected = format!(r#"{{"ok":true,"session":{},"#, field(&vector, "json"));
        let (line, name) = (run.written(), field(&vector, "name"));
        assert!(line.starts_with(&expected), "{name}: {line}");
        count += 1;
    }
    assert!(count > 200, "only {count}");
}

// ---- Any bytes

/// The same bytes on every run.
struct Noise(u64);

impl Noise {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        self.0.to_be_bytes()[0]
    }

    /// Any bytes, ends of lines more often than others.
    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let byte = |_| match self.byte() {
            0..8 => b'\n',
            8..12 => b'\r',
            byte => byte ^ self.byte(),
        };
        (0..length).map(byte).collect()
    }

    /// The line many times, each time with some bytes overwritten.
    fn altered(&mut self, line: &str, times: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..times {
            let start = out.len();
            out.extend_from_slice(line.as_bytes());
            for _ in 0..self.byte() % 4 {
                let at = usize::from(self.byte()) % line.len();
                out[start + at] = self.byte();
            }
            out.push(b'\n');
        }
        out
    }
}

#[test]
fn any_bytes_are_one_refusal_or_one_session_for_each_line() {
    let mut noise = Noise(1);
    let object = r#"{"a":[1,2.5e3,"\ud83d\ude00",{"b":null}],"c":"Zo\u00eb"}"#;
    for input in [
        noise.bytes(100_000),
        noise.altered(USER, 2_000),
        noise.altered(object, 2_000),
    ] {
        let lines = input.split(|&byte| byte == b'\n');
        let lines = lines.filter(|line| !line.trim_ascii().is_empty()).count();
        for arguments in [&["--json"][..], &["--json", "--encode"]] {
            let output = inspect(arguments).input(input.clone()).output();
            assert!(matches!(output.status.code(), Some(0 | 1)));
            assert_eq!(text(&output.stderr), "");
            assert_eq!(text(&output.stdout).lines().count(), lines);
            for line in text(&output.stdout).lines() {
                let value: Value = serde_json::from_str(line).expect("JSON");
                assert!(value["ok"].is_boolean(), "{line}");
            }
        }
        for arguments in [&[][..], &["--encode"]] {
            let output = inspect(arguments).input(input.clone()).output();
            assert!(matches!(output.status.code(), Some(0 | 1)));
        }
    }
}

#[test]
fn any_signed_payload_is_one_line() {
    let mut noise = Noise(2);
    let cookie = |_| {
        let payload = noise.bytes(20).escape_ascii().to_string();
        signed(&payload) + "\n"
    };
    let cookies: String = (0..500).map(cookie).collect();
    let output = inspect(&["--json"]).input(cookies).output();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).lines().count(), 500);
    assert!(!text(&output.stdout).contains("BadSignature"));
}

// ---- The human view

#[track_caller]
fn view(run: Run, status: i32) -> String {
    let output = run.output();
    assert_eq!(output.status.code(), Some(status));
    let view = text(&output.stdout);
    let is_safe = |character: char| character == '\n' || !character.is_control();
    assert!(view.chars().all(is_safe), "{view}");
    let is_narrow = |line: &str| line.chars().count() <= 100;
    assert!(view.lines().all(is_narrow), "{view}");
    assert!(!view.contains(KEY) && !view.contains(OTHER_KEY));
    view.to_owned()
}

#[test]
fn the_view_of_a_cookie() {
    let later = at("1700183600").arguments(&[USER]);
    let expected = "\
Cookie 1  eyJ1c2VyIjo0Mn0:1r31eq:…
  signature  good, by the signing key
  issued     2023-11-14 22:13:20 UTC, 2 days 3 hours ago
  expires    2023-11-28 22:13:20 UTC, in 11 days 21 hours (Django's two weeks)
  size       66 of 4096 bytes, 4030 left for the cookie's name and more
  session    1 key, 11 bytes of JSON, not compressed

  key   bytes  share of 4096     value
  user     10  ▎···············  42

";
    assert_eq!(view(later, 0), expected);
}

#[test]
fn the_view_names_the_fallback_key() {
    let run = inspect(&[USER]).variable("SECRET_KEY", OTHER_KEY);
    let view = view(run.variable("SECRET_KEY_FALLBACKS", KEY), 0);
    assert!(view.contains("good, by fallback key 1\n"), "{view}");
}

#[test]
fn the_view_at_other_times() {
    let view = |arguments: &[&str]| {
        let run = bare(arguments).variable("SECRET_KEY", KEY);
        view(run.arguments(&[USER]), 0)
    };
    let ahead = view(&["--now", "1699999939"]);
    let expected = "22:13:20 UTC, 1 minute 1 second ahead of the clock\n";
    assert!(ahead.contains(expected), "{ahead}");
    let unlimited = view(&["--now", "1900000000", "--max-age", "none"]);
    assert!(unlimited.contains("  expires    never"), "{unlimited}");
    let far = view(&["--max-age", "9223372036854775807"]);
    assert!(far.contains("Unix time 9223372036854775807"), "{far}");
}

/// The row says when the session expires, by its own expiry or by the max age, whichever comes first.
#[test]
fn the_view_of_an_expiry_of_its_own() {
    let seen = |session, now, arguments: &[&str], status| {
        let cookie = inspect(&["--encode", session]).written();
        view(at(now).arguments(arguments).arguments(&[&cookie]), status)
    };
    let session = r#"{"_session_expiry":300}"#;
    let early = seen(session, "1700000100", &[], 0);
    let expected = "  expires    2023-11-14 22:18:20 UTC, in 3 minutes 20 seconds (the session's own expiry)\n";
    assert!(early.contains(expected), "{early}");
    let last = seen(session, "1700000300", &["--max-age", "none"], 0);
    assert!(last.contains("in 0 seconds (the session's own"), "{last}");
    let late = seen(session, "1700000420", &[], 1);
    for expected in [
        "  refused    SessionExpired\n             The session's own expiry has passed.",
        "  expired    2023-11-14 22:18:20 UTC, 2 minutes ago (the session's own expiry)\n",
    ] {
        assert!(late.contains(expected), "{late}");
    }
    assert!(!late.contains("expires"), "{late}");

    let far = r#"{"_session_expiry":"2024-01-01T00:00:00+00:00"}"#;
    let far = seen(far, "1700000000", &[], 0);
    let limit = "  expires    2023-11-28 22:13:20 UTC, in 14 days (Django's two weeks)\n";
    assert!(far.contains(limit), "{far}");
    let browser = seen(
        r#"{"_session_expiry":0}"#,
        "1700000000",
        &["--max-age", "60"],
        0,
    );
    let limit = "in 1 minute (or when the browser closes)\n";
    assert!(browser.contains(limit), "{browser}");

    let malformed = signed("eyJfc2Vzc2lvbl9leHBpcnkiOiJzb29uIn0");
    let malformed = view(inspect(&[&malformed]), 1);
    assert!(malformed.contains("MalformedExpiry"), "{malformed}");
    assert!(!malformed.contains("  expire"), "{malformed}");
}

#[test]
fn the_view_shows_every_key_of_every_session() {
    let encode = ["--encode", "--max-length", "9999", "--compression"];
    for (_, session) in sessions() {
        let json = session.to_json();
        for mode in ["auto", "never"] {
            let cookie = inspect(&encode).arguments(&[mode, &json]).written();
            let view = view(inspect(&["--max-length", "9999", &cookie]), 0);
            for (key, _) in session.iter() {
                let start = format!("  {key} ");
                let is_there = view.lines().any(|line| line.starts_with(&start));
                assert!(is_there, "{key}\n{view}");
            }
        }
    }
}

#[test]
fn the_view_escapes_and_cuts_keys() {
    let long = "k".repeat(300);
    let object = format!(r#"{{"\u001b[31m\u0007":"\u001b[2J","":0,"größe":1,"{long}":2}}"#);
    let cookie = inspect(&["--encode", &object]).written();
    let view = view(inspect(&[&cookie]), 0);
    for start in [
        r"  \u001b[31m\u0007 ",
        r#"  "" "#,
        r"  gr\u00f6\u00dfe ",
        "  kkkkkkkkkkkkkkkkkkkkkkkkkkk… ",
    ] {
        assert!(view.lines().any(|line| line.starts_with(start)), "{view}");
    }
}

#[test]
fn the_view_says_what_is_an_estimate() {
    let object = format!(r#"{{"text":"{}"}}"#, "na".repeat(300));
    let cookie = inspect(&["--encode", &object]).written();
    let view = view(inspect(&[&cookie]), 0);
    let estimate = "compressed (so the shares are estimates)\n";
    assert!(view.contains(estimate), "{view}");
}

#[test]
fn the_view_of_refusals() {
    for unknown in ["a\x1b[31m", "a: b:c", "a:b:c."] {
        let expected = "\
Cookie 1  (6 bytes, not shown)
  what       Nothing that this program knows.
             A session in a signed cookie has three parts: payload:stamp:signature.

";
        assert_eq!(view(inspect(&[unknown]), 1), expected);
    }
    let deleted = view(
        inspect(&["sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT"]),
        1,
    );
    assert!(
        deleted
            .starts_with("Cookie 1  sessionid=(empty)\n  what       A cookie without a value.\n"),
        "{deleted}"
    );
    assert!(!deleted.contains("refused"), "{deleted}");

    let altered = view(inspect(&[&USER.replacen("eyJ1", "eyJ2", 1)]), 1);
    let expected = "  refused    BadSignature
             None of the keys signed it under a salt that was tried, or it was changed since.
";
    assert!(altered.contains(expected), "{altered}");

    let old = view(at("1701300000").arguments(&[USER]), 1);
    let expected = "It was signed 15 days 1 hour ago. The max age is 14 days. See --max-age.\n";
    assert!(old.contains(expected), "{old}");
    let long = view(inspect(&["--max-length", "9"]).input(USER), 1);
    assert!(long.contains("--max-length"), "{long}");
    let list = view(inspect(&[&signed("W10")]), 1);
    assert!(list.contains("NotAnObject"), "{list}");
}

/// RFC 6265bis, section 5.6, counts the name too.
#[test]
fn the_view_of_a_cookie_that_browsers_drop() {
    let session = format!(r#"{{"text":"{}"}}"#, "x".repeat(3022));
    let encode = ["--encode", "--compression", "never", &session];
    let cookie = inspect(&encode).written();
    assert_eq!(cookie.len(), 4095);
    let alone = view(inspect(&[&cookie]), 0);
    let expected = "  size       4095 of 4096 bytes, 1 left for the cookie's name and more\n";
    assert!(alone.contains(expected), "{alone}");
    let whole = view(inspect(&[&format!("s={cookie}")]), 0);
    let expected = "  size       4096 of 4096 bytes with its name, 0 left\n";
    assert!(whole.contains(expected), "{whole}");
    let over = view(inspect(&[&format!("sessionid={cookie}")]), 0);
    let expected = "  size       4104 bytes with its name: over 4096, browsers drop it\n";
    assert!(over.contains(expected), "{over}");
}

#[test]
fn the_view_without_a_key() {
    let run = bare(&[
        "--now",
        "1700183600",
        &format!("Cookie: theme=dark; sessionid=\"{USER}\""),
    ]);
    let expected = "\
Cookie 1  sessionid=eyJ1c2VyIjo0Mn0:1r31eq:…
  what       A session in a signed cookie, as Django's signed_cookies engine and hardtack write it.
             The session is in the cookie itself: signed, not encrypted. A row of django_session and
             an object that signing.dumps signed look the same: only the salt of the signature tells
             them apart.
  signature  NOT VERIFIED: no key was given, so anyone could have written this (see --help)
  issued     2023-11-14 22:13:20 UTC, 2 days 3 hours ago, NOT VERIFIED
  expires    2023-11-28 22:13:20 UTC, in 11 days 21 hours (Django's two weeks), NOT VERIFIED
  size       75 of 4096 bytes with its name, 4021 left
  session    1 key, 11 bytes of JSON, not compressed, NOT VERIFIED

  key   bytes  share of 4096     value
  user     10  ▎···············  42

";
    assert_eq!(view(run, 1), expected);
}

#[test]
fn the_view_of_one_of_two_cookies() {
    let other = inspect(&["--encode", r#"{"user":7}"#]).written();
    for (paste, found) in [
        (
            format!("Cookie: sessionid={other}; a=1; sessionid={USER}"),
            "2 of 2",
        ),
        (format!("Cookie: sessionid={USER}; sessionid=old"), "1 of 2"),
        (
            format!("curl -H 'Cookie: sessionid={other}; sessionid=old; sessionid={USER}' x"),
            "3 of 3",
        ),
    ] {
        let seen = view(inspect(&[&paste]), 0);
        let expected = format!(
            "  found      number {found} of this name; Django reads the last one, hardtack the youngest good one\n"
        );
        assert!(seen.contains(&expected), "{seen}");
        assert!(seen.contains("  42\n"), "{seen}");
    }
    // The key tells which one hardtack would read.
    let foreign = inspect(&["--encode", r#"{"user":7}"#]).variable("SECRET_KEY", OTHER_KEY);
    let foreign = foreign.written();
    let younger = at("1700000001")
        .arguments(&["--encode", r#"{"user":8}"#])
        .written();
    for (cookies, found, user) in [
        ([USER, &foreign, "old"], "1 of 3", 42),
        ([&younger, &foreign, USER], "1 of 3", 8),
    ] {
        let paste = format!("Cookie: sessionid={}", cookies.join("; sessionid="));
        let seen = view(at("1700000060").arguments(&[&paste]), 0);
        assert!(
            seen.contains(&format!("number {found} of this name")),
            "{seen}"
        );
        assert!(seen.contains(&format!("  {user}\n")), "{seen}");
    }
    for paste in [
        format!("Cookie: sessionid={USER}; messages={other}"),
        format!("Cookie: sessionid={USER}; sessionid=\"{USER}\""),
    ] {
        let seen = view(inspect(&[&paste]), 0);
        assert!(!seen.contains("number"), "{seen}");
    }
}

/// With the claims iat and exp.
#[test]
fn the_view_of_a_jwt() {
    let claims = "eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMzYwMC41fQ";
    let token = format!("eyJhbGciOiJIUzI1NiJ9.{claims}.c2lnbmF0dXJl");
    let seen = view(at("1700000060").arguments(&[&token]), 1);
    let expected = "
  issued     2023-11-14 22:13:20 UTC, 1 minute ago, NOT VERIFIED
  expires    2023-11-14 23:13:20 UTC, in 59 minutes (the claim exp), NOT VERIFIED
";
    assert!(seen.contains(expected), "{seen}");
    let seen = view(at("1700003660").arguments(&[&token]), 1);
    let expected =
        "  expired    2023-11-14 23:13:20 UTC, 1 minute ago (the claim exp), NOT VERIFIED\n";
    assert!(seen.contains(expected), "{seen}");
}

#[test]
fn the_view_of_another_salt() {
    let record = RecordCodec::new(ring())
        .encode(&sessions()[0].1, NOW)
        .expect("encodes");
    let seen = view(at("1900000000").arguments(&[&record]), 1);
    assert!(
        seen.contains("A session as Django keeps it in the database or in a file."),
        "{seen}"
    );
    let salt = "The key is right, but the salt is django.contrib.sessions.SessionStore";
    assert!(seen.contains(salt) && seen.contains("4711"), "{seen}");
    assert!(
        !seen.contains("NOT VERIFIED") && !seen.contains("refused"),
        "{seen}"
    );
    let signature = "  signature  by the signing key, but under another salt\n";
    assert!(seen.contains(signature), "{seen}");
    let unasked = view(inspect(&["--salt", "basket", USER]), 1);
    assert!(
        unasked.contains(signature) && !unasked.contains("good"),
        "{unasked}"
    );
    let salt = "The key is right, but the salt is django.contrib.sessions.backends.signed_cookies";
    assert!(unasked.contains(salt), "{unasked}");

    let asked = view(
        inspect(&["--salt", "django.contrib.sessions.SessionStore", &record]),
        0,
    );
    assert!(
        asked.contains("good, by the signing key\n") && !asked.contains("another"),
        "{asked}"
    );

    let line = inspect(&["--json", &record]).written();
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(line["error"], "BadSignature");
    assert_eq!(line["kind"], "record");
    assert!(
        line["salt"]
            .as_str()
            .is_some_and(|salt| salt.contains("SessionStore"))
    );
}

/// No six characters of it in a row, whatever it was taken for.
#[track_caller]
fn hidden(paste: &str, secret: &str) -> String {
    let seen = view(bare(&[paste]), 1);
    for start in 0..secret.len() - 5 {
        assert!(!seen.contains(&secret[start..start + 6]), "{paste}: {seen}");
    }
    seen
}

#[test]
fn the_view_shows_no_secret() {
    const GENERATED: &str = "h#2v&k(9q^x1m!t0zc=e-5y$w8b_r3n@j7u+d6s%p4)g*lafoi";
    let is_a_key = |paste: &str, secret| {
        let seen = hidden(paste, secret);
        assert!(
            seen.contains("A secret key of Django, not a cookie."),
            "{seen}"
        );
    };
    is_a_key(GENERATED, GENERATED);
    is_a_key(&format!("'{GENERATED}'\n"), GENERATED);
    is_a_key("django-insecure-0123456789", "0123456789");
    for paste in [
        format!("SECRET_KEY = '{KEY}'"),
        format!("SECRET_KEY_FALLBACKS={KEY}"),
        format!("SECRET_KEY_FALLBACKS = ['{KEY}']"),
        format!("SECRET_KEY_FALLBACKS = [\n    '{OTHER_KEY}',\n    '{KEY}',\n]\n"),
        format!(r#"{{"django": {{"SECRET_KEY": "{KEY}"}}}}"#),
    ] {
        is_a_key(&paste, KEY);
        is_a_key(&paste.replace(KEY, GENERATED), GENERATED);
    }
    // Without a form of its own.
    for secret in [
        KEY,
        OTHER_KEY,
        "a-key=with-an-equals-sign-0123456789",
        "Xq0Zk3v_Qm1nB7yTt5cL=ktm277m7cqveif9i5c5imvc8fe",
        "hunter2-hunter2",
    ] {
        hidden(secret, secret);
        hidden(&format!("'{secret}'"), secret);
    }
    // Keys of sessions.
    for length in [8, 15, 16, 32, 40] {
        let key = &"k3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9qk3v0n1c4"[..length];
        hidden(key, key);
        hidden(&format!("sessionid={key}"), key);
    }
    let seen = hidden(
        "sessionid=k3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9q",
        "k3v0n1c4mn0r1sg4",
    );
    assert!(
        seen.starts_with(
            "Cookie 1  sessionid=(32 bytes, not shown)\n  what       A session key of Django.\n"
        ),
        "{seen}"
    );
}

/// Lines that are cookies are shown one by one; lines that are one cookie together.
#[test]
fn several_lines() {
    let both = inspect(&[]).input(format!("{USER}\n\nnonsense\nsessionid={USER}\n"));
    let seen = view(both, 1);
    assert!(
        seen.contains("Cookie 3  sessionid=eyJ1c2VyIjo0Mn0"),
        "{seen}"
    );
    let (start, end) = USER.split_at(30);
    let seen = view(inspect(&[]).input(format!("{start}\n{end}\n")), 0);
    assert!(
        seen.contains("Cookie 1  eyJ1c2VyIjo0Mn0:1r31eq:…\n  found      after joining its lines\n"),
        "{seen}"
    );
    let many = inspect(&[])
        .input(format!("{USER}\n").repeat(2000))
        .output();
    assert!(text(&many.stdout).contains("Cookie 2000 "));
}

#[test]
fn the_heading_does_not_give_the_cookie_away() {
    let smallest = inspect(&["--encode", "{}"]).written();
    let signature = smallest.rsplit(':').next().expect("a signature");
    let view = view(inspect(&[&smallest]), 0);
    assert!(!view.contains(&signature[..4]), "{view}");
}
