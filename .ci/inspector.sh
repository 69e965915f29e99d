# The page that takes cookies apart, in a real browser.

echo "=== Inspector"
debian rustc-web cargo-web rust-web-src lld binaryen chromium
check "inspector: build" examples/inspector/build.sh
figures '^built|^dist'
check "browser: driver" npm ci --prefix tests/browser
node_suite "inspector" node --test tests/browser/inspector.test.mjs
