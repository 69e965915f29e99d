# Tests against Django itself. They create their virtual environment under target/.

echo "=== A real Django"
suite "live" cargo test --locked --test django_live -- --ignored --nocapture --test-threads 1
figures 'mismatch|seed|disagree|signing tests|session tests|traits|middleware'
