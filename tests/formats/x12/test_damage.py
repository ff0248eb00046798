"""Damaged interchanges: only `FormatError` and faults come of them."""

from contextlib import suppress
from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.x12.made import bill, interchange, manifest
from tests.thorough import draws

from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.cargo.x12.file import read, sniff

GOOD = interchange(manifest(bill(), bill("LANT0002", box=("TL", "A", "7")), bill()))
SIGNS = st.sampled_from(
    [b"", b"~", b"*", b"\x00", b"\xff", b"\n", b"SE*1~", b"ST*309~", b"LX~", b"N10~", b"M11~"]
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), SIGNS | st.binary(max_size=5)), min_size=1, max_size=5
)


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
                assert one.rows["observed_at"].null_count == 0


@settings(max_examples=draws(60), deadline=None)
@given(edits=EDITS)
def test_edits(edits):
    data = GOOD
    for where, length, by in edits:
        at = int(where * len(data))
        data = data[:at] + by + data[at + length :]
    check(data)


@settings(max_examples=draws(40), deadline=None)
@given(noise=st.binary(max_size=300))
def test_any_bytes_in_a_set(noise):
    start, end = GOOD.split(b"LX*", 1)
    check(start + noise + b"LX*" + end)
    check(noise)
