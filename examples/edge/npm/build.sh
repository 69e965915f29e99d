#!/usr/bin/env bash
# Puts the npm package together in dist/, for `npm pack ./dist`. What builds the module: see ../build.sh.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf dist
mkdir dist
OUT=dist/session.wasm ../build.sh
cp package.json README.md ../../../LICENSE-* ../{edge-light,glue,inline,node,web,workerd}.mjs ../{index,session.wasm}.d.ts dist/
# Cargo.toml is the only place that names the repository.
repository=$(sed --quiet 's/^repository = "\(.*\)"$/\1/p' ../../../Cargo.toml)
npm --prefix dist pkg set repository.type=git "repository.url=git+${repository:?}.git" repository.directory=examples/edge/npm
