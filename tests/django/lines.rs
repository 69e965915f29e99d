//! The protocol of the bridges: one line of JSON with a request, one with its answer.

use std::io::{self, BufRead, Write};

use hardtack::Error;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A value's JSON text, byte for byte.
#[derive(serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Json(pub Box<RawValue>);

impl TryFrom<String> for Json {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        RawValue::from_string(text).map(Self)
    }
}

/// Answers each line: `{"ok": ...}`, or `{"error": name, "message": text}`.
///
/// A line that is not a request ends the program, so that the other side does not take it for a refusal.
pub fn serve<R: DeserializeOwned>(
    mut answer: impl FnMut(R) -> Result<Value, Error>,
) -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        let answer = match answer(serde_json::from_str(&line?)?) {
            Ok(value) => json!({"ok": value}),
            Err(error) => json!({"error": name_of(error), "message": error.to_string()}),
        };
        println!("{answer}");
        io::stdout().flush()?;
    }
    Ok(())
}

/// Returns the variant's name, without its numbers.
fn name_of(error: Error) -> String {
    let shown = format!("{error:?}");
    let name = shown.split_whitespace().next();
    name.unwrap_or_default().to_owned()
}
