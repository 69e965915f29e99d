//! The middleware under test, with the sessions in the cookie or in a store.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use hardtack::auth::AuthHasher;
use hardtack::{
    Action, Answer, Compression, Error, Found, KeyMiddleware, KeyRing, Loaded, Outcome, SecretKey,
    Session, SessionCodec, SessionKey, SessionMiddleware, SessionSettings, Timestamp,
};

use super::model::{AGE, RENEWAL, Sends, Site};

/// The site's keys. The last one is never in its ring.
pub const KEYS: usize = 3;
/// The encoded password of every user.
pub const PASSWORD: &str = "pbkdf2_sha256$1000000$salt$hash";
static SECRETS: [&str; KEYS + 1] = [
    "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef",
    "k2-older-secret-key-0123456789abcdefghijklmnopqrstuv",
    "k3-newer-secret-key-vutsrqponmlkjihgfedcba9876543210",
    "k4-the-secret-key-of-a-stranger-0123456789abcdefghij",
];

/// What is made of the keys: only once, because deriving keys takes time.
struct Derived {
    codec: SessionCodec,
    hasher: AuthHasher,
    /// The login hash of [`PASSWORD`].
    hash: String,
}

impl Derived {
    fn new(ring: KeyRing) -> Self {
        let hasher = AuthHasher::new(&ring);
        Self {
            hash: hasher.hash(PASSWORD),
            hasher,
            // Compressing is the subject of other tests.
            codec: SessionCodec::new(ring).with_compression(Compression::Never),
        }
    }

    fn of(signing_key: usize, fallback: Option<usize>) -> &'static Self {
        static ALL: LazyLock<Vec<Derived>> = LazyLock::new(|| {
            let key = |at: usize| SecretKey::new(SECRETS[at]).expect("a good key");
            let ring = |at: usize| match (at / SECRETS.len(), at % SECRETS.len()) {
                (signing, fallback) if signing == fallback => KeyRing::new(key(signing)),
                (signing, fallback) => KeyRing::new(key(signing)).with_fallback(key(fallback)),
            };
            (0..SECRETS.len().pow(2))
                .map(|at| Derived::new(ring(at)))
                .collect()
        });
        &ALL[SECRETS.len() * signing_key + fallback.unwrap_or(signing_key)]
    }
}

pub fn codec(signing_key: usize, fallback: Option<usize>) -> &'static SessionCodec {
    &Derived::of(signing_key, fallback).codec
}

pub fn hasher(site: &Site) -> &'static AuthHasher {
    &Derived::of(site.signing_key, site.fallback).hasher
}

/// Returns the login hash of [`PASSWORD`] under a key.
pub fn hash(key: usize) -> &'static str {
    &Derived::of(key, None).hash
}

pub type Headers = Vec<(&'static str, Vec<u8>)>;

pub enum Engine {
    Cookie(Box<SessionMiddleware>),
    Keyed {
        middleware: Box<KeyMiddleware>,
        store: Store,
    },
}

/// The JSON text of each session, and its end.
#[derive(Default)]
pub struct Store {
    records: BTreeMap<String, (String, Timestamp)>,
    next_key: u8,
}

fn settings(site: &Site) -> SessionSettings {
    let milliseconds = |number: i64| Duration::from_millis(number.unsigned_abs());
    let settings = SessionSettings::default().with_age(milliseconds(AGE));
    match site.sends {
        Sends::Changed => settings,
        Sends::Renewed => settings.with_renewal_after(milliseconds(RENEWAL)),
        Sends::Every => settings.with_save_every_request(true),
    }
}

fn middleware(site: &Site) -> Box<SessionMiddleware> {
    let mut codec = codec(site.signing_key, site.fallback).clone();
    if !site.is_expiry_enforced {
        codec = codec.ignore_session_expiry();
    }
    if let Some(second) = site.cutoff {
        codec = codec.refuse_issued_before(second);
    }
    let middleware = SessionMiddleware::new(codec);
    Box::new(middleware.with_settings(settings(site)).expect("one age"))
}

impl Engine {
    pub fn new(site: &Site) -> Self {
        if site.is_keyed {
            let middleware = Box::new(KeyMiddleware::new(settings(site)));
            return Self::Keyed {
                middleware,
                store: Store::default(),
            };
        }
        Self::Cookie(middleware(site))
    }

    /// Changes the site's keys and its cut-off.
    pub fn configure(&mut self, site: &Site) {
        if let Self::Cookie(old) = self {
            *old = middleware(site);
        }
    }

    pub fn load(&self, headers: &[String], now: Timestamp) -> Loaded {
        match self {
            Self::Cookie(middleware) => middleware.load(headers, now),
            Self::Keyed { middleware, store } => {
                let lookup = middleware.lookup(headers);
                let load = middleware.load(&lookup, now);
                let record = load.and_then(|load| store.records.get(load.key.as_str()));
                let found = record.filter(|(_, end)| *end > now).map(|(json, end)| {
                    let session = Session::from_json(json)?;
                    Ok(Found {
                        session,
                        expires_at: Some(*end),
                    })
                });
                middleware.loaded(lookup, found.transpose(), Session::new(), now)
            }
        }
    }

    pub fn answer(
        &mut self,
        loaded: &Loaded,
        code: u16,
        headers: &Headers,
        now: Timestamp,
    ) -> Result<Answer, Error> {
        let headers = || headers.iter().map(|(name, value)| (*name, value));
        match self {
            Self::Cookie(middleware) => middleware.answer(loaded, code, headers(), now),
            Self::Keyed { middleware, store } => {
                let step = middleware.step(loaded, code, headers(), now)?;
                let outcome = store.run(&step);
                middleware.answer(step, outcome, headers())
            }
        }
    }
}

impl Store {
    /// Carries out a step, as a store that blocks does.
    fn run(&mut self, step: &hardtack::Step) -> Outcome {
        let records = &mut self.records;
        let record = |key: &SessionKey| {
            let save = step.save(key);
            (save.session.to_json(), save.expires_at)
        };
        match step.action() {
            Action::Nothing => Outcome::Done,
            Action::Delete(key) => {
                records.remove(key.as_str());
                Outcome::Done
            }
            Action::Update(key) => match records.get_mut(key.as_str()) {
                Some(known) => {
                    *known = record(key);
                    Outcome::Saved(key.clone())
                }
                None => Outcome::Gone,
            },
            Action::Replace(old)
                if records.remove(old.as_str()).is_none() && step.keeps_values() =>
            {
                Outcome::Gone
            }
            Action::Create | Action::Replace(_) => {
                self.next_key += 1;
                let key = SessionKey::from_random([self.next_key; 32]);
                records.insert(key.as_str().into(), record(&key));
                Outcome::Saved(key)
            }
        }
    }

    /// Returns the keys and the JSON texts of the sessions.
    pub fn sessions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.records
            .iter()
            .map(|(key, (json, _))| (key.as_str(), json.as_str()))
    }
}
