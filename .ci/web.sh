# The crate in web servers: examples with frameworks, and a load.

echo "=== Examples for other frameworks"
check "clippy" cargo clippy --locked -p with-actix -p with-hyper --all-targets -- -D warnings
suite "actix-web and hyper" cargo test --locked -p with-actix -p with-hyper
wc -l examples/with-*/src/main.rs | grep -v total | sed 's/^ */    lines: /'
