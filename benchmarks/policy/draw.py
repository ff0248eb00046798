"""Readers and markings, drawn."""

from datetime import date, timedelta
from random import Random

from watchfloor.core.marking import CLASSIFIED, PROTECTED, TLP, Marking
from watchfloor.policy.policy import Reader

WORDS = ("ALPHA", "BRAVO", "DELTA", "ECHO")
OWNERS = ("bank", "cell", "police", "port")
COUNTRIES = ("CAN", "FRA", "GBR", "USA")
PURPOSES = ("border", "fraud", "health")
TODAY = date(2026, 11, 24)


def markings(count: int, seed: int = 1) -> list[Marking]:
    """Different markings."""
    random = Random(seed)
    found: dict[Marking, None] = {}
    while len(found) < count:
        found[_marking(random)] = None
    return list(found)


def readers(count: int, seed: int = 1) -> list[Reader]:
    """Different readers, cleared for about half of what is drawn."""
    random = Random(seed)
    return [_reader(random, f"r{number}") for number in range(count)]


def _marking(random: Random) -> Marking:
    return Marking(
        random.randrange(len(PROTECTED)),
        random.choice((0, 0, 1, 2, 3)),
        random.randrange(len(TLP)),
        _some(random, COUNTRIES) if random.random() < 0.3 else None,
        _some(random, OWNERS) if random.random() < 0.2 else frozenset(),
        _some(random, WORDS) if random.random() < 0.3 else frozenset(),
        purposes=_some(random, PURPOSES) if random.random() < 0.2 else None,
        retain_until=TODAY + timedelta(days=random.randrange(-20, 60)) if random.random() < 0.3 else None,
    )


def _reader(random: Random, name: str) -> Reader:
    return Reader(
        name,
        random.choice(COUNTRIES),
        random.choice(OWNERS),
        random.choice((0, 1, 2, 2, 3, 3)),
        random.choice((0, 1, 2, 3, len(CLASSIFIED) - 1)),
        random.choice((2, 3, 4, 4)),
        _some(random, WORDS) if random.random() < 0.6 else frozenset(),
        random.choice(("", *PURPOSES)),
        random.choice((None, TODAY)),
        _some(random, OWNERS) if random.random() < 0.3 else frozenset(),
    )


def _some(random: Random, words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(random.sample(words, random.randint(0, 2)))
