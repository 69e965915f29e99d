//! Why a cookie or a key is refused, in sentences.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;

use hardtack::Error;
use hardtack::limits::DEFAULT_MAX_LENGTH;
use serde::{Serialize, Serializer};

use crate::words::in_words;

/// One of hardtack's errors.
#[derive(Clone, Copy, Debug)]
pub struct Refusal(pub Error);

impl Refusal {
    /// Returns a sentence that says why, for people.
    pub fn reason(self) -> Cow<'static, str> {
        let sentence = match self.0 {
            Error::TooLong { length, limit } => {
                return format!(
                    "It has {length} bytes; at most {limit} are allowed, so it is not verified. Browsers drop a cookie of \
                     over {DEFAULT_MAX_LENGTH} bytes."
                )
                .into();
            }
            Error::Expired { age, max_age } => {
                let [age, max_age] = [age, max_age].map(in_words);
                return format!("It was signed {age} ago. The max age is {max_age}.").into();
            }
            Error::NotSigned => "It is not signed.",
            Error::BadSignature => {
                "None of the keys signed it under a salt that was tried, or it was changed since."
            }
            Error::SessionExpired => {
                "The session's own expiry has passed. (Django itself ignores it when it reads a cookie.)"
            }
            Error::MalformedStamp => "The stamp is not a base62 number of 64 bits.",
            Error::TimeOutOfRange => {
                "The stamp is after the year 9999. Perhaps it is in milliseconds."
            }
            Error::MalformedExpiry => {
                "The session's own expiry is not in a form that Django writes."
            }
            Error::MalformedBase64 => "The payload is not base64url as Django writes it.",
            Error::MalformedZlib => {
                "The payload is marked as compressed, but is not one whole zlib stream."
            }
            Error::MalformedJson { .. } => "The payload is not JSON.",
            Error::JsonTooLong { .. } => "The session's JSON is over 64 KiB.",
            Error::TooDeep { .. } => "The session is nested deeper than 128 levels.",
            Error::IntegerTooLong { .. } => "An integer has more digits than Python reads.",
            Error::NotAnObject => "The signed JSON is not an object, so it is not a session.",
            Error::LoneSurrogate => "A key of the session has half of a character.",
            Error::EmptyKey => "It is empty.",
            Error::ShortKey { .. } => "It has under 32 bytes.",
            Error::RepetitiveKey { .. } => "It has under 5 distinct bytes.",
            Error::UntrimmedKey => "It begins or ends with white space or a byte order mark.",
            Error::InsecureKey => {
                "It starts with django-insecure-, as startproject makes it for development."
            }
            other => return other.to_string().into(),
        };
        sentence.into()
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Named<'a> {
            name: &'static str,
            reason: &'a str,
        }
        let (name, reason) = (self.0.name(), &*self.reason());
        Named { name, reason }.serialize(serializer)
    }
}
