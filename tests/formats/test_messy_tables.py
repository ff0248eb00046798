"""What is made of fifty tables as offices export them: nothing wrong and silent, nearly all of it right."""

from decimal import Decimal
from io import BytesIO

import pytest
from tests.formats.messy import files

from watchfloor.formats.base import Batch
from watchfloor.formats.tabular.mapping import read
from watchfloor.formats.tabular.trial import proposed, table

TOLERANCE = Decimal("0.00001")
"""Relative: units are written to five decimals."""


def judged(one, tmp_path):
    """What a person gets who takes the proposal as it is: `right`, `open` or `wrong`, and why."""
    from watchfloor.formats.tabular.mapping import Mapping

    path = tmp_path / one.name
    path.write_bytes(one.data)
    found = proposed(table(path, one.name, Mapping(one.kind)), one.name, one.kind)
    if found.missing:
        return "open", f"missing {found.missing} {found.notes}"
    pieces = list(read(found.mapping, BytesIO(one.data), one.name))
    rows = [row for piece in pieces if isinstance(piece, Batch) for row in piece.rows.to_pylist()]
    faults = [piece for piece in pieces if not isinstance(piece, Batch)]
    lacking = []
    for row in rows:
        (truth,) = (each for at, each in enumerate(one.rows) if at == _place(row, rows, faults, one))
        for field, value in truth.items():
            if row[field] is None:
                lacking.append(field)
            elif not _same(row[field], value):
                return "wrong", f"{field}: {row[field]!r} for {value!r}"
    if faults or lacking or len(rows) != len(one.rows):
        told = faults or found.notes or found.unused
        reasons = [fault.reason for fault in faults[:2]]
        return "open" if told else "wrong", f"{sorted(set(lacking))} {reasons} {found.notes} {found.unused}"
    return "right", ""


def _place(row, rows, faults, one):
    """Which row of the truth a row is: by its place in the file."""
    numbers = sorted(_number(each) for each in [*(r["locator"] for r in rows), *(f.locator for f in faults)])
    return numbers.index(_number(row["locator"]))


def _number(locator):
    return int(locator.split()[-1])


def _same(value, truth):
    if isinstance(truth, Decimal):
        return abs(Decimal(str(value)) - truth) <= max(TOLERANCE, abs(truth) * TOLERANCE)
    if hasattr(truth, "year"):
        return value == truth if hasattr(value, "year") else value == f"{truth:%Y-%m-%d}"
    if isinstance(truth, str) and ":" in truth:
        return value.split(":")[::2] == truth.split(":")[::2]
    return value == truth


@pytest.mark.parametrize("count", [50])
def test_messy_tables(count, tmp_path):
    found = [(judged(one, tmp_path), one.how) for one in files(count)]
    wrong = [(why, how) for (verdict, why), how in found if verdict == "wrong"]
    right = sum(verdict == "right" for (verdict, _), _ in found)
    still = [(why, how) for (verdict, why), how in found if verdict == "open"]
    assert not wrong
    assert right >= 0.95 * count, still
