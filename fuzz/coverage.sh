#!/usr/bin/env bash
# Prints which lines of src the inputs of all fuzz targets together run: `fuzz/coverage.sh`. The inputs are those in
# fuzz/seeds and fuzz/corpus (CORPUS names another folder). Needs rustup's nightly toolchain with the component llvm-tools.
set -euo pipefail
cd "$(dirname "$0")/.."
corpus=${CORPUS:-fuzz/corpus}
folder=fuzz/target/coverage
tools=$(dirname "$(find "$(rustc +nightly --print sysroot)/lib/rustlib" -name llvm-cov | head -n 1)")
[ -x "$tools/llvm-cov" ] || { echo "rustup +nightly component add llvm-tools" >&2; exit 2; }

# Without a sanitizer and the fuzzer's own instrumentation: here each input runs once.
export RUSTFLAGS="-C instrument-coverage --cfg fuzzing"
# Build scripts and macros are instrumented as well, and would leave their counters in the source.
# The crate is not optimized: the counters of a short function that is inlined into a target would be lost.
LLVM_PROFILE_FILE=/dev/null cargo +nightly build --quiet --release --bins --manifest-path fuzz/Cargo.toml \
    --target-dir "$folder" --config profile.release.opt-level=1 --config profile.release.package.hardtack.opt-level=0

rm -rf "$folder/profiles"
# Each program has its own tracefile: of a function that the compiler built differently in two programs, `llvm-cov` counts
# only the first one that it finds.
tracefiles=()
for target in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$target" .rs)
    folders=()
    for inputs in "fuzz/seeds/$target" "$corpus/$target"; do
        [ ! -d "$inputs" ] || folders+=("$inputs")
    done
    [ ${#folders[@]} -gt 0 ] || continue
    program=$folder/release/$target profile=$folder/profiles/$target
    # Of several processes, each adds to the counters of those before it.
    find "${folders[@]}" -type f -print0 |
        LLVM_PROFILE_FILE="$profile-%m.profraw" xargs -0 -r -n 2000 "$program" >/dev/null 2>&1 ||
        { echo "$target: an input crashes it" >&2; exit 1; }
    "$tools/llvm-profdata" merge --sparse -o "$profile.profdata" "$profile"-*.profraw
    "$tools/llvm-cov" export -format=lcov -instr-profile "$profile.profdata" "$program" >"$profile.lcov"
    tracefiles+=("$profile.lcov")
done
python3 fuzz/coverage.py "${tracefiles[@]}"
