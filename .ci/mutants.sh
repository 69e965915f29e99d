# Mutation testing: a sample of the mutants of the files that a forged, old or malformed cookie meets. `.ci/mutate.sh` tests
# all of them.

echo "=== Mutants"
have cargo-mutants || check "install cargo-mutants" cargo install --locked --debug --root "$tools" cargo-mutants
# The number of commits chooses the sample: the same for the same commit, and another one for the next.
shards=40
shard=$(($(git rev-list --count HEAD) % shards))
check "mutants, sample $shard of $shards" .ci/mutate.sh --shard "$shard/$shards" --sharding round-robin
figures 'mutants tested'
