//! Values of `next`, in `tests/next.json`: those that could lead to another site or inject HTML, and those that cannot.

use serde::Deserialize;

#[derive(Deserialize)]
struct Values {
    hostile: Vec<String>,
    good: Vec<String>,
}

pub fn values() -> (Vec<String>, Vec<String>) {
    let Values { hostile, good } =
        serde_json::from_str(include_str!("../next.json")).expect("the table");
    (hostile, good)
}
