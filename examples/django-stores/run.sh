#!/usr/bin/env bash
# A Django site and a Rust service with the same sessions, in each of Django's engines: starts both, and the servers that
# the engine needs, and checks that each side understands the other. Needs root, and Debian's packages postgresql,
# mariadb-server, redis-server and memcached. What it writes is under target/.
#
#     run.sh [ENGINE...]     all engines, or the named ones: db:sqlite, db:postgres, db:mysql, file, cache:redis,
#                            cache:django_redis, cache:memcached, cached_db:redis, signed_cookies
#
# DJANGO sets Django's version.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${DJANGO:-5.2.19}
venv=target/venv-django-$version
servers=$PWD/target/django-stores/servers

stop() {
    trap '' INT TERM HUP
    [ -z "${checks:-}" ] || { kill "$checks" 2>/dev/null && wait "$checks"; } || true
    stores/tests/servers.sh stop "$servers"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

installed() {
    "$venv/bin/python" -c 'import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))' "$@" 2>/dev/null
}
if ! installed django psycopg pymysql redis django_redis pymemcache; then
    echo "Installing Django $version and its drivers under target/ ..."
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip --quiet --disable-pip-version-check install \
        "Django==$version" 'psycopg[binary]' PyMySQL redis django-redis pymemcache
fi
export CARGO_INCREMENTAL=0
cargo build --locked -p django-stores
stores/tests/servers.sh start "$servers"
. "$servers/env"

export PYTHONDONTWRITEBYTECODE=1
"$venv/bin/python" examples/django-stores/checks/run.py target/django-stores "$servers" "$@" &
checks=$!
wait "$checks"
