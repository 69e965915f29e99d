//! The keys of a site. Each has a number; the rotation always goes on to the next one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hardtack::signing::TimestampSigner;
use hardtack::{KeyRing, MaxAge, SESSION_SALT, SecretKey, Session, SessionCodec};

use crate::Failure;
use crate::random::Random;

pub type Key = u64;

/// The numbers of the keys that a worker has: the one that signs, then those that only verify.
pub type Ring = Arc<[Key]>;

/// A key of a stranger, whom no worker knows.
pub const STRANGER: Key = Key::MAX;

pub struct Keys {
    seed: u64,
    /// By key and salt, because deriving takes longer than signing.
    derived: Mutex<BTreeMap<(Key, &'static str), Derived>>,
}

#[derive(Clone)]
struct Derived {
    signer: TimestampSigner,
    codec: SessionCodec,
}

impl Keys {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            derived: Mutex::default(),
        }
    }

    /// Returns the text of a key: 64 hexadecimal digits.
    pub fn text(&self, key: Key) -> String {
        let mut random = Random::new(self.seed, key);
        let [first, second, third, fourth] = [(); 4].map(|()| random.next());
        format!("{first:016x}{second:016x}{third:016x}{fourth:016x}")
    }

    /// Returns the texts of a ring's fallbacks, separated by spaces.
    pub fn fallbacks(&self, ring: &Ring) -> String {
        let texts: Vec<_> = ring.iter().skip(1).map(|key| self.text(*key)).collect();
        texts.join(" ")
    }

    /// Signs a payload as the site's workers do, with any key and stamp, or under another salt.
    pub fn sign(
        &self,
        payload: &str,
        key: Key,
        salt: &'static str,
        stamp: i64,
    ) -> Result<String, Failure> {
        Ok(self.derive(key, salt)?.signer.sign(payload, stamp)?)
    }

    /// Returns the stamp and the session of a cookie that this key signed, whatever their age.
    pub fn open(&self, value: &str, key: Key) -> Result<(i64, Session), Failure> {
        let codec = self.derive(key, SESSION_SALT)?.codec;
        let verified = codec.verify(value, 0)?;
        Ok((verified.issued_at().as_unix_seconds(), verified.session()?))
    }

    fn derive(&self, key: Key, salt: &'static str) -> Result<Derived, Failure> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = derived.get(&(key, salt)) {
            return Ok(known.clone());
        }
        let ring = KeyRing::new(SecretKey::new(self.text(key))?);
        let new = Derived {
            signer: TimestampSigner::new(ring.clone()).with_salt(salt),
            codec: SessionCodec::new(ring)
                .with_salt(salt)
                .with_max_age(MaxAge::NoLimit)
                .ignore_session_expiry(),
        };
        derived.insert((key, salt), new.clone());
        Ok(new)
    }
}
