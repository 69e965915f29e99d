//! Errors that a user can do nothing about: the log gets the reason, the user a page with status 500.

use std::error::Error;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::pages;

/// An error of the program, not of the request.
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
        let text = "Something went wrong here. It is not your fault; please try again later.";
        pages::message(
            &html! {},
            StatusCode::INTERNAL_SERVER_ERROR,
            "An error",
            text,
        )
    }
}
