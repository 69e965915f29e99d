//! The shop: a page with a cart in the session, where Django finds it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use hardtack::{Error, Session, SessionHandle};
use serde::Deserialize;

use crate::failure::Failure;
use crate::login::User;
use crate::proxy::Upstream;

const ARTICLES: [(&str, &str); 4] = [
    ("hardtack", "Travels, keeps, and nobody bites it unnoticed."),
    ("lantern", "Whoever holds it can read."),
    ("rope", "Two ends; either will do."),
    ("spyglass", "For looking at things in time."),
];
const MOST: u32 = 99;

/// Number of pieces by article, under the key `cart` in the session.
type Cart = BTreeMap<String, u32>;

#[derive(Template)]
#[template(path = "shop.html")]
struct Page {
    user: Option<User>,
    cart: Cart,
}

/// What needs a session.
pub fn pages() -> Router<Upstream> {
    Router::new()
        .route("/shop/", get(page))
        .route("/shop/cart/", post(add))
        .route("/shop/sign-out/", post(sign_out))
        .layer(map_response(with_policies))
}

/// What needs none.
pub fn files() -> Router<Upstream> {
    let style = (
        [(CONTENT_TYPE, "text/css")],
        include_str!("../static/shop.css"),
    );
    Router::new()
        .route("/shop", get(Redirect::permanent("/shop/")))
        .route("/shop/shop.css", get(style))
}

async fn page(
    user: Option<Extension<User>>,
    session: SessionHandle,
) -> Result<Html<String>, Failure> {
    let user = user.map(|Extension(user)| user);
    let cart = session.read(cart)?;
    Ok(Html(Page { user, cart }.render()?))
}

#[derive(Deserialize)]
struct Order {
    article: String,
}

async fn add(session: SessionHandle, Form(order): Form<Order>) -> Result<Response, Failure> {
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

/// As Django's `logout`: the whole session ends.
async fn sign_out(session: SessionHandle) -> Redirect {
    session.flush();
    Redirect::to("/shop/")
}

fn cart(session: &Session) -> Result<Cart, Error> {
    Ok(session.get("cart")?.unwrap_or_default())
}

/// Style, and the admin's switch for light and dark, come from this address; nothing else comes in, and nothing
/// personal is kept. With a stricter `Referrer-Policy` browsers would send forms with `Origin: null`.
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
