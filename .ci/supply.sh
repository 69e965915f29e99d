# The crate's dependencies and its packages.

echo "=== Dependencies"
have cargo-deny || check "install cargo-deny" cargo install --locked --root "$tools" cargo-deny
export PATH=$PATH:$tools/bin
check "fetch" cargo fetch --locked
for package in . stores examples/edge examples/native; do
    # The list of duplicates is that of the stores.
    [ "$package" = stores ] && skip=-D || skip=-A
    check "licences and bans, $package" cargo deny --offline --manifest-path "$package/Cargo.toml" --config .ci/deny.toml \
        check "$skip" unmatched-skip licenses bans sources
done
if timeout 60 cargo deny --config .ci/deny.toml fetch db >"$log" 2>&1 </dev/null; then
    echo "the database of advisories is of $(git -C target/advisory-db/*/ log -1 --format=%cs)"
    for lock in $(git ls-files '*Cargo.lock'); do
        check "advisories, $lock" cargo deny --offline --workspace --manifest-path "$(dirname "$lock")/Cargo.toml" \
            --config .ci/deny.toml check -A advisory-not-detected advisories
    done
else
    echo "The advisories are not checked: github.com/RustSec/advisory-db cannot be had here."
fi
check "what the crates depend on" python3 .ci/dependencies.py
figures '^crates'
check "lowest versions" bash .ci/minimal-versions.sh
cat "$log"

echo "=== Packages"
publish=(cargo publish --dry-run --locked --allow-dirty -p hardtack -p hardtack-stores)
copy=target/with-owner
if grep -q owner-placeholder Cargo.toml; then
    echo "--- publish, without an owner: must fail"
    if "${publish[@]}" >"$log" 2>&1; then fail "cargo would publish packages that link to a placeholder"; fi
    grep -q 'cannot be published' "$log" || { cat "$log"; fail "publish failed for another reason"; }
    passed=$((passed + 1))
fi
# The packages as they will be with an owner.
rm -rf "$copy" && mkdir "$copy"
git ls-files -z | xargs -0 cp --parents --target-directory "$copy"
sed -i 's/hardtack-owner-placeholder/owner/; s/^publish = false$/publish = true/' "$copy/Cargo.toml"
check "publish" env --chdir "$copy" CARGO_TARGET_DIR="$PWD/target" "${publish[@]}"
figures 'Packaged'
if grep '^warning' "$log" | grep -v '^warning: aborting upload due to dry run$'; then fail "publish has warnings"; fi

# cargo publish keeps its packages in folders that it does not document.
check "package" env --chdir "$copy" CARGO_TARGET_DIR="$PWD/target" \
    cargo package --no-verify --locked --allow-dirty -p hardtack -p hardtack-stores
unpacked=$(mktemp -d)
for package in hardtack hardtack-stores; do
    tar -xzf "target/package/$package"-[0-9]*.crate -C "$unpacked"
    mv "$unpacked/$package"-[0-9]* "$unpacked/$package"
    for licence in LICENSE-MIT LICENSE-APACHE; do
        check "package $package: $licence" cmp "$licence" "$unpacked/$package/$licence"
    done
done
suite "the tests of the packaged stores" cargo test --manifest-path "$unpacked/hardtack-stores/Cargo.toml" --all-features \
    --target-dir target --config "patch.crates-io.hardtack.path='$unpacked/hardtack'"
rm -r "$unpacked"
