"""Types of Cursor on Target events: what a code such as `a-u-S-X-M` is about.

A type is a path. The first atom says what sort of event it is (`a`: a thing that is somewhere), the second
whose it is (affiliation), the third where it moves (P space, A air, G ground, S sea, U under water), and the
rest after MIL-STD-2525B. Nothing here concludes from an affiliation: we say `u` (unknown) of what is tracked,
whatever it does, and `f` of our own.
"""

from functools import lru_cache
from typing import Final

_CLASSES: Final = (
    ("A-M-F-Q", "drone"),
    ("A-M-H-Q", "drone"),
    ("A-C-F-q", "drone"),
    ("A", "aircraft"),
    ("G-E-V", "vehicle"),
    ("G-U", "person"),
    ("S", "boat"),
    ("U", "boat"),
)
"""Beginnings of a type behind its affiliation, and our classes; the first that fits holds."""

TYPES: Final = {
    "person": "G",
    "group": "G",
    "vehicle": "G-E-V-C",
    "boat": "S-X",
    "aircraft": "A-C",
    "drone": "A-M-F-Q",
    "animal": "G",
    "unknown": "G",
}
"""Our classes as the rest of a type. People on foot are `G` alone: the codes below it are of soldiers."""

EMERGENCY: Final = "b-a-o"
"""Events of somebody who calls for help, or takes it back (`b-a-o-can`)."""

CANCELLED: Final = "b-a-o-can"

SILENT: Final = ("t-x-c-t", "t-x-d-d", "t-x-takp", "t-x-m")
"""Beginnings of types that say nothing of the world: pings, greetings, which version of the protocol."""

TASK: Final = "b-m-p-w-GOTO"
"""Type of a task that is sent: a point to go to. Types of tasks begin with `t`, but `t-k` is a strike."""


@lru_cache(maxsize=4096)
def klass(type_: str) -> str | None:
    """Our class of what an event is about; None where its type says no more than that it is there."""
    if not type_.startswith("a-"):
        return None
    rest = type_[2:].partition("-")[2]
    found = (ours for begins, ours in _CLASSES if rest == begins or rest.startswith(begins + "-"))
    return next(found, None)


def is_seen(type_: str) -> bool:
    """Whether an event is about something that is somewhere, or somebody who calls for help."""
    return type_.startswith(("a-", EMERGENCY))


def is_silent(type_: str) -> bool:
    """Whether an event is between machines and may be passed over."""
    return any(type_ == one or type_.startswith(one + "-") for one in SILENT)
