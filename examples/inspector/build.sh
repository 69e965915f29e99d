#!/usr/bin/env bash
# Puts the page together in dist/: the files of page/, and the wasm module of module/ as text in a script, so that the page
# need not fetch anything. What builds the module: see examples/edge/build.sh.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf dist
mkdir dist
PACKAGE=$PWD/module OUT=dist/inspector.wasm ../edge/build.sh
{
    echo "// inspector.wasm, as base64. Written by build.sh."
    printf 'export const BASE64 =\n  "%s";\n' "$(base64 --wrap=0 dist/inspector.wasm)"
} >dist/inspector.wasm.mjs
rm dist/inspector.wasm
cp page/* dist/
echo "dist: $(cat dist/* | wc -c) bytes in $(find dist -type f | wc -l) files"
