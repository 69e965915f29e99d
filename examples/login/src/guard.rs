//! Keeps other sites out, in addition to `SameSite=Lax`, which lets a sibling site through (another subdomain or port),
//! and does not protect a form that needs no cookie, such as the sign-in.

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use maud::html;

use crate::pages;

/// The page has no script, loads nothing from other sites, and cannot be framed. Its forms go only to this site.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Sent with each response, unless the handler sets them.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        HeaderName::from_static("content-security-policy"),
        CONTENT_SECURITY_POLICY,
    ),
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("referrer-policy"), "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    // Otherwise the page could be read from the browser's cache after signing out.
    (CACHE_CONTROL, "no-store"),
];

pub(crate) async fn headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        let headers = response.headers_mut();
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Refuses requests that another site's page made the browser send. A `GET` is safe: it changes nothing here.
pub(crate) async fn own_forms_only(request: Request, next: Next) -> Response {
    let is_safe = [Method::GET, Method::HEAD].contains(request.method());
    if is_safe || is_own(request.headers()) {
        next.run(request).await
    } else {
        let text = "This form was sent by another site, so it was not accepted.";
        pages::message(&html! {}, StatusCode::FORBIDDEN, "Refused", text)
    }
}

/// Browsers say where a request comes from, and no page can change that. A request without either header comes from no
/// current browser, so it has no user's cookie.
fn is_own(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let (Ok(origin), Some(Ok(host))) =
        (origin.to_str(), headers.get(HOST).map(HeaderValue::to_str))
    else {
        return false;
    };
    let origin = origin.split_once("://").map(|(_, authority)| authority);
    origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host))
}
