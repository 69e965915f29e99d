//! The clients, and what they check.

use std::fmt::Debug;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{COOKIE, HeaderMap, HeaderName, SET_COOKIE, VARY};
use axum::http::{Request, StatusCode};
use hardtack::{SESSION_COOKIE_NAME, SessionCodec, Timestamp};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;

use crate::Failure;
use crate::process::Server;
use crate::site::{Layer, codec};
use crate::traffic::{Expected, Kind};

/// The number of clients that run at the same time, each with a connection that it keeps open.
const CLIENTS: usize = 32;

/// How closely answers are checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Checks the session in the cookie as well. Only one of the two servers sets cookies, so this would distort the
    /// times.
    Closely,
    /// Checks status, body and headers.
    Timed,
}

#[derive(Clone)]
pub struct Clients {
    kinds: Arc<Vec<Kind>>,
    client: Client<HttpConnector, Empty<Bytes>>,
    codec: SessionCodec,
}

impl Clients {
    pub fn new(kinds: Vec<Kind>) -> Result<Self, Failure> {
        Ok(Self {
            kinds: Arc::new(kinds),
            client: Client::builder(TokioExecutor::new()).build_http(),
            codec: codec()?,
        })
    }

    /// Sends this many requests, cycling through the kinds. Fails at the first wrong answer.
    pub async fn round(&self, server: &Server, requests: usize, look: Look) -> Result<(), Failure> {
        let mut running = JoinSet::new();
        for first in 0..CLIENTS {
            let (clients, port, layer) = (self.clone(), server.port, server.layer);
            running.spawn(async move {
                for at in (first..requests).step_by(CLIENTS) {
                    let kind = &clients.kinds[at % clients.kinds.len()];
                    let sent = clients.send(kind, port, layer, look).await;
                    sent.map_err(|wrong| format!("{}: {wrong}", kind.name))?;
                }
                Ok::<(), Failure>(())
            });
        }
        while let Some(ended) = running.join_next().await {
            ended??;
        }
        Ok(())
    }

    async fn send(&self, kind: &Kind, port: u16, layer: Layer, look: Look) -> Result<(), Failure> {
        let mut request = Request::get(format!("http://127.0.0.1:{port}{}", kind.path));
        if let Some(cookie) = &kind.cookie {
            request = request.header(COOKIE, format!("{SESSION_COOKIE_NAME}={cookie}"));
        }
        let response = self.client.request(request.body(Empty::new())?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        same("the status", &head.status, &StatusCode::OK)?;
        if layer == Layer::With {
            same("the body", &*body, kind.body.as_bytes())?;
            same(
                "Vary",
                &header(&head.headers, &VARY)?,
                &kind.vary.then_some("Cookie"),
            )?;
            self.check_cookie(header(&head.headers, &SET_COOKIE)?, &kind.set_cookie, look)?;
        }
        Ok(())
    }

    fn check_cookie(
        &self,
        header: Option<&str>,
        right: &Expected,
        look: Look,
    ) -> Result<(), Failure> {
        let Some(header) = header else {
            return same("Set-Cookie", &Expected::Nothing, right);
        };
        let (pair, attributes) = header.split_once("; ").ok_or("no attributes")?;
        let (name, value) = pair.split_once('=').ok_or("no cookie")?;
        same("the cookie's name", name, SESSION_COOKIE_NAME)?;
        if value.is_empty() && attributes.contains("Max-Age=0;") {
            return same("Set-Cookie", &Expected::Deleted, right);
        }
        if look == Look::Closely {
            let session = self.codec.decode(value, Timestamp::now())?;
            return same("the session", &Expected::Json(session.to_json()), right);
        }
        match right {
            Expected::Json(_) => Ok(()),
            _ => Err(format!("Set-Cookie: {header}").into()),
        }
    }
}

/// Returns the only header with this name.
fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Failure> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.to_str()).transpose()?;
    match values.next() {
        None => Ok(value),
        Some(_) => Err(format!("several {name}").into()),
    }
}

fn same<T: PartialEq + Debug + ?Sized>(what: &str, found: &T, right: &T) -> Result<(), Failure> {
    if found == right {
        Ok(())
    } else {
        Err(format!("{what} is {found:?}, not {right:?}").into())
    }
}
