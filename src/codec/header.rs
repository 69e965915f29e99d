//! The session's cookie among those of a request.

use super::SessionCodec;
use crate::cookie;
use crate::error::Error;
use crate::timestamp::Timestamp;
use crate::verified::Verified;

impl SessionCodec {
    /// Verifies the cookies called `name` in a request's `Cookie` headers, and returns what `read` makes of one of them:
    /// the youngest that it can read, and of equally young ones the last. `read` gets the proof and the cookie's value. The
    /// result is `None` if there is no cookie of that name.
    ///
    /// A browser sends several if they were set for several paths or domains. Django takes the last one, so a stale cookie
    /// can hide a new one until it expires. All are tried, up to
    /// [`MAX_COOKIE_CANDIDATES`](crate::limits::MAX_COOKIE_CANDIDATES).
    ///
    /// ```
    /// use hardtack::{KeyRing, SecretKey, SessionCodec, Verified};
    ///
    /// let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
    /// let codec = SessionCodec::new(KeyRing::new(key));
    /// let [old, new] = [1_700_000_000, 1_700_000_060].map(|now| codec.encode_json("{}", now));
    /// let header = format!("sessionid={}; sessionid={}", new?, old?);
    ///
    /// let age = codec.read_youngest("sessionid", [&header], 1_700_000_061, |verified, _| Ok(verified.age()))?;
    /// assert_eq!(age.map(|age| age.as_secs()), Some(1));
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify) and of `read`, if no cookie can be read: the last one's. But if only an earlier one
    /// [may be good elsewhere](Error::is_useless_cookie), it is that one's.
    pub fn read_youngest<'h, H, T>(
        &self,
        name: &str,
        headers: impl IntoIterator<Item = &'h H>,
        now: impl Into<Timestamp>,
        mut read: impl FnMut(&Verified<'_>, &str) -> Result<T, Error>,
    ) -> Result<Option<T>, Error>
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let now = now.into();
        let mut youngest = None;
        let mut refusal: Option<Error> = None;
        for value in cookie::find(name, headers) {
            let result = self.verify(&value, now).and_then(|verified| {
                // A stamp that is ahead of the clock must not win against all later cookies.
                let second = verified.issued_at().min(now).as_unix_seconds();
                match youngest {
                    Some((before, _)) if second <= before => Ok(None),
                    _ => Ok(Some((second, read(&verified, &value)?))),
                }
            });
            match result {
                Ok(None) => {}
                Ok(younger) => youngest = younger,
                Err(error) => match refusal {
                    Some(kept) if error.is_useless_cookie() || !kept.is_useless_cookie() => {}
                    _ => refusal = Some(error),
                },
            }
        }
        match (youngest, refusal) {
            (Some((_, value)), _) => Ok(Some(value)),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(None),
        }
    }
}
