//! The gate on Fastly Compute. The secret store `gate` has the key `SECRET_KEY`; the site is the backend `origin`.

#![allow(
    clippy::inline_always,
    clippy::unnecessary_semicolon,
    clippy::unnecessary_wraps,
    reason = "fastly::main"
)]

use edge_gate::{Decision, Gate, is_added};
use fastly::http::StatusCode;
use fastly::secret_store::SecretStore;
use fastly::{Error, Request, Response};
use hardtack::Timestamp;

#[fastly::main]
fn main(mut request: Request) -> Result<Response, Error> {
    let secret = SecretStore::open("gate")?
        .get("SECRET_KEY")
        .ok_or_else(|| Error::msg("the secret store has no SECRET_KEY"))?;
    let gate = Gate::new(std::str::from_utf8(&secret.plaintext())?)?;
    let decision = gate.decide(
        &edge_gate::Request {
            scheme: request.get_url().scheme(),
            host: request.get_url().authority(),
            method: request.get_method_str(),
            path: request.get_path(),
            query: request.get_query_str(),
            accept: request.get_header_str("accept"),
        },
        request.get_header_all("cookie"),
        Timestamp::now(),
    );
    match decision {
        Decision::Pass(added) => {
            let names: Vec<_> = request
                .get_header_names()
                .filter(|name| is_added(name.as_str()))
                .cloned()
                .collect();
            for name in names {
                request.remove_header(name);
            }
            for (name, value) in added {
                request.set_header(name, value);
            }
            request.set_pass(true); // the answer depends on the user
            Ok(request.send("origin")?)
        }
        Decision::SignIn(location) => Ok(Response::from_status(StatusCode::FOUND)
            .with_header("location", location)
            .with_header("cache-control", "no-store")),
        Decision::Refuse(reason) => Ok(Response::from_status(StatusCode::UNAUTHORIZED)
            .with_header("cache-control", "no-store")
            .with_body(format!("{reason}\n"))),
    }
}
