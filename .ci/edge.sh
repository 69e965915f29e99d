# At the edge: the WebAssembly module in Node, workerd and Chromium, the gate in front of a real Django, and the gates in Rust.

echo "=== At the edge"
debian rustc-web cargo-web rust-web-src lld binaryen chromium
have npm || debian nodejs npm
check "edge: format" cargo fmt --manifest-path examples/edge/Cargo.toml --check
check "edge: build" examples/edge/build.sh
figures '^built|^optimized|^not optimized'
elsewhere=target/elsewhere
rm -rf "$elsewhere" && mkdir "$elsewhere"
git ls-files -z | xargs -0 cp --parents --target-directory "$elsewhere"
check "edge: build in another folder" "$elsewhere/examples/edge/build.sh"
check "edge: the same bytes" cmp examples/edge/session.wasm "$elsewhere/examples/edge/session.wasm"
echo "    session.wasm: $(sha256sum <examples/edge/session.wasm)"
rm -r "$elsewhere"
check "edge: sizes" node examples/edge/sizes.mjs
cat "$log"
check "edge: npm packages" npm --prefix examples/edge ci
check "playwright" npm --prefix tests/browser ci
check "edge: the native crate" cargo build --locked -p hardtack-inspect

echo "=== The gate in Rust"
gates=(--manifest-path examples/edge-rust/Cargo.toml)
check "gates in Rust: format" cargo fmt "${gates[@]}" --all --check
for gate in "workers wasm32-unknown-unknown" "fastly wasm32-wasip1" "wasi wasm32-wasip2"; do
    read -r host target <<<"$gate"
    [ -d "$(rustc --print target-libdir --target "$target")" ] || check "rustup's target $target" rustup target add "$target"
    check "gate for $host: clippy" cargo clippy --locked "${gates[@]}" -p "gate-$host" --target "$target" -- -D warnings
    check "gate for $host: build" cargo build --locked "${gates[@]}" -p "gate-$host" --target "$target"
done
check "wasm-bindgen" cargo build --locked --manifest-path tests/edge/bindgen/Cargo.toml
check "venv for wasmtime" python3 -m venv target/venv-wasmtime
check "wasmtime" target/venv-wasmtime/bin/python -m pip --quiet install --require-hashes -r tests/edge/wasmtime.txt
chmod +x target/venv-wasmtime/lib/python3*/site-packages/wasmtime_cli/wasmtime # the wheel has lost the bit

check "edge: bundlers and type checks" npm --prefix tests/edge ci
node_suite "edge" node --test tests/edge/*.test.mjs
figures 'same answers|arbitrary calls of|memory|first verified|gate in Rust'
check "wrangler" npm --prefix tests/edge/wrangler ci --ignore-scripts
check "the gate for Cloudflare" env WRANGLER_SEND_METRICS=false npm --prefix tests/edge/wrangler run dry-run
figures '^Total Upload'
