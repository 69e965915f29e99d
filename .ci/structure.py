#!/usr/bin/env python3
"""Prints how much code src has, and fails if a file is too long, imports upwards, or is part of a circle.

Upwards: lib.rs declares its modules in groups, in the order in which data flows, and a module uses its own group and
those above it. A circle: files that use one another, directly or through others. A mod.rs that re-exports items of the
files below it (`pub use`) does not count as using them.
"""

import pathlib
import re
import sys

SRC = pathlib.Path("src")
LONGEST = 400
FRAMEWORKS = ("tower", "axum")  # glue, counted apart

files = {path: path.read_text() for path in sorted(SRC.rglob("*.rs"))}
groups = re.split(r"\n\n", files[SRC / "lib.rs"])
floor = {name: n for n, group in enumerate(groups) for name in re.findall(r"^(?:pub )?mod (\w+);", group, re.M)}
wrong = []


def code(path):
    """Returns the lines without blank ones, comments and attributes for docs."""
    return [line for line in files[path].splitlines() if line.strip() and not line.strip().startswith("//")]


def module(path):
    """Returns the path of a file's module: src/json/mod.rs is ("json",)."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return parts[:-1] if parts[-1] in ("mod", "lib") else parts


def expand(tree):
    """Converts `a::{b, c::d}` to [a::b, a::c::d]."""
    head, brace, rest = tree.strip().partition("{")
    if not brace:
        return [re.sub(r" as \w+$", "", head)]
    inner, depth, start = rest[: rest.rindex("}")], 0, 0
    parts = []
    for at, char in enumerate(inner + ","):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            parts.append(inner[start:at])
            start = at + 1
    return [head + one for part in parts if part.strip() for one in expand(part)]


def imports(path):
    """Returns the modules that a file names with crate::, super:: or self::, as absolute paths."""
    text = "\n".join(code(path)).split("#[cfg(test)]\nmod ")[0]
    below = "|".join(re.findall(r"^ *(?:pub(?:\([^)]*\))? )?mod (\w+);", text, re.M))
    text = re.sub(rf"\bpub(?:\([^)]*\))? use (?:{below or '-'})::[^;]+;", "", text)
    trees = re.findall(r"\buse ((?:crate|super|self)::[^;]+);", text)
    trees += re.findall(r"(?<!use )\b((?:crate|super|self)::[\w:]*\w)", text)
    trees += [f"self::{tree}" for tree in re.findall(rf"(?<![:\w])((?:{below or '-'})::[\w:]*\w)", text)]
    for tree in trees:
        for one in expand(re.sub(r"\s+", " ", tree)):
            names = [name.strip() for name in one.split("::")]
            base = module(path)
            while names[0] in ("crate", "super", "self"):
                base = {"crate": (), "super": base[:-1], "self": base}[names.pop(0)]
            yield (*base, *names)


def arrows():
    """Returns {file: the files that it uses}, and records upward imports as wrong."""
    of_module = {module(path): path for path in files}
    uses = {}
    for path in files:
        for name in imports(path) if path != SRC / "lib.rs" else ():
            target = name
            while target not in of_module:
                target = target[:-1]
            here = module(path)[0]
            if not target or floor[target[0]] > floor[here]:
                wrong.append(f"{path} uses crate::{'::'.join(name)}, which is not above it")
            elif of_module[target] != path:
                uses.setdefault(path, set()).add(of_module[target])
    return uses


def reached(start, uses):
    found, open_ = set(), [start]
    while open_:
        new = uses.get(open_.pop(), set()) - found
        found |= new
        open_ += new
    return found


uses = arrows()
circles = {frozenset(b for b in all_ if a in reached(b, uses)) for a in files if a in (all_ := reached(a, uses))}
wrong += [f"a circle: {', '.join(map(str, sorted(circle)))}" for circle in circles]

total = glue = 0
for path in files:
    lines = len(files[path].splitlines())
    is_glue = module(path)[:1] in [(name,) for name in FRAMEWORKS]
    total, glue = total + len(code(path)) * (not is_glue), glue + len(code(path)) * is_glue
    print(f"{lines:5} {len(code(path)):5} {path}")
    if lines > LONGEST:
        wrong.append(f"{path} has {lines} lines; at most {LONGEST} are allowed")
print(f"lines of code: {total} without {' and '.join(FRAMEWORKS)}, {glue} in them")
print(f"files: {len(files)}, arrows between them: {sum(map(len, uses.values()))}, circles: {len(circles)}")
if wrong:
    sys.exit("\n".join(wrong))
