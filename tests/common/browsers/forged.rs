//! Cookies of an attacker.

use std::sync::LazyLock;

use hardtack::Session;

use super::engine::{KEYS, codec};
use super::{START, World};

impl World {
    /// Returns a value that the site has never issued, unless it comes out equal to one.
    pub fn forged(&self, how: u8, argument: u8, place: u8) -> String {
        static FORGED: LazyLock<[String; 3]> = LazyLock::new(|| {
            let session = Session::from_json(r#"{"_auth_user_id":"7"}"#).expect("JSON");
            let sign = |key, salt| {
                codec(key, None)
                    .clone()
                    .with_salt(salt)
                    .encode(&session, START / 1000)
            };
            [
                sign(KEYS, ""),
                sign(0, "another salt"),
                sign(KEYS, "another salt"),
            ]
            .map(|value| value.expect("encodes"))
        });
        let text = self
            .old(argument)
            .map_or("a:b:cccccccccccccccccccccccccccccccccccccccccccc", |it| {
                &it.value
            });
        let place = usize::from(place) % text.len();
        match how {
            0 => FORGED[usize::from(argument % 3)].clone(),
            1 => {
                let swapped = if text.as_bytes()[place] == b'a' {
                    "b"
                } else {
                    "a"
                };
                [&text[..place], swapped, &text[place + 1..]].concat()
            }
            2 => text[..place].into(),
            3 => {
                // The payload of one cookie, the rest of another.
                let other = self.issued.last().map_or("", |it| &it.value);
                let rest = other.find(':').map_or("", |at| &other[at..]);
                [text.split(':').next().unwrap_or_default(), rest].concat()
            }
            4 => {
                // Another stamp.
                let stamp = &FORGED[0][FORGED[0].len() - 50..FORGED[0].len() - 44];
                let (payload, rest) = text.split_once(':').unwrap_or((text, ""));
                [payload, ":", stamp, &rest[rest.find(':').unwrap_or(0)..]].concat()
            }
            5 => ["", "garbage", "::", "0123456789abcdef0123456789abcdef"]
                [usize::from(argument % 4)]
            .into(),
            6 => format!("{text}{text}"),
            _ => text.to_ascii_lowercase(),
        }
    }
}
