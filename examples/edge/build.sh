#!/usr/bin/env bash
# Builds session.wasm, and session.wasm.mjs, which has the same as text, for inline.mjs. Uses rustup's wasm target where it
# is installed, else Debian's Rust for the web:
#
#     apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld
#
# Arguments are cargo's, such as --no-default-features for a module that only verifies. OUT names another file; with NAMES
# set it keeps the names of its functions; with SIMD set it is faster and larger, and needs a host with 128-bit vectors. PACKAGE is the folder of another package to build instead: the inspector's.
#
# The same sources, compiler and wasm-opt give the same bytes, in any folder. Their versions are printed.
set -euo pipefail
out=$(realpath -m "${OUT:-"$(dirname "$0")/session.wasm"}")
export RUSTC_WRAPPER
RUSTC_WRAPPER=$(realpath "$(dirname "$0")/rustc.sh")
cd "${PACKAGE:-"$(dirname "$0")"}"
target=wasm32-unknown-unknown
build=(build --locked --target "$target" --release)
# Cargo appends this to what .cargo/config.toml has.
[ -z "${SIMD:-}" ] || build+=(--config "target.$target.rustflags = ['-Ctarget-feature=+simd128']")

if [ -d "$(rustc --print sysroot 2>/dev/null)/lib/rustlib/$target" ]; then
    echo "built with rustup's target $target ($(rustc --version))"
    cargo "${build[@]}" "$@"
elif [ -x /usr/bin/cargo ] && [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/core" ]; then
    echo "built with Debian's Rust and its source ($(/usr/bin/rustc --version))"
    # Debian has no library built for the target, so core and alloc are built here, which the compiler calls unstable.
    # Then they can be built for size, too, and to end at a bug without the text that nobody would see.
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld \
        /usr/bin/cargo "${build[@]}" -Zbuild-std=core,alloc -Zbuild-std-features=optimize_for_size \
        --config "target.$target.rustflags = ['-Zunstable-options', '-Cpanic=immediate-abort']" "$@"
else
    echo "no Rust for $target: run 'rustup target add $target', or on Debian see the head of $0" >&2
    exit 1
fi

built=$(echo target/$target/release/*.wasm)
if command -v wasm-opt >/dev/null; then
    # What the compiler may use, said one by one: with --all-features it would write what engines do not know.
    wasm-opt -Oz --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals \
        --enable-reference-types --enable-multivalue ${SIMD:+--enable-simd} ${NAMES:+--debuginfo} "$built" --output "$out"
    echo "optimized with $(wasm-opt --version)"
else
    cp "$built" "$out"
    echo "not optimized further: there is no wasm-opt (Debian's package binaryen)"
fi
{
    echo "// $(basename "$out"), as base64. Written by build.sh."
    printf 'export const BASE64 =\n  "%s";\n' "$(base64 --wrap=0 "$out")"
} >"$out.mjs"
echo "$out: $(stat --format %s "$out") bytes"
