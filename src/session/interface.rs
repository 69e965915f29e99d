//! Further methods of Django's `SessionBase` (`django/contrib/sessions/backends/base.py`).

use alloc::string::String;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{JsonText, Session};
use crate::error::Error;

const TEST_COOKIE_NAME: &str = "testcookie";
const TEST_COOKIE_VALUE: &str = "worked";

impl Session {
    /// Removes a key and returns its value as a `T`. If there is no such key, returns `None` and modifies nothing.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get). The key is not removed then.
    pub fn pop<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, Error> {
        let value = self.get(key)?;
        self.remove(key);
        Ok(value)
    }

    /// Sets a key unless it is already there. Returns its value.
    ///
    /// # Errors
    ///
    /// Those of [`insert`](Self::insert).
    #[doc(alias = "setdefault")]
    pub fn set_default<T: Serialize>(
        &mut self,
        key: &str,
        value: T,
    ) -> Result<JsonText<'_>, Error> {
        if !self.contains_key(key) {
            self.insert(key, value)?;
        }
        // The key was just found or inserted.
        self.get_json(key).ok_or(Error::Unserializable)
    }

    /// Inserts all pairs. After an error, none of them is inserted. As in Django, the session then counts as modified,
    /// even if there are no pairs.
    ///
    /// # Errors
    ///
    /// Those of [`insert`](Self::insert).
    pub fn update<K: AsRef<str>, V: Serialize>(
        &mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), Error> {
        let mut new = Self::new();
        for (key, value) in pairs {
            new.insert(key.as_ref(), value)?;
        }
        for (key, value) in new.members() {
            self.insert_json(&key, value);
        }
        self.mark_modified();
        Ok(())
    }

    /// Ends the session: removes all keys. Values that are inserted afterwards belong to a new session.
    ///
    /// In a store, the record is deleted, and the new session gets a new key. In the cookie engine, a copy of the cookie
    /// stays valid until it expires.
    pub fn flush(&mut self) {
        self.clear();
        self.renews_key = true;
    }

    /// Gives the session a new key, and deletes the record of the old one. The session keeps its values.
    ///
    /// In the cookie engine, which has no keys, the cookie is sent again with a new stamp.
    #[doc(alias = "cycle_key")]
    pub fn cycle(&mut self) {
        self.mark_modified();
        self.renews_key = true;
    }

    /// Stores a mark in the session. On a later request, [`test_cookie_worked`](Self::test_cookie_worked) finds it if
    /// the browser accepts cookies.
    ///
    /// # Errors
    ///
    /// Those of [`insert`](Self::insert), none of which can occur for this text.
    pub fn set_test_cookie(&mut self) -> Result<(), Error> {
        self.insert(TEST_COOKIE_NAME, TEST_COOKIE_VALUE)
    }

    /// Returns whether the session has the mark of [`set_test_cookie`](Self::set_test_cookie).
    pub fn test_cookie_worked(&self) -> bool {
        let value = self.get::<String>(TEST_COOKIE_NAME);
        value.is_ok_and(|value| value.as_deref() == Some(TEST_COOKIE_VALUE))
    }

    /// Removes the mark and returns whether it was there.
    pub fn delete_test_cookie(&mut self) -> bool {
        self.remove(TEST_COOKIE_NAME)
    }
}
