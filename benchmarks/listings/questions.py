"""The questions put to every screener, each with its answer: made from the lists, by seed, split by entity.

Half of the entities serve development, half the test, by a hash of their id; unrelated names come from
different seeds. Thresholds are fixed on development questions, and what is reported is the test.
"""

import random
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any
from zlib import crc32

import pyarrow as pa

from benchmarks.listings.perturb import CHANGES
from benchmarks.listings.special import benign
from benchmarks.listings.unrelated import companies, distinct, persons, same_words, sound

HALVES = {"development": 20_261, "test": 74_077}
"""Seeds of the two halves."""

SCRIPTS = {"arabic": "ARABIC", "cyrillic": "CYRILLIC", "han": "CJK", "hangul": "HANGUL"}
"""Scripts other than Latin, and how Unicode names of their letters begin."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A name to screen.

    Attributes:
        half: development or test.
        group: what it tests: `typo1`, `unrelated`, `original script`…
        script: what it is written in, where that matters.
        stock: the stock of names it was composed from.
        truth: entity id that must come back; None where none may.
        base: the published name it was made from.
    """

    half: str
    group: str
    name: str
    schema: str | None = None
    birth_date: str | None = None
    truth: str | None = None
    base: str = ""
    script: str = ""
    stock: str = ""


def half_of(entity_id: str) -> str:
    return "test" if crc32(entity_id.encode()) % 2 else "development"


def script_of(text: str) -> str:
    """`latin`, one of `SCRIPTS`, `mixed` or `none`, by the text's letters."""
    found = {unicodedata.name(c, "?").split(" ")[0].split("-")[0] for c in text if c.isalpha()}
    if len(found) != 1:
        return "mixed" if found else "none"
    word = found.pop()
    return next((script for script, prefix in SCRIPTS.items() if word == prefix), word.lower())


def latin_only(listings: pa.Table) -> pa.Table:
    """The listings without the names in other scripts: what most lists publish."""
    kept = [
        [name for name in names if script_of(name["text"]) in {"latin", "none"}]
        for names in listings["names"].to_pylist()
    ]
    field = listings.schema.field("names")
    return listings.set_column(listings.schema.get_field_index("names"), field, pa.array(kept, field.type))


def strong(row: Row) -> list[str]:
    """Latin names of an entity that identify it alone: two words, eight letters, not weak."""
    return [
        n["text"]
        for n in row["names"]
        if n["strength"] == "strong"
        and n["role"] != "gloss"
        and script_of(n["text"]) == "latin"
        and len(n["text"].split()) >= 2
        and sum(map(str.isalpha, n["text"])) >= 8
        and len(n["text"]) <= 80
    ]


def perturbed(rows: list[Row], half: str, each: int, common: Counter[str]) -> Iterator[Question]:
    """Up to `each` questions for every kind of change, from different entities where there are enough.

    `common` counts listed words: the rarest word of a name is never the one left out, for what would be left
    (`Shipping Lines`, a patronymic) names nobody.
    """
    for kind, change in CHANGES.items():
        rng = random.Random(f"{HALVES[half]} {kind}")
        made = 0
        for row in rng.sample(rows, len(rows)):
            base = rng.choice(strong(row) or [""])
            name = base and change(rng, base, row["schema"])
            if not name or name == base or (kind == "missing" and not has_rarest(name, base, common)):
                continue
            yield Question(half, kind, name, row["schema"], None, row["entity_id"], base)
            made += 1
            if made == each:
                break


def has_rarest(name: str, base: str, common: Counter[str]) -> bool:
    rarest = min(same_words(base).split(), key=lambda word: (common[word], -len(word)))
    return rarest in same_words(name).split()


def original(rows: list[Row], half: str) -> Iterator[Question]:
    """Persons as published in another script, to be found among Latin names; alone and with a birth year.

    Organisations are left out: theirs are translations more often than spellings.
    """
    for row in rows:
        if row["schema"] != "Person" or not any(script_of(n["text"]) == "latin" for n in row["names"]):
            continue
        for text in filter(telling, (n["text"] for n in row["names"])):
            asked = Question(
                half,
                "original script",
                text,
                row["schema"],
                None,
                row["entity_id"],
                row["name"],
                script_of(text),
            )
            yield asked
            if row["birth_dates"]:
                year = row["birth_dates"][0][:4]
                yield replace(asked, group="original script, year", birth_date=year)


def telling(text: str) -> bool:
    """Whether a name in another script is long enough to tell one from another."""
    script = script_of(text)
    return (
        script in SCRIPTS
        and len(text) >= 3
        and "\ufffd" not in text
        and (" " in text or script in {"han", "hangul"})
    )


def unrelated(half: str, listed: set[str], latin: int, other: int) -> Iterator[Question]:
    """Names of nobody listed: `latin` persons, half as many companies, `other` persons per other script.

    Namesakes, who share the `sound` of a listed name, are a group of their own: to find them is right.
    """
    rng = random.Random(HALVES[half])
    made = distinct(persons(rng, "latin"), latin) + distinct(companies(rng), latin // 2)
    for script in SCRIPTS:
        made += distinct(persons(rng, script), other)
    for name in made:
        group = "namesake" if sound(name.name) in listed else "unrelated"
        asked = Question(half, group, name.name, name.schema, script=name.script, stock=name.tradition)
        yield asked
        if name.script == "arabic" and group == "unrelated":
            yield replace(asked, group="unrelated, year", birth_date=str(rng.randrange(1945, 1995)))


def other_day(birth: str, kind: str) -> str | None:
    """A birth date that disagrees with the published one clearly, or hardly."""
    if kind == "other birth date":
        return str(int(birth[:4]) - 23) + birth[4:]
    if kind == "year off by one":
        return str(int(birth[:4]) + 1)
    if len(birth) != 10 or int(birth[8:]) > 12 or birth[5:7] == birth[8:]:
        return None
    return f"{birth[:4]}-{birth[8:]}-{birth[5:7]}"


def evidence(rows: list[Row], half: str, each: int) -> Iterator[Question]:
    """Weak aliases alone and with the birth date; true names with birth dates near, swapped and wrong."""
    rng = random.Random(f"{HALVES[half]} evidence")
    dated = [row for row in rows if row["birth_dates"] and row["schema"] == "Person"]
    counts = dict.fromkeys(("weak", "other birth date", "year off by one", "day and month swapped"), 0)
    for row in rng.sample(dated, len(dated)):
        key, birth = row["entity_id"], row["birth_dates"][0]
        weak = [
            n["text"] for n in row["names"] if n["strength"] == "weak" and script_of(n["text"]) == "latin"
        ]
        if weak and counts["weak"] < each:
            name = rng.choice(weak)
            yield Question(half, "weak alias", name, "Person", None, key, row["name"])
            yield Question(half, "weak alias, birth date", name, "Person", birth, key, row["name"])
            counts["weak"] += 1
        for kind in [k for k in counts if k != "weak" and counts[k] < each and len(row["birth_dates"]) == 1]:
            day = other_day(birth, kind)
            if day and strong(row):
                yield Question(half, kind, rng.choice(strong(row)), "Person", day, key, row["name"])
                counts[kind] += 1


def questions(listings: pa.Table, *, each: int, latin: int, other: int) -> list[Question]:
    """Every question of both halves, in a fixed order."""
    rows = sorted(distinct_entities(listings.to_pylist()), key=lambda row: row["entity_id"])
    names = [n["text"] for row in rows for n in row["names"]]
    listed = set(map(sound, names)) - {""}
    common = Counter(word for name in names for word in set(same_words(name).split()))
    made: list[Question] = []
    for half in HALVES:
        mine = [row for row in rows if half_of(row["entity_id"]) == half]
        made += perturbed(mine, half, each, common)
        made += original(mine, half)
        made += evidence(mine, half, each)
        made += unrelated(half, listed, latin, other)
    halves = cycle(HALVES)
    made += [Question(next(halves), "benign collision", name) for name in benign()]
    return made


def distinct_entities(rows: Iterable[Row]) -> Iterator[Row]:
    """One row an entity: the names of all its listings together."""
    merged: dict[str, Row] = {}
    for row in rows:
        seen = merged.setdefault(row["entity_id"], row | {"names": [], "birth_dates": []})
        seen["names"] = seen["names"] + [n for n in row["names"] or [] if n not in seen["names"]]
        seen["birth_dates"] = seen["birth_dates"] + [
            b for b in row["birth_dates"] or [] if b not in seen["birth_dates"]
        ]
    return iter(merged.values())
