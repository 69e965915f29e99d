# Tests against Django itself. They create their virtual environment under target/.

echo "=== A real Django"
suite "live" cargo test --locked --features axum --test django_live -- --ignored --nocapture --test-threads 1
figures 'mismatch|seed|disagree|signing tests|session tests|traits|middleware'
