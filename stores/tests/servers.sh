#!/usr/bin/env bash
# Starts and ends PostgreSQL, MariaDB, Redis and memcached on loopback, for tests and examples. Needs root, and Debian's
# packages postgresql, mariadb-server, redis-server and memcached.
#
#     servers.sh start FOLDER [SERVER...]     starts all four, or the named ones: postgres, mysql, redis, memcached
#     servers.sh stop FOLDER [SERVER...]      ends them, by process id
#
# FOLDER keeps their data, their logs, and a file `env` with the addresses, which a shell can source:
# HARDTACK_POSTGRES, HARDTACK_MYSQL, HARDTACK_REDIS, HARDTACK_MEMCACHED. A server that is started again keeps its port
# and its data, except for memcached's.
set -euo pipefail

all=(postgres mysql redis memcached)
command=${1:?start or stop}
folder=$(mkdir -p "${2:?a folder}" && cd "$2" && pwd)
shift 2
servers=("$@")
[ $# -gt 0 ] || servers=("${all[@]}")

# Prints the server's port: the one that it had before, or a free one.
port() {
    local file=$folder/$1.port
    [ -e "$file" ] || python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' >"$file"
    cat "$file"
}

address() {
    case $1 in
        postgres) echo "postgres://postgres@127.0.0.1:$(port postgres)/postgres" ;;
        mysql) echo "mysql://root@127.0.0.1:$(port mysql)/hardtack" ;;
        redis) echo "redis://127.0.0.1:$(port redis)/0" ;;
        memcached) echo "127.0.0.1:$(port memcached)" ;;
    esac
}

is_up() {
    case $1 in
        postgres) "$bin/pg_isready" -q -h 127.0.0.1 -p "$2" ;;
        mysql) mariadb --no-defaults --protocol=tcp -h 127.0.0.1 -P "$2" -u root -e 'CREATE DATABASE IF NOT EXISTS hardtack' ;;
        redis) redis-cli -h 127.0.0.1 -p "$2" ping ;;
        memcached) python3 -c "import socket; socket.create_connection(('127.0.0.1', $2), 1)" ;;
    esac >/dev/null 2>&1
}

# Runs a server in the background, without the caller's input and output, and notes its process id.
run() {
    local server=$1
    shift
    setsid "$@" </dev/null >>"$folder/$server.log" 2>&1 &
    echo $! >"$folder/$server.pid"
}

is_running() { [ -e "$folder/$1.pid" ] && kill -0 "$(cat "$folder/$1.pid")" 2>/dev/null; }

start() {
    local server=$1 data=$folder/$1 port
    port=$(port "$server")
    # PostgreSQL shuts down if another one removes its lock file. The process id alone does not tell: a server that was
    # killed keeps it until its parent notices.
    is_running "$server" && is_up "$server" "$port" && return 0
    case $server in
        postgres)
            if [ ! -e "$data/PG_VERSION" ]; then
                install -d -o postgres "$data"
                setpriv --reuid=postgres --regid=postgres --init-groups "$bin/initdb" -D "$data" --auth=trust --no-sync --encoding=UTF8 --locale=C >"$folder/initdb.log" 2>&1
            fi
            rm -f "$data/postmaster.pid"
            run postgres setpriv --reuid=postgres --regid=postgres --init-groups \
                "$bin/postgres" -D "$data" -c listen_addresses=127.0.0.1 -p "$port" -c unix_socket_directories= -c fsync=off
            ;;
        mysql)
            if [ ! -d "$data/mysql" ]; then
                install -d -o mysql "$data"
                mariadb-install-db --no-defaults --user=mysql --datadir="$data" --auth-root-authentication-method=normal \
                    --skip-test-db >"$folder/install-db.log" 2>&1
            fi
            run mysql mariadbd --no-defaults --user=mysql --datadir="$data" --bind-address=127.0.0.1 --port="$port" \
                --socket="$data/socket" --pid-file="$data/pid" --innodb-flush-log-at-trx-commit=0
            ;;
        redis) run redis redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$folder" ;;
        memcached) run memcached memcached -u nobody -l 127.0.0.1 -p "$port" ;;
        *) echo "no server $server; there are: ${all[*]}" >&2; return 2 ;;
    esac
    for _ in $(seq 300); do
        is_up "$server" "$port" && return 0
        is_running "$server" || break
        sleep 0.1
    done
    echo "$server did not start:" >&2
    tail -n 20 "$folder/$server.log" >&2
    return 1
}

stop() {
    local file=$folder/$1.pid pid
    [ -e "$file" ] || return 0
    pid=$(cat "$file")
    # PostgreSQL ends its sessions at once on SIGINT, and waits for them on SIGTERM.
    kill -s "$([ "$1" = postgres ] && echo INT || echo TERM)" "$pid" 2>/dev/null || true
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    rm -f "$file"
}

# Debian keeps each version of PostgreSQL in a folder of its own.
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ "$(id -u)" = 0 ] || { echo "the servers are started as root, which gives up its rights" >&2; exit 2; }
for server in "${servers[@]}"; do "$command" "$server"; done
for server in "${all[@]}"; do
    [ -e "$folder/$server.port" ] && echo "export HARDTACK_${server^^}=$(address "$server")"
done >"$folder/env" || true
