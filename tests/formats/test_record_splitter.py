"""Segments in bytes: every cut into chunks gives the same ones."""

from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats import record_splitter as module
from watchfloor.formats.record_splitter import BLANK, cut


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 7)
    monkeypatch.setattr(module, "MAX_SEGMENT", 20)


def pieces(data, release=b"?", first=0):
    stream = BytesIO(data)
    return list(cut(stream, stream.read(first), 0, b"'", release))


def one_by_one(data):
    """The same, byte by byte: parts between terminators that are not released."""
    parts, part, released = [], b"", False
    for byte in data:
        sign = bytes([byte])
        if sign == b"'" and not released:
            parts.append(part)
            part = b""
            continue
        released = sign == b"?" and not released
        part += sign
    return parts, part


@settings(max_examples=draws(120), deadline=None)
@given(data=st.lists(st.sampled_from([b"A", b"?", b"'", b"\n", b"+", b"long text that fills"]), max_size=25))
def test_any_bytes_as_byte_by_byte(data):
    data = b"".join(data)
    module.CHUNK, module.MAX_SEGMENT, before = 7, 20, (module.CHUNK, module.MAX_SEGMENT)
    try:
        got = pieces(data)
    finally:
        module.CHUNK, module.MAX_SEGMENT = before
    parts, rest = one_by_one(data)
    wanted = [part.lstrip(BLANK) for part in parts if part.strip(BLANK)]
    assert [one.raw for one in got if one.ended and one.fits] == [one for one in wanted if len(one) <= 20]
    assert [one.ended for one in got].count(False) == bool(rest.strip(BLANK))
    for one in got:
        assert not one.fits or data[one.start : one.start + len(one.raw)] == one.raw
    assert all(before.end <= after.start for before, after in pairwise(got))


def test_a_released_terminator_at_the_edge_of_a_chunk(small):
    assert [one.raw for one in pieces(b"ABCDEF?'G'H'")] == [b"ABCDEF?'G", b"H"]
    assert [one.raw for one in pieces(b"ABCDE??'G'")] == [b"ABCDE??", b"G"]


def test_a_segment_that_is_too_long_is_passed_over(small):
    got = pieces(b"A'" + b"x" * 33 + b"?'" + b"y" * 9 + b"'B'")
    assert [(one.raw, one.fits, one.ended) for one in got] == [
        (b"A", True, True),
        (b"x" * 20, False, True),
        (b"B", True, True),
    ]
    assert (got[1].start, got[1].end) == (2, 2 + 33 + 2 + 9 + 1)


def test_one_that_never_ends_is_cut_off(small):
    got = pieces(b"A'" + b"x" * 100)
    assert (got[-1].fits, got[-1].ended, len(got[-1].raw)) == (False, False, 20)
