"""Names of the law as toolkits can read them: what is asked of OPSIN, `chemicals` and MassBank."""

import re
import tomllib
from pathlib import Path
from typing import Any

from watchfloor.reference.law import items

GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "Δ": "delta", "δ": "delta", "ω": "omega"}
DECISIONS = Path(__file__).with_name("structures.toml")
NO_SUBSTANCE = frozenset({"poppy seed", "phytocannabinoid", "peyote"})
"""Exceptions that are no single substance."""

MARK = re.compile(
    r"^(?:\(±\)-(?:trans-)?|\(-\)-|d,[l1]-|d-threo-|[dl]-(?=\S)|erythro-|threo-|alpha-(?=\d)|beta-(?=\d))"
)
"""A word at the start of a name that states the stereochemistry in a way OPSIN misreads or cannot read."""

RACEMIC = re.compile(r"^(?:\(±\)-|d,[l1]-)")
SEMI = re.compile(
    r"morphin(?:e|one)\b|codein(?:e|one)\b|oripavine|etorphine|ecgonine|testosterone|barbital\b",
    re.IGNORECASE,
)
"""Names built on the trivial name of a natural product, which OPSIN reads but may put a group elsewhere."""


def substances() -> dict[str, list[str]]:
    """Keys of all items that name one substance, with the names of all their wordings."""
    found: dict[str, list[str]] = {}
    for item in items.items():
        if item.sort in ("substance", "excluded") and item.names_en[0].casefold() not in NO_SUBSTANCE:
            names = found.setdefault(item.key, [])
            names += [name for name in item.names_en if name not in names]
    return found


def decisions() -> dict[str, dict[str, Any]]:
    """What was decided by hand, by head name."""
    return tomllib.loads(DECISIONS.read_text("utf-8"))


def wanted() -> list[str]:
    """All names that may be looked up."""
    more = [name for one in decisions().values() for name in one.get("lookup", [])]
    return sorted({name for names in substances().values() for name in names} | set(more))


def readable(name: str) -> str:
    """A name in the spelling that OPSIN reads: no Greek letters, no stray spaces."""
    for letter, word in GREEK.items():
        name = name.replace(letter, word)
    name = name.replace("′", "'").replace("’", "'")
    name = re.sub(r"(?<=[\w']),\s+(?=\w)", ",", name)
    name = re.sub(r"(?<=[)\]]) (?=[a-z\[(])(?!(?:acid|ester|acetate|oxime|propionate)\b)", "", name)
    return name.replace("[2,2,1]", "[2.2.1]").strip()


def unmarked(name: str) -> str:
    """Without the mark of stereochemistry at its start."""
    return MARK.sub("", name)


def folded(name: str) -> str:
    """A name as it is compared with others': small letters, no spaces, hyphens or kinds of brackets."""
    name = name.lower().replace(".alpha.", "alpha").replace(".beta.", "beta")
    for letter, word in GREEK.items():
        name = name.replace(letter.lower(), word)
    return re.sub(r"[\s‐‑–-]", "", name.translate(str.maketrans("[]{}", "()()")))
