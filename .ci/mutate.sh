#!/usr/bin/env bash
# Runs cargo-mutants on the files that a forged, old or malformed cookie meets: `.ci/mutate.sh`. Its arguments go to
# cargo-mutants. `.ci/mutate.sh -f 'src/json/scan/*.rs'` takes other files, `.ci/mutate.sh --list` lists the mutants.
# The report is target/mutants/mutants.out.
#
# Each mutant costs a build and a run of the tests, so both are made short: the build is incremental, the tests are one
# binary, and the first failure ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/target/tools/bin:$PATH CARGO_TARGET_DIR=$PWD/target CARGO_INCREMENTAL=1 RUST_BACKTRACE=0

# cargo-mutants changes the source, so it works on a copy. The copy keeps its path, and each file its time, because
# cargo would otherwise build everything again.
copy=target/mutants/copy
rm -rf "$copy" && mkdir -p "$copy"
git ls-files -z | xargs -0 cp --parents --preserve=timestamps --target-directory "$copy"
# The last build may be that of a mutant, so the crate is built again.
touch "$copy/src/lib.rs"

# The slow suites run last. The live suite, which needs Django, is not among them. One suite stays a binary of its own, as
# it holds the compressor's source: `-C --test=zlib` adds it, for src/zlib. `-C --lib` adds the unit tests, for src/json.
slow=(tower stored settings tamper records limits cookies properties keys)
quick=()
for file in tests/*.rs; do
    name=$(basename "$file" .rs)
    [[ " django_live zlib zlib_streams ${slow[*]} " == *" $name "* ]] || quick+=("$name")
done
{
    echo '//! All suites in one binary.'
    number=10 # the harness runs the tests in the order of their names
    for name in "${quick[@]}" keyed/main "${slow[@]}"; do
        echo "#[path = \"$name.rs\"] mod t$((number++))_${name%/main};"
    done
} >"$copy/tests/all.rs"

build=(--locked --features=tower --test=all
    --config='profile.dev.package.hardtack.debug=false'
    --config='profile.dev.package.sha2.opt-level=2'
    # For --fail-fast, only while the tests run.
    --config='target."cfg(unix)".runner=["env", "RUSTC_BOOTSTRAP=1"]')
tests=(-- -Zunstable-options --fail-fast)
files=()
if [[ " $* " != *" -f "* ]]; then
    for file in auth base62 base64url 'codec/*' 'cookie/*' equal key limits payload separator session/expiry \
        session/expiry_text session_key signature 'signing/*' timestamp verified; do
        files+=("--file=src/$file.rs")
    done
fi
exec cargo mutants --config .ci/mutants.toml --dir "$copy" --in-place --output target/mutants --package hardtack --cap-lints true \
    "${build[@]/#/--cargo-arg=}" "${tests[@]/#/--cargo-test-arg=}" --build-timeout 120 --timeout 120 "${files[@]}" "$@"
