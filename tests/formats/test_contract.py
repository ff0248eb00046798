"""What every registered format keeps, whatever the bytes are: rows, faults or one error about the file."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from tests.formats.samples import NAME, SAMPLES, read, sample
from tests.thorough import draws

from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, FormatError, Head
from watchfloor.formats.registry import FORMATS

RAW = 1 << 16
"""Bytes of a piece that a fault carries at most."""
FEW = 40
"""Rows and faults that a file may give beyond one a byte."""

every = pytest.mark.parametrize("name", FORMATS)
MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "duplicate", "end"]),
        st.floats(0, 1),
        st.integers(1, 40),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=4,
)


def mutated(data, mutations):
    """Return the bytes after some mutations: what, where as a share of the length, how many, by what."""
    for what, where, length, by in mutations:
        at = int(where * len(data))
        before, here, after = data[:at], data[at : at + length], data[at + length :]
        if what == "flip":
            here = bytes(a ^ b for a, b in zip(here, by, strict=False)) + here[len(by) :]
        data = {
            "flip": before + here + after,
            "cut": before + after,
            "insert": before + by + here + after,
            "duplicate": before + here + here + after,
            "end": before,
        }[what]
    return data


def pieces(name, data):
    """Return what comes of a file, each piece checked; what came before an error about the file counts."""
    form, found = FORMATS[name], []
    assert 0 <= form.sniff(Head(NAME, data[:HEAD_BYTES])) <= 1
    with suppress(FormatError):
        for piece in read(name, data):
            found.append(piece)  # noqa: PERF402 - what came before an error counts
    for piece in found:
        if isinstance(piece, Fault):
            assert piece.reason
            assert piece.locator
            assert len(piece.raw) <= RAW
        else:
            assert isinstance(piece, Batch)
            assert piece.kind.name in form.kinds
            rows = piece.rows
            plain = rows.drop_columns(["marking"]) if "marking" in rows.column_names else rows
            assert plain.schema.equals(piece.kind.body)
            rows.validate(full=True)
    return found


def test_each_registered_format_has_a_sample():
    assert SAMPLES.keys() == FORMATS.keys()


@every
def test_a_sample_is_read_without_a_fault_that_ends_it(name):
    found = pieces(name, sample(name))
    assert any(isinstance(piece, Batch) and piece.rows.num_rows for piece in found)
    assert not any(isinstance(piece, Fault) and piece.rest for piece in found)


@every
@limits(max_examples=draws(200, 6))
@given(mutations=MUTATIONS)
def test_mutated_bytes_give_rows_and_faults_and_nothing_else(name, mutations):
    data = mutated(sample(name), mutations)
    found = pieces(name, data)
    count = sum(1 if isinstance(piece, Fault) else piece.rows.num_rows for piece in found)
    assert count <= FEW + len(data)
