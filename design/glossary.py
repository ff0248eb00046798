"""Names and docstrings that the glossary forbids in the source. Those that were there are in `glossary.txt`.

`./dev lint` runs it. One that is not in the list fails; so does a line of the list that is no longer needed,
so that the list only gets shorter. After modules moved or words went, `python -m design.glossary --shrink`
writes the list anew, unless a word would be in it more often than before.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
LIST = HERE / "glossary.txt"
SOURCE = HERE.parent / "src" / "watchfloor"
MODULES = frozenset(
    "words told said given making keeping telling ways looks doubts turns about ready sums".split()
)
CLASSES = frozenset(
    "Told Seen Said Known Found Kept Given Held Made Taken Asked Standing Opened Refused".split()
)
FUNCTIONS = frozenset("take tell told said of _of".split())
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
NAMES = {ast.ClassDef: CLASSES, ast.FunctionDef: FUNCTIONS, ast.AsyncFunctionDef: FUNCTIONS}


def forbidden(root: Path) -> Iterator[str]:
    """Yield `path name` of each forbidden name, and `path What` of each docstring that begins so."""
    for path in sorted(root.rglob("*.py")):
        where = path.relative_to(root).as_posix()
        if path.stem in MODULES:
            yield f"{where} module"
        for node in ast.walk(ast.parse(path.read_bytes())):
            if getattr(node, "name", None) in NAMES.get(type(node), ()):
                yield f"{where} {node.name}"
            if isinstance(node, DOCUMENTED) and (ast.get_docstring(node) or "").startswith("What "):
                yield f"{where} What"


def main() -> int:
    """Print what is forbidden or no longer there, and return 1 if anything is."""
    found, listed = Counter(forbidden(SOURCE)), read(LIST.read_text("utf-8"))
    if sys.argv[1:] == ["--shrink"] and words(found) <= words(listed):
        LIST.write_text(written(found), "utf-8", newline="\n")
        return 0
    for name in sorted((found - listed).elements()):
        print(
            f"src/watchfloor/{name}: the glossary forbids this; choose a standard term, or begin with a verb"
        )
    for name in sorted((listed - found).elements()):
        print(f"design/glossary.txt: {name} is no longer there; run `python -m design.glossary --shrink`")
    return int(found != listed)


def read(text: str) -> Counter[str]:
    """Return a list as counts: each line says `path name`, or `path name * 3`."""
    lines = (line.partition(" * ") for line in text.splitlines())
    return Counter({name: int(count or 1) for name, _, count in lines})


def written(found: Counter[str]) -> str:
    """Return the list of what was found."""
    return "".join(f"{name}{f' * {count}' * (count > 1)}\n" for name, count in sorted(found.items()))


def words(found: Counter[str]) -> Counter[str]:
    """Return how often each name is there, wherever it is."""
    total: Counter[str] = Counter()
    for name, count in found.items():
        total[name.rpartition(" ")[2]] += count
    return total


if __name__ == "__main__":
    sys.exit(main())
