# How src is built: its length, its arrows, and what it shows to the outside.

echo "=== Structure"
check "files, arrows, circles" python3 .ci/structure.py
figures '^lines|^files'
check "public interface" python3 .ci/interface.py
figures '^public'
echo "    public functions by grep: $(grep -rhE 'pub (const |async )?fn' src --include='*.rs' | wc -l)"
