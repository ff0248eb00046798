"""Reasons of a pair in words, each with its bits, which add up to the pair's log2-odds."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.cell.identity.linkage.comparisons import LEVELS, SHARED
from watchfloor.cell.identity.linkage.linkage import Linkage
from watchfloor.cell.identity.linkage.mixture import GREATEST, LEAST, TWICE, same_level
from watchfloor.core.messages import Language, Reason, declare, reason
from watchfloor.messages import signed

Array = npt.NDArray[Any]

PRIOR: Final = declare("linkage.prior", "pairs")
HOUSEHOLD: Final = declare("linkage.household")
RIVALS: Final = declare("linkage.rivals")
MESSAGES: Final = {
    (what, level): declare(
        f"linkage.{what.replace('_', '-')}-{level}",
        *(("one", "count", "rows") if at == same_level(what) else ("one", "other")),
    )
    for what, levels in LEVELS.items()
    for at, level in enumerate(levels)
}
"""What each level of a comparison says."""

SHOWN: Final = 0.05
"""Bits of a term from which on it is told."""


SCHEMA: Final = pa.schema(
    [
        ("id_a", pa.string()),
        ("id_b", pa.string()),
        ("score", pa.float64()),
        ("reasons", pa.list_(pa.string())),
        ("bits", pa.float64()),
        ("table_a", pa.string()),
        ("table_b", pa.string()),
    ]
)


def pair_rows(found: Linkage, lang: Language = "en", batch: int = 20_000) -> Iterator[pa.Table]:
    """Yield the pairs that were kept as tables of `SCHEMA`."""
    names = [table.name for table in found.tables]
    table, ids = found.records.table, found.records.ids
    for start in range(0, len(found.one), batch):
        one, other = (side[start : start + batch].tolist() for side in (found.one, found.other))
        bits = found.bits[start : start + batch]
        columns = [
            [ids[row] for row in one],
            [ids[row] for row in other],
            1.0 / (1.0 + np.exp2(-bits)),
            reasons(found, np.arange(start, start + len(one)), lang),
            bits,
            [names[table[row]] for row in one],
            [names[table[row]] for row in other],
        ]
        yield pa.table(columns, schema=SCHEMA)


def reasons(found: Linkage, rows: Array, lang: Language) -> list[list[str]]:
    """Return the reasons of some of the pairs that were kept, the weightiest first; the prior stands last."""
    return [[f"{signed(bits, lang)} {said.render(lang)}" for bits, said in terms(found, row)] for row in rows]


def terms(found: Linkage, row: int) -> list[tuple[float, Reason]]:
    """Return the terms of one pair: bits and what they are for."""
    assert found.pairs is not None
    assert found.model is not None
    pairs, model = found.pairs, found.model
    person, house = model.shares[pairs.group[row]]
    known: list[tuple[float, Reason]] = []
    strangers, household, before = 1.0 - person - house, house, False
    for at, what in enumerate(pairs.what):
        level = int(pairs.levels[row, at])
        if level < 0:
            continue
        common = float(pairs.chance[row, at]) or float(model.u[at, level])
        strangers *= common
        top = level == same_level(what)
        if what in SHARED:
            household *= max(model.household[at, level], 1e-6)
        else:
            held = min(max(float(model.household[at, level]), LEAST), GREATEST)
            copied = (TWICE if before else held) if top else 0.0
            household *= common * (1 - copied) + copied
            before = before or top
        bits = float(np.log2(model.m[at, level] / common))
        if abs(bits) >= SHOWN:
            known.append((bits, _said(found, row, what, level)))
    known.sort(key=lambda term: -abs(term[0]))
    if (bits := -float(np.log2(1.0 + household / strangers))) <= -SHOWN:
        known.append((bits, reason(HOUSEHOLD)))
    if found.taken[row] >= SHOWN:
        known.append((-float(found.taken[row]), reason(RIVALS)))
    bits = float(np.log2(person / (1.0 - person - house)))
    known.append((bits, reason(PRIOR, pairs=round(1 / person))))
    return known


def _said(found: Linkage, row: int, what: str, level: int) -> Reason:
    message = MESSAGES[what, LEVELS[what][level]]
    one, other = (_value(found, int(side[row]), what, level) for side in (found.one, found.other))
    if message.parameters == {"one", "other"}:
        return reason(message, one=one, other=other)
    chance = float(found.pairs.chance[row, found.pairs.what.index(what)]) if found.pairs else 0.0
    size = len(found.records)
    return reason(message, one=one, count=max(2, round(chance * size) + 1), rows=size)


def _value(found: Linkage, row: int, what: str, level: int) -> str:
    """Return what a row says in a field, as it was compared."""
    fields = {
        "address": ("number", "street", "unit", "po_box"),
        "place": ("postal", "city"),
        "birth": ("born",) if LEVELS[what][level].startswith("age-") else ("birth",),
    }.get(what, (what,))
    texts = []
    for name in fields:
        values = found.records.fields.get(name)
        if values is not None and (code := int(values.codes[row])) >= 0:
            texts.append(values.texts[code])
    said = " ".join(texts[:1] if what == "place" else texts)
    if what == "birth" and len(said) == 8:
        return f"{said[:4]}-{said[4:6]}-{said[6:]}"
    return said if what in ("email", "document", "national_id", "phone") else said.title()
