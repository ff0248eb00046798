"""Watchfloor: feeds in, explained leads out. `watchfloor.open("floor")` opens a floor."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchfloor.api import open as open  # noqa: A004 - as one opens a file

__all__ = ["open"]


def __getattr__(name: str) -> Any:
    if name == "open":  # what only asks for a version, or for help, does not wait for the store
        from watchfloor.api import open as found

        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
