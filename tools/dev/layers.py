"""Checks the layers of `src/`: a module may only use modules of its own layer or of a lower one.

A picture in docs/ARCHITECTURE.md shows the layers, the highest first. This check reads the picture itself.
"""

import re
from typing import Iterator, NamedTuple

from dev import fences, settings

DOCUMENT = "docs/ARCHITECTURE.md"
HEADING = "\n## Layers\n"
# A re-export in the crate's root. `crate::` can be followed by its name instead of a module's.
REEXPORTS = re.compile(r"^pub use (\w+)::(?:\{([^}]*)\}|(\w+));", re.MULTILINE)
USE = re.compile(r"\buse\s+([^;]+);")
PATH = re.compile(r"(?<![\w:])(?:\w+::)+\w+")


class Arrow(NamedTuple):
    """A line in which one module (`start`) uses another (`end`)."""

    path: str
    line: int
    start: str
    end: str


def find_breaches() -> list[str]:
    """Returns a message for each use of a higher layer, circle in a layer, and module not in the picture."""
    texts = {path: (settings.ROOT / path).read_text() for path in fences.list_sources("src/*.rs")}
    return find_breaches_in(texts, (settings.ROOT / DOCUMENT).read_text())


def find_breaches_in(texts: "dict[str, str]", document: str) -> list[str]:
    """Finds the violations in these files (texts by path), by the picture in this document."""
    rows = read_picture(document)
    found = find_misplaced(rows, texts)
    layers = {module: row for row, modules in enumerate(rows) for module in modules}
    arrows = [arrow for path, text in texts.items() if path != "src/lib.rs"
              for arrow in find_arrows(path, text, texts, layers)]
    found += [f"{path}:{line}: {start} uses {end}, which is above it in {DOCUMENT}"
              for path, line, start, end in arrows if layers[end] < layers[start] and start != f"db::{end}"]
    sideways = {(arrow.start, arrow.end) for arrow in arrows if layers[arrow.start] == layers[arrow.end]}
    found += [f"{path}:{line}: {start} and {end} use each other in a circle"
              for path, line, start, end in arrows
              if (start, end) in sideways and is_reachable(end, start, sideways)]
    return found


def read_picture(document: str) -> "list[list[str]]":
    """Returns the modules of each layer in the picture, from the highest to the lowest.

    Layers are boxes with an arrow from each to the next. The modules are in the lines that begin with `│`.
    """
    picture = document.partition(HEADING)[2].partition("```text\n")[2].partition("```")[0]
    return [[module for line in box.splitlines() if line.startswith("│") for module in re.findall(r"[\w:]+", line)]
            for box in picture.split("▼")]


def find_misplaced(rows: "list[list[str]]", texts: "dict[str, str]") -> list[str]:
    """Finds modules that the picture lacks or shows twice, and names in the picture that are not modules."""
    named, present = [module for row in rows for module in row], {module_of(path) for path in texts} - {""}
    divided = {module.rpartition("::")[0] for module in named} - {""}
    found = [f"{DOCUMENT}: {module} is in the picture twice" for module in sorted(set(named)) if named.count(module) > 1]
    found += [f"{DOCUMENT}: {module} is not a module" for module in sorted(set(named) - present)]
    for module in sorted(present - set(named)):
        parent = module.rpartition("::")[0]
        if not parent or parent in divided:
            found.append(f"{DOCUMENT}: {module} is not in the picture")
    return found


def find_arrows(path: str, text: str, texts: "dict[str, str]", layers: "dict[str, int]") -> Iterator[Arrow]:
    """Finds the uses of other modules in one file."""
    own, modules = module_of(path), {module_of(other) for other in texts}
    text = blank_comments_and_tests(text)
    imports = list(find_imports(own, text, texts, modules))
    aliases = {name: target for _, target, name in imports if target in modules}
    used = [(at, target) for at, target, _ in imports]
    for match in PATH.finditer(USE.sub(blank_match, text)):
        head, _, rest = match[0].partition("::")
        target = f"{aliases[head]}::{rest}" if head in aliases else resolve_path(own, match[0], texts, modules)
        used += [(match.start(), target)] if target else []
    start = find_drawn_module(own, layers)
    for at, target in used:
        end = find_drawn_module(target, layers)
        if start and end and start != end:
            yield Arrow(path, text.count("\n", 0, at) + 1, start, end)


def find_imports(own: str, text: str, texts: "dict[str, str]", modules: "set[str]") -> Iterator[tuple]:
    """Finds imports by `use`: position in the text, path from the crate's root, name in this file."""
    for match in USE.finditer(text):
        for leaf in expand_use_tree(re.sub(r"\s+", " ", match[1]).strip()):
            path, _, alias = leaf.partition(" as ")
            target = resolve_path(own, path.removesuffix("::self"), texts, modules)
            if target:
                yield match.start(1), target, alias or target.rpartition("::")[2]


def expand_use_tree(tree: str) -> Iterator[str]:
    """Returns the paths in a use tree: `a::{b, c::{d}}` has `a::b` and `a::c::d`."""
    prefix, brace, rest = tree.partition("{")
    if not brace:
        yield tree
        return
    depth, part = 0, ""
    for character in rest.rpartition("}")[0] + ",":
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            if part.strip():
                yield from expand_use_tree(prefix + part.strip())
            part = ""
        else:
            part += character


def resolve_path(own: str, path: str, texts: "dict[str, str]", modules: "set[str]") -> str:
    """Returns the path from the crate's root, or an empty string if the path leads to another crate."""
    head, _, rest = path.partition("::")
    if head == "crate":
        name, _, after = rest.partition("::")
        origin = find_reexports(texts.get("src/lib.rs", "")).get(name)
        return f"{origin}::{rest}" if origin else rest
    base = own
    if head in ("self", "super"):
        while head in ("self", "super"):
            base = base.rpartition("::")[0] if head == "super" else base
            head, _, rest = rest.partition("::")
        return "::".join(part for part in (base, head, rest) if part)
    return f"{own}::{path}" if f"{own}::{head}" in modules else ""


def find_reexports(root: str) -> "dict[str, str]":
    """Returns the names that the crate's root re-exports, with their modules."""
    return {name.strip(): module for module, names, name in REEXPORTS.findall(root)
            for name in (names or name).split(",")}


def find_drawn_module(path: str, layers: "dict[str, int]") -> str:
    """Returns the longest prefix of the path that the picture shows, or an empty string."""
    while path and path not in layers:
        path = path.rpartition("::")[0]
    return path


def module_of(path: str) -> str:
    """Returns the module of a file: `db::quota` for `src/db/quota.rs`, and nothing for the crate's root."""
    return path.removeprefix("src/").removesuffix(".rs").replace("/", "::").removesuffix("lib")


def blank_comments_and_tests(text: str) -> str:
    """Removes comments and tests, but keeps all line breaks, so that line numbers do not change."""
    text = re.sub(r"[ \t]//[ \t].*$", "", fences.blank_comments(text), flags=re.MULTILINE)
    return re.sub(r"^#\[cfg\(test\)\]\n(?:mod \w+ \{\n.*?^\}|.*?[;}]$)", blank_match, text, flags=re.MULTILINE | re.DOTALL)


def blank_match(match: "re.Match[str]") -> str:
    """Replaces a match by spaces of the same length."""
    return re.sub(r"[^\n]", " ", match[0])


def is_reachable(start: str, end: str, arrows: "set[tuple[str, str]]") -> bool:
    """Returns whether a chain of uses leads from `start` to `end`."""
    seen, ahead = set(), {start}
    while ahead:
        seen |= ahead
        ahead = {to for since, to in arrows if since in ahead} - seen
    return end in seen
