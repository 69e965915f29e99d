# Mutation testing: a sample of the mutants of a few files. `.ci/mutate.sh` tests all mutants of the code of a cookie's way.

echo "=== Mutants"
have cargo-mutants || check "install cargo-mutants" cargo install --locked --debug --root "$tools" cargo-mutants
# The number of commits chooses the sample: the same for the same commit, and another one for the next.
shards=10
files=()
for file in limits base62 separator equal verified 'codec/*'; do files+=(-f "src/$file.rs"); done
shard=$(($(git rev-list --count HEAD) % shards))
check "mutants, sample $shard of $shards" .ci/mutate.sh --shard "$shard/$shards" --sharding round-robin "${files[@]}"
figures 'mutants tested'
