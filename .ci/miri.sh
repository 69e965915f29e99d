# Miri, which looks for undefined behaviour, over a sample of the crate's own tests without std. It is slow: the tests that
# are left out try each of many inputs.

echo "=== Miri"
if cargo +nightly miri --version >"$log" 2>&1 || rustup component add miri rust-src --toolchain nightly >"$log" 2>&1; then
    suite "Miri" env MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test --locked --no-default-features --features compress \
        --test expiry --test hmac -- --skip short_and_flipped --skip wycheproof
else
    echo "Miri does not run: rustup cannot have it here."
fi
