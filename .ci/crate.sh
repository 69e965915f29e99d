# The crate itself: nothing but Rust is needed.

echo "=== What a newcomer runs"
check "quickstart" cargo run --locked -p quickstart
cat "$log"
echo "    crates that it builds: $(crates -p quickstart)"
suite "cargo test" cargo test --locked

echo "=== Form"
check "format" cargo fmt --all --check
check "clippy" cargo clippy --locked --all-targets -- -D warnings
check "clippy without features" cargo clippy --locked --all-targets --no-default-features -- -D warnings
check "clippy, compress only" cargo clippy --locked --all-targets --no-default-features --features compress -- -D warnings
check "clippy, std only" cargo clippy --locked --all-targets --no-default-features --features std -- -D warnings
check "clippy, all features" cargo clippy --locked --all-targets --all-features -- -D warnings
check "clippy, quickstart" cargo clippy --locked -p quickstart -- -D warnings
check "clippy, bridges" cargo clippy --locked -p bridges -- -D warnings
check "clippy, wiping" cargo clippy --locked -p wiping --all-targets -- -D warnings
check "docs, default features" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
check "docs with private items" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --all-features --document-private-items
check "docs" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --all-features
check "scripts" bash -n .ci/run $(git ls-files "*.sh")

echo "=== The Rust version that Cargo.toml promises"
promised=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
if rustc "+$promised.0" --version || rustup toolchain install "$promised.0" --profile minimal; then
    for features in "" std compress axum,compress; do
        check "Rust $promised, features: ${features:-none}" \
            cargo "+$promised.0" check --locked --lib --no-default-features --features "$features"
    done
    suite "Rust $promised" cargo "+$promised.0" test --locked --all-features
else
    echo "Rust $promised is not available here: clippy's incompatible_msrv has checked that no newer std is used"
fi

echo "=== Features"
suite "no features" cargo test --locked --no-default-features
suite "std only" cargo test --locked --no-default-features --features std
suite "compress only" cargo test --locked --no-default-features --features compress
suite "all features" cargo test --locked --all-features
suite "with serde_json's other features" \
    cargo test --locked --features serde_json/preserve_order,serde_json/arbitrary_precision

echo "=== No std"
gate=(cargo check --locked --manifest-path tests/no_std/Cargo.toml)
check "gate" "${gate[@]}"
check "gate, compress" "${gate[@]}" --features compress
echo "--- gate, std: must fail"
if "${gate[@]}" --features std >"$log" 2>&1; then fail "the gate let std pass"; fi
grep -q E0152 "$log" || { cat "$log"; fail "the gate failed for another reason"; }
passed=$((passed + 1))
echo "gate, std: fails as it must (E0152)"

echo "=== Keys in freed memory"
suite "wiping" cargo test --locked -p wiping

echo "=== Figures of the suites"
suite "allocations and tampering" cargo test --locked --test allocations --test tamper --test limits -- --nocapture --test-threads 1
figures 'allocations$|bits flipped|bytes at most'
