//! The keys, and how they change while the program runs.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Redirect, Response};
use hardtack::auth::AuthHasher;
use hardtack::limits::MAX_COOKIE_LENGTH;
use hardtack::tower::{SessionLayer, Unsent};
use hardtack::{
    Error, KeyRing, SecretKey, SessionCodec, SessionHandle, SessionMiddleware, SessionSettings,
    SetCookie,
};
use tower::{Layer, ServiceExt};

use crate::pages;
use crate::visitor::Member;
use crate::{App, Clock, Failure};

/// Over HTTPS, name it `__Host-login`: then no other host can set it, not even a subdomain.
pub(crate) const COOKIE_NAME: &str = "login";

/// The age of a login with "remember me". A session's own expiry can only shorten it.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Each key costs one HMAC per cookie. A user who does not come back during this many rotations must sign in again.
const MAX_FALLBACKS: usize = 3;

/// The keys at one moment, and what is made from them.
pub(crate) struct Keys {
    signing: NumberedKey,
    /// The newest first.
    fallbacks: VecDeque<NumberedKey>,
    pub(crate) codec: SessionCodec,
    pub(crate) hasher: AuthHasher,
    layer: SessionLayer<fn(Unsent, Response) -> Response>,
}

/// A key, and its number on the page.
#[derive(Clone)]
pub(crate) struct NumberedKey {
    number: u32,
    pub(crate) secret: SecretKey,
}

impl NumberedKey {
    pub(crate) fn generate(number: u32) -> Result<Self, Failure> {
        let mut secret = vec![0; 64];
        getrandom::fill(&mut secret)?;
        let secret = SecretKey::new(secret)?;
        Ok(Self { number, secret })
    }
}

impl Keys {
    fn new(
        signing: NumberedKey,
        fallbacks: VecDeque<NumberedKey>,
        clock: &Clock,
    ) -> Result<Self, Error> {
        let ring = KeyRing::new(signing.secret.clone());
        let ring = fallbacks
            .iter()
            .fold(ring, |ring, key| ring.with_fallback(key.secret.clone()));
        let hasher = AuthHasher::new(&ring);
        let codec = SessionCodec::new(ring)
            .with_max_age(MAX_AGE)
            // Browsers count the name as well.
            .with_max_length(MAX_COOKIE_LENGTH - COOKIE_NAME.len());
        let clock = Arc::clone(clock);
        let settings = SessionSettings::default()
            .with_cookie(app_cookie(COOKIE_NAME))?
            .with_age(MAX_AGE);
        let sessions = SessionMiddleware::new(codec.clone()).with_settings(settings)?;
        let layer = SessionLayer::new(sessions)
            .with_clock(move || clock())
            .with_error_handler(pages::too_large as fn(Unsent, Response) -> Response);
        Ok(Self {
            signing,
            fallbacks,
            codec,
            hasher,
            layer,
        })
    }

    /// The number of each key: the one that signs, then those that only verify.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        let keys = std::iter::once(&self.signing).chain(&self.fallbacks);
        keys.map(|key| key.number)
    }

    /// Returns the notice about a rotation: which key signs, which ones verify, and which one is retired.
    fn rotation_notice(&self) -> String {
        let signing = self.signing.number;
        let oldest = self.fallbacks.back().map_or(signing, |key| key.number);
        let verifying = match signing - oldest {
            0 | 1 => format!("Key {oldest} still verifies."),
            _ => format!("Keys {oldest} to {} still verify.", signing - 1),
        };
        let retired = match oldest - 1 {
            0 => String::new(),
            key => format!(" Key {key} is retired: cookies that it signed are refused."),
        };
        format!("Key {signing} signs from now on. {verifying}{retired}")
    }
}

/// Returns the template of a cookie.
///
/// This example is served over plain HTTP on loopback, where not all browsers keep a `Secure` cookie. A site has HTTPS, and
/// leaves `with_secure(false)` out.
pub(crate) fn app_cookie(name: &str) -> SetCookie {
    SetCookie::new(name).with_secure(false)
}

/// The current keys.
pub(crate) struct RotatingKeys {
    current: RwLock<Arc<Keys>>,
    clock: Clock,
    /// Whether other programs have the same keys, so that this one must not change them.
    pub(crate) are_shared: bool,
}

impl RotatingKeys {
    /// `shared` are the keys that this program shares with others: the one that signs, then the fallbacks. Without any, it
    /// generates a key of its own.
    pub(crate) fn new(shared: Vec<SecretKey>, clock: Clock) -> Result<Self, Failure> {
        let numbers = (1..=u32::try_from(shared.len())?).rev();
        let mut shared: VecDeque<_> = numbers
            .zip(shared)
            .map(|(number, secret)| NumberedKey { number, secret })
            .collect();
        let (signing, are_shared) = match shared.pop_front() {
            Some(signing) => (signing, true),
            None => (NumberedKey::generate(1)?, false),
        };
        let keys = Keys::new(signing, shared, &clock)?;
        let current = RwLock::new(Arc::new(keys));
        Ok(Self {
            current,
            clock,
            are_shared,
        })
    }

    pub(crate) fn current(&self) -> Arc<Keys> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Creates a new signing key, and returns the keys from now on. The one before becomes a fallback.
    ///
    /// This is enough for a single program. If several share their keys, each must have the new key as a fallback before
    /// the first one signs with it (`KeyRing::with_fallback` has the steps).
    fn rotate(&self) -> Result<Arc<Keys>, Failure> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let signing = NumberedKey::generate(current.signing.number + 1)?;
        let mut fallbacks = current.fallbacks.clone();
        fallbacks.push_front(current.signing.clone());
        fallbacks.truncate(MAX_FALLBACKS);
        *current = Arc::new(Keys::new(signing, fallbacks, &self.clock)?);
        Ok(Arc::clone(&current))
    }
}

/// Gives a request its session, with the current keys: hardtack's own layer, chosen for each request.
pub(crate) async fn with_session(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(response) = app.keys.current().layer.layer(next).oneshot(request).await;
    response
}

/// The button. On a real site it is for administrators, not for everyone with an account.
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    _: Member,
    session: SessionHandle,
) -> Result<Redirect, Failure> {
    let notice = if app.keys.are_shared {
        "The keys were not rotated: other programs share them.".to_owned()
    } else {
        app.keys.rotate()?.rotation_notice()
    };
    pages::back_to(&app, &session, &notice, "#cookie")
}
