# The crate in web servers: examples with frameworks, and a load test.

echo "=== Examples for other frameworks"
check "clippy" cargo clippy --locked -p with-actix -p with-hyper --all-targets -- -D warnings
suite "actix-web and hyper" cargo test --locked -p with-actix -p with-hyper
wc -l examples/with-*/src/main.rs | grep -v total | sed 's/^ */    lines: /'

echo "=== A load"
check "clippy of the load" cargo clippy --locked --release -p load -- -D warnings
check "build of the load" cargo build --locked --release -p load
check "load" cargo run --locked --release -p load -- 30000
figures 'requests|memory'
