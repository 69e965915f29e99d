//! Sessions in cookies.

use alloc::string::String;

use super::answer::Answer;
use super::decision::{Decision, Verdict};
use super::loaded::{Loaded, Source};
use super::response::Response;
use crate::codec::SessionCodec;
use crate::cookie;
use crate::error::Error;
use crate::settings::SessionSettings;
use crate::timestamp::{MaxAge, Timestamp};

/// Loads the session of a request from its cookie, and decides whether the response sets that cookie, deletes it or
/// leaves it alone.
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
    /// Creates a middleware with this codec and the default [`SessionSettings`], except that their age is the codec's max
    /// age. If that is [`MaxAge::NoLimit`], the cookie's `Max-Age` is still the default age.
    pub fn new(codec: SessionCodec) -> Self {
        let settings = SessionSettings::default();
        let settings = match codec.max_age {
            MaxAge::Limit(age) => settings.with_age(age),
            MaxAge::NoLimit => settings,
        };
        Self { codec, settings }
    }

    /// Sets the cookie's name and attributes, the age of a session, and when a response sends the session. The codec's
    /// max age becomes the [age of the settings](SessionSettings::with_age).
    ///
    /// # Errors
    ///
    /// [`Error::ConflictingAges`]: [`SessionCodec::with_max_age`] set another age, or no limit.
    pub fn with_settings(mut self, settings: SessionSettings) -> Result<Self, Error> {
        let max_age = MaxAge::Limit(settings.age);
        if self.codec.has_own_age && self.codec.max_age != max_age {
            return Err(Error::ConflictingAges);
        }
        self.codec.max_age = max_age;
        self.settings = settings;
        Ok(self)
    }

    /// Loads the session from a request's `Cookie` headers, or returns an empty one.
    ///
    /// If several cookies have the session cookie's name, the youngest valid one is used
    /// ([`SessionCodec::read_youngest`]). If none is valid, [`Loaded::refusal`] returns why.
    pub fn load<'h, H>(
        &self,
        headers: impl IntoIterator<Item = &'h H>,
        now: impl Into<Timestamp>,
    ) -> Loaded
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let name = &self.settings.cookie.name;
        let candidates = cookie::find(name, headers);
        let may_hide_another = candidates.is_truncated();
        let loaded = self
            .codec
            .youngest_of(candidates, now.into(), |verified, value| {
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
            Err(error) => Source::Refused {
                error,
                record: None,
                may_hide_another,
            },
        };
        Loaded::new(self.codec.new_session(), source)
    }

    /// Returns the session's headers for the response. `response_headers` are all headers of the response, or at least
    /// `Set-Cookie`, `Vary` and those that control caches: an `http::HeaderMap`, or a list of pairs of names and values.
    ///
    /// | the session | the answer |
    /// |---|---|
    /// | changed, and now empty; the request had a cookie | deletes it, at any status |
    /// | changed, and not empty; status below 500 | sets it; if the session's own expiry has passed and the request had a cookie, deletes it |
    /// | not changed, not empty; save-every-request is on, or it was read and a renewal is due, or [`AuthHasher::check`](crate::auth::AuthHasher::check) rewrote the login's hash; status below 400, and not marked for shared caches | sets it |
    /// | only read; the request's cookie is forged or too old; status below 500, and not marked for shared caches | deletes it |
    /// | otherwise | nothing |
    ///
    /// - A cookie that was refused for another reason (it is too long, it is not signed, or its signature is valid but
    ///   its content cannot be read here) is left alone, unless the handler writes a new session or clears this one:
    ///   Django may be able to read it. A refused cookie is also left alone if the request has more than
    ///   [`MAX_COOKIE_CANDIDATES`](crate::limits::MAX_COOKIE_CANDIDATES) cookies of that name: another of them may be
    ///   valid.
    /// - A response is marked for shared caches if its `Cache-Control` has `public` or `s-maxage`, or if it has a
    ///   `CDN-Cache-Control`, another header of this kind (RFC 9213) or a `Surrogate-Control`, with neither `private` nor
    ///   `no-store`.
    /// - If the response already has a `Set-Cookie` for the same cookie, a changed session replaces it, and an
    ///   unchanged one adds nothing.
    /// - The response gets `Vary: Cookie` if the session was read or changed, or its cookie is set or deleted.
    /// - A response of status 101 gets no headers.
    ///
    /// # Errors
    ///
    /// Fails only for a session that the handler changed. In that case nothing is sent, and the browser keeps its old
    /// session.
    ///
    /// - those of [`SessionCodec::encode`](crate::SessionCodec::encode): mainly [`Error::TooLong`];
    ///   [`SessionCodec::size_report`](crate::SessionCodec::size_report) names the keys that take the space
    /// - [`Error::MalformedExpiry`]: the handler set a malformed expiry
    /// - [`Error::CookieTooLarge`]: name and value together are too large
    pub fn answer<'h, N, V>(
        &self,
        loaded: &Loaded,
        status: u16,
        response_headers: impl IntoIterator<Item = (&'h N, &'h V)>,
        now: impl Into<Timestamp>,
    ) -> Result<Answer, Error>
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        let response = Response::read(response_headers, &self.settings.cookie);
        let verdict = Verdict::new(loaded, &self.settings, status, &response);
        let mut answer = Answer {
            unsaved: verdict.is_unsaved(),
            ..Answer::default()
        };
        let set_cookie = match verdict.decision {
            Decision::Nothing => None,
            Decision::End => Some(self.settings.deletion()?),
            Decision::Save => match self.set(loaded, now.into()) {
                Ok(header) => Some(header),
                Err(error) if !verdict.is_modified => {
                    answer.unsent = Some(error);
                    None
                }
                Err(Error::SessionExpired) => match loaded.source {
                    Source::Nothing => {
                        answer.unsaved = true;
                        None
                    }
                    _ => Some(self.settings.deletion()?),
                },
                Err(error) => return Err(error),
            },
        };
        answer.add(&response, set_cookie, verdict.varies);
        Ok(answer)
    }

    fn set(&self, loaded: &Loaded, now: Timestamp) -> Result<String, Error> {
        let room = self.settings.cookie.room();
        let value = self.codec.encode_for(room, &loaded.session, now)?;
        let max_age = self.settings.max_age(&loaded.session, now)?;
        self.settings.set(value, max_age, now)
    }
}

#[cfg(feature = "tower")]
impl SessionMiddleware {
    /// Returns whether `other` has the same keys, policies and settings.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.settings == other.settings && self.codec.is_like(&other.codec)
    }
}
