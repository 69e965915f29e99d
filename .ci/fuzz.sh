# The fuzz targets, a minute in all. `fuzz/run.sh` runs one of them longer.

echo "=== Fuzzing"
have cargo-fuzz || check "install cargo-fuzz" cargo install --locked --root "$tools" cargo-fuzz
export PATH=$PATH:$tools/bin
check "fuzz targets: format" cargo fmt --manifest-path fuzz/Cargo.toml --check
check "fuzz targets: seeds" python3 fuzz/make_seeds.py
[ -z "$(git status --porcelain fuzz/seeds)" ] || fail "fuzz/seeds is not what fuzz/make_seeds.py writes"
targets=$(cargo +nightly fuzz list)
[ -n "$targets" ] || fail "no fuzz targets"
# One build for all of them.
check "fuzz targets: build" cargo +nightly fuzz build --sanitizer none
corpus=$(mktemp -d)
each=$((60 / $(wc -w <<<"$targets")))
for target in $targets; do
    check "fuzz $target" env CORPUS="$corpus" fuzz/run.sh "$target" "$each"
    figures 'executions'
done
rm -r "$corpus"
