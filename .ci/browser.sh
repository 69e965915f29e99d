# What people look at, in Debian's Chromium.

debian chromium
check "playwright" npm --prefix tests/browser ci

echo "=== Example shared-login: Django and Rust behind one address"
check "shared-login: script" bash -n examples/shared-login/run.sh
check "shared-login: clippy" cargo clippy --locked -p shared-login --all-targets -- -D warnings
check "shared-login: build" cargo build --locked -p shared-login
node_suite "browser: shared-login" node --test tests/browser/shared-login.test.mjs
