"""Our markings as definitions of STIX: the level of TLP for everybody, the whole for who knows ours.

A marking that limits more than TLP does is given to who knows TLP alone as a stricter level, never as a more
lenient one: `PB//TLP:CLEAR` goes as TLP:AMBER+STRICT, and to who knows TLP 1 alone as TLP:RED.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from watchfloor.core.marking import PUBLIC, TLP, Marking, parse
from watchfloor.formats.intelligence.stix_markings import (
    OWN_EXTENSION,
    TLP_1,
    TLP_2,
    TLP_2_EXTENSION,
    nearest,
    own_id,
)

PUBLISHED: Final = "2026-12-01T00:00:00.000Z"
"""When our definitions were published."""
_TLP_2_PUBLISHED: Final = "2022-10-01T00:00:00.000Z"
_TLP_1_PUBLISHED: Final = "2017-01-20T00:00:00.000Z"


@lru_cache(maxsize=4096)
def refs(text: str) -> tuple[str, ...]:
    """Return the ids of the definitions that mark an object of a written marking."""
    marking = parse(text)
    levels = nearest(marking)
    return levels if _is_level(marking) else (*levels, own_id(text))


def _is_level(marking: Marking) -> bool:
    return replace(marking, tlp=0) == PUBLIC


def definitions(text: str) -> Iterator[dict[str, Any]]:
    """Yield the definitions of a written marking, in the order of `refs`."""
    for ref in refs(text):
        yield _LEVELS[ref] if ref in _LEVELS else _own(ref, text)


def _own(ref: str, text: str) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": ref,
        "created": PUBLISHED,
        "name": text,
        "definition_type": "statement",
        "definition": {"statement": text},
        "extensions": {OWN_EXTENSION: {"extension_type": "property-extension", "marking": text}},
    }


def _level_2(level: str) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_2[level],
        "created": _TLP_2_PUBLISHED,
        "name": f"TLP:{level}",
        "extensions": {
            TLP_2_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": level.lower()},
        },
    }


def _level_1(level: str) -> dict[str, Any]:
    old = "white" if level == "CLEAR" else level.lower()
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_1[level],
        "created": _TLP_1_PUBLISHED,
        "name": f"TLP:{old.upper()}",
        "definition_type": "tlp",
        "definition": {"tlp": old},
    }


_LEVELS: Final = {
    one["id"]: one for one in (*map(_level_2, TLP), *(_level_1(level) for level in TLP if level in TLP_1))
}
"""Definitions of the levels as OASIS published them, by id."""
