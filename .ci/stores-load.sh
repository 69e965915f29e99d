# Sessions in a store under load, with real servers: their cost compared with tower-sessions, and what happens when a
# store fails while a service and a Django use the same sessions.

echo "=== Stores under load"
debian postgresql mariadb-server redis-server memcached
check "clippy, stores-load" cargo clippy --locked --release -p stores-load -- -D warnings
check "build stores-load" cargo build --locked --release -p stores-load
yardstick=(--locked --manifest-path tests/stores-load/tower-sessions/Cargo.toml)
check "tower-sessions: format" cargo fmt --manifest-path tests/stores-load/tower-sessions/Cargo.toml --check
check "build tower-sessions" cargo build --release "${yardstick[@]}" --target-dir target/tower-sessions
venv=target/venv-django-5.2.19
check "a virtual environment" python3 -m venv "$venv"
check "Django and its drivers" "$venv/bin/python" -m pip --quiet --disable-pip-version-check install Django==5.2.19 'psycopg[binary]' redis

servers=$PWD/target/stores-load
end_servers() { stores/tests/servers.sh stop "$servers" || true; }
trap end_servers EXIT
check "start the servers" stores/tests/servers.sh start "$servers"
check "cost" target/release/stores-load cost "$servers" 5
cat "$log"
check "faults" env DJANGO_PYTHON="$venv/bin/python" target/release/stores-load faults "$servers" 3
cat "$log"
end_servers
trap - EXIT
