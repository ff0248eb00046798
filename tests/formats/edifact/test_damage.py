"""Damaged interchanges: only `FormatError` and faults come of them."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.edifact.made import bill, cuscar, interchange, item, itmatt, message, segment
from tests.thorough import draws

from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.cargo.edifact.file import read, sniff

ANSWER = message("CUSRSP", segment("CNI", "1", "LX123456785CN"), segment("GIS", "4"), reference="3")
SAMPLES = [
    interchange(itmatt(item(goods=("toys", "детали ?+ more"))), ANSWER),
    interchange(cuscar(bill(), bill("B2", boxes=()), bill()), charset="UNOB"),
]
SIGNS = st.sampled_from(
    [
        b"",
        b"'",
        b"?",
        b"+",
        b":",
        b"\x00",
        b"\xff",
        b"\n",
        b"UNZ+1+77'",
        b"UNH+",
        b"CNI+1'",
        b"GID'",
        b"\x1b$B",
    ]
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), SIGNS | st.binary(max_size=5)), min_size=1, max_size=5
)


def damaged(data, edits):
    for where, length, by in edits:
        at = int(where * len(data))
        data = data[:at] + by + data[at + length :]
    return data


def check(data):
    assert 0 <= sniff(Head("x", data)) <= 1
    with suppress(FormatError):
        for one in read(BytesIO(data), "x"):
            if isinstance(one, Fault):
                assert one.reason
                assert one.locator.startswith("bytes ")
                assert len(one.raw) <= 1 << 16
            else:
                assert one.rows.schema.equals(KINDS[one.kind.name].body)
                assert one.rows["subject"].null_count == 0 or one.kind.name == "party"
                assert one.rows["observed_at"].null_count == 0


@pytest.mark.parametrize("data", SAMPLES, ids=["post", "cargo"])
@settings(max_examples=draws(50), deadline=None)
@given(edits=EDITS)
def test_edits(data, edits):
    check(damaged(data, edits))


@settings(max_examples=draws(40), deadline=None)
@given(noise=st.binary(max_size=300))
def test_any_bytes_in_a_message(noise):
    start, end = SAMPLES[0].split(b"CNI", 1)
    check(start + noise + b"CNI" + end)
    check(noise)
