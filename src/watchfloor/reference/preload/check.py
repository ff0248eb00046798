"""Declarations against every rule of the table: findings as rows, and how many waybills were looked at."""

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.records.kinds import column
from watchfloor.reference.preload.checks import TEXTS
from watchfloor.reference.preload.rules import rules
from watchfloor.reference.preload.shipments import SHIPMENTS
from watchfloor.reference.preload.tariff import TARIFF
from watchfloor.reference.preload.waybills import Mask, Waybills, in_scope, standing

CHECKS: Final = {**TEXTS, **SHIPMENTS, **TARIFF}
SHOWN: Final = 80
"""Characters of a value that a finding shows."""

FINDINGS: Final = pa.schema(
    [
        column("row", pa.int64(), "row of the declarations, from 0", nullable=False),
        column("document", pa.string(), "number of the waybill"),
        column("master", pa.string(), "number of the one that it is part of"),
        column("subject", pa.string(), "typed key of the consignment"),
        column("rule", pa.string(), "id of the rule that it breaks", nullable=False),
        column("severity", pa.string(), "must or should", nullable=False),
        column("field", pa.string(), "the column; empty: the waybill as a whole", nullable=False),
        column("value", pa.string(), "what stands there, its first characters"),
        column("answer", pa.string(), "what an authority would answer", nullable=False),
        column("message", pa.string(), "code of its error or hold; empty: none", nullable=False),
    ]
)


class Checked(NamedTuple):
    """What came of a check.

    Attributes:
        findings: see FINDINGS, in order of rows, then of the table of rules.
        rows: declarations looked at.
        left: declarations that the guidance is not about: mail, exports, other ways, lines of manifests.
        replaced: declarations of which a later message of the same document is here.
        waybills: different waybills among `rows`; a line of goods is no waybill of its own.
        failing: of these, how many break a must.
    """

    findings: pa.Table
    rows: int
    left: int
    replaced: int
    waybills: int
    failing: int


def check(declarations: pa.Table, *, everything: bool = False) -> Checked:
    """Check declarations against the table.

    Args:
        declarations: rows of the kind `declaration`.
        everything: also those that the guidance is not about, as if it were.
    """
    whole = declarations.combine_chunks()
    scope = np.ones(whole.num_rows, bool) if everything else in_scope(whole)
    inside = scope & standing(whole)
    kept = np.flatnonzero(inside)
    waybills = Waybills(whole if inside.all() else whole.filter(pa.array(inside)))
    found = _findings(waybills, kept)
    bad = found.filter(pc.equal(found["severity"], "must"))
    apart = (int((~scope).sum()), int((scope & ~inside).sum()))
    return Checked(found, len(kept), *apart, _different(waybills.rows), _different(bad))


def _different(rows: pa.Table) -> int:
    """How many waybills rows are of."""
    keys = ["master", "document", "subject"]
    return int(rows.select(keys).group_by(keys).aggregate([]).num_rows)


def _findings(waybills: Waybills, kept: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Table:
    parts = [
        _part(waybills, kept, rule, field, broken)
        for rule in rules()
        for field, broken in CHECKS[rule](waybills).items()
        if broken.any()
    ]
    if not parts:
        return FINDINGS.empty_table()
    table = pa.concat_tables(parts)
    return table.take(np.argsort(table["row"].to_numpy(), kind="stable"))


def _part(
    waybills: Waybills, kept: np.ndarray[Any, np.dtype[np.int64]], rule: str, field: str, broken: Mask
) -> pa.Table:
    """The findings of a rule in one field."""
    said, at = rules()[rule], np.flatnonzero(broken)
    of = waybills.rows.take(pa.array(at))
    same = {
        "rule": rule,
        "severity": said.severity,
        "field": field,
        "answer": said.answer,
        "message": said.code(field),
    }
    arrays = {name: pa.repeat(text, len(at)) for name, text in same.items()}
    arrays |= {name: of[name].combine_chunks() for name in ("document", "master", "subject")}
    arrays["row"] = pa.array(kept[at])
    arrays["value"] = _value(of, field)
    return pa.Table.from_arrays([arrays[name] for name in FINDINGS.names], schema=FINDINGS)


def _value(of: pa.Table, field: str) -> pa.Array:
    if not field:
        return pa.nulls(of.num_rows, pa.string())
    values = of[field].combine_chunks()
    if pa.types.is_list(values.type):
        return pc.binary_join(values, "-")
    return pc.utf8_slice_codeunits(values.cast(pa.string()), 0, SHOWN)
