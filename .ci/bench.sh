# The benchmarks: all must run, and the gates must hold. Gates check ratios at twice their targets, not times.

echo "=== Bench"
debian valgrind
check "clippy, bench" cargo clippy --locked -p hardtack-bench --all-targets -- -D warnings
check "build the bench" cargo build --locked --release -p hardtack-bench --bins
bench=(cargo run --locked --quiet --release -p hardtack-bench -- --brief)
for part in codec refusals peers partial scaling; do
    check "bench $part" "${bench[@]}" "$part"
done
# `bench peers` has created the environment. Only the texts are compared: the compressed cookies depend on Python's zlib.
check "make the bench's sessions" target/venv-django-5.2.19/bin/python benches/data/make.py target/bench-data
check "they are the same" diff -r -x make.py -x '*.cookies' benches/data target/bench-data
check "timing" "${bench[@]}" timing
figures '^== timing|^  '
check "gates" "${bench[@]}" gates
figures 'gate |broken'
check "worst cases" "${bench[@]}" worst
figures '( +[0-9.]+){5}$|broken'
