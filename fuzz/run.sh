#!/usr/bin/env bash
# Runs one fuzz target: `fuzz/run.sh TARGET SECONDS`. It starts with the inputs in fuzz/seeds and with those that earlier
# runs kept in fuzz/corpus (CORPUS names another folder), and prints executions, their number for each second of the
# processor's time, inputs kept, and crashes. Fails if an input crashes the target, and prints which.
#
# SANITIZER is `none` by default, as the crate forbids `unsafe`; `address` also watches the dependencies' unsafe code.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 2 ] || { echo "fuzz/run.sh TARGET SECONDS" >&2; exit 2; }
target=$1 seconds=$2 sanitizer=${SANITIZER:-none}
corpus=${CORPUS:-fuzz/corpus}/$target

case $target in
    cookie_header | forged | session_key | signing | tampered | youngest) dictionary=cookie ;;
    set_cookie | pickle) dictionary=$target ;;
    middleware | secret_key | store | zlib*) dictionary= ;;
    *) dictionary=json ;;
esac

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo +nightly fuzz build --sanitizer "$sanitizer" "$target" >"$log" 2>&1 || { cat "$log"; exit 1; }
mkdir -p "$corpus" "fuzz/artifacts/$target"
options=(
    "-max_total_time=$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=512 -print_final_stats=1
    "-artifact_prefix=fuzz/artifacts/$target/" ${dictionary:+"-dict=fuzz/dictionaries/$dictionary.dict"}
)
folders=("$corpus")
[ ! -d "fuzz/seeds/$target" ] || folders+=("fuzz/seeds/$target")

TIMEFORMAT='%U %S'
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
used=$( { time "fuzz/target/$host/release/$target" "${options[@]}" "${folders[@]}" >"$log" 2>&1; } 2>&1 ) ||
    { cat "$log"; echo "$target: crashed"; exit 1; }
executions=$(awk '/^stat::number_of_executed_units:/ { print $2 }' "$log")
[ "${executions:-0}" -gt 0 ] || { cat "$log"; echo "$target: ran nothing"; exit 1; }
kept=$(find "$corpus" -type f | wc -l)
echo "$target $executions $used $kept" |
    awk '{ printf "%s: %d executions, %d a second, %d inputs kept, 0 crashes\n", $1, $2, $2 / ($3 + $4), $5 }'
