//! Connects a request, its session and the response, in any framework: which cookie to trust, and whether to set it,
//! delete it or leave it alone (`SessionMiddleware` in `django/contrib/sessions/middleware.py`).

mod answer;
mod loaded;
mod response;

pub use answer::Answer;
pub use loaded::Loaded;
pub use response::Header;
#[cfg(feature = "tower")]
pub(crate) use response::Response;

use crate::codec::SessionCodec;
use crate::error::Error;
use crate::settings::SessionSettings;
use crate::timestamp::Timestamp;
use loaded::Source;

/// Loads the session of a request, and decides what the response says about it.
///
/// ```
/// use hardtack::{KeyRing, SecretKey, SessionCodec, SessionMiddleware};
///
/// let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
/// let middleware = SessionMiddleware::new(SessionCodec::new(KeyRing::new(key)));
///
/// // A request without a cookie.
/// let now = 1_700_000_000;
/// let mut loaded = middleware.load([""], now);
/// loaded.session.insert("user", 7)?;
///
/// // The headers that the response has already, and those that it gets.
/// let answer = middleware.answer(&loaded, 200, [("content-type", "text/html")], now)?;
/// let [set_cookie, vary] = &answer.headers[..] else { unreachable!() };
/// assert_eq!((set_cookie.name, set_cookie.replaces), ("set-cookie", false));
/// assert_eq!((vary.name, &vary.value[..], vary.replaces), ("vary", &b"Cookie"[..], true));
///
/// // The next request brings it back.
/// let cookie = set_cookie.value.split(|&byte| byte == b';').next().unwrap_or_default();
/// let loaded = middleware.load([cookie], now + 60);
/// assert_eq!(loaded.session.get("user")?, Some(7));
/// let answer = middleware.answer(&loaded, 200, [("vary", "Accept")], now + 60)?;
/// assert_eq!(answer.headers[0].value, b"Accept, Cookie"); // and nothing else: the session was only read
/// # Ok::<(), hardtack::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SessionMiddleware {
    pub(crate) codec: SessionCodec,
    pub(crate) settings: SessionSettings,
}

impl SessionMiddleware {
    /// Creates a middleware with this codec and the default [`SessionSettings`]. Unless the session has its own expiry,
    /// the cookie's `Max-Age` is the codec's max age, or [`DEFAULT_MAX_AGE`](crate::limits::DEFAULT_MAX_AGE) if the
    /// codec has no limit.
    pub fn new(codec: SessionCodec) -> Self {
        Self {
            codec,
            settings: SessionSettings::default(),
        }
    }

    /// Sets the cookie's name and attributes, and when a response sends it.
    #[must_use]
    pub fn with_settings(mut self, settings: SessionSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Loads the session from a request's `Cookie` headers, or returns an empty one.
    ///
    /// Of several cookies with the same name, the youngest valid one is used ([`SessionCodec::read_youngest`]). If none
    /// is valid, [`Loaded::refusal`] says why.
    pub fn load<'h, H>(
        &self,
        headers: impl IntoIterator<Item = &'h H>,
        now: impl Into<Timestamp>,
    ) -> Loaded
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let name = &self.settings.cookie.name;
        let loaded = self
            .codec
            .read_youngest(name, headers, now, |verified, value| {
                let source = Source::Cookie {
                    signature: *value.as_bytes().last_chunk().ok_or(Error::BadSignature)?,
                    issued_at: verified.issued_at(),
                    is_due: self.settings.renews(verified.age()),
                };
                Ok(Loaded::new(verified.session()?, source))
            });
        let source = match loaded {
            Ok(Some(loaded)) => return loaded,
            Ok(None) => Source::Nothing,
            Err(error) => Source::Refused(error),
        };
        Loaded::new(self.codec.new_session(), source)
    }
}

#[cfg(feature = "tower")]
impl SessionMiddleware {
    /// Returns whether `other` has the same keys, policies and settings.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.settings == other.settings && self.codec.is_like(&other.codec)
    }
}
