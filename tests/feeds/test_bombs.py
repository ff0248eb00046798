"""Files that are made to do harm: each is refused with a reason, in little time and memory."""

import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from itertools import chain
from multiprocessing import get_context

import pytest
from tests.feeds.bombs import ARCHIVES, BOMBS
from tests.feeds.test_intake import ACTOR
from tests.formats import workbooks
from tests.formats.samples import sample
from tests.thorough import THOROUGH

from watchfloor.core.kinds import READING
from watchfloor.feeds import isolation, streams
from watchfloor.feeds.config import Feeds
from watchfloor.feeds.intake import Orders, Turns, ingest_all, tally
from watchfloor.feeds.isolation import ReaderFailed
from watchfloor.feeds.reader_process import Recipe
from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.reader_options import FileStatement
from watchfloor.formats.registry import FORMATS
from watchfloor.formats.tabular.fields import METHODS
from watchfloor.formats.tabular.mapping import Mapping
from watchfloor.store import Floor

SECONDS, MEMORY = 2.0, 500 << 20
QUICK = ("detection-parquet", "mzml", "report-eml", "report-pdf")
"""Formats whose reading is looked at in a quick run, beside an ingest."""
LIKE_ANOTHER = ("pdf of forms 6 deep", "pdf of forms 7 deep", "pdf of forms 8 deep", "pdf of empty forms")
"""Bombs that a thorough run reads too."""
KNOWN = FileStatement(
    base_time=datetime(2026, 11, 24, tzinfo=UTC),
    samples="parcel:lab-7",
    instrument="instrument:lab-1",
    method=METHODS[0],
)
LINES = """ais-nmea adsb-avr adsb-sbs cpa005 cot ftm ims-log ledger-csv listing-csv mgf msp ofac-csv
    payment-csv spectrum-csv spectrum-text statistic-csv""".split()
"""Of each reader of lines a format."""
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


@pytest.mark.parametrize(
    "what", [pytest.param(one, marks=[pytest.mark.thorough] * (one in LIKE_ANOTHER)) for one in BOMBS]
)
def test_a_bomb_is_refused_within_the_limits_of_its_file(what, elsewhere):
    """In a thorough run in two seconds and half a gigabyte: more is counted where kernels are compiled."""
    name, make = BOMBS[what]
    recipe = Recipe(name, KNOWN, PARTY if name == "mapping" else None)
    good = sample(name) if name != "mapping" else workbooks.xlsx(S=[["a"], ["b"]])
    bomb = make()
    (sound, before), (reasons, took) = elsewhere(recipe, good, bomb)
    assert all(reasons)
    assert set(reasons) - set(sound)
    assert took.memory <= before.memory + isolation.MEMORY + isolation.MEMORY_A_BYTE * len(bomb)
    if THOROUGH:
        assert took.seconds <= SECONDS
        assert took.memory <= max(MEMORY, before.memory)  # libasterix alone takes 600 MB


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")


@pytest.mark.parametrize("what", ARCHIVES)
def test_an_archive_unpacks_to_its_budget_and_no_further(what, floor, tmp_path, monkeypatch):
    name, make = ARCHIVES[what]
    (tmp_path / name).write_bytes(make())
    unpacked, spend = [], streams.Budget.spend
    monkeypatch.setattr(streams, "FREE", 4 << 20)
    monkeypatch.setattr(
        streams.Budget, "spend", lambda self, size: unpacked.append(size) or spend(self, size)
    )
    with Turns(partial(floor.writer, ACTOR)) as turns:
        sums = tally(ingest_all(turns, [tmp_path / name], Feeds(), Orders()))
    assert all(one.reason for one in sums.aside)
    assert sums.aside
    budget = max(4 << 20, streams.RATIO * (tmp_path / name).stat().st_size)
    most = max(unpacked, default=0)
    assert sum(unpacked) <= budget + 200 * most
    assert most <= 1 << 20, "nothing is unpacked in one piece"
    assert ("overlaps what comes behind it" in sums.aside[0].reason) == (unpacked == [] and "zip" in what)


@pytest.mark.skipif(not THOROUGH, reason="sixteen MiB of lines for each format of lines, in a thorough run")
@pytest.mark.parametrize("gap", [b"\n", b" \n"])
@pytest.mark.parametrize("name", LINES)
def test_as_many_blank_lines_as_unpack_are_read_in_time(name, gap, elsewhere):
    recipe = Recipe(name, KNOWN)
    data = sample(name) + b"\n" + gap * ((streams.FREE - (1 << 16)) // len(gap))
    (_, before), (_, took) = elsewhere(recipe, sample(name), data)
    assert took.seconds <= SECONDS
    assert took.memory <= max(MEMORY, before.memory)


def test_the_floor_is_free_while_any_format_is_read_apart(floor, tmp_path, monkeypatch):
    """For each format the code is the same; a bomb of any of them holds nobody up."""
    apart, spool = [], isolation.spool

    def spooled(recipe, *rest):
        with floor.writer(ACTOR):  # raises where the ingest holds it
            apart.append(recipe.format)
        return spool(recipe, *rest)

    monkeypatch.setattr(isolation, "spool", spooled)
    wanted = sorted(FORMATS.keys() - isolation.IN_PLACE if THOROUGH else QUICK)
    for name in wanted:
        path = tmp_path / name
        path.write_bytes(sample(name))
        with Turns(partial(floor.writer, ACTOR)) as turns:
            tally(ingest_all(turns, [path], Feeds(), Orders(source="feed", format=name)))
    assert apart == wanted
