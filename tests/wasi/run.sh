#!/usr/bin/env bash
# The crate's own tests inside 32-bit WebAssembly (wasm32-wasip1), which Node runs. Arguments go to `cargo test`.
#
# Left out: the tests of the tower layer and of axum, which need threads, and those of a live Django, which start processes.
# Tests that need a second thread or a caught panic are ignored, and counted as ignored.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/targets/toolchain.sh

target=wasm32-wasip1
toolchain "$target" std,panic_abort
flags=()
if [ "${cargo[0]}" != cargo ]; then
    # Debian's C library for WASI (package wasi-libc) is older than this compiler: two symbols of threads are missing in it.
    libc=/usr/lib/wasm32-wasi
    [ -d "$libc" ] || { echo "wasi-libc is missing: apt-get install wasi-libc" >&2; exit 1; }
    flags=(-Clink-self-contained=no "-Clink-arg=$libc/crt1-command.o" "-Lnative=$libc" -Clink-arg=-lc
        -Clink-arg=--unresolved-symbols=ignore-all)
    export CARGO_TARGET_WASM32_WASIP1_LINKER=wasm-ld
fi
export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="${flags[*]}"
# In Node 20, a fast call of fd_write may collect garbage, which such a call must not do: then Node aborts.
export CARGO_TARGET_WASM32_WASIP1_RUNNER="node --no-warnings --no-turbo-fast-api-calls $PWD/tests/wasi/run.mjs"
export CARGO_PROFILE_DEV_DEBUG=0 # no debugger is used

"${cargo[@]}" test --locked --package hardtack --target "$target" --lib --tests "$@" 2>&1 | tee target/wasi.log
awk '/^test result: ok/ { passed += $4; ignored += $8 }
    END { print "32-bit WebAssembly: " passed + 0 " passed, " ignored + 0 " ignored" }' target/wasi.log
