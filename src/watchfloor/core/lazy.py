"""Public names of a package that are loaded when they are first used: importing the package stays cheap."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazily(package: str, **modules: str) -> Callable[[str], Any]:
    """Return a package's `__getattr__`: each name is found in the module that is stated for it.

    Example: `__getattr__ = lazily(__name__, Screener="screener")`
    """

    def find(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return find
