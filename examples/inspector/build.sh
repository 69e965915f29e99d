#!/usr/bin/env bash
# Puts the page together in dist/: the files of page/, and the wasm module of module/ as text in a script, so that the page
# need not fetch anything. examples/edge/build.sh builds the module, writes it as text, and says with which compiler.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf dist
mkdir dist
PACKAGE=$PWD/module OUT=dist/inspector.wasm ../edge/build.sh
rm dist/inspector.wasm
cp page/* dist/
echo "dist: $(cat dist/* | wc -c) bytes in $(find dist -type f | wc -l) files"
