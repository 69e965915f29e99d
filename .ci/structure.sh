# The structure of src: its length, its imports, and its public interface.

echo "=== Structure"
check "files, arrows, circles" python3 .ci/structure.py
figures '^lines|^files'
check "public interface" python3 .ci/interface.py
figures '^public'
echo "    public functions by grep: $(grep -rhE 'pub (const |async )?fn' src --include='*.rs' | wc -l)"
