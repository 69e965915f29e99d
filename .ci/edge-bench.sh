# The WebAssembly module compared with other session readers in JavaScript. There is no gate on times: each candidate
# must read the cookies that it should read, and refuse the others.

echo "=== Edge bench"
debian rustc-web cargo-web rust-web-src lld binaryen
have npm || debian nodejs npm
check "edge bench: script" bash -n benches/edge/run.sh
check "edge bench" benches/edge/run.sh --brief
figures '^Node |^workerd |^Node:|^workerd:'
for host in Node workerd; do
    [ "$(grep -cE "^$host +[^ ].* [-0-9.]+ / [-0-9.]+$" "$log")" -ge 9 ] || fail "edge bench: no table for $host"
done
