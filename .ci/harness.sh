# Functions for the parts of .ci/run. Sourced, not run.
export CARGO_TERM_COLOR=never RUST_BACKTRACE=0 NO_COLOR=1
# Each set of features is built once, so the data of incremental builds would be useless, and takes a gigabyte.
export CARGO_INCREMENTAL=0
log=target/ci.log
tools=$PWD/target/tools
mkdir -p target
passed=0
SECONDS=0

fail() {
    echo "FAILED: $1, ${SECONDS} s after the start"
    echo "$passed passed, 1 failed"
    exit 1
}

# Runs a command that must succeed, and counts it as one test.
check() {
    local name=$1 started=$SECONDS
    shift
    echo "--- $name: $*"
    "$@" >"$log" 2>&1 </dev/null || { cat "$log"; fail "$name"; }
    passed=$((passed + 1))
    echo "$name: ok ($((SECONDS - started)) s)"
}

# Runs a suite of cargo's test harness and sums its counts. Fails if no test ran.
suite() {
    counted '/^test result: ok/ { passed += $4; ignored += $8 } END { print passed + 0, ignored + 0 }' "$@"
}

# Runs a suite of Node's test runner.
node_suite() {
    counted '$2 == "pass" { passed += $3 } $2 == "skipped" { ignored += $3 } END { print passed + 0, ignored + 0 }' "$@"
}

counted() {
    local counts=$1 name=$2 started=$SECONDS
    shift 2
    echo "--- $name: $*"
    "$@" >"$log" 2>&1 </dev/null || { cat "$log"; fail "$name"; }
    local count
    count=$(awk "$counts" "$log")
    [ "${count% *}" -gt 0 ] || { cat "$log"; fail "$name ran no test"; }
    passed=$((passed + ${count% *}))
    echo "$name: ${count% *} passed, 0 failed, ${count#* } ignored ($((SECONDS - started)) s)"
}

# Prints the figures in the output of the last command. Fails if there are none.
figures() {
    grep -E "$1" "$log" | sed 's/^/    /' || fail "no figures: $1"
}

have() { [ -x "$tools/bin/$1" ] || command -v "$1" >/dev/null; }

# Counts the crates that a package depends on, without itself and hardtack.
crates() { cargo tree --locked -e normal,build --prefix none "$@" | sed 's/ (.*//' | sort -u | grep -vcE '^(hardtack|quickstart) '; }

# Installs those of Debian's packages that are missing.
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
