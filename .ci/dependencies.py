#!/usr/bin/env python3
"""Compares the tables of src/docs/dependencies.md with Cargo.lock and the sources of the dependencies; with --write,
rewrites them and keeps the reasons, which are written by hand. Fails if a reason is missing, or if hardtack has two
versions of a crate.

`unsafe` is counted as a keyword, outside of comments and strings, in the files that a package has for its library and its
build script: for all processors and systems, with code that no feature of ours enables, and with tests inside these files.
"""

import difflib
import json
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path("src/docs/dependencies.md")
MARKED = re.compile(r"(<!-- begin (\S+) (\w+): written by \.ci/dependencies\.py -->\n)(.*?)(<!-- end -->\n)", re.S)
HOST = "x86_64-unknown-linux-gnu"  # named, so that the page is the same wherever it is checked
# From fewest to most.
FEATURES = {
    "hardtack": ["", "compress", "std", "tower", "axum"],
    "hardtack-stores": ["", "pickle", "files", "redis", "memcached", "sqlite", "postgres", "mysql", "clear"],
}
# The features that a feature contains. It is not named where one of them is.
CONTAINED = {"axum": {"tower", "std"}, "tower": {"std"}, "clear": {"files", "sqlite", "postgres", "mysql"}}
CONTAINED |= {"redis": {"pickle"}, "memcached": {"pickle"}}

TOKEN = re.compile(
    r"""//[^\n]* | (?P<block>/\*) | \b[bc]?r(?P<hashes>\#*)".*?"(?P=hashes) | [bc]?"(?:\\.|[^"\\])*"
    | b?'(?:\\[^\n]+?|[^'\\\n])' | (?P<word>\bunsafe\b)""",
    re.S | re.X,
)


def unsafe(text):
    """Returns how often the keyword is in Rust code."""
    count = at = 0
    while found := TOKEN.search(text, at):
        at = found.end()
        count += bool(found["word"])
        depth = bool(found["block"])  # block comments nest
        while depth and (mark := re.compile(r"/\*|\*/").search(text, at)):
            depth += 1 if mark[0] == "/*" else -1
            at = mark.end()
    return count


assert unsafe('unsafe { "unsafe" } // unsafe\n/* /* */ unsafe */ r#"" unsafe "# \'"\' unsafe_code unsafe fn \'\\\'\' &\'a') == 2


class Crate:
    """A package's columns that come from its own files."""

    def __init__(self, package):
        folder = pathlib.Path(package["manifest_path"]).parent
        library = next(target for target in package["targets"] if target["kind"][0] not in ("bin", "test", "example", "bench"))
        root = pathlib.Path(library["src_path"]).read_text(errors="replace")
        aside = {folder / name for name in ("tests", "benches", "examples", "fuzz")}
        files = [file for file in folder.rglob("*.rs") if not aside & set(file.parents)]
        count = sum(unsafe(file.read_text(errors="replace")) for file in files)
        self.unsafe = f"{count}, forbidden" if re.search(r"^#!\[forbid\([^)]*\bunsafe_code\b", root, re.M) else str(count)
        self.no_std = "yes" if re.search(r"^#!\[(cfg_attr\(.*)?no_std", root, re.M) else "no"
        self.script = "yes" if any(target["kind"] == ["custom-build"] for target in package["targets"]) else "no"
        repository = re.match(r"https://[\w.-]+/([^/]+)", package["repository"] or "")
        self.owner = repository[1] if repository else ", ".join(package["authors"])


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def tree(package, features, edges="normal,build"):
    """Returns {(name, version): the direct dependencies through which it comes}."""
    command = ["cargo", "tree", "--locked", "-p", package, "--target", HOST, "--no-default-features", "--features", features]
    through = {}
    for line in run(*command, "--edges", edges, "--no-dedupe", "--prefix", "depth").splitlines():
        found = re.match(r"(\d+)(\S+) v(\S+)", line)
        if found and found[2] not in FEATURES:
            crate = (found[2], found[3])
            depth = int(found[1])
            direct = crate if depth == 1 else direct
            through.setdefault(crate, set()).add(direct)
        elif found:
            direct = (found[2], found[3])  # hardtack, below hardtack-stores
    return through


class Package:
    """What one of our packages depends on."""

    def __init__(self, name, without=()):
        self.name = name
        self.features = {}
        self.through = {}
        for feature in FEATURES[name]:
            crates = tree(name, feature)
            print(f"crates of {name}, {feature or 'no feature'}: {len(crates)}")
            for crate, through in crates.items():
                needed_by = self.features.setdefault(crate, [])
                if needed_by != [""] and not CONTAINED.get(feature, set()) & set(needed_by):
                    needed_by.append(feature)
                self.through.setdefault(crate, set()).update(through)
        self.linked = set(tree(name, ",".join(FEATURES[name]), "normal,no-proc-macro"))
        self.direct = {crate for crate, through in self.through.items() if crate in through}
        self.transitive = set(self.through) - self.direct - set(without)

    def table(self, which, reasons, crates):
        """Returns the table, and those without a reason."""
        by_hand = which == "direct" or self.name == "hardtack"
        text = f"| crate | feature | owner | `unsafe` | no_std | script | {'why' if by_hand else 'through'} |\n"
        text += "|---|---|---|---|---|---|---|\n"
        missing = []
        for name, version in sorted(getattr(self, which)):
            crate = crates[name, version]
            features = ", ".join(self.features[name, version]) or "always"
            no_std = crate.no_std if (name, version) in self.linked else "build"
            through = ", ".join(sorted(name for name, _ in self.through[name, version]))
            last = reasons.get(name, "") if by_hand else through
            columns = [f"`{name}` {version}", features, crate.owner, crate.unsafe, no_std, crate.script, last]
            text += f"| {' | '.join(columns)} |\n"
            missing += [] if last else [f"{PAGE}: {name} has no reason"]
        return text, missing


def main():
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--all-features", "--filter-platform", HOST]
    crates = {(one["name"], one["version"]): one for one in json.loads(run(*command))["packages"]}
    crate = Package("hardtack")
    names = [name for name, _ in crate.through]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        sys.exit(f"hardtack has two versions of {', '.join(twice)}")
    stores = Package("hardtack-stores", without=crate.through)
    crates = {one: Crate(crates[one]) for one in {*crate.through, *stores.through}}
    missing = []

    def replace(found):
        begin, package, which, old, end = found.groups()
        reasons = dict(re.findall(r"^\| `([^`]+)`.*\| ([^|]+) \|$", old, re.M))
        text, without = {"hardtack": crate, "hardtack-stores": stores}[package].table(which, reasons, crates)
        missing.extend(without)
        return begin + text + end

    old = PAGE.read_text()
    new, tables = MARKED.subn(replace, old)
    print(f"tables: {tables}")
    if "--write" in sys.argv[1:]:
        PAGE.write_text(new)
    elif old != new:
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), str(PAGE), "the sources", n=0))
        sys.exit(f"{PAGE} is not what the sources say: .ci/dependencies.py --write, and look at the difference")
    if missing:
        sys.exit("\n".join(missing))


main()
