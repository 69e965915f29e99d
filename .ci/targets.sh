# Targets other than this machine: 32-bit WebAssembly, bare metal, and a program in C.

echo "=== Other targets"
debian rustc-web cargo-web rust-web-src lld wasi-libc
have node || debian nodejs
suite "32-bit WebAssembly" tests/wasi/run.sh
suite "32-bit WebAssembly without std" tests/wasi/run.sh --no-default-features --features compress
check "bare metal and WebAssembly" tests/targets/check.sh
figures ': ok$'

echo "=== A library for C"
debian gcc make libc6-dev valgrind
native=(--manifest-path examples/native/Cargo.toml)
check "native: format" cargo fmt "${native[@]}" --check
check "native: clippy" cargo clippy --locked --release "${native[@]}" -- -D warnings
check "native: what a newcomer runs" make -C examples/native run
cat "$log"
check "native: under valgrind" make -C examples/native run RUN="valgrind -q --error-exitcode=9"
node_suite "native" node --test tests/native/
figures 'arbitrary calls'
check "scripts" bash -n tests/targets/*.sh tests/wasi/*.sh
