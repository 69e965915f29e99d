# The bench: all of it runs, and the gates hold. Times gate nothing; ratios do, at twice their targets.

echo "=== Bench"
check "clippy, bench" cargo clippy --locked -p hardtack-bench --all-targets -- -D warnings
check "build the bench" cargo build --locked --release -p hardtack-bench --bins
bench=(cargo run --locked --quiet --release -p hardtack-bench -- --brief)
for part in codec refusals peers partial scaling; do
    check "bench $part" "${bench[@]}" "$part"
done
check "gates" "${bench[@]}" gates
figures 'gate |broken'
