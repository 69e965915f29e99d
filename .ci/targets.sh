# Other machines than this one: 32-bit WebAssembly, bare metal, and a program in C.

echo "=== Other targets"
debian_compiler=(rustc-web cargo-web rust-web-src lld wasi-libc)
debian "${debian_compiler[@]}"
suite "32-bit WebAssembly" tests/wasi/run.sh
suite "32-bit WebAssembly without std" tests/wasi/run.sh --no-default-features --features compress
check "bare metal and WebAssembly" tests/targets/check.sh
figures ': ok$'
