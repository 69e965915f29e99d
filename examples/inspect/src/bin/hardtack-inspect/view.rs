//! The view for people.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};
use hardtack::limits::MAX_COOKIE_LENGTH;
use hardtack::{Error, Session, Timestamp};
use hardtack_inspect::{
    Contents, Expiry, Parts, Refusal, Report, Signature, Trust, in_words, plural,
};

use crate::QUIET;
use crate::secrets::key_name;
use crate::table::Table;
use crate::words::{cut, date, instant, time_between};

/// Columns of the view.
pub(crate) const WIDTH: usize = 100;
/// Columns before the text of a line.
const INDENT: usize = 13;
/// Characters of a text that is shown as it is.
const LONGEST_TEXT: usize = 1200;

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// One input.
pub(crate) struct View<'a> {
    pub(crate) count: usize,
    pub(crate) report: &'a Report,
    pub(crate) now: Timestamp,
}

impl Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        writeln!(
            f,
            "{BOLD}Cookie {}{BOLD:#}  {}",
            self.count,
            heading(report)
        )?;
        if !report.undone.is_empty() {
            let undone = format!("after {}", report.undone.join(" and "));
            line(f, "found", QUIET, &undone)?;
        }
        if let Some(place) = report.place_in_words() {
            line(f, "found", WARNING, &place)?;
        }
        self.what(f)?;
        self.signature(f)?;
        let (style, marked) = match report.trust {
            Trust::Verified(_) | Trust::Refused(_) => (Style::new(), ""),
            _ => (WARNING, ", NOT VERIFIED"),
        };
        if let Some(at) = report.issued_at {
            line(f, "issued", style, &(instant(at.into(), self.now) + marked))?;
        }
        if let Some(expiry) = report.expiry {
            let (label, text) = self.expiry(expiry);
            line(f, label, style, &(text + marked))?;
        }
        if report.is_session() {
            self.session(f)?;
        }
        match (&report.contents, &report.problem) {
            (Some(contents), _) => self.contents(f, contents),
            (None, Some(problem)) => line(f, "contents", BAD, problem),
            (None, None) => Ok(()),
        }
    }
}

impl View<'_> {
    fn what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        match report.kind {
            // The view below says it all.
            Some(kind) if kind.id == "session" && matches!(report.trust, Trust::Verified(_)) => {
                Ok(())
            }
            Some(kind) => {
                line(f, "what", Style::new(), kind.title)?;
                line(f, "", QUIET, kind.about)
            }
            None if report.length == 0 => line(f, "what", WARNING, "Nothing was pasted."),
            None => {
                line(f, "what", WARNING, "Nothing that this program knows.")?;
                line(
                    f,
                    "",
                    QUIET,
                    "A session in a signed cookie has three parts: payload:stamp:signature.",
                )
            }
        }
    }

    fn signature(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.report.trust {
            Trust::Verified(signature) => {
                let style = if signature.is_asked { GOOD } else { WARNING };
                self.signed_by(f, style, signature)
            }
            Trust::Refused(signature) => {
                self.refused(f)?;
                self.signed_by(f, WARNING, signature)
            }
            Trust::Unknown => self.refused(f),
            Trust::NoKey => {
                let text = "NOT VERIFIED: no key was given, so anyone could have written this (see --help)";
                line(f, "signature", WARNING, text)
            }
            // hardtack's error for an unsigned text says nothing new.
            Trust::NotApplicable => match self.report.refusal {
                Some(Refusal(Error::TooLong { .. })) => self.refused(f),
                _ => Ok(()),
            },
        }
    }

    fn signed_by(
        &self,
        f: &mut fmt::Formatter<'_>,
        style: Style,
        signature: &Signature,
    ) -> fmt::Result {
        let by = key_name(signature.key);
        let Some(sentence) = self.report.other_salt() else {
            return line(f, "signature", style, &format!("good, by {by}"));
        };
        // The exit status is that of a refusal, so this must not say "good".
        line(
            f,
            "signature",
            style,
            &format!("by {by}, but under another salt"),
        )?;
        line(f, "salt", WARNING, &sentence)
    }

    fn refused(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(refusal) = self.report.refusal else {
            return Ok(());
        };
        let option = match refusal.0 {
            Error::TooLong { .. } => " See --max-length.",
            Error::Expired { .. } => " See --max-age.",
            _ => "",
        };
        line(f, "refused", BAD, refusal.0.name())?;
        line(f, "", QUIET, &(refusal.reason() + option))
    }

    fn session(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        if report.kind.is_some_and(|kind| kind.id == "record") {
            return Ok(());
        }
        let bytes = report.cookie_length();
        let (with_name, rest) = match report.name {
            Some(_) => (" with its name", "left"),
            None => ("", "left for the cookie's name and more"),
        };
        let size = match MAX_COOKIE_LENGTH.checked_sub(bytes) {
            Some(room) => format!("{bytes} of {MAX_COOKIE_LENGTH} bytes{with_name}, {room} {rest}"),
            None => {
                format!("{bytes} bytes{with_name}: over {MAX_COOKIE_LENGTH}, browsers drop it")
            }
        };
        line(f, "size", Style::new(), &size)
    }

    fn expiry(&self, expiry: Expiry) -> (&'static str, String) {
        let Some(at) = expiry.at else {
            return ("expires", format!("never: {}", expiry.by));
        };
        let at = at.into();
        if at >= self.now {
            let left = in_words(time_between(self.now, at));
            return (
                "expires",
                format!("{}, in {left} ({})", date(at), expiry.by),
            );
        }
        (
            "expired",
            format!("{} ({})", instant(at, self.now), expiry.by),
        )
    }

    fn contents(&self, f: &mut fmt::Formatter<'_>, contents: &Contents) -> fmt::Result {
        let is_session = self.report.is_session() && contents.is_json;
        let object = Session::from_json(&contents.text)
            .ok()
            .filter(|_| is_session);
        let label = if is_session { "session" } else { "contents" };
        let marked = if contents.is_verified {
            ""
        } else {
            ", NOT VERIFIED"
        };
        let style = if contents.is_verified {
            Style::new()
        } else {
            WARNING
        };
        let Some(object) = object else {
            let kind = if contents.is_json { "JSON" } else { "text" };
            line(
                f,
                label,
                style,
                &format!(
                    "{} of {kind}{marked}",
                    plural(contents.text.len() as u64, "byte")
                ),
            )?;
            return line(f, "", Style::new(), &escaped(contents));
        };
        let form = if contents.is_compressed {
            "compressed (so the shares are estimates)"
        } else {
            "not compressed"
        };
        let (keys, bytes) = (
            plural(object.iter().len() as u64, "key"),
            object.to_json().len(),
        );
        line(
            f,
            label,
            style,
            &format!("{keys}, {bytes} bytes of JSON, {form}{marked}"),
        )?;
        let is_cookie = self.report.kind.is_some_and(|kind| kind.id == "session");
        Table::new(&object, is_cookie.then_some(self.report.length)).fmt(f)
    }
}

/// The name, the payload and the stamp, never the signature. Any other value may be a key or a password, and what looks like
/// a name may be the first half of one.
fn heading(report: &Report) -> String {
    let name = report
        .name
        .as_ref()
        .filter(|_| report.kind.is_some_and(|kind| !kind.is_vague()))
        .map(|name| format!("{}=", name.escape_default()));
    let value = match &report.parts {
        _ if report.length == 0 => "(empty)".into(),
        Some(Parts { payload, stamp, .. }) => {
            let stamp = stamp.as_ref().map(|stamp| format!("{stamp}:"));
            let payload = cut(&payload.escape_default().to_string(), 32);
            format!("{payload}:{}…", stamp.unwrap_or_default())
        }
        None => format!("({}, not shown)", plural(report.length as u64, "byte")),
    };
    cut(&name.unwrap_or_default(), 32) + &value
}

/// In ASCII, so nothing in it acts on a terminal.
fn escaped(contents: &Contents) -> String {
    let text = match Session::from_json(&format!(r#"{{"":{}}}"#, contents.text)) {
        Ok(object) if contents.is_json => {
            // Between `{"":` and `}`.
            let json = object.to_json();
            json[4..json.len() - 1].to_owned()
        }
        _ => contents
            .text
            .escape_default()
            .to_string()
            .replace("\\\"", "\"")
            .replace("\\'", "'"),
    };
    cut(&text, LONGEST_TEXT)
}

/// A label and its text, in as many lines as it takes.
fn line(f: &mut fmt::Formatter<'_>, label: &str, style: Style, text: &str) -> fmt::Result {
    let mut label = label;
    let mut row = String::new();
    let mut rows = Vec::new();
    for word in text.split(' ') {
        let room = WIDTH - INDENT;
        if !row.is_empty() && row.chars().count() + 1 + word.chars().count() > room {
            rows.push(std::mem::take(&mut row));
        }
        if !row.is_empty() {
            row.push(' ');
        }
        row.push_str(word);
        while row.chars().count() > room {
            let rest = row.chars().skip(room).collect();
            row = row.chars().take(room).collect();
            rows.push(std::mem::replace(&mut row, rest));
        }
    }
    rows.push(row);
    for row in rows {
        writeln!(f, "  {QUIET}{label:<9}{QUIET:#}  {style}{row}{style:#}")?;
        label = "";
    }
    Ok(())
}
