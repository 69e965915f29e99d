# The page that decodes cookies, in a real browser.

echo "=== Inspector"
debian rustc-web cargo-web rust-web-src lld binaryen chromium
have npm || debian nodejs npm
check "inspector: build" examples/inspector/build.sh
figures '^built|^dist'
check "playwright" npm --prefix tests/browser ci
node_suite "inspector" node --test tests/browser/inspector.test.mjs
