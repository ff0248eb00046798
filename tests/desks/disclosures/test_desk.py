"""The disclosures desk: a disclosed signal speaks as its maker's until it is taken back."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.core.derived import last, net
from watchfloor.core.kinds import DISCLOSURE
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.disclosures.desk import DESK
from watchfloor.desks.disclosures.messages import ECHO
from watchfloor.run import run

DAY = datetime(2026, 11, 20, tzinfo=UTC)


def row(number=1, **columns):
    plain = {
        "record_id": number.to_bytes(16, "big"),
        "report_key": "0a" * 16,
        "source": "node:lab",
        "origins": ["node:lab:0b"],
        "observed_at": DAY + timedelta(hours=number),
        "marking": "PB//TLP:AMBER",
        "delivery": bytes(32),
        "locator": "disclosure.arrow row 0",
        "bundle": "b",
        "node": "lab",
        "gateway": "toy",
        "form": "signal",
        "row_id": bytes.fromhex("0a" * 16),
        "revision": 0,
        "since": DAY,
        "retracted": False,
        "desk": "listings",
        "rule": "listed-name",
        "subjects": ["person:x:1"],
        "strength": "exact",
        "score": 0.9,
        "message": ECHO.id,
        "params": '{"node":"lab"}',
        "latitude": 45.0,
        "longitude": -73.0,
        "radius": 10.0,
        "echo": False,
    }
    return dict.fromkeys(DISCLOSURE.schema.names) | plain | columns


def history(*rows):
    table = pa.Table.from_pylist(list(rows), DISCLOSURE.schema)
    return run(DESK, {"disclosure": table}, Refs(bytes(32)))["signal"]


def test_it_speaks_as_its_maker_did():
    (signal,) = net(history(row())).to_pylist()
    names = ("desk", "rule", "strength", "score", "subjects", "origins", "marking", "since", "radius")
    assert {name: signal[name] for name in names} == {name: row()[name] for name in names}
    assert signal["evidence"] == [row()["record_id"]]
    assert signal["at"] == row()["observed_at"]
    assert Reason.load(signal["reason"]).message == row()["message"]


def test_a_later_edition_takes_the_place_of_the_earlier():
    (signal,) = net(history(row(2, strength="match"), row(1))).to_pylist()
    assert (signal["strength"], signal["revision"]) == ("match", 1)


def test_what_is_taken_back_goes_with_the_reason():
    back = row(2, retracted=True, params='{"node":"lab, which took it back"}')
    assert net(history(row(), back)).num_rows == 0
    (signal,) = last(history(row(), back)).to_pylist()
    why = {"node": "lab, which took it back"}
    assert Reason.load(signal["reason"]) == Reason("disclosures.echo", why)


def test_an_echo_says_nothing_and_takes_back_what_stood():
    assert history(row(echo=True)).num_rows == 0
    assert net(history(row(), row(2, echo=True))).num_rows == 0


def test_a_process_that_only_shows_signals_knows_the_sentences():
    """What the exchange writes into disclosures is said by processes that never load it."""
    said = (
        "from watchfloor.desks.registry import declare_messages; declare_messages();"
        "from watchfloor.core.messages import MESSAGES;"
        "print(*sorted(name for name in MESSAGES if name.startswith('disclosures.')))"
    )
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["disclosures.echo", "disclosures.recalled", "disclosures.untold"]


def test_a_pointer_says_nothing():
    assert history(row(form="pointer")).num_rows == 0


@pytest.mark.parametrize("column", ["source", "row_id"])
def test_rows_of_two_nodes_are_two(column):
    other = {"source": "node:bank", "row_id": bytes(16)}[column]
    assert net(history(row(), row(2, **{column: other}))).num_rows == 2
