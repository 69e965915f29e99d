# The crate's dependencies, its packages, and its fuzz targets.

echo "=== Dependencies"
have cargo-deny || check "install cargo-deny" cargo install --locked --root "$tools" cargo-deny
export PATH=$PATH:$tools/bin
check "fetch" cargo fetch --locked
for package in . stores; do
    check "licences and bans, $package" \
        cargo deny --offline --manifest-path "$package/Cargo.toml" --config .ci/deny.toml check licenses bans sources
done
echo "    crates with default features: $(crates)"
echo "    crates without std, with compress: $(crates --no-default-features --features compress)"
echo "    crates without any feature: $(crates --no-default-features)"
check "lowest versions" bash .ci/minimal-versions.sh
cat "$log"

echo "=== Packages"
check "publish" cargo publish --dry-run --locked --allow-dirty -p hardtack -p hardtack-stores
figures 'Packaged'
if grep '^warning' "$log" | grep -v '^warning: aborting upload due to dry run$'; then fail "publish has warnings"; fi

echo "=== Fuzzing, ten seconds each"
have cargo-fuzz || check "install cargo-fuzz" cargo install --locked --root "$tools" cargo-fuzz
check "fuzz targets: format" cargo fmt --manifest-path fuzz/Cargo.toml --check
targets=$(cargo +nightly fuzz list)
[ -n "$targets" ] || fail "no fuzz targets"
check "fuzz targets: build" cargo +nightly fuzz build
for target in $targets; do
    check "fuzz $target" cargo +nightly fuzz run "$target" -- -max_total_time=10 -rss_limit_mb=512 -dict=fuzz/json.dict
    runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log")
    [ "${runs:-0}" -gt 0 ] || fail "fuzz $target ran nothing"
    echo "    $runs runs"
done
