//! Every case of cases.json, as the library and the program find it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use hardtack::{MaxAge, SESSION_SALT, Timestamp};
use hardtack_inspect::{Keys, Report, Settings, Trust, inspect};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    key: String,
    now: i64,
    session: serde_json::Value,
    #[serde(rename = "cases")]
    all: Vec<Case>,
}

/// A paste and its kind. `proven` is its kind with the key, if that differs: a text that Django signed under another salt
/// than a session's looks like a session without it.
#[derive(Deserialize)]
struct Case {
    id: String,
    paste: String,
    kind: Option<String>,
    proven: Option<String>,
    name: Option<String>,
    value: Option<String>,
    salt: Option<String>,
    #[serde(default)]
    met: bool,
}

fn cases() -> File {
    serde_json::from_str(include_str!("cases.json")).expect("cases")
}

fn settings(keys: Option<&Keys>, now: i64) -> Settings<'_> {
    Settings {
        keys,
        salt: SESSION_SALT,
        max_age: MaxAge::default(),
        max_length: 4096,
        now: Timestamp::from(now),
        is_exact: false,
    }
}

fn kind(report: &Report) -> Option<&str> {
    report.kind.map(|kind| kind.id)
}

impl Case {
    /// Returns the difference between the case and a report that was made without a key.
    fn fault(&self, report: &Report, session: &serde_json::Value) -> Option<String> {
        if kind(report) != self.kind.as_deref() {
            return Some(format!("is {:?}, not {:?}", kind(report), self.kind));
        }
        if report.name != self.name {
            return Some(format!("is named {:?}, not {:?}", report.name, self.name));
        }
        let Some(value) = &self.value else {
            return None;
        };
        if report.value != *value {
            return Some(format!("has the value {:?}", report.value));
        }
        let text = report
            .contents
            .as_ref()
            .map_or("", |contents| &contents.text);
        let is_session =
            serde_json::from_str(text).is_ok_and(|found: serde_json::Value| found == *session);
        (!is_session && !self.id.contains("uncompressed")).then(|| format!("contains {text:?}"))
    }
}

#[test]
fn every_case_without_a_key() {
    let File {
        now, session, all, ..
    } = cases();
    let mut faults = Vec::new();
    let [mut understood, mut met] = [0, 0];
    for case in &all {
        let report = inspect(&case.paste, &settings(None, now));
        if let Some(fault) = case.fault(&report, &session) {
            faults.push(format!("{}: {fault}", case.id));
            continue;
        }
        understood += 1;
        met += usize::from(case.met);
    }
    println!(
        "pastes understood: {understood} of {}; of those that newcomers pasted {met} of {}",
        all.len(),
        all.iter().filter(|case| case.met).count(),
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_case_with_the_key() {
    let File { key, now, all, .. } = cases();
    let keys = Keys::new(&[key.into()]).expect("a key");
    let mut faults = Vec::new();
    for case in &all {
        let report = inspect(&case.paste, &settings(keys.as_ref(), now + 60));
        let expected = case.proven.as_deref().or(case.kind.as_deref());
        if kind(&report) != expected {
            faults.push(format!(
                "{}: is {:?}, not {expected:?}",
                case.id,
                kind(&report)
            ));
        }
        let salt = match &report.trust {
            Trust::Verified(signature) => Some(signature.salt.as_str()),
            _ => None,
        };
        let expected = match (&case.salt, &case.value) {
            (None, Some(_)) if case.id != "stranger" => Some(SESSION_SALT),
            (salt, _) => salt.as_deref(),
        };
        if expected.is_some() && salt != expected {
            faults.push(format!(
                "{}: is signed under {salt:?}, not {expected:?}",
                case.id
            ));
        }
        let other = report.other_salt().is_some();
        if other != expected.is_some_and(|salt| salt != SESSION_SALT) && expected.is_some() {
            faults.push(format!("{}: another salt: {other}", case.id));
        }
        let is_verified = report
            .contents
            .as_ref()
            .is_some_and(|contents| contents.is_verified);
        if expected.is_some() != is_verified && case.proven.is_none() && case.id != "pickle" {
            faults.push(format!("{}: verified: {is_verified}", case.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The program's view of a paste on its standard input, without a key.
fn view(paste: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_hardtack-inspect"))
        .env_remove("SECRET_KEY")
        .env_remove("SECRET_KEY_FALLBACKS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut stdin = program.stdin.take().expect("a pipe");
    stdin.write_all(paste.as_bytes()).expect("it reads");
    drop(stdin);
    let output = program.wait_with_output().expect("the program ends");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_case_in_the_program() {
    let File { now, all, .. } = cases();
    let [mut shown, mut met] = [0, 0];
    for case in &all {
        let view = view(&case.paste);
        let report = inspect(&case.paste, &settings(None, now));
        let title = report
            .kind
            .map_or("Nothing that this program knows.", |kind| kind.title);
        // Long titles are broken over lines.
        let words = view.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_blank = case.paste.trim().is_empty();
        assert!(
            words.contains(title) || is_blank && view.is_empty(),
            "{}: {view}",
            case.id
        );
        // One kind of quotation mark, as in the messages of hardtack.
        assert!(!view.contains(['’', '“', '”']), "{}: {view}", case.id);
        if case.value.is_some() {
            assert!(
                view.contains("NOT VERIFIED") && view.contains("bytes  share of 4096"),
                "{}: {view}",
                case.id
            );
        }
        shown += 1;
        met += usize::from(case.met);
    }
    println!(
        "pastes understood by the program: {shown} of {}, {met} of the first newcomers'",
        all.len()
    );
}
