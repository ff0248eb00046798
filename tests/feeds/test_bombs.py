"""Files that are made to do harm: each is refused with a reason, in little time and memory."""

import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from itertools import chain
from multiprocessing import get_context

import pytest
from tests.feeds.bombs import BOMBS
from tests.formats import workbooks
from tests.formats.samples import sample

from watchfloor.feeds import isolation
from watchfloor.feeds.isolation import ReaderFailed
from watchfloor.feeds.reader_process import Recipe
from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.begun import Known
from watchfloor.formats.fields import METHODS
from watchfloor.formats.mapping import Mapping
from watchfloor.records.kinds import READING

SECONDS, MEMORY = 2.0, 500 << 20
KNOWN = Known(
    base_time=datetime(2026, 11, 24, tzinfo=UTC),
    samples="parcel:lab-7",
    instrument="instrument:lab-1",
    method=METHODS[0],
)
PARTY = Mapping("party", {"name": "a"}, {"role": "payee", "observed_at": "2026-11-24"})

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory and time are counted on Linux")


def read(recipe, data):
    """Return why it was refused, or what its rows say is wrong with it; and what that took."""
    reasons = []
    try:
        for one in isolation.read(recipe, BytesIO(data), "RB123456785CA_30V"):
            if isinstance(one, Fault):
                reasons.append(one.reason)
            elif one.kind is READING:
                reasons += chain.from_iterable(filter(None, one.rows.column("quality").to_pylist()))
    except (FormatError, ReaderFailed) as error:
        reasons = [str(error)]
    return reasons, isolation.last()


def measured(recipe, sound, bomb):
    """Read a sound file, which loads the code, and then the bomb."""
    if isolation.last().memory > MEMORY:  # the most that a process had, of all its files
        isolation.close()
    return read(recipe, sound), read(recipe, bomb)


@pytest.fixture(scope="module")
def elsewhere():
    """A process with little memory that starts the readers: what it has counts as theirs, see `Usage`."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield lambda *args: pool.submit(measured, *args).result()


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_refused_in_two_seconds_and_half_a_gigabyte(what, elsewhere):
    name, make = BOMBS[what]
    recipe = Recipe(name, KNOWN, PARTY if name == "mapping" else None)
    good = sample(name) if name != "mapping" else workbooks.xlsx(S=[["a"], ["b"]])
    (sound, before), (reasons, took) = elsewhere(recipe, good, make())
    assert all(reasons)
    assert set(reasons) - set(sound)
    assert took.seconds <= SECONDS
    assert took.memory <= max(MEMORY, before.memory)  # libasterix alone takes 600 MB
