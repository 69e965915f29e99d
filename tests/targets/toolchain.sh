# Which cargo builds for a target. Sourced, from the root of the repository.

# toolchain TARGET CRATES sets the array `cargo`: rustup's, where it has the target, or Debian's, which compiles CRATES of
# the standard library from source (packages rustc-web, cargo-web, rust-web-src and lld).
toolchain() {
    local target=$1 crates=$2 libraries
    libraries=$(rustc --print target-libdir --target "$target")
    if [ -d "$libraries" ]; then
        echo "$target: rustup's target"
        cargo=(cargo)
    elif [ -d /usr/share/doc/rust-web-src ]; then
        echo "$target: Debian's compiler, with $crates from source"
        # A separate folder: two compilers with one folder would rebuild everything at each change between them.
        cargo=(env RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=target/debian /usr/bin/cargo "-Zbuild-std=$crates")
    else
        echo "There is no compiler for $target. Either of the two brings one:" >&2
        echo "    rustup target add $target" >&2
        echo "    apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld" >&2
        return 1
    fi
}
