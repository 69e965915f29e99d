//! One JSON object for each input.

use hardtack::{Error, Session, Timestamp};
use hardtack_inspect::{Report, Trust};
use serde_json::Value;

use crate::options::NANOS_PER_SECOND;

pub(crate) fn cookie(cookie: &str) -> String {
    format!(r#"{{"ok":true,"cookie":"{cookie}"}}"#)
}

/// A session that was accepted.
pub(crate) fn session(report: &Report, session: &Session, now: Timestamp) -> String {
    let issued_at = report.issued_at.unwrap_or_default();
    let key = match &report.trust {
        Trust::Verified(signature) => signature.key,
        _ => 0,
    };
    format!(
        r#"{{"ok":true,"session":{},"issued_at":{},"age":{},"key":{},"compressed":{},"bytes":{}}}"#,
        session.to_json(),
        issued_at,
        decimal(now.as_unix_nanos() - i128::from(issued_at) * NANOS_PER_SECOND),
        key,
        report.value.starts_with('.'),
        report.length,
    )
}

/// A refusal, with the kind of the text if it is not a session under the salt that was asked for.
pub(crate) fn refused(report: &Report) -> String {
    let error = report
        .refusal
        .map_or(Error::NotAnObject, |refusal| refusal.0);
    let mut line = refusal(error);
    let other_salt = report.other_salt();
    let kind = report
        .kind
        .filter(|kind| kind.id != "session" || other_salt.is_some());
    let more = [
        ("kind", kind.map(|kind| Value::from(kind.id))),
        ("what", kind.map(|kind| Value::from(kind.title))),
        ("salt", other_salt.map(Value::from)),
    ];
    for (key, value) in more {
        if let Some(value) = value {
            line.truncate(line.len() - 1);
            line.extend([",\"", key, "\":", &value.to_string(), "}"]);
        }
    }
    line
}

pub(crate) fn refusal(error: Error) -> String {
    let (name, message) = (error.name(), Value::from(error.to_string()));
    format!(r#"{{"ok":false,"error":"{name}","message":{message}}}"#)
}

/// Seconds, exactly, and with no more digits than needed: `12`, `-0.25`.
fn decimal(nanos: i128) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (seconds, rest) = (nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
    let text = format!("{sign}{}.{:09}", seconds.abs(), rest.abs());
    text.trim_end_matches('0').trim_end_matches('.').into()
}
