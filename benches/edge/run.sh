#!/usr/bin/env bash
# Compares hardtack's WebAssembly with other readers of sessions in JavaScript, in Node and in workerd: see README.md.
#
#     benches/edge/run.sh            # half a minute after the first time
#     benches/edge/run.sh --brief    # a few short rounds, to see that it works, not to quote
set -euo pipefail
cd "$(dirname "$0")"
[ -f ../../examples/edge/session.wasm ] || ../../examples/edge/build.sh
npm ci --no-audit --no-fund --loglevel=error
exec node run.mjs "$@"
