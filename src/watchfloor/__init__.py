"""Watchfloor: feeds in, explained leads out. `watchfloor.open("floor")` opens a floor."""

from typing import TYPE_CHECKING

from watchfloor.core.lazy import lazily

if TYPE_CHECKING:
    from watchfloor.api import open as open  # noqa: A004 - as one opens a file

__all__ = ["open"]


__getattr__ = lazily(__name__, open="api")
