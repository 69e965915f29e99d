//! Peers in Rust, each used as its documentation shows. Everything that can be created once is created once.

use std::time::Duration;

use cookie::{Cookie, CookieJar, Key};
use hardtack::{Compression, SessionCodec};
use hardtack_bench::data::{self, LATER, NOW};
use itsdangerous::{
    IntoTimestampSigner, TimedSerializer, URLSafeEncoding, default_builder,
    timed_serializer_with_signer,
};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Converts a value to the text of a cookie, and back.
pub trait Peer {
    /// Returns the value of a cookie, or its name and value.
    fn encode<T: Serialize>(&self, value: &T) -> String;
    /// Returns the content of an authentic cookie.
    fn decode<T: DeserializeOwned>(&self, cookie: &str) -> T;
    /// Returns the number of bytes of the cookie's value.
    fn length(cookie: &str) -> usize {
        cookie.len()
    }
}

fn secret() -> &'static str {
    data::secrets().next().expect("there is a first key")
}

impl Peer for SessionCodec {
    fn encode<T: Serialize>(&self, value: &T) -> String {
        self.encode_as(value, NOW).expect("the session is encoded")
    }

    fn decode<T: DeserializeOwned>(&self, cookie: &str) -> T {
        self.decode_as(cookie, LATER)
            .expect("the cookie is decoded")
    }
}

/// hardtack itself. Without zlib, it has no limit for the length, like all other peers.
pub fn hardtack(compression: Compression) -> SessionCodec {
    data::codec(1)
        .with_compression(compression)
        .with_max_length(64 * 1024)
}

/// `cookie`'s signed jar, with `serde_json` and percent-encoding. It has no stamp.
pub struct SignedJar(Key);

impl SignedJar {
    const NAME: &str = "sessionid";

    /// Derives its key from the signing key.
    pub fn new() -> Self {
        Self(Key::from(secret().repeat(2).as_bytes()))
    }
}

impl Peer for SignedJar {
    fn encode<T: Serialize>(&self, value: &T) -> String {
        let json = serde_json::to_string(value).expect("JSON is written");
        let mut jar = CookieJar::new();
        jar.signed_mut(&self.0).add(Cookie::new(Self::NAME, json));
        let cookie = jar.get(Self::NAME).expect("it was added");
        cookie.encoded().stripped().to_string()
    }

    fn decode<T: DeserializeOwned>(&self, cookie: &str) -> T {
        let mut jar = CookieJar::new();
        jar.add_original(
            Cookie::parse_encoded(cookie)
                .expect("the cookie is read")
                .into_owned(),
        );
        let cookie = jar.signed(&self.0).get(Self::NAME);
        serde_json::from_str(cookie.expect("it is authentic").value()).expect("JSON is read")
    }

    fn length(cookie: &str) -> usize {
        cookie.len() - Self::NAME.len() - "=".len()
    }
}

/// `itsdangerous`: SHA-1, a stamp, no zlib.
pub struct Itsdangerous<S>(S);

/// With the signing key.
pub fn itsdangerous() -> Itsdangerous<impl TimedSerializer> {
    let signer = default_builder(secret()).build().into_timestamp_signer();
    Itsdangerous(timed_serializer_with_signer(signer, URLSafeEncoding))
}

impl<S: TimedSerializer> Peer for Itsdangerous<S> {
    fn encode<T: Serialize>(&self, value: &T) -> String {
        self.0.sign(value).expect("the session is signed")
    }

    fn decode<T: DeserializeOwned>(&self, cookie: &str) -> T {
        let Ok(read) = self.0.unsign::<T>(cookie) else {
            panic!("it is authentic");
        };
        let two_weeks = Duration::from_secs(1_209_600);
        let Ok(value) = read.value_if_not_expired(two_weeks) else {
            panic!("it is fresh");
        };
        value
    }
}

/// `jsonwebtoken` with HS256: the session is a claim beside `exp`.
pub struct Jwt {
    header: Header,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims<T> {
    exp: i64,
    session: T,
}

impl Jwt {
    /// With the signing key.
    pub fn new() -> Self {
        Self {
            header: Header::default(),
            encoding: EncodingKey::from_secret(secret().as_bytes()),
            decoding: DecodingKey::from_secret(secret().as_bytes()),
            validation: Validation::default(),
        }
    }
}

impl Peer for Jwt {
    fn encode<T: Serialize>(&self, session: &T) -> String {
        let claims = Claims {
            exp: 4_000_000_000,
            session,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.encoding).expect("the token is signed")
    }

    fn decode<T: DeserializeOwned>(&self, cookie: &str) -> T {
        let token = jsonwebtoken::decode::<Claims<T>>(cookie, &self.decoding, &self.validation);
        token.expect("it is authentic").claims.session
    }
}
