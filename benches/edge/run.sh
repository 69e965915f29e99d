#!/usr/bin/env bash
# hardtack's WebAssembly beside what else reads a session in JavaScript, in Node and in workerd: see README.md.
#
#     benches/edge/run.sh            # half a minute after the first time
#     benches/edge/run.sh --brief    # a few short rounds: figures to see that it works, none to quote
set -euo pipefail
cd "$(dirname "$0")"
[ -f ../../examples/edge/session.wasm ] || ../../examples/edge/build.sh
npm ci --no-audit --no-fund --loglevel=error
exec node run.mjs "$@"
