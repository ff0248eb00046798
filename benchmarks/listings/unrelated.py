"""Plausible names of nobody listed, composed from stocks of common given and family names."""

import random
import tomllib
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.listings.romanise import plain

STOCK = Path(__file__).with_name("stock.toml")


class Composed(NamedTuple):
    """A name, the script it is written in, and the tradition it was composed from."""

    name: str
    script: str
    tradition: str
    schema: str


def stocks() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Script to tradition to part (`given`, `family`, `head`…) to names."""
    raw = tomllib.loads(STOCK.read_text(encoding="utf-8"))
    return {
        script: {
            tradition: {part: phrases(text) for part, text in parts.items()}
            for tradition, parts in group.items()
        }
        for script, group in raw.items()
    }


def phrases(text: str) -> list[str]:
    """Names separated by `|` where they hold spaces, by white space elsewhere."""
    pieces = text.split("|") if "|" in text else text.split()
    return [" ".join(piece.split()) for piece in pieces]


def person(rng: random.Random, script: str, tradition: str, stock: dict[str, list[str]]) -> str:
    given, family = rng.choice(stock["given"]), rng.choice(stock["family"])
    if script in {"han", "hangul"}:
        return family + given
    if script == "cyrillic":
        middle = [rng.choice(stock["middle"])] if rng.random() < 0.5 else []
        return " ".join([family, given, *middle] if rng.random() < 0.5 else [given, *middle, family])
    if tradition == "arabic":  # own name, father's, sometimes grandfather's, family
        fathers = [rng.choice(stock["given"]) for _ in range(rng.choice((0, 1, 1, 2)))]
        return " ".join([given, *fathers, family])
    if tradition == "spanish" and rng.random() < 0.7:
        return " ".join([given, family, rng.choice(stock["family"])])
    if rng.random() < 0.2:
        return " ".join([given, rng.choice(stock["given"]), family])
    return f"{given} {family}" if rng.random() < 0.8 else f"{family}, {given}"


def company(rng: random.Random, stock: dict[str, list[str]]) -> str:
    return " ".join(rng.choice(stock[part]) for part in ("head", "body", "tail"))


def persons(rng: random.Random, script: str) -> Iterator[Composed]:
    """Endless names of persons, the script's traditions in turn."""
    group = stocks()[script]
    while True:
        for tradition, stock in group.items():
            yield Composed(person(rng, script, tradition, stock), script, tradition, "Person")


def companies(rng: random.Random) -> Iterator[Composed]:
    group = stocks()["company"]
    while True:
        for tradition, stock in group.items():
            yield Composed(company(rng, stock), "latin", f"company.{tradition}", "Company")


def distinct(names: Iterator[Composed], count: int) -> list[Composed]:
    """The first `count` names that differ in their words; fewer where the stock has no more."""
    fresh: dict[str, Composed] = {}
    for made in islice(names, 50 * count):
        fresh.setdefault(same_words(made.name), made)
        if len(fresh) == count:
            break
    return list(fresh.values())


def same_words(name: str) -> str:
    """A key that names with the same words, in any order and case, share."""
    return " ".join(sorted("".join(c if c.isalnum() else " " for c in name.casefold()).split()))


FOLDED = str.maketrans(
    {**dict.fromkeys("aeiouyw"), "q": "k", "c": "k", "z": "s", "v": "b", "p": "b", "f": "b"}
)
PARTICLES = frozenset("al el abd abu bin ben ibn the".split())
TELLING = 5
"""Consonants that a key needs; names with fewer (Li Wei) are namesakes only when every letter is the same."""


def sound(name: str) -> str:
    """A coarse key that spellings of one name share, whatever their script: namesakes by their consonants."""
    words = [word.removeprefix("al") if len(word) > 4 else word for word in plain(name).split()]
    folded = [word.translate(FOLDED) for word in words if word not in PARTICLES]
    key = " ".join(sorted("".join(c for c, _ in groupby(word)) for word in folded if word))
    return key if len(key.replace(" ", "")) >= TELLING else same_words(plain(name))
