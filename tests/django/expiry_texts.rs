//! ISO 8601 texts: Django reads each text that we read as the same instant. The texts that only Django reads are listed
//! here.

use std::collections::BTreeSet;
use std::time::Duration;

use hardtack::SessionMiddleware;
use time::UtcOffset;

use crate::ask::ask_django;
use crate::common::{NOW, codec};

/// A part of a text. It has forms that we read, and others, separated by `|`.
struct Part {
    name: &'static str,
    read: &'static str,
    refused: &'static str,
}

const PARTS: [Part; 5] = [
    Part {
        name: "date",
        read: "2024-02-29|20240229|0001-01-01|99991231",
        refused: "|2023-02-29|2024-13-01|2024-00-10|2024-01-00|0000-01-01|2024-0229|202402-29|24-02-29|\
            2024-2-29|2024/02/29|+024-02-29| 2024-02-29|2024-02-29 |12024-02-29|2024-W09-4|\
            2024W094|2024-W09|2024-060|2024-02|２024-02-29|2024-02-2é",
    },
    Part {
        name: "separator",
        read: "T| ",
        refused: "|t|_|-|5|é|TT|  ",
    },
    Part {
        name: "time",
        read: "22:13:20|221320|00:00:00|23:59:59|22:13|2213",
        refused: "|22|2|22:|22:13:|22:1320|2213:20|22:13:2|2:13:20|22-13-20|22:13:20:05|24:00:00|240000|\
            22:60:00|22:13:60|22:13 20|２2:13:20|22:1é:20",
    },
    Part {
        name: "fraction",
        read: "|.5|.007|.123456|.1234567|.00000099999999",
        refused: ".|,5|,123456|5|50|.5x|.x|.5.5|.-5| |x|.1234567x|.５",
    },
    Part {
        name: "offset",
        read: "|Z|+01:00|-0130|+01|+05:30:15|-053015|-00:00:01|+00:00:01.5|-000001.0000019|-23:59:59.999999|\
            -00:00|+000000.000000",
        refused: "z|ZZ|Z+01:00|UTC|[Europe/Berlin]|+|+1|+01:|+01:0|+0100:00|+01:0000|+01:00:00.|+01:00 | +01:00|\
            + 01:00|+-01:00|--01:00|+24:00|-24|+00:60|+00:00:60|+99:99|+01.5|+01:00.5|+01:00:00,5|\
            +00:00:00.5|-000000.000001|+0１:00",
    },
];

/// The texts that only Python's `datetime.fromisoformat` reads, by the form for which we refuse them (the docs of
/// `Expiry` describe them). Only versions of Python after 3.13 read 24:00.
const PYTHON_ONLY: &str = r#"
date "2024-W09"
date "2024-W09-4"
date "2024W094"
separator ""
separator "-"
separator "5"
separator "_"
separator "t"
separator "é"
time "22"
time "22:"
time "22:13:"
time "22:13:20:05"
time "24:00:00"
time "240000"
fraction " "
fraction ",123456"
fraction ",5"
fraction "."
fraction ".1234567x"
fraction "5"
fraction "50"
fraction "x"
fraction of a minute
offset " +01:00"
offset "+00:00:00.5"
offset "+00:00:60"
offset "+00:60"
offset "+01.5"
offset "+01:00.5"
offset "+01:00:00,5"
offset "-000000.000001"
"#;

/// A text, and the form in it that we do not read.
struct Text {
    text: String,
    refused_for: Option<String>,
}

/// Returns all texts with at most one refused form, and those in which only the combination of forms is wrong.
fn texts() -> Vec<Text> {
    let mut texts = vec![Text {
        text: String::new(),
        refused_for: None,
    }];
    for Part {
        name,
        read,
        refused,
    } in PARTS
    {
        let forms = read.split('|').map(|form| (form, false));
        let forms: Vec<_> = forms
            .chain(refused.split('|').map(|form| (form, true)))
            .collect();
        texts = texts
            .iter()
            .flat_map(|before| forms.iter().map(move |form| (before, form)))
            .filter(|(before, (_, is_refused))| before.refused_for.is_none() || !is_refused)
            .map(|(before, (form, is_refused))| Text {
                text: format!("{}{form}", before.text),
                refused_for: match before.refused_for.clone() {
                    None if *form == "50" && before.text.ends_with("2213") => None, // the seconds
                    None if *is_refused => Some(format!("{name} {form:?}")),
                    None if name == "fraction"
                        && !form.is_empty()
                        && has_no_seconds(&before.text) =>
                    {
                        Some("fraction of a minute".into())
                    }
                    earlier => earlier,
                },
            })
            .collect();
    }
    texts
}

fn has_no_seconds(text: &str) -> bool {
    text.ends_with("22:13") || text.ends_with("2213")
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn django_reads_our_iso_texts_as_the_same_instants() {
    // For a site in UTC, where local time is UTC.
    let site = SessionMiddleware::new(codec().with_site_time_zone(|_| UtcOffset::UTC));
    let empty = site.load([""], NOW).session;
    let texts = texts();
    let (mut read, mut only_django) = (0, 0);
    let mut forms = BTreeSet::new();
    let questions = texts.iter().map(|Text { text, .. }| text);
    let django: Vec<Option<i64>> = ask_django("expiry_texts.py", &[], questions);
    for (Text { text, refused_for }, django) in texts.iter().zip(django) {
        let django = django.map(i128::from);
        let mut session = empty.clone();
        session.insert("_session_expiry", text).expect("JSON");
        let ours = session.expiry_date(NOW, Duration::ZERO);
        match refused_for {
            None => {
                let micros = ours.map(|date| date.as_unix_nanos() / 1000);
                assert_eq!(micros.ok(), django, "{text:?}");
                assert!(django.is_some(), "{text:?}");
                read += 1;
            }
            Some(form) => {
                assert_eq!(ours, Err(hardtack::Error::MalformedExpiry), "{text:?}");
                if django.is_some() {
                    only_django += 1;
                    forms.insert(form.as_str());
                }
            }
        }
    }
    println!(
        "ISO texts: {} compared, {read} of them read as Django reads them, {only_django} by Django only",
        texts.len()
    );
    let listed: BTreeSet<_> = PYTHON_ONLY.trim().lines().collect();
    let unlisted: Vec<_> = forms.difference(&listed).collect();
    assert!(
        unlisted.is_empty(),
        "Django reads these, too: {unlisted:#?}"
    );
}
