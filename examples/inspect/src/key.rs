//! The site's keys, to verify with.

use alloc::vec::Vec;

use hardtack::{Error, KeyRing, SecretKey};

/// Django's signed cookies and messages are signed with the key behind this prefix (`get_cookie_signer` in
/// `django/core/signing.py`).
const COOKIE_PREFIX: &[u8] = b"django.http.cookies";

/// The site's keys, each under the two forms in which Django signs with it.
pub struct Keys {
    pub(crate) plain: KeyRing,
    pub(crate) cookie: KeyRing,
    /// Each one alone, which says which one signed.
    pub(crate) single: Vec<[KeyRing; 2]>,
    weak: Vec<(usize, Error)>,
}

impl Keys {
    /// Creates the keys of these secrets: the signing key first, then the fallbacks. Weak ones are taken: to verify with
    /// them does no harm. Returns `None` if there are none.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`], with the key's index.
    pub fn new(secrets: &[Vec<u8>]) -> Result<Option<Self>, (usize, Error)> {
        let mut keys: Option<Self> = None;
        for (index, secret) in secrets.iter().enumerate() {
            let key =
                |secret: Vec<u8>| SecretKey::allow_weak(secret).map_err(|error| (index, error));
            if secret.is_empty() {
                return Err((index, Error::EmptyKey));
            }
            let (plain, cookie) = (key(secret.clone())?, key([COOKIE_PREFIX, secret].concat())?);
            let single = [plain.clone(), cookie.clone()].map(KeyRing::new);
            let keys = match &mut keys {
                None => keys.insert(Self {
                    plain: KeyRing::new(plain),
                    cookie: KeyRing::new(cookie),
                    single: Vec::new(),
                    weak: Vec::new(),
                }),
                Some(keys) => {
                    keys.plain = keys.plain.clone().with_fallback(plain);
                    keys.cookie = keys.cookie.clone().with_fallback(cookie);
                    keys
                }
            };
            keys.single.push(single);
            keys.weak.extend(
                SecretKey::new(secret.clone())
                    .err()
                    .map(|error| (index, error)),
            );
        }
        Ok(keys)
    }

    /// Returns the keys that hardtack would refuse in production, by index, with the reason.
    pub fn weak(&self) -> &[(usize, Error)] {
        &self.weak
    }
}
