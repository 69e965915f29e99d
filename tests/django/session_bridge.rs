//! Backs a session engine of Django while Django's own tests run: this is the program that `bridged_sessions.py` talks
//! to, with one line of JSON each way (which that script describes).
//!
//! It decides what Django's engine decides beyond hardtack: which salt and age are used, that the cookie's value is the
//! session's key, and when it is written. Map, flags and expiry are those of [`hardtack::Session`].

mod key;
mod lines;

use std::io;
use std::time::Duration;

use hardtack::{Error, Expiry, KeyRing, MaxAge, SecretKey, Session, SessionCodec, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use key::Key;
use lines::{Json, serve};

/// Minimum length of a session's key. A cookie's value is always longer.
const SHORTEST_KEY: usize = 8;

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Request {
    New {
        session_key: Option<String>,
        secret: Key,
        cookie_age: u64,
        now: Micros,
    },
    #[serde(untagged)]
    Of {
        id: usize,
        #[serde(flatten)]
        ask: Ask,
    },
}

/// A request to one engine.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Ask {
    SessionKey,
    SetSessionKey {
        session_key: Option<String>,
    },
    Accessed,
    SetAccessed {
        value: bool,
    },
    Modified,
    SetModified {
        value: bool,
    },
    Get {
        key: String,
    },
    Contains {
        key: String,
    },
    Insert {
        key: String,
        json: Json,
    },
    SetDefault {
        key: String,
        json: Json,
    },
    Pop {
        key: String,
    },
    Update {
        json: Json,
    },
    Keys,
    Values,
    Items,
    Clear,
    Flush,
    Delete,
    Cycle {
        now: Micros,
    },
    Save {
        now: Micros,
    },
    Load {
        now: Micros,
    },
    Encode {
        json: Json,
        salt: String,
        now: Micros,
    },
    Decode {
        text: String,
        salt: String,
        now: Micros,
    },
    SetExpiry {
        expiry: Option<Given>,
        now: Micros,
    },
    ExpiryAge {
        now: Micros,
    },
    ExpiryDate {
        now: Micros,
    },
    EndsWithBrowser {
        default: bool,
    },
}

/// Microseconds since the epoch, the precision of a `datetime`.
#[derive(Clone, Copy, Deserialize)]
struct Micros(i64);

impl From<Micros> for Timestamp {
    fn from(Micros(micros): Micros) -> Self {
        Self::from_unix_nanos(i128::from(micros) * 1000)
    }
}

/// A new expiry: an int, a `datetime` or a `timedelta`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Given {
    Seconds(u64),
    At(Micros),
    In(i64),
}

/// One engine: `SessionStore` in `django/contrib/sessions/backends/signed_cookies.py`.
struct Store {
    codec: SessionCodec,
    cookie_age: Duration,
    /// The cookie's value.
    session_key: Option<String>,
    session: Session,
}

impl Store {
    /// Creates a store with the session of the key, or an empty one. (Keys of tests are weak.)
    fn new(
        session_key: Option<String>,
        secret: Key,
        cookie_age: u64,
        now: Micros,
    ) -> Result<Self, Error> {
        let ring = KeyRing::new(SecretKey::allow_weak(secret.into_bytes())?);
        let cookie_age = Duration::from_secs(cookie_age);
        let mut store = Self {
            codec: SessionCodec::new(ring).with_max_age(cookie_age),
            cookie_age,
            session_key: session_key.filter(|key| is_key(key)),
            session: Session::new(),
        };
        store.session = store.load(now);
        Ok(store)
    }

    fn load(&self, now: Micros) -> Session {
        let value = self.session_key.as_deref();
        let session = value.and_then(|value| self.codec.decode(value, now).ok());
        session.unwrap_or_default()
    }

    fn save(&mut self, now: Micros) -> Result<(), Error> {
        self.session_key = match self.codec.encode(&self.session, now) {
            // Its own expiry has passed: the cookie is deleted.
            Err(Error::SessionExpired) => None,
            value => Some(value?),
        };
        self.session.cycle();
        Ok(())
    }

    /// Returns the codec of `SessionBase.encode` and `.decode`, which sign the records of other engines.
    fn rows_codec(&self, salt: &str) -> SessionCodec {
        let codec = self.codec.clone();
        codec.with_salt(salt).with_max_age(MaxAge::NoLimit)
    }

    /// In Django, any code can write the flags. Here they are clear in a session that was just read, and a change also
    /// counts as reading.
    fn set_flags(&mut self, accessed: bool, modified: bool) -> Result<(), Error> {
        self.session = Session::from_json(&self.session.to_json())?;
        if modified {
            self.session.cycle();
        } else if accessed {
            let _ = self.session.iter();
        }
        Ok(())
    }

    fn answer(&mut self, ask: Ask) -> Result<Value, Error> {
        let session = &mut self.session;
        Ok(match ask {
            Ask::SessionKey => json!(self.session_key),
            Ask::SetSessionKey { session_key } => {
                self.session_key = session_key.filter(|key| is_key(key));
                Value::Null
            }
            Ask::Accessed => session.accessed().into(),
            Ask::SetAccessed { value } => {
                let modified = session.modified();
                json!(self.set_flags(value, modified)?)
            }
            Ask::Modified => session.modified().into(),
            Ask::SetModified { value } => {
                let accessed = session.accessed();
                json!(self.set_flags(accessed, value)?)
            }
            Ask::Get { key } => json!(session.get_json(&key).map(|value| value.as_str())),
            Ask::Contains { key } => session.contains_key(&key).into(),
            Ask::Insert { key, json } => json!(session.insert(&key, json.0)?),
            Ask::SetDefault { key, json } => session.set_default(&key, json.0)?.as_str().into(),
            Ask::Pop { key } => {
                let value: Option<Box<RawValue>> = session.pop(&key)?;
                json!(value.as_deref().map(RawValue::get))
            }
            Ask::Update { json } => {
                let pairs = Session::from_json(json.0.get())?;
                json!(session.update(pairs.iter())?)
            }
            Ask::Keys => session.iter().map(|(key, _)| key).collect(),
            Ask::Values => session.iter().map(|(_, value)| value.as_str()).collect(),
            Ask::Items => session
                .iter()
                .map(|(key, value)| json!([key, value.as_str()]))
                .collect(),
            Ask::Clear => json!(session.clear()),
            Ask::Flush | Ask::Delete => {
                session.flush();
                self.session_key = None;
                Value::Null
            }
            Ask::Save { now } | Ask::Cycle { now } => json!(self.save(now)?),
            Ask::Load { now } => self.load(now).to_json().into(),
            Ask::Encode { json, salt, now } => {
                self.rows_codec(&salt).encode_as(&json.0, now)?.into()
            }
            Ask::Decode { text, salt, now } => {
                let session = self.rows_codec(&salt).decode(&text, now)?;
                session.to_json().into()
            }
            Ask::SetExpiry { expiry, now } => json!(session.set_expiry(match expiry {
                None => Expiry::Default,
                Some(Given::Seconds(seconds)) => Expiry::After(Duration::from_secs(seconds)),
                Some(Given::At(instant)) => Expiry::At(instant.into()),
                Some(Given::In(micros)) => Expiry::At(Micros(now.0 + micros).into()),
            })?),
            Ask::ExpiryAge { now } => session.expiry_age(now, self.cookie_age)?.into(),
            Ask::ExpiryDate { now } => {
                let nanos = session.expiry_date(now, self.cookie_age)?.as_unix_nanos();
                json!(i64::try_from(nanos / 1000).expect("an instant of a test"))
            }
            Ask::EndsWithBrowser { default } => session.ends_with_browser(default)?.into(),
        })
    }
}

/// Returns whether Django accepts the text as a session's key. Otherwise the session has none.
fn is_key(text: &str) -> bool {
    text.chars().count() >= SHORTEST_KEY
}

fn main() -> io::Result<()> {
    let mut stores: Vec<Store> = Vec::new();
    serve(|request| match request {
        Request::New {
            session_key,
            secret,
            cookie_age,
            now,
        } => {
            stores.push(Store::new(session_key, secret, cookie_age, now)?);
            Ok(json!(stores.len() - 1))
        }
        Request::Of { id, ask } => stores[id].answer(ask),
    })
}
