"""Marking definitions of STIX as markings of ours: TLP 2.0 and 1, statements, and our own extension."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid5

from watchfloor.core.marking import PUBLIC, TLP, Marking, MarkingError, parse

TLP_2: Final[Mapping[str, str]] = {
    "CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""Ids of TLP 2.0, as OASIS published them with `TLP_2_EXTENSION`."""
TLP_2_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_1: Final[Mapping[str, str]] = {
    "CLEAR": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "GREEN": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "AMBER": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "RED": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
"""Ids of TLP 1 (STIX 2.1, section 7.2.1.4) by the level of TLP 2.0 that each is now; CLEAR was WHITE."""
OWN_EXTENSION: Final = "extension-definition--67df6b3e-0029-5b46-aa73-528d29dbf7cd"
"""Our extension that carries a marking as `core.marking` writes it, on a definition or on an object."""

OURS: Final = UUID("5d0e2f6c-3c0a-4b7e-9b57-0f3a1c9d2e41")
"""Namespace of ids of what we publish: extension definitions and markings."""

KNOWN: Final[Mapping[str, Marking]] = {
    ref: Marking(tlp=TLP.index(level)) for ids in (TLP_2, TLP_1) for level, ref in ids.items()
}
"""Markings of the ids that everybody knows."""


def nearest(marking: Marking) -> tuple[str, ...]:
    """Return the ids of TLP 2.0 and TLP 1 for who knows no more than these: never more lenient.

    A marking that limits beyond TLP is at least AMBER+STRICT. TLP 1 has no such level: there it is RED.
    """
    beyond = replace(marking, tlp=0) != PUBLIC
    level = TLP[max(marking.tlp, TLP.index("AMBER+STRICT")) if beyond else marking.tlp]
    return TLP_2[level], TLP_1[level if level in TLP_1 else "RED"]


def own_id(text: str) -> str:
    """Return the id of our definition of a written marking."""
    return f"marking-definition--{uuid5(OURS, f'marking/{text}')}"


def meaning(definition: Mapping[str, Any]) -> Marking | None:
    """Return the marking of a definition; None of one that is not understood.

    A statement, such as a notice of copyright, keeps nobody from reading.
    """
    if found := KNOWN.get(definition.get("id", "")):
        return found
    extensions = definition.get("extensions")
    if isinstance(extensions, dict):
        own = stated(extensions)
        if own is not None:
            return own
        level = extensions.get(TLP_2_EXTENSION)
        if isinstance(level, dict):
            return _level(level.get("tlp_2_0"))
    kind, content = definition.get("definition_type"), definition.get("definition")
    if kind == "statement":
        return PUBLIC
    if isinstance(kind, str) and kind.lower() == "tlp" and isinstance(content, dict):
        return _level(next(iter(content.values()), None))
    return None


def _level(text: object) -> Marking | None:
    word = str(text).upper().removeprefix("TLP:")
    word = "CLEAR" if word == "WHITE" else word
    return Marking(tlp=TLP.index(word)) if word in TLP else None


def stated(extensions: Mapping[str, Any]) -> Marking | None:
    """Return the marking in our extension; None where it is not there or is none."""
    own = extensions.get(OWN_EXTENSION)
    text = own.get("marking") if isinstance(own, dict) else None
    try:
        return parse(text) if isinstance(text, str) else None
    except MarkingError:
        return None
