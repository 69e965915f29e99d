//! What keeps other sites out, on top of `SameSite=Lax`: that lets a sibling site through (another subdomain, another
//! port), and does nothing for a form that needs no cookie, as that of the sign-in.

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The page has no script, nothing from elsewhere, and stands in no frame. Its forms go here and nowhere else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Sent with everything, unless the handler says otherwise.
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
    // Nobody reads it from the browser's cache after a sign-out.
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

/// Refuses what another site's page makes the browser send. Reading is safe: no `GET` of this application does anything.
pub(crate) async fn own_forms_only(request: Request, next: Next) -> Response {
    let is_safe = [Method::GET, Method::HEAD].contains(request.method());
    if is_safe || is_own(request.headers()) {
        next.run(request).await
    } else {
        let reason = "This form was sent by another site.";
        (StatusCode::FORBIDDEN, reason).into_response()
    }
}

/// Browsers say where a request comes from, and no page can make them lie. What says nothing is no browser of this decade
/// and brings nobody's cookie along.
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
