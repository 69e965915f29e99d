# The crate in web servers: examples with frameworks, a load test, and examples under faults.

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

echo "=== Faults around the examples login and shared-login"
debian libfaketime
check "clippy of the faults" cargo clippy --locked -p faults -- -D warnings
# One by one, with the features that each has alone, as the part browser builds the examples.
for package in login shared-login faults; do
    check "build of $package" cargo build --locked -p "$package"
done
suite "shared-login" cargo test --locked -p shared-login
venv=target/venv-django-5.2.19
check "a virtual environment" python3 -m venv "$venv"
check "Django" "$venv/bin/python" -m pip --quiet --disable-pip-version-check install Django==5.2.19
check "faults" target/debug/faults "$venv/bin/python" 10000 10000
cat "$log"
