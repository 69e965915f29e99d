//! The login that Django keeps in a session: whose it is, and the hash that ties it to a password.
//!
//! ```
//! use hardtack::auth::AuthHasher;
//! use hardtack::{KeyRing, SecretKey, Session};
//!
//! let keys = KeyRing::new(SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?);
//! let hasher = AuthHasher::new(&keys);
//!
//! // What the user's row holds in the column `password`.
//! let password = "pbkdf2_sha256$1000000$salt$hash";
//! let mut session = Session::new();
//! session.set_auth_user("7", "django.contrib.auth.backends.ModelBackend", &hasher.hash(password))?;
//!
//! assert_eq!(session.auth_user_id()?.as_deref(), Some("7"));
//! let hash = session.auth_user_hash()?.unwrap_or_default();
//! assert_eq!(hasher.verify(password, &hash), Ok(0)); // by the signing key
//! assert!(hasher.verify("the password was changed", &hash).is_err());
//! # Ok::<(), hardtack::Error>(())
//! ```

use alloc::string::String;
use core::fmt;

use subtle::ConstantTimeEq;

use crate::error::Error;
use crate::key::KeyRing;
use crate::session::Session;
use crate::signature::{Macs, equal};

/// `AbstractBaseUser._get_session_auth_hash` in `django/contrib/auth/base_user.py`.
const SALT: &str = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";

const USER_ID: &str = "_auth_user_id";
const USER_BACKEND: &str = "_auth_user_backend";
const USER_HASH: &str = "_auth_user_hash";

/// Characters of a hash: 32 bytes in lower-case hex.
const HASH_LENGTH: usize = 64;

/// Computes and verifies the hash of a password hash that a session carries: when the password changes, every
/// session of the user ends.
#[derive(Clone)]
#[doc(alias = "get_session_auth_hash")]
pub struct AuthHasher(Macs);

impl AuthHasher {
    /// A hasher under a ring's keys. They are derived once, here.
    pub fn new(keys: &KeyRing) -> Self {
        Self(Macs::derive(keys, &[SALT]))
    }

    /// The hash of `password` under the signing key. `password` is the encoded text of the user's column, such as
    /// `pbkdf2_sha256$...`, never the password itself.
    pub fn hash(&self, password: &str) -> String {
        self.0
            .digests(password.as_bytes())
            .take(1)
            .flat_map(hex)
            .map(char::from)
            .collect()
    }

    /// Which key of the ring the hash of a session was made with: 0 is the signing key, 1 the first fallback, and so on.
    /// If it is not 0, write [`hash`](Self::hash) into the session, as Django does:
    /// [`Session::set_auth_user_hash`].
    ///
    /// # Errors
    ///
    /// [`Error::BadSignature`]: with none of them. The password has changed, and the session is to be flushed.
    #[doc(alias = "get_session_auth_fallback_hash")]
    pub fn verify(&self, password: &str, session_hash: &str) -> Result<usize, Error> {
        let claimed: &[u8; HASH_LENGTH] = session_hash
            .as_bytes()
            .try_into()
            .map_err(|_| Error::BadSignature)?;
        let mut hashes = self.0.digests(password.as_bytes()).map(hex);
        hashes
            .position(|hash| equal(&hash, claimed))
            .ok_or(Error::BadSignature)
    }
}

impl fmt::Debug for AuthHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthHasher").finish_non_exhaustive()
    }
}

fn hex(digest: [u8; 32]) -> [u8; HASH_LENGTH] {
    let mut text = [0; HASH_LENGTH];
    for (pair, byte) in text.chunks_exact_mut(2).zip(digest) {
        for (digit, nibble) in pair.iter_mut().zip([byte >> 4, byte & 0xf]) {
            // No table and no branch: the digits are what a forger would like to know. All ones above nine, else zero.
            let is_letter = 0_u8.wrapping_sub(9_u8.wrapping_sub(nibble) >> 7);
            *digit = b'0' + nibble + (is_letter & (b'a' - b'0' - 10));
        }
    }
    text
}

/// Django's own keys of a login (`django/contrib/auth/__init__.py`).
impl Session {
    /// The user's id, as text: Django writes the primary key so, whatever its type. `None` if nobody is signed in.
    ///
    /// # Errors
    ///
    /// [`Error::WrongType`], [`Error::LoneSurrogate`]: it is there and no text.
    pub fn auth_user_id(&self) -> Result<Option<String>, Error> {
        self.get(USER_ID)
    }

    /// The dotted path of the backend that the user signed in with.
    ///
    /// # Errors
    ///
    /// As [`auth_user_id`](Self::auth_user_id).
    pub fn auth_user_backend(&self) -> Result<Option<String>, Error> {
        self.get(USER_BACKEND)
    }

    /// The hash of the user's password hash, for [`AuthHasher::verify`].
    ///
    /// # Errors
    ///
    /// As [`auth_user_id`](Self::auth_user_id).
    pub fn auth_user_hash(&self) -> Result<Option<String>, Error> {
        self.get(USER_HASH)
    }

    /// Signs a user in, as Django's `login` does. What nobody or the same user left in the session stays; what another
    /// user left, or the same one with another password, is taken out first.
    ///
    /// # Errors
    ///
    /// As [`auth_user_id`](Self::auth_user_id) for what is there; then nothing has changed.
    #[doc(alias = "login")]
    pub fn set_auth_user(&mut self, id: &str, backend: &str, hash: &str) -> Result<(), Error> {
        if let Some(before) = self.auth_user_id()? {
            let before_hash = self.auth_user_hash()?.unwrap_or_default();
            let is_same_hash: bool = before_hash.as_bytes().ct_eq(hash.as_bytes()).into();
            if before != id || !is_same_hash {
                self.flush();
            }
        }
        self.update([(USER_ID, id), (USER_BACKEND, backend), (USER_HASH, hash)])
    }

    /// Writes the hash anew and leaves the rest as it is: for the same login, when the signing key has changed (see
    /// [`AuthHasher::verify`]) or the user has changed the password in this very session. Nothing happens if nobody is
    /// signed in.
    ///
    /// # Errors
    ///
    /// As [`auth_user_id`](Self::auth_user_id); then nothing has changed.
    #[doc(alias = "update_session_auth_hash")]
    pub fn set_auth_user_hash(&mut self, hash: &str) -> Result<(), Error> {
        match self.auth_user_id()? {
            Some(_) => self.insert(USER_HASH, hash),
            None => Ok(()),
        }
    }
}
