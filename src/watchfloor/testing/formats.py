"""Checks of what every format keeps, whatever the bytes are, each of which names what was broken."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from typing import Final, Literal, NamedTuple

from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Format, FormatError, Head

RAW: Final = 1 << 16
"""Bytes of a piece that a fault carries at most."""
FEW: Final = 40
"""Rows and faults that a file may give beyond one a byte."""

Piece = Batch | Fault
Reads = Callable[[bytes], Iterator[Piece]]


class Mutation(NamedTuple):
    """A change of bytes: what, where as a share of the length, how many bytes, and by which."""

    what: Literal["flip", "cut", "insert", "duplicate", "end"]
    where: float
    length: int
    by: bytes


def mutated(data: bytes, mutations: Sequence[Mutation]) -> bytes:
    """Return the bytes after some mutations."""
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


def pieces(form: Format, data: bytes, name: str, reads: Reads | None = None) -> list[Piece]:
    """Return what comes of a file, each piece checked; what came before an error about the file counts.

    Args:
        form: the format.
        data: the file.
        name: the file's name.
        reads: reads it, where the format wants more than bytes and name.
    """
    sure = form.sniff(Head(name, data[:HEAD_BYTES]))
    assert 0 <= sure <= 1, f"{form.name}: sniff gives {sure}, which is not from 0 to 1"
    found: list[Piece] = []
    with suppress(FormatError):
        for piece in reads(data) if reads else form.read(BytesIO(data), name):
            found.append(piece)  # noqa: PERF402 - what came before an error counts
    for piece in found:
        _check(form, piece)
    return found


def _check(form: Format, piece: Piece) -> None:
    if isinstance(piece, Fault):
        assert piece.reason, f"{form.name}: a fault says not why"
        assert piece.locator, f"{form.name}: a fault says not where: {piece.reason}"
        assert len(piece.raw) <= RAW, f"{form.name}: a fault carries {len(piece.raw)} bytes, {RAW} are enough"
        return
    assert isinstance(piece, Batch), f"{form.name}: read gives {type(piece).__name__}, no Batch and no Fault"
    kind, rows = piece.kind, piece.rows
    assert kind.name in form.kinds, f"{form.name}: it yields {kind.name}, and names {form.kinds}"
    plain = rows.drop_columns(["marking"]) if "marking" in rows.column_names else rows
    assert plain.schema.equals(kind.body), (
        f"{form.name}: its rows are not the columns of {kind.name}.body:\n{plain.schema}"
    )
    rows.validate(full=True)


def check_sample(form: Format, data: bytes, name: str, reads: Reads | None = None) -> None:
    """A sound file gives rows, and no fault that ends it; and the same again."""
    found = pieces(form, data, name, reads)
    assert any(isinstance(piece, Batch) and piece.rows.num_rows for piece in found), (
        f"{form.name}: the sample has no row"
    )
    ended = [piece.reason for piece in found if isinstance(piece, Fault) and piece.rest]
    assert not ended, f"{form.name}: the sample is not read to its end: {ended}"
    again = pieces(form, data, name, reads)
    assert len(again) == len(found), f"{form.name}: read twice, the sample gives something else"
    for one, other in zip(found, again, strict=True):
        same = one.rows.equals(other.rows) if isinstance(one, Batch) and isinstance(other, Batch) else None
        assert one == other if same is None else same, f"{form.name}: read twice, the sample differs"


def check_damaged(
    form: Format, data: bytes, name: str, mutations: Sequence[Mutation], reads: Reads | None = None
) -> None:
    """Damaged bytes give rows and faults and nothing else, and not more of them than there are bytes."""
    changed = mutated(data, mutations)
    found = pieces(form, changed, name, reads)
    count = sum(1 if isinstance(piece, Fault) else piece.rows.num_rows for piece in found)
    assert count <= FEW + len(changed), f"{form.name}: {count} rows and faults of {len(changed)} bytes"
