#!/usr/bin/env python3
"""Compares src/interface.md with the public interface that the compiler sees; with --write, rewrites the page.

Reads the JSON that nightly rustdoc writes. We have our own reader because cargo-public-api takes minutes to install,
prints one flat list of full paths, and also depends on the nightly's format. FORMAT is the format that this was written
for. With another format, the page may differ for that reason alone, so the script prints a warning.
"""

import difflib
import json
import pathlib
import re
import subprocess
import sys

FORMAT = 57
PAGE = pathlib.Path("src/interface.md")
BEGIN, END = "<!-- begin: written by .ci/interface.py -->\n", "<!-- end -->\n"
# From fewest to most: a line needs the first feature with which it appears.
FEATURES = ["", "compress", "std", "tower", "axum"]
NOT_WORTH_A_LINE = {"StructuralPartialEq", "TrivialClone", "Unpin"}  # the compiler's own, and pin-project's


def rustdoc(features):
    command = ["cargo", "+nightly", "rustdoc", "--quiet", "--locked", "--lib", "--target-dir", "target/interface"]
    command += ["--all-features"] if features == FEATURES[-1] else ["--no-default-features", "--features", features]
    command += ["--", "-Z", "unstable-options", "--output-format", "json", "--document-hidden-items"]
    subprocess.run([*command, "--cap-lints", "allow"], check=True)
    crate = json.loads(pathlib.Path("target/interface/doc/hardtack.json").read_text())
    if crate["format_version"] != FORMAT:
        print(f"rustdoc's JSON has format {crate['format_version']}; .ci/interface.py was written for {FORMAT}")
    return crate


RECEIVER = re.compile(r"(&('\w+ )?(mut )?)?Self")
PLAIN_IMPL = re.compile(r"impl(<'\w+>)? (\w+)")  # of a trait without parameters, on no condition


# ---- Types, as they are written in Rust


def args(given):
    if not given:
        return ""
    (kind, inner), = given.items()
    if kind == "parenthesized":
        output = f" -> {ty(inner['output'])}" if inner["output"] else ""
        return f"({', '.join(map(ty, inner['inputs']))}){output}"
    parts = [arg(a) for a in inner["args"]]
    for one in inner["constraints"]:
        (how, what), = one["binding"].items()
        name = one["name"] + args(one["args"])
        parts.append(f"{name} = {term(what)}" if how == "equality" else f"{name}: {bounds(what)}")
    return f"<{', '.join(parts)}>" if parts else ""


def arg(one):
    if one == "infer":
        return "_"
    (kind, inner), = one.items()
    return {"lifetime": str, "type": ty, "const": lambda c: c["expr"]}[kind](inner)


def term(one):
    return ty(one["type"]) if "type" in one else one["constant"]["expr"]


def path(one):
    return one["path"].removeprefix("$crate::").split("::")[-1] + args(one["args"])


def poly(one):
    outer = [p["name"] for p in one.get("generic_params", [])]
    return (f"for<{', '.join(outer)}> " if outer else "") + path(one["trait"])


def bounds(many):
    texts = []
    for one in many:
        (kind, inner), = one.items()
        if kind == "trait_bound":
            texts.append({"none": "", "maybe": "?", "maybe_const": "~const "}[inner["modifier"]] + poly(inner))
        elif kind == "use":
            texts.append(f"use<{', '.join(next(iter(a.values())) for a in inner)}>")
        else:
            texts.append(inner)
    return " + ".join(texts)


def ty(one):
    (kind, inner), = one.items()
    match kind:
        case "generic" | "primitive":
            return inner
        case "resolved_path":
            return path(inner)
        case "borrowed_ref":
            lifetime = f"{inner['lifetime']} " if inner["lifetime"] else ""
            return f"&{lifetime}{'mut ' if inner['is_mutable'] else ''}{ty(inner['type'])}"
        case "tuple":
            return f"({', '.join(map(ty, inner))}{',' if len(inner) == 1 else ''})"
        case "slice":
            return f"[{ty(inner)}]"
        case "array":
            return f"[{ty(inner['type'])}; {inner['len']}]"
        case "impl_trait":
            return f"impl {bounds(inner)}"
        case "dyn_trait":
            return "dyn " + " + ".join([*map(poly, inner["traits"]), *filter(None, [inner["lifetime"]])])
        case "qualified_path":
            of = ty(inner["self_type"])
            through = inner["trait"] and inner["trait"]["path"] and of != "Self"
            return (f"<{of} as {path(inner['trait'])}>" if through else of) + f"::{inner['name']}{args(inner['args'])}"
        case "function_pointer":
            return signature("fn", "", inner).replace("fn (", "fn(", 1).replace("_: ", "")
    sys.exit(f"a type that .ci/interface.py cannot write: {one}")


def generics(of):
    parts = []
    for one in of["params"]:
        (kind, inner), = one["kind"].items()
        if kind == "lifetime":
            parts.append(one["name"] + (f": {' + '.join(inner['outlives'])}" if inner["outlives"] else ""))
        elif kind == "const":
            parts.append(f"const {one['name']}: {ty(inner['type'])}")
        elif not inner["is_synthetic"]:
            parts.append(one["name"] + (f": {bounds(inner['bounds'])}" if inner["bounds"] else ""))
    return f"<{', '.join(parts)}>" if parts else ""


def where(of):
    parts = []
    for one in of["where_predicates"]:
        (kind, inner), = one.items()
        if kind == "bound_predicate":
            parts.append(f"{ty(inner['type'])}: {bounds(inner['bounds'])}")
        elif kind == "lifetime_predicate":
            parts.append(f"{inner['lifetime']}: {' + '.join(inner['outlives'])}")
        else:
            parts.append(f"{ty(inner['lhs'])} = {term(inner['rhs'])}")
    return f" where {', '.join(parts)}" if parts else ""


def signature(head, name, function):
    parameters = []
    for called, of in function["sig"]["inputs"]:
        text = ty(of)
        is_receiver = called == "self" and RECEIVER.fullmatch(text)
        parameters.append(text.replace("Self", "self") if is_receiver else f"{called}: {text}")
    output = function["sig"]["output"]
    own = function.get("generics", {"params": [], "where_predicates": []})
    result = f" -> {ty(output)}" if output else ""
    return f"{head} {name}{generics(own)}({', '.join(parameters)}){result}{where(own)}"


def value(constant):
    """A number or a text; computed values are missing in the JSON."""
    text = constant["value"] or constant["expr"]
    return "" if text == "_" else f" = {re.sub(r'(?<=[0-9])[iu][0-9a-z]+$', '', text)}"


def function(item):
    inner = item["inner"]["function"]
    header = inner["header"]
    words = [word for word in ("const", "async", "unsafe") if header[f"is_{word}"]]
    return signature(" ".join([*words, "fn"]), item["name"], inner)


# ---- Items


class Interface:
    """The groups of lines of each module: {module: {title: [line]}}. Hidden items are separate."""

    def __init__(self, features):
        crate = rustdoc(features)
        self.index = crate["index"]
        self.modules, self.hidden, self.functions, self.placed = {}, {}, [0, 0], {}
        self.module(self.index[str(crate["root"])], "hardtack", self.modules)
        self.for_others()

    def get(self, ids):
        return [self.index[str(i)] for i in ids if str(i) in self.index]

    @staticmethod
    def is_hidden(item):
        return any("doc(hidden)" in str(attribute) for attribute in item["attrs"])

    def module(self, module, name, into):
        later = []
        for item in self.get(module["inner"]["module"]["items"]):
            into_this = self.hidden if self.is_hidden(item) else into
            (kind, inner), = item["inner"].items()
            if kind == "module":
                later.append((item, f"{name}::{item['name']}", into_this))
            elif kind == "use":
                self.reexport(inner, name, into_this)
            else:
                self.item(item, item["name"], name, into_this)
        for item, path_of, into_this in later:
            self.module(item, path_of, into_this)

    def reexport(self, use, module, into):
        target = self.index.get(str(use["id"]))
        if target is None or use["is_glob"] or "module" in target["inner"]:
            self.add(into, module, f"use {use['source']}{'::*' if use['is_glob'] else ''}", [])
        else:
            self.item(target, use["name"], module, self.hidden if self.is_hidden(target) else into)

    def add(self, into, module, title, lines):
        into.setdefault(module, {})[title] = lines

    def item(self, item, name, module, into):
        if item["id"] in self.placed:
            return self.add(into, module, f"use {self.placed[item['id']]}::{name}", [])
        self.placed[item["id"]] = module
        (kind, inner), = item["inner"].items()
        match kind:
            case "function":
                self.count(into)
                self.add(into, module, function(item), [])
            case "constant":
                self.add(into, module, f"const {name}: {ty(inner['type'])}{value(inner['const'])}", [])
            case "type_alias":
                self.add(into, module, f"type {name}{generics(inner['generics'])} = {ty(inner['type'])}", [])
            case "struct" | "enum" | "trait":
                self.type(item, kind, name, module, into)
            case _:
                sys.exit(f"an item that .ci/interface.py cannot write: {kind} {name}")

    def count(self, into):
        self.functions[into is self.hidden] += 1

    def type(self, item, kind, name, module, into):
        inner = item["inner"][kind]
        head = f"{kind} {name}{generics(inner['generics'])}{where(inner['generics'])}"
        if "non_exhaustive" in item["attrs"]:
            head = f"#[non_exhaustive] {head}"
        if kind == "trait":
            head += f": {bounds(inner['bounds'])}" if inner["bounds"] else ""
            lines, methods, derived = [], self.members(inner["items"], into), []
        else:
            lines = self.fields(inner["kind"]) if kind == "struct" else self.variants(inner["variants"])
            methods, derived = [], []
            for implementation in self.get(inner["impls"]):
                of = implementation["inner"]["impl"]["for"].get("resolved_path")
                if of and of["id"] == item["id"]:
                    self.implementation(implementation, into, methods, derived, f"{module}::{name}")
        self.add(into, module, head, lines + sorted(methods, key=rank_of_member) + sorted(set(derived)))

    def fields(self, of):
        if of == "unit":
            return []
        if "tuple" in of:
            fields = ((n, f) for n, i in enumerate(of["tuple"]) if i is not None for f in self.get([i]))
            return [f"{n}: {ty(f['inner']['struct_field'])}" for n, f in fields]
        return [f"{f['name']}: {ty(f['inner']['struct_field'])}" for f in self.get(of["plain"]["fields"])]

    def variants(self, ids):
        lines = []
        for variant in self.get(ids):
            of = variant["inner"]["variant"]["kind"]
            text = variant["name"]
            if of != "plain" and "tuple" in of:
                text += f"({', '.join(ty(f['inner']['struct_field']) for f in self.get(of['tuple']))})"
            elif of != "plain":
                fields = (f"{f['name']}: {ty(f['inner']['struct_field'])}" for f in self.get(of["struct"]["fields"]))
                text += f" {{ {', '.join(fields)} }}"
            lines.append(text)
        return lines

    def implementation(self, item, into, methods, derived, owner):
        inner = item["inner"]["impl"]
        if inner["trait"] is None:
            methods += self.members(inner["items"], into, owner)
        elif inner["blanket_impl"]:
            return
        elif inner["is_synthetic"] or path(inner["trait"]) in NOT_WORTH_A_LINE:
            if inner["is_negative"] and path(inner["trait"]) in ("Send", "Sync"):
                derived.append(f"impl !{path(inner['trait'])}")
        else:
            derived.append(f"impl{generics(inner['generics'])} {path(inner['trait'])}{where(inner['generics'])}")

    def members(self, ids, into, owner=None):
        lines = []
        for item in self.get(ids):
            (kind, inner), = item["inner"].items()
            if kind == "function":
                text = function(item)
                is_hidden = self.is_hidden(item) and into is not self.hidden
                self.count(self.hidden if is_hidden else into)
                if is_hidden:
                    self.hidden.setdefault(owner, {})[text] = []
                    continue
                lines.append(text)
            elif kind == "assoc_const":
                lines.append(f"const {item['name']}: {ty(inner['type'])}")
            elif kind == "assoc_type":
                lines.append(f"type {item['name']}" + (f": {bounds(inner['bounds'])}" if inner["bounds"] else ""))
        return lines

    def for_others(self):
        """Adds the crate's implementations for types of other crates."""
        for item in self.index.values():
            inner = item["inner"].get("impl")
            if not inner or item["crate_id"] or inner["blanket_impl"] or inner["is_synthetic"] or not inner["trait"]:
                continue
            of = inner["for"]
            if "resolved_path" in of and str(of["resolved_path"]["id"]) in self.index:
                continue
            text = f"impl{generics(inner['generics'])} {path(inner['trait'])} for {ty(of)}{where(inner['generics'])}"
            self.add(self.modules, "hardtack", text, [])


def name_of(line):
    return line.split("(")[0].split("<")[0].split(":")[0].split()[-1]


def rank_of_member(line):
    """Sorts constructors first, then by name."""
    return (bool(re.search(r"\((&('\w+ )?)?(mut )?self\b", line)), name_of(line))


def rank_of_group(title):
    """Sorts constants and functions first, then types, each by name."""
    return (bool(re.match(r"(#\[non_exhaustive\] )?(struct|enum|trait) ", title)), name_of(title.split(" where ")[0]), title)


# ---- The page


def page_of(interfaces):
    """Returns the interface with all features, each line with the feature that it needs."""
    needs = {}
    for features, interface in interfaces.items():
        for modules in (interface.modules, interface.hidden):
            for module, groups in modules.items():
                for title, lines in groups.items():
                    for line in (None, *lines):
                        needs.setdefault((module, title, line), features)
    full = interfaces[FEATURES[-1]]
    text = blocks(full.modules, needs)
    if full.hidden:
        text += "\n# Hidden from the docs\n\nNo promise about these: they may change in any version.\n"
        text += blocks(full.hidden, needs)
    return text + "\n"


def blocks(modules, needs):
    text = ""
    for module, groups in modules.items():
        text += f"\n## {module}\n\n```text\n"
        of_module = next((part for part in module.split("::") if part in FEATURES), "")
        groups_of_module = sorted(groups.items(), key=lambda group: rank_of_group(group[0]))
        for number, (title, lines) in enumerate(groups_of_module):
            of_group = needs[module, title, None]
            text += "\n" if lines and number else ""
            text += title + mark(of_group, of_module) + "\n"
            plain = [line for line in lines if PLAIN_IMPL.fullmatch(line) and needs[module, title, line] == of_group]
            for line in lines:
                if line not in plain:
                    text += f"    {line}{mark(needs[module, title, line], of_group)}\n"
            if plain:
                text += f"    impl {', '.join(sorted(PLAIN_IMPL.fullmatch(line)[2] for line in plain))}\n"
        text += "```\n"
    return text


def mark(needed, around):
    return f"  [{needed}]" if FEATURES.index(needed) > FEATURES.index(around) else ""


def main():
    interfaces = {features: Interface(features) for features in FEATURES}
    before, rest = PAGE.read_text().split(BEGIN)
    old, after = rest.split(END)
    new = page_of(interfaces)
    shown, hidden = interfaces[FEATURES[-1]].functions
    print(f"public functions: {shown} in the docs, {hidden} hidden from them")
    if "--write" in sys.argv[1:]:
        PAGE.write_text(before + BEGIN + new + END + after)
    elif old != new:
        name = str(PAGE)
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), name, "the code", n=1))
        sys.exit(f"{name} is not what the code says: .ci/interface.py --write, and look at the difference")


main()
