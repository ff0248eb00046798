"""Generated rows with names, texts and places, and questions about them; the same for every store."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import KINDS

DELIVERY = 1_000
START = datetime(2026, 1, 1, tzinfo=UTC)
OPEN, HIDDEN = "PB//TLP:AMBER", "PB//TLP:RED"
WORDS = 20_000
SUBJECTS = 200_000


def word(number: int) -> str:
    """A word of two to five syllables for each number."""
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    text = syllables[number % 70] + syllables[number // 70 % 70]
    return text + (syllables[number // 4900 % 70] if number >= 4900 else "")


VOCABULARY = [word(number) for number in range(WORDS)]


@dataclass(frozen=True)
class Questions:
    """What readers ask: subjects, words and boxes with a window."""

    subjects: list[str]
    words: list[str]
    boxes: list[tuple[float, float, float, float, datetime, datetime]]


def questions(seed: int, count: int, days: float) -> Questions:
    draw = random.Random(seed)
    texts = [
        " ".join(VOCABULARY[_rank(draw)] for _ in range(draw.choice((1, 2, 2, 3)))) for _ in range(count)
    ]
    return Questions(
        [f"vessel:feed:{draw.randrange(SUBJECTS)}" for _ in range(count)],
        [text if draw.random() < 0.9 else text[:-1] + "*" for text in texts],
        [_box(draw, days) for _ in range(count)],
    )


def _rank(draw: random.Random) -> int:
    return min(int(WORDS ** draw.random()) - 1, WORDS - 1)


def _box(draw: random.Random, days: float) -> tuple[float, float, float, float, datetime, datetime]:
    west, south = draw.uniform(-140, -55), draw.uniform(42, 65)
    size = 10 ** draw.uniform(-1.5, 1)
    since = START + timedelta(days=draw.uniform(0, days))
    return west, south, west + size, south + size, since, since + timedelta(days=draw.choice((1, 7, 30)))


def delivery(number: int) -> dict[str, pa.Table]:
    """One delivery's rows by kind: half parties, a quarter reports, a quarter disclosures with a place."""
    draw = np.random.default_rng(number)
    return {
        "party": _parties(draw, number, DELIVERY // 2),
        "report": _reports(draw, number, DELIVERY // 4),
        "disclosure": _disclosures(draw, number, DELIVERY // 4),
    }


def _texts(draw: np.random.Generator, count: int, length: int) -> list[str]:
    ranks = np.minimum((WORDS ** draw.random((count, length))).astype(int) - 1, WORDS - 1)
    return [" ".join(VOCABULARY[rank] for rank in row) for row in ranks.tolist()]


def _common(draw: np.random.Generator, kind: str, number: int, count: int) -> dict[str, pa.Array]:
    columns = {field.name: pa.nulls(count, field.type) for field in KINDS[kind].body}
    keys = [f"{kind}-{number}-{n}" for n in range(count)]
    if number:  # one in fifty amends a report of the delivery before
        keys[::50] = [f"{kind}-{number - 1}-{n}" for n in range(0, count, 50)]
    seconds = number * 86.4 * 365 / 10 + np.arange(count)
    columns["report_key"] = pa.array(keys)
    columns["observed_at"] = pa.array(
        [START + timedelta(seconds=float(s)) for s in seconds], pa.timestamp("us", "UTC")
    )
    columns["locator"] = pa.array([f"line {n}" for n in range(count)])
    columns["marking"] = pa.array(np.where(draw.random(count) < 0.3, HIDDEN, OPEN).tolist())
    return columns


def _subjects(draw: np.random.Generator, count: int) -> list[str]:
    return [f"vessel:feed:{n}" for n in draw.integers(0, SUBJECTS, count).tolist()]


def _parties(draw: np.random.Generator, number: int, count: int) -> pa.Table:
    columns = _common(draw, "party", number, count)
    columns["subject"] = pa.array(_subjects(draw, count))
    columns["role"] = pa.array(["consignee"] * count)
    columns["name"] = pa.array([text.title() for text in _texts(draw, count, 3)])
    columns["context"] = pa.array(_texts(draw, count, 6))
    return pa.table(columns)


def _reports(draw: np.random.Generator, number: int, count: int) -> pa.Table:
    columns = _common(draw, "report", number, count)
    columns["title"] = pa.array(_texts(draw, count, 4))
    columns["author"] = pa.array(["Marine unit"] * count)
    columns["subjects"] = pa.array(
        [[a, b] for a, b in zip(_subjects(draw, count), _subjects(draw, count), strict=True)]
    )
    portions = [[{"marking": None, "page": 1, "text": text}] for text in _texts(draw, count, 40)]
    columns["portions"] = pa.array(portions, KINDS["report"].schema.field("portions").type)
    columns["mentions"] = pa.array([[]] * count, KINDS["report"].schema.field("mentions").type)
    columns["text_from"] = pa.array(["text"] * count)
    return pa.table(columns)


def _disclosures(draw: np.random.Generator, number: int, count: int) -> pa.Table:
    columns = _common(draw, "disclosure", number, count)
    fixed = {"bundle": "b", "node": "n", "gateway": "g", "form": "signal", "desk": "d", "rule": "r"}
    fixed |= {"strength": "match", "message": "m", "params": "{}"}
    for name, text in fixed.items():
        columns[name] = pa.array([text] * count)
    columns["row_id"] = pa.array([draw.bytes(16) for _ in range(count)], pa.binary(16))
    columns["revision"] = pa.array([0] * count, pa.int32())
    columns["retracted"] = columns["echo"] = pa.array([False] * count)
    columns["subjects"] = pa.array([[one] for one in _subjects(draw, count)])
    columns["latitude"] = pa.array(draw.uniform(42, 70, count))
    columns["longitude"] = pa.array(draw.uniform(-140, -52, count))
    columns["radius"] = pa.array(10 ** draw.uniform(1, 4, count))
    return _complete(pa.table(columns), "disclosure", count)


def _complete(table: pa.Table, kind: str, count: int) -> pa.Table:
    """Columns that were added to the kind since and may not be null are false."""
    for field in KINDS[kind].body:
        if not field.nullable and table[field.name].null_count == count:
            at = table.column_names.index(field.name)
            table = table.set_column(at, field.name, pa.array([False] * count, pa.bool_()))
    return table
