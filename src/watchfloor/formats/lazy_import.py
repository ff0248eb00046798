"""Readers that are loaded when there is something to read, not when they are named.

What decodes AIS, ADS-B, SAPIENT and Cursor-on-Target is compiled by numba, and loading both takes as long as
all other formats together. Most commands read no wire.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from typing import Any

from watchfloor.formats.base import Format, Head


@dataclass(frozen=True, slots=True)
class Later:
    """A function or a class of a module of `formats`, which is imported when it is first called.

    Attributes:
        module: the module, from `formats` on.
        name: the function's or class's name in it.
    """

    module: str
    name: str

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Import the function and call it."""
        return found(self)(*args, **named)


@cache
def found(one: Later) -> Callable[..., Any]:
    """Return the function behind a `Later`; its module is imported."""
    that: Callable[..., Any] = getattr(import_module(f"watchfloor.formats.{one.module}"), one.name)
    return that


def later(
    name: str,
    kinds: tuple[str, ...],
    module: str,
    hint: bytes,
    write: bool = False,
    piece: Callable[..., bytes | None] | None = None,
) -> Format:
    """A format whose module is imported when a file could be of it, or is read as it.

    Args:
        name: of the format.
        kinds: names of the kinds it yields.
        module: where its `sniff`, `read` and `write` are.
        hint: an expression that is found in the start of every file that its `sniff` gives more than 0.
        write: whether it is also sent.
        piece: as `Format.piece`.
    """
    sniff = partial(_sniff, re.compile(hint, re.DOTALL | re.MULTILINE), Later(module, "sniff"))
    return Format(name, kinds, sniff, Later(module, "read"), Later(module, "write") if write else None, piece)


def _sniff(hint: re.Pattern[bytes], sniff: Later, head: Head) -> float:
    return float(sniff(head)) if hint.search(head.data) else 0.0
