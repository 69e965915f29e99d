//! What goes wrong and is nobody's fault but ours: the log gets the reason, the person a bare 500.

use std::error::Error;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// An error that a person can do nothing about.
#[derive(Debug)]
pub struct Failure(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        eprintln!("500: {}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
