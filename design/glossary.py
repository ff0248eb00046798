"""Names that the glossary forbids in the source. What had them when it was written is in `glossary.txt`.

`./dev lint` runs it. A forbidden name that is not in the list fails; so does a line of the list that is no
longer needed, so that the list only gets shorter.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src" / "watchfloor"
MODULES = frozenset(
    "words told said given making keeping telling ways looks doubts turns about ready sums".split()
)
CLASSES = frozenset(
    "Told Seen Said Known Found Kept Given Held Made Taken Asked Standing Opened Refused".split()
)
FUNCTIONS = frozenset("take tell told said of _of".split())
NAMES = {ast.ClassDef: CLASSES, ast.FunctionDef: FUNCTIONS, ast.AsyncFunctionDef: FUNCTIONS}


def forbidden(root: Path) -> Iterator[str]:
    """Yield `path name` of each forbidden name of the modules under a folder."""
    for path in sorted(root.rglob("*.py")):
        where = path.relative_to(root).as_posix()
        if path.stem in MODULES:
            yield f"{where} module"
        for node in ast.walk(ast.parse(path.read_bytes())):
            if getattr(node, "name", None) in NAMES.get(type(node), ()):
                yield f"{where} {node.name}"


def main() -> int:
    """Print what is forbidden or no longer there, and return 1 if anything is."""
    found = Counter(forbidden(SOURCE))
    listed = Counter((HERE / "glossary.txt").read_text("utf-8").splitlines())
    for name in sorted((found - listed).elements()):
        print(f"src/watchfloor/{name}: the glossary forbids this name; choose a standard term")
    for name in sorted((listed - found).elements()):
        print(f"design/glossary.txt: {name} is no longer there; remove this line")
    return int(found != listed)


if __name__ == "__main__":
    sys.exit(main())
