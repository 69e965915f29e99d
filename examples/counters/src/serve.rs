//! A server of plain hyper.

use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::Failure;

/// Serves every connection to the port with a clone of the service, and never returns if the port could be bound.
///
/// # Errors
///
/// Those of [`listen`](crate::listen).
pub async fn serve<S, B>(service: S) -> Result<(), Failure>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Failure>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Failure>,
{
    let listener = TcpListener::from_std(crate::listen()?)?;
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, or the client left: no reason to stop for the other clients.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service.clone());
        // An error here is the client's: it left, or it does not speak HTTP.
        tokio::spawn(connection);
    }
}
