#!/usr/bin/env bash
# Calls the compiler for cargo ($1) so that the module is the same wherever the repository is. Cargo has the compiler hash
# the absolute path of a package outside of the workspace into its symbols, and the compiler sorts functions by symbol.
set -euo pipefail
arguments=("$@")
if [[ ${CARGO_PKG_NAME:-} == hardtack* ]]; then
    arguments=("${arguments[@]/#metadata=*/metadata=$CARGO_PKG_NAME}")
fi
exec "${arguments[@]}"
