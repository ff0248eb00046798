"""Files that are made to do harm: each is refused with a reason, in little time and memory."""

import sys
from datetime import UTC, datetime
from io import BytesIO

import pytest
from tests.feeds.bombs import BOMBS
from tests.formats.samples import sample

from watchfloor.feeds import isolation
from watchfloor.feeds.isolation import ReaderFailed
from watchfloor.feeds.reader_process import Recipe
from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.begun import Known
from watchfloor.formats.fields import METHODS
from watchfloor.formats.mapping import Mapping

SECONDS, MEMORY = 2.0, 500 << 20
KNOWN = Known(base_time=datetime(2026, 11, 24, tzinfo=UTC), samples="parcel:lab-7", method=METHODS[0])
PARTY = Mapping("party", {"name": "a"}, {"role": "payee", "observed_at": "2026-11-24"})

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory and time are counted on Linux")


def outcome(recipe, data):
    """What was refused, and why."""
    try:
        return [one.reason for one in isolation.read(recipe, BytesIO(data), "file") if isinstance(one, Fault)]
    except (FormatError, ReaderFailed) as error:
        return [str(error)]


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_refused_in_two_seconds_and_half_a_gigabyte(what):
    name, make = BOMBS[what]
    recipe = Recipe(name, KNOWN, PARTY if name == "mapping" else None)
    data = make()
    if name != "mapping":  # a sound file first: code that is loaded once is no work of the bomb
        outcome(recipe, sample(name))
    base = isolation.last().memory
    reasons = outcome(recipe, data)
    took = isolation.last()
    assert all(reasons)
    assert reasons
    assert took.seconds <= SECONDS or "seconds" in reasons[0]
    assert took.memory <= max(MEMORY, base + (320 << 20))
