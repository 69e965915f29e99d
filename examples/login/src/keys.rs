//! The keys, and how they change while the program runs: a request works with those that it came in with.

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
    Error, KeyRing, SecretKey, SessionCodec, SessionMiddleware, SessionSettings, SetCookie,
};
use tower::{Layer, ServiceExt};

use crate::pages::{self, Notice};
use crate::visitor::Visitor;
use crate::{App, Clock, Failure};

/// Over HTTPS call it `__Host-login`: then no other host can set it, not even a subdomain.
pub(crate) const COOKIE_NAME: &str = "login";

/// The longest "remember me". A session's own expiry can only shorten this.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Each cookie costs one HMAC for each key. Whoever has not come by for so many rotations signs in again.
const MAX_FALLBACKS: usize = 3;

/// The keys of a moment, and what is made of them.
pub(crate) struct Keys {
    signing: NumberedKey,
    /// The youngest first.
    fallbacks: VecDeque<NumberedKey>,
    pub(crate) codec: SessionCodec,
    pub(crate) hasher: AuthHasher,
    layer: SessionLayer<fn(Unsent, Response) -> Response>,
}

/// A key and a number to call it by on the page.
#[derive(Clone)]
struct NumberedKey {
    number: u32,
    secret: SecretKey,
}

impl NumberedKey {
    fn generate(number: u32) -> Result<Self, Failure> {
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
            // Browsers count the name, too.
            .with_max_length(MAX_COOKIE_LENGTH - COOKIE_NAME.len());
        // This example is served over plain HTTP on loopback, where not all browsers send a cookie back that is Secure.
        // A site has HTTPS, and leaves the line `with_secure(false)` out.
        let cookie = SetCookie::new(COOKIE_NAME).with_secure(false);
        let clock = Arc::clone(clock);
        let settings = SessionSettings::default()
            .with_cookie(cookie)?
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
}

/// The keys of this moment.
pub(crate) struct RotatingKeys {
    current: RwLock<Arc<Keys>>,
    clock: Clock,
}

impl RotatingKeys {
    pub(crate) fn new(clock: Clock) -> Result<Self, Failure> {
        let keys = Keys::new(NumberedKey::generate(1)?, VecDeque::new(), &clock)?;
        let current = RwLock::new(Arc::new(keys));
        Ok(Self { current, clock })
    }

    fn current(&self) -> Arc<Keys> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// A new key signs from now on, and the one that signed so far becomes a fallback.
    ///
    /// That is enough for one program. Where several share their keys, each must know the new key as a fallback before
    /// the first one signs with it (`KeyRing::with_fallback` has the recipe), and the keys come from a place that all
    /// of them can read.
    fn rotate(&self) -> Result<(), Failure> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let signing = NumberedKey::generate(current.signing.number + 1)?;
        let mut fallbacks = current.fallbacks.clone();
        fallbacks.push_front(current.signing.clone());
        fallbacks.truncate(MAX_FALLBACKS);
        *current = Arc::new(Keys::new(signing, fallbacks, &self.clock)?);
        Ok(())
    }
}

/// Gives a request its session, by the keys of this moment: hardtack's own layer, chosen anew for each request.
pub(crate) async fn with_session(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let keys = app.keys.current();
    request.extensions_mut().insert(Arc::clone(&keys));
    let Ok(response) = keys.layer.layer(next).oneshot(request).await;
    response
}

/// The button. On a site of your own it belongs to those who run it, not to whoever has an account.
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Redirect, Failure> {
    if visitor.user.is_none() {
        return Ok(Redirect::to("/sign-in"));
    }
    app.keys.rotate()?;
    Ok(pages::back_to(Notice::Rotated, "cookie"))
}
