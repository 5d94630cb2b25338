"""Finds the environment variables that a function reads, in its source.

Only src/config.rs and src/config/ read the environment (a fence of `./dev check`). So a function reads the
variables that are named in the readers there which it calls, itself or through others, when it starts.
"""

import re
from pathlib import Path
from typing import Iterator, NamedTuple

BLOCK = re.compile(r"\bimpl(?:<[^>]*>)? (?:[\w:<>]+ for )?(\w+)[^{;]*\{")
FUNCTION = re.compile(r"\bfn (\w+)")
# A call of `Type::function`, `module::function` or `function`. `Self` is replaced before.
CALL = re.compile(r"\b(?:(\w+)::)?(\w+)(?:::<[^>]*>)?\(")
TESTS = re.compile(r"^#\[cfg\(test\)\]\n(?:#.*\n)*mod \w+ \{", re.MULTILINE)
NAME = re.compile(r'"([A-Z][A-Z0-9_]{3,})"')
REQUIRED = re.compile(r'\bread_required\(\s*"([A-Z0-9_]+)"')


class Variables(NamedTuple):
    """The variables that a function reads."""

    all: set[str]
    # Those without which it does not start.
    required: set[str]


class Reader(NamedTuple):
    """A function in the source. Its owner is its type, or its module if it has none."""

    owner: str
    module: str
    body: str


def find_variables(root: Path, function: str) -> Variables:
    """Returns the variables that a function's program reads when it starts."""
    known: dict[str, list[Reader]] = {}
    own = sorted((root / "functions" / function / "src").rglob("*.rs"))
    for path in [*sorted((root / "src").rglob("*.rs")), *own]:
        for name, reader in find_functions(path):
            known.setdefault(name, []).append(reader)
    # Every program starts its log, and then makes its capabilities.
    waiting = [("Capabilities", "from_env"), ("telemetry", "init")]
    seen, everything, required = set(waiting), set(), set()
    while waiting:
        owner, name = waiting.pop()
        for reader in known.get(name, []):
            if owner == reader.owner:
                if reader.module == "config":
                    everything |= set(NAME.findall(reader.body))
                    required |= set(REQUIRED.findall(reader.body))
                calls = set(find_calls(reader)) - seen
                waiting += calls
                seen |= calls
    return Variables(everything, required)


def find_calls(reader: Reader) -> Iterator[tuple[str, str]]:
    """Lists the functions that may be called: by their owner and name."""
    for owner, name in CALL.findall(reader.body):
        yield {"": reader.module, "Self": reader.owner}.get(owner, owner), name


def find_functions(path: Path) -> Iterator[tuple[str, Reader]]:
    """Lists the functions in a source file. Unit tests, which end the file, are ignored."""
    text = re.sub(r"^\s*//.*$", "", TESTS.split(path.read_text())[0], flags=re.MULTILINE)
    module = "config" if "config" in path.parts or path.stem == "config" else path.stem
    blocks = [(found.start(), find_end(text, found.end()), found[1]) for found in BLOCK.finditer(text)]
    for found in FUNCTION.finditer(text):
        begin = text.find("{", found.end())
        if begin < 0 or ";" in text[found.end():begin]:
            continue
        owners = [name for start, end, name in blocks if start < found.start() < end]
        owner = owners[0] if owners else module
        yield found[1], Reader(owner, module, text[begin:find_end(text, begin + 1)])


def find_end(text: str, begin: int) -> int:
    """Returns the place behind a block that begins before `begin`."""
    depth = 1
    for found in re.compile(r"[{}]").finditer(text, begin):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return found.end()
    return len(text)
