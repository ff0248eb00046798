"""What a small queue is made by without numba, against the compiled kernels."""

import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cell.test_linking import APARTS, PAIRS, ROWS, RULES, linked
from tests.cell.test_texts import TEXTS, read
from tests.cell.test_weighing import BITS, CASES, weighed
from tests.core.interpreting import compared
from tests.thorough import draws

from watchfloor.cell import texts as words
from watchfloor.cell.texts import rarity
from watchfloor.cell.weighing.circular_reporting import resemblance
from watchfloor.cell.weighing.counting import Members


@settings(max_examples=draws(100), deadline=None)
@given(ROWS, PAIRS, APARTS, RULES)
def test_links(rows, pairs, apart, rules):
    with compared() as calls:
        linked(rows, pairs, apart, rules)
    assert calls["_join"] == 1


@settings(max_examples=draws(100), deadline=None)
@given(CASES)
def test_shares(case):
    with compared() as calls:
        weighed(*case)
    assert calls["_walk"] == 1


@settings(max_examples=draws(100), deadline=None)
@given(TEXTS, st.lists(BITS, min_size=8, max_size=8), st.integers(1, 3))
def test_texts_and_likeness(texts, bits, leads):
    at = np.arange(len(texts))
    start = np.linspace(0, len(texts), leads + 1).astype(np.int64)
    with compared() as calls:
        found = read(*texts)
        rare = rarity(found, start, at)
        resemblance(Members(start, at), np.array(bits[: len(texts)]), at, found, rare)
    assert calls.keys() == {"_read", "_uses", "_resemble"}


def test_words_of_a_few_texts_are_counted_as_those_of_many(monkeypatch):
    """Words that share a counter of `SLOTS` share one among a few texts too."""
    monkeypatch.setattr(words, "SLOTS", 64)
    found = read(*(" ".join(f"w{i * j % 97}" for j in range(1, 40)) for i in range(1, 9)))
    starts, signals = np.arange(9), np.arange(8)
    many = rarity(found, starts, signals)
    monkeypatch.setattr(words, "MANY", len(found.words) + 1)
    few = rarity(found, starts, signals)
    assert few.tobytes() == many.tobytes()
    assert len(np.unique(found.words & np.uint64(63))) < len(np.unique(found.words))


SMALL_QUEUE = """
import sys
import numpy as np
import pyarrow as pa
from watchfloor.cell.identity.namesakes import namesakes
from watchfloor.cell.leads import leads
from watchfloor.cell.nearby import near
from watchfloor.core.kinds import KINDS

blank = {field.name: None for field in KINDS["party"].schema}
names = ["Zarbek Tolunay", "Zarbeck Tolunay", "Vellmar Shipping Ltd"]
keys = [f"person:feed:{i}" for i in range(len(names))]
rows = [blank | {"subject": k, "name": n, "source": "feed"} for k, n in zip(keys, names, strict=True)]
schema = pa.schema([field.with_nullable(True) for field in KINDS["party"].schema])
(pair,) = namesakes(pa.Table.from_pylist(rows, schema=schema))
assert [pair.one, pair.other] == keys[:2]
assert len(near(np.array([49.0, 49.0]), np.array([-97.0, -97.0]), np.zeros(2), np.array([0, 1])).one) < 2
print(*{"numba", "scipy"} & set(sys.modules))
"""


def test_a_small_queue_loads_neither_numba_nor_scipy():
    done = subprocess.run([sys.executable, "-c", SMALL_QUEUE], check=True, capture_output=True, timeout=100)
    assert done.stdout.split() == []
