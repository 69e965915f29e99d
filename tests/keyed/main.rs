//! Sessions in a store: what happens to the record, and what the response says.

#[path = "../common/mod.rs"]
mod common;
mod decisions;
mod faults;
mod model;
mod saved;
mod store;
