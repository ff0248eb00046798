"""The substances desk as a fold over declarations: goods that the law on controlled substances speaks of.

A line whose goods name a controlled substance, precursor or device, give its number, or use words in place of
its name, and a line declared where precursors sit, give a signal about the parcel. The law is that of the day
of the declaration. To name a thing is what an honest declarant does: it is a reason to look for the licence.
Who declares is not looked at; an importer is named with the parcel where it is a company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.kinds import DECLARATION
from watchfloor.core.messages import Message, Reason, reason
from watchfloor.desks.assertions import assertion, number_of
from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.standing import CurrentEvidence, kept, revised, standing_rows
from watchfloor.desks.standing import Said as Signals
from watchfloor.desks.state import Row, freeze, thaw
from watchfloor.desks.substances.messages import (
    EUPHEMISM,
    EUPHEMISM_IN_LINE,
    IN_LINE,
    IN_RESIDUAL_LINE,
    PUT_RIGHT,
    SAID,
)
from watchfloor.desks.substances.reading import EUPHEMISM as EUPHEMISM_RULE
from watchfloor.desks.substances.reading import LINE, Mention, Reader, worth
from watchfloor.reference.goods import load

NAME: Final = "substances"

KEPT: Final = kept(DECLARATION.schema, "subject importer goods hs")
"""What is kept of a line."""


@dataclass(slots=True)
class Goods:
    """State of the fold: what the reference says, compiled, and the lines that say something."""

    reader: Reader
    lines: CurrentEvidence = standing_rows(KEPT, "subject", part="")


def begin(refs: Refs) -> Goods:
    """Before the first declaration."""
    return Goods(_reader(refs["goods"]))


@lru_cache(maxsize=2)
def _reader(content: bytes) -> Reader:
    """Compiled once; nothing changes it."""
    return Reader.from_goods(load(content))


def step(refs: Refs, state: Goods, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch; its rows are in order of observation.

    Most lines say nothing and replace nothing: a search over whole columns passes those by.
    """
    say = partial(_said, refs.key, state.reader)
    made = chain.from_iterable(
        revised(state.lines, row, row["subject"] if state.reader.read(row) else None, say, PUT_RIGHT)
        for row in _looked_at(state, rows.select(KEPT.names)).to_pylist()
    )
    return {"signal": pa.Table.from_pylist(list(made), schema=SIGNAL)}


def _looked_at(state: Goods, rows: pa.Table) -> pa.Table:
    """Lines that may say something, and lines that take the place of one that may."""
    may = pa.array(state.reader.may(rows))
    saying = rows["report_key"].filter(may).to_pylist()
    keys = {place[2] for place in state.lines.things} | {key for key in saying if key}
    return rows.filter(pc.or_(may, pc.is_in(rows["report_key"], pa.array(sorted(keys), pa.string()))))


def _said(key: bytes, reader: Reader, item: str, rows: Sequence[Row]) -> Signals:
    """A signal for each thing that the lines of a parcel say, under the best that any says."""
    found: dict[tuple[str, str], list[tuple[Mention, Row]]] = {}
    for row in rows:
        for said in reader.read(row):
            found.setdefault((said.rule, said.thing), []).append((said, row))
    signals = [_signal(key, reader, item, lines) for _, lines in sorted(found.items())]
    return {signal["row_id"]: signal for signal in signals}


def _signal(key: bytes, reader: Reader, item: str, lines: Sequence[tuple[Mention, Row]]) -> dict[str, Any]:
    best, declared = min(lines, key=lambda one: _rank(one[0]))
    rows = [row for _, row in lines]
    companies = sorted({row["importer"] for row in rows if (row["importer"] or "").startswith("company:")})
    thing = reader.goods.things.get(best.thing)
    substance = [thing.substance] if thing and thing.substance else []
    return assertion(
        rows,
        row_id=row_id(key, NAME, best.rule, (item, best.thing), ""),
        desk=NAME,
        rule=best.rule,
        subjects=[item, *companies, *substance],
        strength=best.strength,
        reason=_why(reader, item, best, declared).stored(),
    )


def _rank(said: Mention) -> tuple[bool, bool, int]:
    """The best first; one that speaks of a licence after those that do not."""
    if said.window is None:
        return False, False, len(said.strength) * -1
    return (said.licence, *worth(said))


def _why(reader: Reader, item: str, said: Mention, row: Row) -> Reason:
    about: dict[str, Any] = {"item": number_of(item, "parcel"), "text": said.text}
    if said.window is None:
        return _line_why(reader, about, said, row)
    window = said.window
    about |= {"name": reader.goods.things[said.thing].label, "schedule": window.schedule}
    part, _, table = window.part.partition(".")
    about |= {"part": part, "table": table, "number": window.item}
    depth = bool(part) + bool(table)
    return _reason(SAID[said.rule, said.how, depth, window.near, said.licence], about)


def _line_why(reader: Reader, about: dict[str, Any], said: Mention, row: Row) -> Reason:
    if said.rule == EUPHEMISM_RULE and not said.thing:
        return reason(EUPHEMISM, **about)
    line = reader.goods.lines[said.thing]
    sitting = reader.sitting(said.thing, row["observed_at"].date())
    about |= {"code": f"{said.thing[:4]}.{said.thing[4:]}", "count": len(sitting)}
    about["name"] = reader.goods.things[sitting[0]].label
    in_line = IN_LINE if line.named else IN_RESIDUAL_LINE
    return _reason(in_line if said.rule == LINE else EUPHEMISM_IN_LINE, about)


def _reason(message: Message, about: dict[str, Any]) -> Reason:
    return reason(message, **{name: about[name] for name in message.parameters})


def cut(lines: pa.Table) -> pa.ChunkedArray:
    """Return the parcel of each line: what is said of one rests on its own lines alone."""
    return lines["subject"]


DESK: Final = Desk(
    name=NAME,
    version="1",
    reads=("declaration",),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw(begin),
    uses=("goods",),
    cut=cut,
)
