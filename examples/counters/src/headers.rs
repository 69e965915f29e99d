//! A session's headers in the responses of frameworks that use the crate `http`.

use hardtack::Answer;
use http::{HeaderMap, HeaderValue};

/// Adds a session's headers to those of the response, and prints a notice if the response does not save the session.
pub fn add_headers(answer: Answer, response: &mut HeaderMap) {
    if answer.unsaved {
        eprintln!("a session was changed, and its response does not save it");
    }
    for header in answer.headers {
        if header.replaces {
            response.remove(header.name);
        }
        if let Ok(value) = HeaderValue::try_from(header.value) {
            response.append(header.name, value);
        }
    }
}
