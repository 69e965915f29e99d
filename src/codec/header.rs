//! Finds the session's cookie in a request.

use super::SessionCodec;
use crate::cookie::{self, Candidates};
use crate::error::Error;
use crate::timestamp::Timestamp;
use crate::verified::Verified;

impl SessionCodec {
    /// Verifies the cookies called `name` in a request's `Cookie` headers, and returns the result of `read` for the
    /// youngest one that it can read. If several are equally young, the last one is used. `read` gets the verified
    /// value and its text. Returns `None` if there is no cookie with that name.
    ///
    /// A browser sends several if they were set for different paths or domains. Django takes the last one, so a stale
    /// cookie can hide a newer one until it expires. This method tries the last
    /// [`MAX_COOKIE_CANDIDATES`](crate::limits::MAX_COOKIE_CANDIDATES) of them.
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
    /// If no cookie can be read, the error of [`verify`](Self::verify) or `read` for the last one that is not
    /// [useless](Error::is_useless_cookie); if all are useless, for the last one.
    pub fn read_youngest<'h, H, T>(
        &self,
        name: &str,
        headers: impl IntoIterator<Item = &'h H>,
        now: impl Into<Timestamp>,
        read: impl FnMut(&Verified<'_>, &str) -> Result<T, Error>,
    ) -> Result<Option<T>, Error>
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        self.youngest_of(cookie::find(name, headers), now.into(), read)
    }

    /// The same, for the values that were found.
    pub(crate) fn youngest_of<T>(
        &self,
        candidates: Candidates<'_>,
        now: Timestamp,
        mut read: impl FnMut(&Verified<'_>, &str) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let (mut youngest, mut second) = (None, None);
        let mut refusal: Option<Error> = None;
        for value in candidates {
            let result = self.verify(&value, now).and_then(|verified| {
                // A stamp ahead of the clock must not outrank all later cookies.
                let its_second = Some(verified.issued_at().min(now).as_unix_seconds());
                if its_second > second {
                    youngest = Some(read(&verified, &value)?);
                    second = its_second;
                }
                Ok(())
            });
            if let Err(error) = result {
                let may_be_good = |error: Error| !error.is_useless_cookie();
                if refusal.is_none_or(|kept| may_be_good(error) && !may_be_good(kept)) {
                    refusal = Some(error);
                }
            }
        }
        match (youngest, refusal) {
            (None, Some(error)) => Err(error),
            (youngest, _) => Ok(youngest),
        }
    }
}
