//! Sessions in a store: what happens to the record, and which headers the response gets.

#[path = "../common/mod.rs"]
mod common;
mod decisions;
mod faults;
mod model;
mod request;
mod saved;
#[path = "../common/store.rs"]
mod store;
