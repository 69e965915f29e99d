#!/usr/bin/env python3
"""Checks the links and excerpts of the documentation, and that the front page links each public type.

- A link to a file of the repository names a file that exists, and a heading that is in it.
- A page of src/docs is read in the repository and on docs.rs, so its links to files are references at its end, whose
  names src/docs/mod.rs defines for docs.rs.
- A link with the name of a test in code names a file that has this test.
- A snippet that is marked `ignore`, because it is an excerpt, is in a program of examples/.
- The front page, src/lib.rs, links each type and trait of src/interface.md.
"""

import pathlib
import re
import subprocess
import sys

wrong = []
count = 0
tests = 0


def prose(path):
    """The text without code."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S)
    return re.sub(r"(\[`[^`]*`\])|`[^`]*`", lambda found: found[1] or "", text)


def headings(path):
    """The anchors of a page, as GitHub and rustdoc make them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S)
    found = re.findall(r"^#+ (.*)$", text, re.M)
    found = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in found)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in found}


def check(path, target):
    global count
    if re.match(r"[a-z]+:", target):
        return
    count += 1
    file, _, anchor = target.partition("#")
    to = (path.parent / file) if file else path
    if not to.exists():
        wrong.append(f"{path}: there is no {target}")
    elif anchor and anchor not in headings(to):
        wrong.append(f"{path}: {to} has no heading #{anchor}")


pages = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], check=True, capture_output=True, text=True)
defined = set(re.findall(r"\[([\w/-]+)\]: ", pathlib.Path("src/docs/mod.rs").read_text()))
for path in map(pathlib.Path, pages.stdout.split()):
    text = prose(path)
    inline = re.findall(r"\]\(([^)\s]+)\)", text)
    references = dict(re.findall(r"^\[([^\]]+)\]: (\S+)$", text, re.M))
    for target in [*inline, *references.values()]:
        check(path, target)
    for name in re.findall(r"\]\[([^\]]+)\]", text):
        if name not in references:
            wrong.append(f"{path}: [{name}] is not defined")
    for test, name in re.findall(r"\[`(\w+)`\]\[([\w/]*tests/[\w/]+)\]", text):
        tests += 1
        if not re.search(rf"^ *(?:async )?fn {test}\(", (path.parent / references[name]).read_text(), re.M):
            wrong.append(f"{path}: {name} has no test {test}")
    for name in references:
        if len(re.findall(rf"\[{re.escape(name)}\]", text)) < 2:
            wrong.append(f"{path}: [{name}] is defined and not used")
    for excerpt in re.findall(r"^```rust,ignore\n(.*?)^```", path.read_text(), re.M | re.S):
        if not any(excerpt in program.read_text() for program in pathlib.Path("examples").glob("*/src/**/*.rs")):
            wrong.append(f"{path}: no example has {excerpt.splitlines()[0]}")
    if path.parent == pathlib.Path("src/docs"):
        if f'"{path.name}"' not in pathlib.Path("src/docs/mod.rs").read_text():
            wrong.append(f"{path} is not a page of src/docs/mod.rs")
        wrong += [f"{path}: {target} must be a reference" for target in inline if not re.match(r"#|[a-z]+:", target)]
        wrong += [f"{path}: src/docs/mod.rs does not define [{name}]" for name in references if name not in defined]

front = "\n".join(line for line in pathlib.Path("src/lib.rs").read_text().splitlines() if line.startswith("//!"))
types = 0
module = ""
for line in pathlib.Path("src/interface.md").read_text().splitlines():
    if line.startswith("# Hidden"):
        break
    if line.startswith("## hardtack"):
        module = line.removeprefix("## hardtack").removeprefix("::")
    elif found := re.match(r"(?:#\[non_exhaustive\] )?(?:struct|enum|trait) (\w+)", line):
        types += 1
        name = f"{module}::{found[1]}".removeprefix("::")
        if f"[`{name}`]" not in front:
            wrong.append(f"src/lib.rs: the front page does not link {name}")

print(f"links to files and headings: {count}, to tests: {tests}, types on the front page: {types}")
if wrong:
    sys.exit("\n".join(wrong))
