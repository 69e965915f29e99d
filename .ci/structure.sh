# How src is built: its length and its arrows.

echo "=== Structure"
check "files, arrows, circles" python3 .ci/structure.py
figures '^lines|^files'
