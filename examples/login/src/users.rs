//! Accounts, in memory: they are gone when the program ends. A site keeps them in a database, with the same calls.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An account.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) password_hash: String,
    /// How often the user has signed out everywhere.
    sign_outs: u64,
}

impl User {
    /// The text that is hashed into a login. When it changes, every login of the user ends: after a new password, and after
    /// each "sign out everywhere". The cookie's stamp could not end them, since every save of a session moves it.
    pub(crate) fn login_text(&self) -> String {
        format!("{} {}", self.password_hash, self.sign_outs)
    }
}

#[derive(Default)]
pub(crate) struct Users(Mutex<Table>);

#[derive(Default)]
struct Table {
    /// An id is the place in here, and never given to another.
    rows: Vec<User>,
    by_name: HashMap<String, usize>,
}

impl Users {
    /// A new account, or `None` if somebody has that name, in whatever case of letters.
    pub(crate) fn create(&self, name: &str, password_hash: String) -> Option<User> {
        let mut table = self.table();
        let key = name.to_lowercase();
        if table.by_name.contains_key(&key) {
            return None;
        }
        let row = table.rows.len();
        let user = User {
            id: row.to_string(),
            name: name.to_owned(),
            password_hash,
            sign_outs: 0,
        };
        table.rows.push(user.clone());
        table.by_name.insert(key, row);
        Some(user)
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<User> {
        let table = self.table();
        let row = table.by_name.get(&name.to_lowercase())?;
        table.rows.get(*row).cloned()
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<User> {
        let row: usize = id.parse().ok()?;
        self.table().rows.get(row).cloned()
    }

    /// No session that began before signs the user in again.
    pub(crate) fn sign_out_everywhere(&self, id: &str) {
        self.change(id, |user| user.sign_outs += 1);
    }

    /// No session that began with another password signs the user in again. Returns the account as it is then.
    pub(crate) fn set_password_hash(&self, id: &str, hash: String) -> Option<User> {
        self.change(id, |user| user.password_hash = hash)
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut User)) -> Option<User> {
        let row: usize = id.parse().ok()?;
        let mut table = self.table();
        let user = table.rows.get_mut(row)?;
        change(user);
        Some(user.clone())
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
