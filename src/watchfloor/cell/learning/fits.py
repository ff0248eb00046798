"""Fits: the new weight table as a file, and what it was made from, kept so that an erasure reaches it.

A fit is kept as something shown that rests on its records. Erasing one of them erases what was kept of the
fit, and the list of fits goes on saying that there was one, and what to do about its table.
"""

from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import InlineTable, Table

from watchfloor.cell.learning.refit import Fit, Refitted
from watchfloor.cell.weighing.weights import Hypothesis, WeightError, Weights, text_of
from watchfloor.core.marking import parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

KEPT: Final = "fit"
"""How what was shown is called."""

STAMP: Final = "# Refitted: "
"""How the line of a table starts that says what it was made from."""


class StoredFit(msgspec.Struct, frozen=True):
    """A fit on the floor.

    Attributes:
        position: of its keeping in the log.
        table: digest of the table that it made.
        base: digest of the table that it started from; empty once erased, as what follows.
        read: position of the log up to which it read.
        records: ids of the records that it was made from.
        marking: who may see it.
        erased: position of the erasure that took one of its records, or None.
    """

    position: int
    table: str
    base: str
    read: int
    records: tuple[str, ...]
    marking: str
    erased: int | None


def keep(writer: Writer, fit: Fit, table: str) -> int:
    """Keep a fit and the table that it made; gives its position in the log."""
    content = msgspec.json.encode(
        {
            "base": fit.base,
            "read": fit.position,
            "records": [record.hex() for record in fit.records],
            "marking": fit.marking,
            "hypotheses": [asdict(one) for one in fit.hypotheses],
        }
    )
    return writer.shown(KEPT, sha256(table.encode()).digest(), content, fit.records)


def fits(floor: Floor, reader: Reader, record: str = "") -> list[StoredFit]:
    """Fits that this reader may see, oldest first; with the start of a record's id, those made from it."""
    found = []
    for one in floor.shown(KEPT):
        said: dict[str, Any] = msgspec.json.decode(one.content) if one.content is not None else {}
        made = StoredFit(
            one.position,
            one.digest.hex(),
            said.get("base", ""),
            said.get("read", 0),
            tuple(said.get("records", ())),
            said.get("marking", ""),
            one.erased,
        )
        seen = made.erased is not None or allowed(reader, parse(made.marking))
        if seen and (not record or any(id_.startswith(record) for id_ in made.records)):
            found.append(made)
    return found


def refuse_fitted(floor: Floor, weights: Weights) -> None:
    """Raise `WeightError` where the table is a fit of this floor: its outcomes would count twice."""
    for one in floor.shown(KEPT):
        if one.digest.hex() == weights.digest:
            raise WeightError(
                f"this table was refitted on this floor at position {one.position} of the log, and the same "
                "outcomes would count twice; start from the table that it was made from (--weights)"
            )


def written(path: Path | None, weights: Weights, fit: Fit) -> str:
    """The text of the table with what was fitted put in place; all else, comments too, stays as it is.

    Args:
        path: the present table's file; None for the packaged one.
        weights: the present table.
        fit: what takes the place of its values.
    """
    text = text_of(path)
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith(STAMP)]
    document = tomlkit.parse("".join(lines))
    for one in fit.hypotheses:
        _put(document, weights.hypotheses[one.hypothesis], one)
    return f"{STAMP}{_stamp(fit)}\n{tomlkit.dumps(document)}"


def _stamp(fit: Fit) -> str:
    seen = sum(one.true + one.false for one in fit.hypotheses)
    return (
        f"{seen} leads with an outcome, as of log position {fit.position}, from table {fit.base[:12]}; "
        f"marked {fit.marking}. `watchfloor leads fits` lists its records."
    )


def _put(document: TOMLDocument, hypothesis: Hypothesis, new: Refitted) -> None:
    table: Any = document[hypothesis.name]
    table["prior"] = round(new.new_prior, 2)
    table["prior_sd"] = round(new.new_prior_sd, 2)
    for row in new.rows:
        if row.rule not in table:
            table[row.rule] = _inherited(hypothesis, row.rule)
        table[row.rule][row.strength] = _value(row.new, row.sd)


def _inherited(hypothesis: Hypothesis, rule: str) -> Table:
    """All rows of a rule that the hypothesis has from a shared table: its own table takes their place."""
    table = tomlkit.table()
    for (of, strength), bits in hypothesis.bits.items():
        if of == rule:
            sd = hypothesis.sd.get((of, strength))
            table.add(strength, bits if sd is None else _value(bits, sd))
    table.add(tomlkit.nl())
    return table


def _value(bits: float, sd: float) -> InlineTable:
    value = tomlkit.inline_table()
    value["bits"] = round(bits, 2)
    value["sd"] = round(sd, 2)
    return value
