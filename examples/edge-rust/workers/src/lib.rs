//! The gate on Cloudflare Workers. `SECRET_KEY` is a secret, `ORIGIN` the site's address.

use edge_gate::{Added, Decision, Gate, is_added};
use worker::{
    Context, Date, Env, Fetch, Headers, Request, RequestInit, RequestRedirect, Response, Result,
    event,
};

#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response> {
    let gate =
        Gate::new(&env.secret("SECRET_KEY")?.to_string()).map_err(|error| error.to_string())?;
    let url = request.url()?;
    let seconds =
        i64::try_from(Date::now().as_millis() / 1000).map_err(|error| error.to_string())?;
    let decision = gate.decide(
        &edge_gate::Request {
            scheme: url.scheme(),
            host: url.authority(),
            method: request.method().as_ref(),
            path: url.path(),
            query: url.query(),
            accept: request.headers().get("accept")?.as_deref(),
        },
        &request.headers().get("cookie")?,
        seconds,
    );
    match decision {
        Decision::Pass(added) => forward(request, &env.var("ORIGIN")?.to_string(), added).await,
        Decision::SignIn(location) => Ok(Response::builder()
            .with_status(302)
            .with_header("location", &location)?
            .with_header("cache-control", "no-store")?
            .empty()),
        Decision::Refuse(reason) => Ok(Response::builder()
            .with_status(401)
            .with_header("cache-control", "no-store")?
            .fixed(format!("{reason}\n").into_bytes())),
    }
}

async fn forward(request: Request, origin: &str, added: Added) -> Result<Response> {
    let headers = Headers::new();
    for (name, value) in request
        .headers()
        .entries()
        .filter(|(name, _)| !is_added(name))
    {
        headers.append(&name, &value)?;
    }
    for (name, value) in added {
        headers.set(name, &value)?;
    }
    let mut target = worker::Url::parse(origin)?;
    let url = request.url()?;
    target.set_path(url.path());
    target.set_query(url.query());
    let mut init = RequestInit::new();
    init.with_method(request.method())
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(request.inner().body().map(Into::into));
    Fetch::Request(Request::new_with_init(target.as_str(), &init)?)
        .send()
        .await
}
