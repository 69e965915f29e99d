//! Forwards requests to Django and returns its responses, both as streams.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::uri::{Authority, Scheme, Uri};
use axum::http::{StatusCode, Version};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use crate::failure::Failure;

/// Headers about one connection, not about the message (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

#[derive(Clone)]
pub struct Upstream {
    client: Client<HttpConnector, Body>,
    authority: Authority,
}

impl Upstream {
    pub fn new(authority: Authority) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, authority }
    }
}

pub async fn forward(
    State(upstream): State<Upstream>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> Result<Response, Failure> {
    let Some(path) = request.uri().path_and_query().cloned() else {
        return Ok(StatusCode::BAD_REQUEST.into_response());
    };
    *request.uri_mut() = Uri::builder()
        .scheme(Scheme::HTTP)
        .authority(upstream.authority)
        .path_and_query(path)
        .build()?;
    *request.version_mut() = Version::HTTP_11;

    // `Host` is kept: Django checks it, and the origin of forms against it. The other headers are set here, whatever the
    // request says, since Django trusts them.
    let headers = request.headers_mut();
    remove_hop_by_hop(headers);
    headers.remove(header::FORWARDED);
    let host = headers.get(header::HOST).cloned();
    for (name, value) in [
        (
            "x-forwarded-for",
            HeaderValue::try_from(peer.ip().to_string()).ok(),
        ),
        ("x-forwarded-host", host),
        ("x-forwarded-proto", Some(HeaderValue::from_static("http"))),
    ] {
        headers.remove(name);
        headers.extend(value.map(|value| (HeaderName::from_static(name), value)));
    }

    match upstream.client.request(request).await {
        Ok(mut response) => {
            remove_hop_by_hop(response.headers_mut());
            Ok(response.map(Body::new))
        }
        Err(error) => {
            tracing::error!(%error, "Django does not answer");
            Ok(StatusCode::BAD_GATEWAY.into_response())
        }
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let lines = headers.get_all(header::CONNECTION).iter();
    let named: Vec<HeaderName> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
}
