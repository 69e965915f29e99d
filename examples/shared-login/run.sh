#!/usr/bin/env bash
# A Django site and a Rust service behind one address, until Ctrl-C. PORT sets the port (default 8000, 0: a free one).
# What it writes is under target/: Django stays there, the database ends with the run.
set -euo pipefail
cd "$(dirname "$0")/../.."
site=examples/shared-login/site
venv=target/venv-django-5.2.19
mkdir -p target
run=$(mktemp -d "$PWD/target/shared-login.XXXXXX")

stop() {
    trap '' INT TERM HUP
    kill $(jobs -p) 2>/dev/null || true
    wait
    rm -rf "$run"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

random() { "$venv/bin/python" -c "import secrets; print(secrets.token_urlsafe($1))"; }
manage() { "$venv/bin/python" "$site/manage.py" "$@"; }

if ! "$venv/bin/python" -c 'import django' 2>/dev/null; then
    echo "Installing Django 5.2.19 under target/ ..."
    python3 -m venv "$venv"
    "$venv/bin/pip" --quiet --disable-pip-version-check install Django==5.2.19
fi
cargo build --locked -p shared-login

# What both must know. A secret and a database that the environment names are taken, and the database is kept. Loopback
# has no TLS; without PLAIN_HTTP both mark their cookies as Secure.
export SECRET_KEY=${SECRET_KEY:-$(random 50)} DATABASE=${DATABASE:-$run/db.sqlite3} PLAIN_HTTP=1

export PYTHONDONTWRITEBYTECODE=1 DJANGO_RUNSERVER_HIDE_WARNING=true
if [ ! -e "$DATABASE" ]; then
    echo "Making a database with a user ..."
    password=$(random 9)
    manage migrate --verbosity 0
    DJANGO_SUPERUSER_PASSWORD=$password manage createsuperuser --noinput --verbosity 0 \
        --username admiral --email admiral@example.com
    echo "User: admiral, password: $password"
fi

# Django takes a free port and tells which. Started without a shell in between, so that a signal reaches it.
log=$run/django.log
: >"$log"
"$venv/bin/python" -u "$site/manage.py" runserver --noreload 127.0.0.1:0 >"$log" 2>&1 &
django=$!
until DJANGO=$(grep -om1 '127\.0\.0\.1:[0-9]*/' "$log"); do
    kill -0 "$django" 2>/dev/null || { cat "$log"; exit 1; }
    sleep 0.1
done
export DJANGO=${DJANGO%/}

cargo run --quiet --locked -p shared-login &

# Neither is of use without the other.
wait -n || true
kill -0 "$django" 2>/dev/null || cat "$log"
exit 1
