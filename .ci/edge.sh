# The WebAssembly module: its size, and its answers in Node, workerd and Chromium, with a real Django behind it.

echo "=== At the edge"
debian rustc-web cargo-web rust-web-src lld binaryen chromium
have npm || debian nodejs npm
check "edge: format" cargo fmt --manifest-path examples/edge/Cargo.toml --check
check "edge: build" examples/edge/build.sh
figures '^built|^optimized|^not optimized'
check "edge: sizes" node examples/edge/sizes.mjs
cat "$log"
check "edge: npm packages" npm --prefix examples/edge ci
check "playwright" npm --prefix tests/browser ci
check "edge: the native crate" cargo build --locked -p hardtack-inspect
node_suite "edge" node --test tests/edge/*.test.mjs
figures 'same answers|memory|first verified'
