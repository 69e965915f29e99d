# The structure of src: its length, its imports, its public interface, and the links of its documentation.

echo "=== Structure"
check "files, arrows, circles" python3 .ci/structure.py
figures '^lines|^files'
check "public interface" python3 .ci/interface.py
figures '^public'
check "links" python3 .ci/links.py
figures '^links'
echo "    public functions by grep: $(grep -rhE 'pub (const |async )?fn' src --include='*.rs' | wc -l)"
check "docs as on docs.rs" env RUSTDOCFLAGS="--cfg docsrs -D warnings" \
    cargo +nightly doc --locked --no-deps --all-features --target-dir target/interface
if grep -rl 'Available on' target/interface/doc/hardtack/docs; then fail "these pages say that they need a feature"; fi
