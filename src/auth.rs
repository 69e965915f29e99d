//! The login that Django keeps in a session: the user's id, and a hash that ties the login to the user's password.
//!
//! A login ends when its hash no longer fits: after a change of the password, or of anything else that the hash is made
//! of. This is how one user's sessions are revoked: [`AuthHasher::check`] compares the hash with the user's row and flushes
//! a session that it refuses. In axum, the extractors `SignedIn` and `LoginRequired` of `hardtack::axum` load the user and
//! call it.
//!
//! ```
//! use hardtack::auth::AuthHasher;
//! use hardtack::{Error, KeyRing, SecretKey, Session};
//!
//! struct User {
//!     password: String, // the column `password`, such as `pbkdf2_sha256$...`
//! }
//!
//! /// The user of a request. `find` looks up an active user by id.
//! fn signed_in(
//!     session: &mut Session,
//!     hasher: &AuthHasher,
//!     find: impl FnOnce(&str) -> Option<User>,
//! ) -> Result<Option<User>, Error> {
//!     let Some(id) = session.auth_user_id()? else {
//!         return Ok(None);
//!     };
//!     let user = find(&id);
//!     let is_signed_in = hasher.check(session, user.as_ref().map(|user| user.password.as_str()))?;
//!     Ok(user.filter(|_| is_signed_in))
//! }
//!
//! let keys = KeyRing::new(SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?);
//! let hasher = AuthHasher::new(&keys);
//! let row = || User { password: "pbkdf2_sha256$1000000$salt$hash".into() };
//! let mut session = Session::new();
//! session.set_auth_user("7", "django.contrib.auth.backends.ModelBackend", &hasher.hash(&row().password))?;
//!
//! assert!(signed_in(&mut session, &hasher, |_| Some(row()))?.is_some());
//!
//! let changed = User { password: "pbkdf2_sha256$1000000$salt$another".into() };
//! assert!(signed_in(&mut session, &hasher, |_| Some(changed))?.is_none());
//! assert!(session.is_empty());
//! # Ok::<(), hardtack::Error>(())
//! ```
//!
//! # Not by the cookie's age
//!
//! Do not revoke sessions by comparing [`issued_at`](crate::Verified::issued_at) with a cut-off time stored for the user.
//! Every save of the session, by any server that has the key, signs a new cookie with a later stamp, and a revoked session
//! passes.
//!
//! You can instead store the time of the sign-in in the session, where a save does not move it. Flush every session whose
//! time is missing or not after the user's cut-off:
//!
//! ```
//! # use hardtack::Session;
//! # let mut session = Session::new();
//! # let (now, signed_out_everywhere_at) = (1_700_000_000_i64, 1_700_000_060_i64);
//! session.insert("signed_in_at", now)?; // next to `set_auth_user`
//!
//! let signed_in_at: Option<i64> = session.get("signed_in_at")?;
//! if signed_in_at.is_none_or(|instant| instant <= signed_out_everywhere_at) {
//!     session.flush();
//! }
//! # assert!(session.is_empty());
//! # Ok::<(), hardtack::Error>(())
//! ```
//!
//! A login made by Django has no such time. Only the hash can revoke it.

use alloc::string::String;
use core::fmt;

use subtle::ConstantTimeEq;

use crate::equal::equal;
use crate::error::Error;
use crate::key::KeyRing;
use crate::session::{Change, Session};
use crate::signature::Macs;

/// `AbstractBaseUser._get_session_auth_hash` in `django/contrib/auth/base_user.py`.
const SALT: &str = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";

const USER_ID: &str = "_auth_user_id";
const USER_BACKEND: &str = "_auth_user_backend";
const USER_HASH: &str = "_auth_user_hash";

/// Where a site with `CSRF_USE_SESSIONS` keeps its secret (`CSRF_SESSION_KEY` in `django/middleware/csrf.py`).
const CSRF_TOKEN: &str = "_csrftoken";

/// Characters of a hash: 32 bytes in lower-case hex.
const HASH_LENGTH: usize = 64;

/// Computes and verifies the hash of a login: an HMAC of the user's encoded password.
#[derive(Clone)]
#[doc(alias = "get_session_auth_hash")]
pub struct AuthHasher(Macs);

impl AuthHasher {
    /// Creates a hasher that uses the keys of a ring. The keys are derived once, here.
    pub fn new(keys: &KeyRing) -> Self {
        Self(Macs::derive(keys, &[SALT]))
    }

    /// Returns the hash of `password` under the signing key. `password` is the encoded text from the user's row, such as
    /// `pbkdf2_sha256$...`, never the password itself.
    ///
    /// A site that shares no logins with Django can append other text, such as a counter that "sign out everywhere"
    /// increments: when the text changes, the user's logins end.
    ///
    /// The keys and the encoded password are secret, and no branch depends on their bytes. The result is public: it is kept
    /// in the session, which a user can read if it is in a cookie.
    pub fn hash(&self, password: &str) -> String {
        self.0
            .digests(password.as_bytes())
            .take(1)
            .flat_map(hex)
            .map(char::from)
            .collect()
    }

    /// Returns the index of the key that made this hash of `password`: 0 is the signing key, 1 the first fallback, and so
    /// on. [`check`](Self::check) does this for the hash in a session.
    ///
    /// The keys, the encoded password and the right hashes are secret. `session_hash` and the answer are public, so the time
    /// may tell which key fits.
    ///
    /// # Errors
    ///
    /// [`Error::BadSignature`]: none of the keys made it.
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

    /// Returns whether the login in a session is still valid, by the rules of Django's `get_user`.
    ///
    /// `password` is the encoded password of the active user whose id is in the session
    /// ([`Session::auth_user_id`]), or `None` if that user no longer exists or is inactive.
    ///
    /// | the session | returns | and the session is |
    /// |---|---|---|
    /// | has no login | `false` | unchanged |
    /// | has a hash of `password` under the signing key | `true` | unchanged |
    /// | has one under a fallback key | `true` | unchanged, except that the hash is rewritten under the signing key |
    /// | has another hash or none, has no backend that is text, or its user is gone | `false` | flushed |
    ///
    /// If the handler changes nothing else, the session is saved as if a renewal were due: not with a status of 400 or
    /// above, for example. A rewritten hash that is not saved is no error; the next request writes it again. In a
    /// store, the session keeps its key. Django gives it a new one, and a request that arrives with the old one a
    /// moment later signs the user out. As with a renewal, the session is saved as it was loaded, so a change that
    /// another request has saved in the meantime is lost.
    ///
    /// Django leaves the login of a deleted or inactive user in the session. `check` flushes that too, so that no other code
    /// can take the id for a login.
    ///
    /// Django also ignores the login of a backend that its settings do not list. If that matters, compare
    /// [`Session::auth_user_backend`] first and do not call `check` for such a login.
    ///
    /// # Errors
    ///
    /// Those of [`Session::auth_user_id`]. The session is then unchanged.
    #[doc(alias = "get_user")]
    pub fn check(&self, session: &mut Session, password: Option<&str>) -> Result<bool, Error> {
        if session.auth_user_id()?.is_none() {
            return Ok(false);
        }
        // Django writes all three keys as text. Anything else is not a login made by Django.
        let has_backend = matches!(session.auth_user_backend(), Ok(Some(_)));
        let hash = session.get::<String>(USER_HASH).ok().flatten();
        if let (true, Some(hash), Some(password)) = (has_backend, hash, password)
            && let Ok(key_index) = self.verify(password, &hash)
        {
            if key_index > 0 {
                let before = session.change;
                session.insert(USER_HASH, self.hash(password))?;
                if before != Change::Handler {
                    session.change = Change::Rehashed;
                }
            }
            return Ok(true);
        }
        session.flush();
        Ok(false)
    }
}

impl fmt::Debug for AuthHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthHasher").finish_non_exhaustive()
    }
}

/// Lower-case hex. The digits are secret until they have been compared, so no table index and no branch depends on them.
/// Own code, because it is shorter than a dependency.
fn hex(digest: [u8; 32]) -> [u8; HASH_LENGTH] {
    let mut text = [0; HASH_LENGTH];
    for (pair, byte) in text.chunks_exact_mut(2).zip(digest) {
        for (digit, nibble) in pair.iter_mut().zip([byte >> 4, byte & 0xf]) {
            // All ones above nine, else zero.
            let is_letter = 0_u8.wrapping_sub(9_u8.wrapping_sub(nibble) >> 7);
            *digit = b'0' + nibble + (is_letter & (b'a' - b'0' - 10));
        }
    }
    text
}

/// The keys of a login, as Django writes them (`django/contrib/auth/__init__.py`).
impl Session {
    /// Returns the user's id, or `None` if no user is signed in. Django writes the primary key as text, whatever its type.
    ///
    /// The id alone does not prove a valid login: see [`AuthHasher::check`].
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get): the id is not text that a Rust string can hold.
    pub fn auth_user_id(&self) -> Result<Option<String>, Error> {
        self.get(USER_ID)
    }

    /// Returns the dotted path of the backend that authenticated the user.
    ///
    /// # Errors
    ///
    /// Those of [`auth_user_id`](Self::auth_user_id).
    pub fn auth_user_backend(&self) -> Result<Option<String>, Error> {
        self.get(USER_BACKEND)
    }

    /// Signs a user in, as Django's `login` does. `hash` is [`AuthHasher::hash`] of the user's encoded password.
    ///
    /// | the session before | and then |
    /// |---|---|
    /// | has no login | [cycled](Self::cycle): it keeps its values, and in a store it gets a new key, so that a key that was planted in the browser is worthless |
    /// | has a login of the same user with the same hash | it keeps its values and its key |
    /// | has another login | [flushed](Self::flush) |
    ///
    /// In each case, it loses Django's CSRF secret (`_csrftoken`): Django's `login` replaces it, and here Django creates a
    /// new one with the next form.
    ///
    /// # Errors
    ///
    /// Those of [`insert`](Self::insert), none of which can occur for text.
    #[doc(alias = "login")]
    pub fn set_auth_user(&mut self, id: &str, backend: &str, hash: &str) -> Result<(), Error> {
        // A value that is not text is another login.
        let is_same = |key, text: &str| match self.get::<String>(key) {
            Ok(Some(before)) => before.as_bytes().ct_eq(text.as_bytes()).into(),
            _ => false,
        };
        if !self.contains_key(USER_ID) {
            self.cycle();
        } else if !(is_same(USER_ID, id) && is_same(USER_HASH, hash)) {
            self.flush();
        }
        self.remove(CSRF_TOKEN);
        self.update([(USER_ID, id), (USER_BACKEND, backend), (USER_HASH, hash)])
    }

    /// Replaces the hash of the login, and [cycles](Self::cycle) the session, which keeps everything else. Call it in the
    /// session in which the user changed the password, so that this session stays signed in and the user's other sessions
    /// end. Does nothing if no user is signed in.
    ///
    /// # Errors
    ///
    /// Those of [`auth_user_id`](Self::auth_user_id). The session is then unchanged.
    #[doc(alias = "update_session_auth_hash")]
    pub fn set_auth_user_hash(&mut self, hash: &str) -> Result<(), Error> {
        if self.auth_user_id()?.is_some() {
            self.cycle();
            self.insert(USER_HASH, hash)?;
        }
        Ok(())
    }
}
