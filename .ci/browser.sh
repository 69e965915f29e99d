# The examples with a page, driven by Debian's Chromium.

echo "=== A browser"
debian chromium
have npm || debian nodejs npm
check "npm packages" npm --prefix tests/browser ci --no-audit --no-fund

echo "=== Example login"
check "login: clippy" cargo clippy --locked -p login --all-targets -- -D warnings
suite "login" cargo test --locked -p login
check "login: build" cargo build --locked -p login
node_suite "browser: login" node --test tests/browser/login.test.mjs tests/browser/login-access.test.mjs

echo "=== The limits of a cookie"
check "cookie limit: build" cargo build --locked -p bridges --bin cookie_limit
node_suite "browser: cookie limit" node --test tests/browser/cookie-limit.test.mjs

echo "=== Example shared-login: Django and Rust behind one address"
check "shared-login: script" bash -n examples/shared-login/run.sh
check "shared-login: clippy" cargo clippy --locked -p shared-login --all-targets -- -D warnings
check "shared-login: build" cargo build --locked -p shared-login
node_suite "browser: shared-login" node --test tests/browser/shared-login.test.mjs
