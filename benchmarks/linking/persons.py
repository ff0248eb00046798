"""Made-up persons as three feeds would deliver them, with who is who.

Names are drawn from the exercise's parts and from made-up syllables, so that some are borne by many and most
by few. Each person turns up in one to three feeds under that feed's own number; a feed writes names, dates
and telephones in its own way, leaves things out and makes slips. Hard on purpose: families share family name,
address and telephone, twins the birth date too, a son may bear his father's name at his father's address,
namesakes share a name and nothing else, and forwarding agents give their own telephone for hundreds of
consignees.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

import pyarrow as pa

from watchfloor.core.kinds import PARTY
from watchfloor.exercise.names import PEOPLE

FEEDS = {
    "mail": {"birth": 0.1, "phone": 0.7, "address": 0.9, "passport": 0.0},
    "bank": {"birth": 0.9, "phone": 0.6, "address": 0.6, "passport": 0.2},
    "visa": {"birth": 1.0, "phone": 0.4, "address": 0.3, "passport": 0.9},
}
"""Of what each feed delivers, the share of rows that have it."""

AGENTS = ("16135550100", "15145550101", "16045550102")
"""Telephones of forwarding agents, given for one consignee in twenty."""

SYLLABLES = (
    "ba do ka li mo ne ra so ta vi zu fen gar hol kin lor mar nel pol rin sal tor vel wick yan".split()
)
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    given: str
    family: str
    born: date
    phone: str
    address: str
    passport: str


@dataclass(frozen=True)
class Drawn:
    """Rows of `party`, the pairs of subjects that are one person, and those that only live together."""

    parties: pa.Table
    same: frozenset[tuple[str, str]]
    household: frozenset[tuple[str, str]]


def draw(people: int, seed: int) -> Drawn:
    random = Random(seed)
    rows = []
    persons: dict[int, list[str]] = defaultdict(list)
    homes: dict[str, list[str]] = defaultdict(list)
    for number, person in enumerate(_population(people, random)):
        for feed in random.sample(list(FEEDS), random.choice((1, 2, 2, 3))):
            rows.append(_seen(person, feed, number, random))
            persons[number].append(rows[-1]["subject"])
            homes[person.address].append(rows[-1]["subject"])
    random.shuffle(rows)
    numbered = [row | {"record_id": i.to_bytes(16, "big")} for i, row in enumerate(rows)]
    same = _pairs(persons)
    return Drawn(pa.Table.from_pylist(numbered, schema=PARTY.schema), same, _pairs(homes) - same)


def _pairs(groups: dict[Any, list[str]]) -> frozenset[tuple[str, str]]:
    return frozenset(pair for group in groups.values() for pair in combinations(sorted(group), 2))


def _population(people: int, random: Random) -> list[Person]:
    found: list[Person] = []
    while len(found) < people:
        one = _person(random)
        found += random.choices((_alone, _household, _namesake), (55, 30, 15))[0](one, random)
    return found[:people]


def _alone(one: Person, random: Random) -> list[Person]:  # noqa: ARG001 - as the others
    return [one]


def _household(one: Person, random: Random) -> list[Person]:
    """Two to four who share address, mostly telephone and family name; at times twins, or a junior."""
    others = [
        replace(
            _person(random),
            family=one.family if random.random() < 0.8 else _person(random).family,
            address=one.address,
            phone=one.phone if random.random() < 0.6 else _phone(random),
        )
        for _ in range(random.randint(1, 3))
    ]
    if random.random() < 0.1:
        others[0] = replace(others[0], family=one.family, born=one.born)
    elif random.random() < 0.1:
        others[0] = replace(others[0], given=one.given, family=one.family)
    return [one, *others]


def _namesake(one: Person, random: Random) -> list[Person]:
    return [one, replace(_person(random), given=one.given, family=one.family)]


def _person(random: Random) -> Person:
    given, family = random.choice(PEOPLE)
    first = random.choice(given.split())
    if random.random() < 0.3:
        first += " " + random.choice(given.split())
    last = random.choice(family.split())
    if random.random() < 0.6:
        last = "".join(random.choices(SYLLABLES, k=random.randint(2, 4))).capitalize()
    born = date(1940, 1, 1) + timedelta(days=random.randrange(25_000))
    if random.random() < 0.04:
        born = born.replace(month=1, day=1)
    street = "".join(random.choices(SYLLABLES, k=3)).capitalize()
    address = f"{random.randint(1, 999)} {street} {random.choice(('Street', 'Road', 'Avenue'))}"
    passport = f"{random.choice('ABCDEFGH')}{random.randint(10**6, 10**7 - 1)}"
    return Person(first, last, born, _phone(random), address, passport)


def _phone(random: Random) -> str:
    return f"1{random.choice((613, 514, 604, 416))}555{random.randint(0, 9999):04d}"


def _seen(person: Person, feed: str, number: int, random: Random) -> dict[str, Any]:
    share = FEEDS[feed]
    has = {what: random.random() < chance for what, chance in share.items()}
    return {
        "report_key": f"{feed}-{number}",
        "source": feed,
        "origins": [],
        "observed_at": START + timedelta(minutes=number),
        "marking": "PB",
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": f"person:{feed}:{random.randrange(10**9):09d}-{number}",
        "role": "traveller" if feed == "visa" else "payee",
        "name": _name(person, feed, random),
        "schema": "Person",
        "birth_date": _born(person.born, random) if has["birth"] else None,
        "identifiers": list(_numbers(person, has, feed, random)),
    }


def _name(person: Person, feed: str, random: Random) -> str:
    given, family = person.given, person.family
    if " " in given and random.random() < 0.4:
        given = given.split()[0]
    if random.random() < 0.12:
        family = _slip(family, random)
    elif random.random() < 0.05:
        given = _slip(given, random)
    orders = (f"{given} {family}", f"{family}, {given}", f"{family} {given}")
    name = random.choices(orders, (60, 30, 10))[0]
    return name.upper() if feed == "bank" else name


def _slip(word: str, random: Random) -> str:
    """A letter left out, doubled, or exchanged with its neighbour."""
    at = random.randrange(1, len(word)) if len(word) > 1 else 0
    return (
        random.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
            )
        )
        or word
    )


def _born(born: date, random: Random) -> str:
    """As delivered: at times day and month exchanged, a digit wrong, or the year alone."""
    slip = random.random()
    if slip < 0.03 and born.day <= 12:
        return f"{born.year}-{born.day:02d}-{born.month:02d}"
    if slip < 0.06:
        return (
            born.replace(year=born.year + random.choice((-10, -1, 1, 10))).isoformat()
            if born.day < 29
            else str(born)
        )
    return str(born.year) if slip < 0.10 else born.isoformat()


def _numbers(
    person: Person, has: dict[str, bool], feed: str, random: Random
) -> Iterator[dict[str, str | None]]:
    if has["phone"]:
        agent = feed == "mail" and random.random() < 0.05
        phone = random.choice(AGENTS) if agent else person.phone if random.random() < 0.85 else _phone(random)
        forms = (phone, f"+{phone}", f"{phone[1:4]}-{phone[4:7]}-{phone[7:]}")
        yield {"system": "phone", "number": random.choice(forms), "owner": None}
    if has["address"]:
        moved = random.random() < 0.1
        address = _person(random).address if moved else person.address
        yield {"system": "address", "number": address.upper() if feed == "bank" else address, "owner": None}
    if has["passport"]:
        passport = person.passport if random.random() < 0.95 else _slip(person.passport, random)
        yield {"system": "passport", "number": passport, "owner": None}
