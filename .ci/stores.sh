# The stores, with real servers on loopback: their tests, and a real Django with each engine.

echo "=== Stores"
debian postgresql mariadb-server redis-server memcached
servers=$PWD/target/servers
end_servers() { stores/tests/servers.sh stop "$servers" || true; }
trap end_servers EXIT
check "scripts" bash -n stores/tests/servers.sh examples/django-stores/run.sh
check "start the servers" stores/tests/servers.sh start "$servers"
. "$servers/env"

stores=(--locked -p hardtack-stores)
check "clippy, stores" cargo clippy "${stores[@]}" --all-targets --all-features -- -D warnings
check "docs, stores" env RUSTDOCFLAGS="-D warnings" cargo doc "${stores[@]}" --no-deps --all-features
for feature in "" postgres mysql sqlite redis memcached files; do
    check "clippy, stores, feature ${feature:-none}" cargo clippy "${stores[@]}" --no-default-features --features "$feature" -- -D warnings
    # Not counting the stores themselves.
    echo "    crates: $(($(crates -p hardtack-stores --no-default-features --features "$feature") - 1))"
done
suite "stores" cargo test "${stores[@]}" --all-features -- --include-ignored --nocapture --test-threads 2
figures 'hardtack: |without answers|[0-9] failed: |mismatches|rows/s|longest'
echo "    lines by store, without tests:"
for store in db cache cached files memory pickle; do
    echo "    $(cat "stores/src/$store.rs" "stores/src/$store"/*.rs 2>/dev/null | wc -l)  $store"
done
end_servers
trap - EXIT

echo "=== Example django-stores: Django and Rust with the same sessions, in each engine"
check "django-stores: clippy" cargo clippy --locked -p django-stores --all-targets -- -D warnings
check "django-stores" examples/django-stores/run.sh
figures '^\||^checks:'
