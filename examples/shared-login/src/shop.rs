//! The shop: a page with a cart in the session, where Django reads it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use hardtack::axum::SignedIn;
use hardtack::{Error, Session, SessionHandle};
use serde::Deserialize;

use crate::failure::Failure;
use crate::login::{User, Users, Visitor};

const ARTICLES: [(&str, &str); 4] = [
    (
        "hardtack",
        "Travels, keeps, and cannot be bitten in secret.",
    ),
    ("lantern", "Anyone who holds it can read."),
    ("rope", "Two ends; either will do."),
    ("spyglass", "For looking at things in time."),
];
const MOST: u32 = 99;

/// The number of pieces of each article, in the session under the key `cart`.
type Cart = BTreeMap<String, u32>;

#[derive(Template)]
#[template(path = "shop.html")]
struct Page {
    user: Option<User>,
    cart: Cart,
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message {
    user: Option<User>,
    title: &'static str,
    text: &'static str,
}

/// The pages that need a session.
pub fn pages() -> Router<Users> {
    Router::new()
        .route("/shop/", get(page))
        .route("/shop/cart/", post(add))
        .route("/shop/sign-out/", post(sign_out))
        .route("/shop/{*rest}", any(not_found))
        .method_not_allowed_fallback(wrong_method)
        .layer(map_response(with_policies))
}

/// The files, which need none.
pub fn files<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let style = (
        [(CONTENT_TYPE, "text/css")],
        include_str!("../static/shop.css"),
    );
    let icon = (
        [(CONTENT_TYPE, "image/svg+xml")],
        include_str!("../static/icon.svg"),
    );
    Router::new()
        .route("/shop", get(Redirect::permanent("/shop/")))
        .route("/shop/shop.css", get(style))
        .route("/favicon.ico", get(icon))
}

async fn page(visitor: Visitor, session: SessionHandle) -> Result<Html<String>, Failure> {
    let user = visitor.map(|SignedIn(user)| user);
    let cart = session.read(cart)?;
    Ok(Html(Page { user, cart }.render()?))
}

async fn not_found(visitor: Visitor) -> Result<impl IntoResponse, Failure> {
    let text = "The shop has no page at this address.";
    message(StatusCode::NOT_FOUND, visitor, "Not found", text)
}

async fn wrong_method(visitor: Visitor) -> Result<impl IntoResponse, Failure> {
    let text = "This address only receives a form, whose button is on another page.";
    message(StatusCode::METHOD_NOT_ALLOWED, visitor, "Not a page", text)
}

fn message(
    status: StatusCode,
    visitor: Visitor,
    title: &'static str,
    text: &'static str,
) -> Result<impl IntoResponse, Failure> {
    let user = visitor.map(|SignedIn(user)| user);
    let page = Message { user, title, text }.render()?;
    Ok((status, Html(page)))
}

#[derive(Deserialize)]
struct Order {
    article: String,
}

async fn add(
    _: Visitor,
    session: SessionHandle,
    Form(order): Form<Order>,
) -> Result<Response, Failure> {
    if ARTICLES.iter().all(|(name, _)| *name != order.article) {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY.into_response());
    }
    session.write(|session| {
        let mut cart = cart(session)?;
        let pieces = cart.entry(order.article).or_default();
        *pieces = pieces.saturating_add(1).min(MOST);
        session.insert("cart", cart)
    })?;
    Ok(Redirect::to("/shop/").into_response())
}

/// Ends the whole session, as Django's `logout` does.
async fn sign_out(session: SessionHandle) -> Redirect {
    session.flush();
    Redirect::to("/shop/")
}

fn cart(session: &Session) -> Result<Cart, Error> {
    Ok(session.get("cart")?.unwrap_or_default())
}

/// Only allows the style sheets and the admin's switch for light and dark, from this address, and no caching. With a
/// stricter `Referrer-Policy`, browsers would send forms with `Origin: null`.
async fn with_policies(response: Response) -> impl IntoResponse {
    const CONTENT: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                           form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let policies = [
        (CONTENT_SECURITY_POLICY, CONTENT),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (policies, response)
}
