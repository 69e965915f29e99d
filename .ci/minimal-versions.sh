#!/usr/bin/env bash
# Checks the packaged crate with the lowest version of each direct dependency that Cargo.toml allows: the library
# compiles with each set of features, and the quickstart prints the same as with the versions of Cargo.lock.
set -euo pipefail
cd "$(dirname "$0")/.."

where=$PWD/target/minimal-versions
quickstart=$PWD/examples/quickstart/src/main.rs
rm -rf "$where/unpacked"
mkdir -p "$where/unpacked"
cargo run --locked --quiet -p quickstart >"$where/expected"
cargo package --locked --no-verify --allow-dirty --quiet --target-dir "$where"
tar xzf "$where"/package/hardtack-*.crate -C "$where/unpacked" --strip-components=1

# Removes the dev-dependencies, which would raise the versions of shared dependencies.
cd "$where/unpacked"
rm Cargo.lock
awk '/^\[/ { skip = /^\[(target\..*\.)?dev-dependencies/ } !skip' Cargo.toml >without
printf '[[example]]\nname = "quickstart"\npath = "%s"\n[workspace]\n' "$quickstart" >>without
mv without Cargo.toml
cargo +nightly update -Z direct-minimal-versions --quiet
cargo tree --depth 1 --all-features --edges normal --prefix none | sed '1d; s/ (.*//'

export RUSTFLAGS="--cap-lints allow" CARGO_TARGET_DIR=$where/build
for features in "" std compress axum,compress; do
    echo "features: ${features:-none}"
    cargo check --locked --quiet --lib --no-default-features --features "$features"
done
cargo run --locked --quiet --example quickstart >"$where/printed"
diff "$where/expected" "$where/printed"
