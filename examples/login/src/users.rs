//! Accounts, in memory: they are gone when the program ends. A site keeps them in a database, with the same calls.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An account.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) password_hash: String,
    /// The text that is hashed into a login. When it changes, every login of the user ends: after a new password, and after
    /// each "sign out everywhere". The cookie's stamp could not end them, since every save of a session moves it.
    pub(crate) login_text: String,
    /// How often the user has signed out everywhere.
    sign_outs: u64,
}

impl User {
    fn set_login_text(&mut self) {
        self.login_text = format!("{} {}", self.password_hash, self.sign_outs);
    }
}

#[derive(Default)]
pub(crate) struct Users(Mutex<Table>);

#[derive(Default)]
struct Table {
    /// By id. An id is never given to another account.
    rows: HashMap<String, User>,
    /// The ids, by name in lower case.
    ids: HashMap<String, String>,
}

impl Users {
    /// Creates an account, or returns `None` if the name is taken, in upper or lower case.
    pub(crate) fn create(&self, name: &str, password_hash: String) -> Option<User> {
        let mut table = self.table();
        let key = name.to_lowercase();
        if table.ids.contains_key(&key) {
            return None;
        }
        let id = (table.rows.len() + 1).to_string();
        let mut user = User {
            id: id.clone(),
            name: name.to_owned(),
            password_hash,
            login_text: String::new(),
            sign_outs: 0,
        };
        user.set_login_text();
        table.rows.insert(id.clone(), user.clone());
        table.ids.insert(key, id);
        Some(user)
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<User> {
        let table = self.table();
        let id = table.ids.get(&name.to_lowercase())?;
        table.rows.get(id).cloned()
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<User> {
        self.table().rows.get(id).cloned()
    }

    /// Ends all logins that the user has now.
    pub(crate) fn sign_out_everywhere(&self, id: &str) {
        self.change(id, |user| user.sign_outs += 1);
    }

    /// Sets a new password, which ends all logins that the user has now. Returns the account as it is then.
    pub(crate) fn set_password_hash(&self, id: &str, hash: String) -> Option<User> {
        self.change(id, |user| user.password_hash = hash)
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut User)) -> Option<User> {
        let mut table = self.table();
        let user = table.rows.get_mut(id)?;
        change(user);
        user.set_login_text();
        Some(user.clone())
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
