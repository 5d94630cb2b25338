"""The layers of `src/`: which module may use which. The rows of a table in docs/ARCHITECTURE.md say it, the highest first."""

import re
from typing import Iterator, NamedTuple

from dev import fences, settings

DOCUMENT = "docs/ARCHITECTURE.md"
HEAD = "| layer | modules |"
# What `crate::` is followed by where it names no module, and where that is from.
REEXPORTS = re.compile(r"^pub use (\w+)::(?:\{([^}]*)\}|(\w+));", re.MULTILINE)
USE = re.compile(r"\buse\s+([^;]+);")
PATH = re.compile(r"(?<![\w:])(?:\w+::)+\w+")


class Arrow(NamedTuple):
    """One module uses another, in a line of a file."""

    path: str
    line: int
    start: str
    end: str


def breaches() -> list[str]:
    """All lines of `src/` that use a module above their own or in a circle, and all modules that have no row."""
    texts = {path: (settings.ROOT / path).read_text() for path in fences.sources("src/*.rs")}
    return breaches_of(texts, (settings.ROOT / DOCUMENT).read_text())


def breaches_of(texts: "dict[str, str]", document: str) -> list[str]:
    """The same of these files and this document."""
    rows = table(document)
    found, layers = misplaced(rows, texts), {module: row for row, modules in enumerate(rows) for module in modules}
    arrows = [arrow for path, text in texts.items() if path != "src/lib.rs" for arrow in arrows_of(path, text, texts, layers)]
    found += [f"{path}:{line}: {start} uses {end}, which is above it in {DOCUMENT}"
              for path, line, start, end in arrows if layers[end] < layers[start] and start != f"db::{end}"]
    sideways = {(arrow.start, arrow.end) for arrow in arrows if layers[arrow.start] == layers[arrow.end]}
    found += [f"{path}:{line}: {start} and {end} use each other in a circle"
              for path, line, start, end in arrows if (start, end) in sideways and reaches(end, start, sideways)]
    return found


def table(document: str) -> "list[list[str]]":
    """The rows of the table, the highest layer first: the names of their modules."""
    lines = document.partition(HEAD)[2].splitlines()[2:]
    rows = lines[:next((number for number, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    return [re.findall(r"`([\w:]+)`", row.split("|")[2]) for row in rows]


def misplaced(rows: "list[list[str]]", texts: "dict[str, str]") -> list[str]:
    """Modules without a row or with two, and rows that name what is no module."""
    named, present = [module for row in rows for module in row], {module_of(path) for path in texts} - {""}
    divided = {module.rpartition("::")[0] for module in named} - {""}
    found = [f"{DOCUMENT}: {module} is named twice" for module in sorted(set(named)) if named.count(module) > 1]
    found += [f"{DOCUMENT}: {module} is no module" for module in sorted(set(named) - present)]
    for module in sorted(present - set(named)):
        parent = module.rpartition("::")[0]
        if not parent or parent in divided:
            found.append(f"{DOCUMENT}: {module} has no row")
    return found


def arrows_of(path: str, text: str, texts: "dict[str, str]", layers: "dict[str, int]") -> Iterator[Arrow]:
    """What one file uses of other rooms."""
    own, modules = module_of(path), {module_of(other) for other in texts}
    text = production(text)
    aliases = {name: target for _, target, name in imported(own, text, texts, modules) if target in modules}
    used = [(at, target) for at, target, _ in imported(own, text, texts, modules)]
    for match in PATH.finditer(USE.sub(blank, text)):
        head, _, rest = match[0].partition("::")
        target = f"{aliases[head]}::{rest}" if head in aliases else absolute(own, match[0], texts, modules)
        used += [(match.start(), target)] if target else []
    start = room(own, layers)
    for at, target in used:
        end = room(target, layers)
        if start and end and start != end:
            yield Arrow(path, text.count("\n", 0, at) + 1, start, end)


def imported(own: str, text: str, texts: "dict[str, str]", modules: "set[str]") -> Iterator[tuple]:
    """What `use` lines name: where, the path from the crate's root, and the name it has here."""
    for match in USE.finditer(text):
        for leaf in leaves(re.sub(r"\s+", " ", match[1]).strip()):
            path, _, alias = leaf.partition(" as ")
            target = absolute(own, path.removesuffix("::self"), texts, modules)
            if target:
                yield match.start(1), target, alias or target.rpartition("::")[2]


def leaves(tree: str) -> Iterator[str]:
    """The paths of a use tree: `a::{b, c::{d}}` has `a::b` and `a::c::d`."""
    prefix, brace, rest = tree.partition("{")
    if not brace:
        yield tree
        return
    depth, part = 0, ""
    for character in rest.rpartition("}")[0] + ",":
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            if part.strip():
                yield from leaves(prefix + part.strip())
            part = ""
        else:
            part += character


def absolute(own: str, path: str, texts: "dict[str, str]", modules: "set[str]") -> str:
    """The path from the crate's root; empty where it leads to another crate."""
    head, _, rest = path.partition("::")
    if head == "crate":
        name, _, after = rest.partition("::")
        origin = reexported(texts.get("src/lib.rs", "")).get(name)
        return f"{origin}::{rest}" if origin else rest
    base = own
    if head in ("self", "super"):
        while head in ("self", "super"):
            base = base.rpartition("::")[0] if head == "super" else base
            head, _, rest = rest.partition("::")
        return "::".join(part for part in (base, head, rest) if part)
    return f"{own}::{path}" if f"{own}::{head}" in modules else ""


def reexported(root: str) -> "dict[str, str]":
    """What the crate's root has from its modules, by name."""
    return {name.strip(): module for module, names, name in REEXPORTS.findall(root) for name in (names or name).split(",")}


def room(path: str, layers: "dict[str, int]") -> str:
    """The longest beginning of the path that has a row."""
    while path and path not in layers:
        path = path.rpartition("::")[0]
    return path


def module_of(path: str) -> str:
    """`src/db/quota.rs` is `db::quota`, and the crate's root is nothing."""
    return path.removeprefix("src/").removesuffix(".rs").replace("/", "::").removesuffix("lib")


def production(text: str) -> str:
    """The text without comments and tests, whose lines stay where they are."""
    text = re.sub(r"[ \t]//[ \t].*$", "", fences.without_comments(text), flags=re.MULTILINE)
    return re.sub(r"^#\[cfg\(test\)\]\n(?:mod \w+ \{\n.*?^\}|.*?[;}]$)", blank, text, flags=re.MULTILINE | re.DOTALL)


def blank(match: "re.Match[str]") -> str:
    """As much white space as was matched."""
    return re.sub(r"[^\n]", " ", match[0])


def reaches(start: str, end: str, arrows: "set[tuple[str, str]]") -> bool:
    """Whether one can follow arrows from the one to the other."""
    seen, ahead = set(), {start}
    while ahead:
        seen |= ahead
        ahead = {to for since, to in arrows if since in ahead} - seen
    return end in seen
