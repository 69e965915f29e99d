#!/usr/bin/env bash
# `cargo check` of the crate on WebAssembly and on machines without an operating system, with and without zlib. The
# latter have no std, so no dependency can use it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/targets/toolchain.sh

targets=(
    wasm32-unknown-unknown
    wasm32-wasip1
    thumbv7em-none-eabihf # 32-bit ARM, with floats in hardware
    riscv32imac-unknown-none-elf
    x86_64-unknown-none
)
export CARGO_PROFILE_DEV_DEBUG=0

# The targets of one compiler together, so that cargo checks them in parallel.
declare -A groups
for target in "${targets[@]}"; do
    toolchain "$target" core,alloc
    groups["${cargo[*]}"]+=" --target $target"
done
for cargo in "${!groups[@]}"; do
    for features in "" compress; do
        # No word contains a space, so splitting is safe.
        # shellcheck disable=SC2086
        $cargo check --locked --quiet --package hardtack --lib ${groups[$cargo]} --no-default-features --features "$features"
        for target in ${groups[$cargo]//--target/}; do
            echo "$target, ${features:-no features}: ok"
        done
    done
done
