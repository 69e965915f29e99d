//! Compares an answer with what it must be.

use std::collections::BTreeMap;

use crate::fleet::Turn;
use crate::http::Response;
use crate::keys::Keys;
use crate::model::{Account, Change, Cookie, Expected, Shown};
use crate::site::{Ask, Site};

/// What an answer does with a browser's cookie.
#[derive(Debug)]
pub enum Update {
    Keep,
    Delete,
    Set(Cookie),
}

/// Returns what a right answer does with the cookie, or what is wrong with it. `account` is the one before the request.
pub fn compare<S: Site>(
    ask: &Ask,
    response: &Response,
    expected: &Expected,
    turn: &Turn,
    account: &Account,
    keys: &Keys,
) -> Result<Update, String> {
    if (response.status, &*response.location) != (expected.status, expected.location) {
        return Err(format!(
            "status {} and location {:?}, not {} and {:?}",
            response.status, response.location, expected.status, expected.location
        ));
    }
    if let Some(page) = &expected.page {
        let shown = S::shown(ask, &response.body);
        if shown.as_ref() != Some(page) {
            return Err(format!("the page shows {shown:?}, not {page:?}"));
        }
    }
    update::<S>(response, expected, turn, account, keys)
}

/// Checks the response's cookie alone.
pub fn update<S: Site>(
    response: &Response,
    expected: &Expected,
    turn: &Turn,
    account: &Account,
    keys: &Keys,
) -> Result<Update, String> {
    let mut cookies = response.cookies.iter();
    let found = cookies.find(|(name, _)| name == S::COOKIE);
    let change = match found {
        None => Change::Nothing,
        Some((_, None)) => Change::Deleted,
        Some((_, Some(_))) => Change::Set,
    };
    if change != expected.change && expected.change != Change::Any {
        return Err(format!("the cookie: {change:?}, not {:?}", expected.change));
    }
    let Some((_, value)) = found else {
        return Ok(Update::Keep);
    };
    let Some(value) = value else {
        return Ok(Update::Delete);
    };
    let key = turn.ring[0];
    let (stamp, session) = keys
        .open(value, key)
        .map_err(|error| format!("the cookie cannot be read with key {key}: {error}"))?;
    if stamp != turn.now {
        return Err(format!("the stamp is {stamp}, and the time {}", turn.now));
    }
    let cart: Option<BTreeMap<String, u32>> =
        session.get("cart").map_err(|error| error.to_string())?;
    let cart = cart.unwrap_or_default();
    let right = &expected.content;
    let is_right = session.contains_key("_auth_user_id") == right.login.is_some()
        && cart.iter().map(|(id, number)| (&**id, number)).eq(right.cart.iter().map(|(id, number)| (*id, number)))
        // The text, or an object with it.
        && session.get_json("note").is_some() == right.note.is_some()
        && session.contains_key("notice") == right.notice;
    if !is_right {
        return Err(format!(
            "the cookie has the cart {cart:?}, or another value is wrong; it must be {:?}",
            Shown::all(right, account)
        ));
    }
    Ok(Update::Set(Cookie {
        value: value.clone(),
        key: Some(key),
        stamp,
        content: right.clone(),
    }))
}
