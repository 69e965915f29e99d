#!/usr/bin/env bash
# `cargo check` of the crate on machines without an operating system and on WebAssembly's, with and without zlib. On those
# without one no std exists, so that nothing can bring it in.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/targets/toolchain.sh

targets=(
    wasm32-unknown-unknown
    wasm32-wasip1
    thumbv7em-none-eabihf       # 32-bit ARM, with a hardware float unit
    riscv32imac-unknown-none-elf
    x86_64-unknown-none
)
for target in "${targets[@]}"; do
    toolchain "$target" core,alloc
    for features in "" compress; do
        "${cargo[@]}" check --locked --quiet --package hardtack --lib --target "$target" --no-default-features --features "$features"
        echo "$target, ${features:-no features}: ok"
    done
done
