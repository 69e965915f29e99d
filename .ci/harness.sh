# What the parts of .ci/run are written with. Sourced, not run.
export CARGO_TERM_COLOR=never RUST_BACKTRACE=0 NO_COLOR=1
# Each set of features is built once: what incremental builds would keep is of no use, and takes a gigabyte.
export CARGO_INCREMENTAL=0
log=target/ci.log
tools=$PWD/target/tools
mkdir -p target
passed=0
SECONDS=0

fail() {
    echo "FAILED: $1 (${SECONDS} s)"
    echo "$passed passed, 1 failed"
    exit 1
}

# A check has no tests of its own: it holds or it does not.
check() {
    local name=$1
    shift
    echo "--- $name: $*"
    "$@" >"$log" 2>&1 </dev/null || { cat "$log"; fail "$name"; }
    passed=$((passed + 1))
    echo "$name: ok (${SECONDS} s)"
}

# A suite of cargo's test harness, whose counts are summed. One that ran no test is red.
suite() {
    counted '/^test result: ok/ { passed += $4; ignored += $8 } END { print passed + 0, ignored + 0 }' "$@"
}

# A suite of Node's test runner.
node_suite() {
    counted '$2 == "pass" { passed += $3 } $2 == "skipped" { ignored += $3 } END { print passed + 0, ignored + 0 }' "$@"
}

counted() {
    local counts=$1 name=$2
    shift 2
    echo "--- $name: $*"
    "$@" >"$log" 2>&1 </dev/null || { cat "$log"; fail "$name"; }
    local count
    count=$(awk "$counts" "$log")
    [ "${count% *}" -gt 0 ] || { cat "$log"; fail "$name ran no test"; }
    passed=$((passed + ${count% *}))
    echo "$name: ${count% *} passed, 0 failed, ${count#* } ignored (${SECONDS} s)"
}

# What a suite printed besides its verdict: figures.
figures() {
    grep -E "$1" "$log" | sed 's/^/    /' || fail "no figures: $1"
}

have() { [ -x "$tools/bin/$1" ] || command -v "$1" >/dev/null; }

# How many crates a package brings along, itself and hardtack not counted.
crates() { cargo tree --locked -e normal,build --prefix none "$@" | sed 's/ (.*//' | sort -u | grep -vcE '^(hardtack|quickstart) '; }

# Debian's packages, where one of them is missing.
debian() {
    local missing=()
    local package
    for package in "$@"; do
        dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    check "package lists" apt-get update
    check "install ${missing[*]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}
