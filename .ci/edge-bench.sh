# The WebAssembly module beside other session readers in JavaScript. No gate on times: each candidate must read what it
# should read, and refuse what it should refuse.

echo "=== Edge bench"
debian rustc-web cargo-web rust-web-src lld binaryen
have npm || debian nodejs npm
check "edge bench: script" bash -n benches/edge/run.sh
check "edge bench" benches/edge/run.sh --brief
figures '^Node |^workerd |^Node:|^workerd:'
for host in Node workerd; do
    [ "$(grep -cE "^$host +[^ ].* [-0-9.]+ / [-0-9.]+$" "$log")" -ge 9 ] || fail "edge bench: no table for $host"
done
