# The program that inspects a pasted cookie, and the page that does the same, in a real browser.

echo "=== Inspect"
check "inspect: clippy" cargo clippy --locked -p hardtack-inspect --all-targets -- -D warnings
check "inspect: clippy, library without std" cargo clippy --locked -p hardtack-inspect --lib --no-default-features -- -D warnings
suite "inspect" cargo test --locked -p hardtack-inspect -- --nocapture
figures '^pastes understood'

echo "=== Inspector"
debian rustc-web cargo-web rust-web-src lld binaryen chromium
have npm || debian nodejs npm
check "inspector: format" cargo fmt --manifest-path examples/inspector/module/Cargo.toml --check
check "inspector: build" examples/inspector/build.sh
figures '^built|^dist'
check "playwright" npm --prefix tests/browser ci
node_suite "inspector" node --test tests/browser/inspector.test.mjs
figures 'pastes understood by the page'
