//! The gate as a component of wasi:http. `SECRET_KEY` and `ORIGIN` (the site's address) come from the environment.

use std::env;

use edge_gate::{Added, Decision, Gate, is_added};
use hardtack::Timestamp;
use wstd::http::{Body, Client, Error, Request, Response, StatusCode, Uri};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let gate = Gate::new(&env::var("SECRET_KEY")?)?;
    let decision = gate.decide(
        &edge_gate::Request {
            scheme: request.uri().scheme_str().unwrap_or("http"),
            host: request
                .uri()
                .authority()
                .map_or("", |authority| authority.as_str()),
            method: request.method().as_str(),
            path: request.uri().path(),
            query: request.uri().query(),
            accept: request
                .headers()
                .get("accept")
                .and_then(|value| value.to_str().ok()),
        },
        request.headers().get_all("cookie"),
        Timestamp::now(),
    );
    let answer = Response::builder().header("cache-control", "no-store");
    match decision {
        Decision::Pass(added) => Ok(Client::new().send(forwarded(request, added)?).await?),
        Decision::SignIn(location) => Ok(answer
            .status(StatusCode::FOUND)
            .header("location", location)
            .body(Body::empty())?),
        Decision::Refuse(reason) => Ok(answer
            .status(StatusCode::UNAUTHORIZED)
            .body(format!("{reason}\n").into())?),
    }
}

fn forwarded(mut request: Request<Body>, added: Added) -> Result<Request<Body>, Error> {
    let mut target = env::var("ORIGIN")?.parse::<Uri>()?.into_parts();
    target.path_and_query = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from_parts(target)?;
    let names: Vec<_> = request
        .headers()
        .keys()
        .filter(|name| is_added(name.as_str()))
        .cloned()
        .collect();
    for name in names {
        request.headers_mut().remove(name);
    }
    request.headers_mut().remove("host"); // the target's is sent
    for (name, value) in added {
        request.headers_mut().insert(name, value.try_into()?);
    }
    Ok(request)
}
