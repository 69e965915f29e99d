//! The articles, and the cart in the session, which needs no account.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use hardtack::{Error, Session, SessionHandle};
use serde::Deserialize;

use crate::pages::{Attempt, back_to, links, message};
use crate::visitor::Visitor;
use crate::{App, Failure};

/// An article of the shop.
pub(crate) struct Article {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) pence: u32,
    /// The outline of a picture, 48 by 48, as an SVG path.
    pub(crate) picture: &'static str,
}

pub(crate) const ARTICLES: [Article; 6] = [
    Article {
        id: "hardtack",
        name: "Hardtack",
        text: "Flour, water, salt. Travels, and keeps.",
        pence: 90,
        picture: "M13 9h22a4 4 0 0 1 4 4v22a4 4 0 0 1-4 4H13a4 4 0 0 1-4-4V13a4 4 0 0 1 4-4z\
                  M17 17h.1M24 17h.1M31 17h.1M17 24h.1M24 24h.1M31 24h.1M17 31h.1M24 31h.1M31 31h.1",
    },
    Article {
        id: "limes",
        name: "Limes",
        text: "A dozen, against the scurvy.",
        pence: 240,
        picture: "M24 8a16 16 0 1 1 0 32a16 16 0 1 1 0-32zM24 13a11 11 0 1 1 0 22a11 11 0 1 1 0-22z\
                  M24 13v22M13 24h22M16.2 16.2l15.6 15.6M31.8 16.2L16.2 31.8",
    },
    Article {
        id: "lantern",
        name: "Lantern",
        text: "Brass, with oil for forty nights.",
        pence: 1850,
        picture: "M18 15h12l3 20H15zM13 40h22v-5H13zM20 15v-4h8v4M19 11a5 5 0 0 1 10 0\
                  M24 21c4 4 3 9 0 9s-4-5 0-9z",
    },
    Article {
        id: "compass",
        name: "Compass",
        text: "Boxed, with eight points named.",
        pence: 3200,
        picture: "M24 7a17 17 0 1 1 0 34a17 17 0 1 1 0-34zM31 17l-4 10l-10 4l4-10zM24 7v4M24 37v4M7 24h4M37 24h4",
    },
    Article {
        id: "rope",
        name: "Rope",
        text: "Hemp, thirty fathoms, tarred.",
        pence: 1175,
        picture: "M24 9c9 0 16 3 16 7s-7 7-16 7s-16-3-16-7s7-7 16-7zM24 14c4 0 6 1 6 2s-2 2-6 2s-6-1-6-2s2-2 6-2z\
                  M8 16v8c0 4 7 7 16 7s16-3 16-7v-8M8 24v8c0 4 7 7 16 7s16-3 16-7v-8M40 34l4 6",
    },
    Article {
        id: "bell",
        name: "Ship’s bell",
        text: "For the watches, and for fog.",
        pence: 2690,
        picture: "M24 12c8 0 10 7 10 13c0 5 2 7 4 9H10c2-2 4-4 4-9c0-6 2-13 10-13zM24 12V8M20 8h8M20 34a4 4 0 0 0 8 0M14 28h20",
    },
];

/// The highest number of one article in a cart.
const MAX_QUANTITY: u8 = 99;

/// The number of each article. In the session it is `{"hardtack":2}`.
#[derive(Default)]
pub(crate) struct Cart(BTreeMap<String, u8>);

impl Cart {
    const KEY: &str = "cart";

    pub(crate) fn of(session: &Session) -> Result<Self, Error> {
        Ok(Self(session.get(Self::KEY)?.unwrap_or_default()))
    }

    /// An empty cart is removed from the session.
    fn save(&self, session: &mut Session) -> Result<(), Error> {
        if self.0.is_empty() {
            session.remove(Self::KEY);
            return Ok(());
        }
        session.insert(Self::KEY, &self.0)
    }

    /// Returns the articles in the cart, in the order of the shop. Articles that are no longer sold are left out.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&'static Article, u8)> {
        let known = |article: &'static Article| Some((article, *self.0.get(article.id)?));
        ARTICLES.iter().filter_map(known)
    }

    pub(crate) fn quantity(&self, article: &Article) -> u8 {
        self.0.get(article.id).copied().unwrap_or(0)
    }
}

/// Returns the note to the purser: free text, which can make the session too large for a cookie.
pub(crate) fn note_of(session: &Session) -> Result<String, Error> {
    Ok(session.get("note")?.unwrap_or_default())
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    article: String,
}

impl Choice {
    fn article(&self) -> Option<&'static Article> {
        ARTICLES.iter().find(|article| article.id == self.article)
    }
}

pub(crate) async fn add(
    visitor: Visitor,
    session: SessionHandle,
    Form(choice): Form<Choice>,
) -> Result<Response, Failure> {
    let Some(article) = choice.article() else {
        return Ok(not_sold(&visitor));
    };
    // One closure, so that no other request's code comes between reading and writing.
    session.write(|session| {
        let mut cart = Cart::of(session)?;
        let quantity = cart.0.entry(article.id.to_owned()).or_default();
        *quantity = quantity.saturating_add(1).min(MAX_QUANTITY);
        cart.save(session)
    })?;
    let attempt = Extension(Attempt(links(&visitor), None));
    let to = Redirect::to(&format!("/#{}", article.id));
    Ok((attempt, to).into_response())
}

pub(crate) async fn remove(
    visitor: Visitor,
    session: SessionHandle,
    Form(choice): Form<Choice>,
) -> Result<Response, Failure> {
    let Some(article) = choice.article() else {
        return Ok(not_sold(&visitor));
    };
    session.write(|session| {
        let mut cart = Cart::of(session)?;
        match cart.0.get_mut(article.id) {
            Some(quantity) if *quantity > 1 => *quantity -= 1,
            _ => drop(cart.0.remove(article.id)),
        }
        cart.save(session)
    })?;
    Ok(Redirect::to("/#cart").into_response())
}

fn not_sold(visitor: &Visitor) -> Response {
    let text = "This shop does not sell that article.";
    message(&links(visitor), StatusCode::NOT_FOUND, "Not found", text)
}

#[derive(Deserialize)]
pub(crate) struct Note {
    note: String,
}

/// The size is not checked here: a session that is too large is not sent, and the user gets a page that says so.
pub(crate) async fn note(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    session: SessionHandle,
    Form(Note { note }): Form<Note>,
) -> Result<Response, Failure> {
    session.write(|session| {
        if note.trim().is_empty() {
            session.remove("note");
            return Ok(());
        }
        session.insert("note", note.trim())
    })?;
    let attempt = Extension(Attempt(links(&visitor), Some(note)));
    let to = back_to(&app, &session, "The note is saved, in the cookie.", "#cart")?;
    Ok((attempt, to).into_response())
}
