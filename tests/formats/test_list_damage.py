"""Damaged lists, in every format: only `FormatError` and faults come of them, and what precedes is kept."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.lists import ADD, ALT, CSV, FTM, JUSTICE, SCHEDULES, SDN, SDN_XML, UN, listed
from tests.thorough import draws

from watchfloor.core.kinds import LISTING
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.lists import ftm, justice_laws, listing_csv, ofac_csv, ofac_xml, un_consolidated

SAMPLES = [
    (justice_laws.FORMAT, JUSTICE),
    (justice_laws.FORMAT, SCHEDULES),
    (un_consolidated.FORMAT, UN),
    (ofac_csv.FORMAT, SDN),
    (ofac_csv.FORMAT, ALT),
    (ofac_csv.FORMAT, ADD),
    (ofac_xml.FORMAT, SDN_XML),
    (ftm.FORMAT, FTM),
    (listing_csv.FORMAT, CSV),
]
NAMES = [f"{form.name}-{i}" for i, (form, _) in enumerate(SAMPLES)]
BYTES = st.sampled_from(
    [b"", b"\x00", b"\xff\xfe", b'"', b"\n", b"<", b"&x;", b",", b"(", b"\x1a", b"]]>", "é".encode("latin-1")]
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), BYTES | st.binary(max_size=6)), min_size=1, max_size=5
)


def damaged(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """The bytes with stretches replaced: where (as a share of the length), how many, by what."""
    for where, length, by in edits:
        at = int(where * len(data))
        data = data[:at] + by + data[at + length :]
    return data


def read_whole(form, data: bytes) -> list[Batch | Fault]:
    """What comes of a file; a whole file that is refused gives nothing."""
    assert 0 <= form.sniff(Head("x", data)) <= 1
    pieces = []
    with suppress(FormatError):
        for piece in form.read(BytesIO(data), "x"):
            pieces.append(piece)  # noqa: PERF402 - what came before an error counts
    for piece in pieces:
        if isinstance(piece, Fault):
            assert piece.reason
            assert piece.locator
            assert len(piece.raw) <= 1 << 16
        else:
            assert piece.rows.schema.equals(piece.kind.body)
            own = "entity_id" if piece.kind is LISTING else "object_id"
            assert all(name for name in piece.rows.column(own).to_pylist())
    return pieces


@pytest.mark.parametrize(("form", "text"), SAMPLES, ids=NAMES)
@settings(max_examples=draws(60), deadline=None)
@given(edits=EDITS)
def test_edits(form, text, edits):
    read_whole(form, damaged(text.encode(), edits))


@pytest.mark.parametrize(("form", "text"), SAMPLES, ids=NAMES)
@settings(max_examples=draws(25), deadline=None)
@given(share=st.floats(0, 1))
def test_a_cut_file_gives_the_rows_before_the_cut(form, text, share):
    whole = [row["entity_id"] for row in listed(read_whole(form, text.encode()))]
    cut = listed(read_whole(form, text.encode()[: int(share * len(text.encode()))]))
    found = [row["entity_id"] for row in cut]
    assert found == whole[: len(found)] or form.name in (
        "listing-csv",
        "ofac-csv",
    )  # a cut row may still be a row


@pytest.mark.parametrize(("form", "text"), SAMPLES, ids=NAMES)
@settings(max_examples=draws(15), deadline=None)
@given(noise=st.binary(max_size=200))
def test_noise(form, text, noise):
    read_whole(form, noise)


@pytest.mark.parametrize(("form", "text"), SAMPLES, ids=NAMES)
def test_an_empty_file_is_said_to_be_empty(form, text):
    with pytest.raises(FormatError, match="x is empty"):
        list(form.read(BytesIO(b""), "x"))


@pytest.mark.parametrize(("form", "text"), SAMPLES, ids=NAMES)
def test_reading_twice_gives_the_same(form, text):
    assert read_whole(form, text.encode()) == read_whole(form, text.encode())
