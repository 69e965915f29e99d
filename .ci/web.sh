# The crate in web servers: examples with frameworks, and a load test.

echo "=== A visit counter in each framework"
check "clippy" cargo clippy --locked -p counters --all-features --all-targets -- -D warnings
suite "counters" cargo test --locked -p counters --all-features -- --nocapture --test-threads 1
figures 'answers as expected'

echo "=== The axum app of the README"
check "clippy" cargo clippy --locked -p axum-example --all-targets -- -D warnings
suite "axum-example" cargo test --locked -p axum-example

echo "=== A load"
check "clippy of the load" cargo clippy --locked --release -p load -- -D warnings
check "build of the load" cargo build --locked --release -p load
check "load" cargo run --locked --release -p load -- 30000
figures 'requests|memory'
