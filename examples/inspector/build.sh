#!/usr/bin/env bash
# Puts the page together in dist/: these files, the glue of examples/edge, and its wasm module as text in a script, so that
# the page need not fetch anything. What builds the module: see examples/edge/build.sh.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf dist
mkdir dist
OUT=dist/session.wasm ../edge/build.sh
{
    echo "// session.wasm, as base64. Written by build.sh."
    printf 'export const BASE64 =\n  "%s";\n' "$(base64 --wrap=0 dist/session.wasm)"
} >dist/session.wasm.mjs
rm dist/session.wasm
cp page/* ../edge/glue.mjs dist/
echo "dist: $(cat dist/* | wc -c) bytes in $(find dist -type f | wc -l) files"
