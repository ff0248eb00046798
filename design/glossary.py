"""Names and docstrings that the glossary forbids in the source; `./dev lint` refuses them."""

import ast
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "watchfloor"
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
        for node in _statements(ast.parse(path.read_bytes())):
            if getattr(node, "name", None) in NAMES.get(type(node), ()):
                yield f"{where} {node.name}"
            if isinstance(node, DOCUMENTED) and (ast.get_docstring(node) or "").startswith("What "):
                yield f"{where} What"


def _statements(module: ast.Module) -> Iterator[ast.AST]:
    """Yield a module and its statements at any depth: expressions define nothing that has a docstring."""
    found: list[ast.AST] = [module]
    for node in found:
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            found += getattr(node, part, ())
        yield node


def main() -> int:
    """Print what is forbidden, and return 1 if anything is."""
    gc.disable()  # a search for cycles among the nodes of trees takes as long as to parse
    found = list(forbidden(SOURCE))
    for name in found:
        print(
            f"src/watchfloor/{name}: the glossary forbids this; choose a standard term, or begin with a verb"
        )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
