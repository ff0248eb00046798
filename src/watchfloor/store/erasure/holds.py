"""Legal holds: what may not be erased, by whose order and why. Each is an act of the log, and so is its end.

A hold names records, subjects or leads. A hold on a subject is over every row that names it, and so over the
rows that come later; a hold on a lead is over its subjects and its records as it stood, and over every task,
outcome and report about it. What a hold covers is found when somebody wants to erase, not when it is placed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from watchfloor.store import catalogue, log
from watchfloor.store.database import Database
from watchfloor.store.erasure import subject_index
from watchfloor.store.errors import UnknownRecord, WrongCall

PLACED: Final = "hold"
LIFTED: Final = "hold-lifted"


class UnderHold(WrongCall):
    """Something is under legal hold; `holds` are the positions of the holds that keep it."""

    def __init__(self, what: str, holds: Iterable[int]) -> None:
        self.holds = tuple(sorted(set(holds)))
        named = ", ".join(str(one) for one in self.holds)
        super().__init__(
            f"{what} is under legal hold ({named} in the log) and stays. "
            "`watchfloor floor hold list` shows the holds that you may see; who ordered one can have it "
            "lifted"
        )


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold.

    Attributes:
        position: of its act in the log; 0 before it is placed.
        at: when it was placed; None before.
        why: the reason, such as the file of a litigation or of an access request.
        ordered_by: who ordered it.
        marking: who may see it: the join of what it was placed on.
        records: ids in hexadecimal.
        subjects: typed keys.
        leads: ids.
        authority: the law or order it rests on, as its act has it.
        lifted: position of the act that ended it, or None.
    """

    position: int
    at: datetime | None
    why: str
    ordered_by: str
    marking: str
    records: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    authority: str = ""
    lifted: int | None = None


def detail(hold: Hold) -> dict[str, object]:
    """Return the detail of the act of a new hold.

    Raises:
        ValueError: it is over nothing, or does not say why or who ordered it.
    """
    for name in ("why", "ordered_by"):
        if not getattr(hold, name).strip():
            raise ValueError(f"a hold says {name.replace('_', ' ')}: a reader of the log must be able to ask")
    if not (hold.records or hold.subjects or hold.leads):
        raise ValueError("a hold is over records, subjects or leads; name at least one")
    names = ("why", "ordered_by", "marking", "records", "subjects", "leads")
    return {name: getattr(hold, name) for name in names}


def every(database: Database) -> list[Hold]:
    """Every hold whose content is still in the log, lifted ones too, oldest first."""
    acts = list(log.acts_named(database, (PLACED, LIFTED)))
    lifted = {act.detail["hold"]: act.position for act in acts if act.act == LIFTED and act.detail}
    return [_hold(act, lifted.get(act.position)) for act in acts if act.act == PLACED and act.detail]


def on(root: Path) -> list[Hold]:
    """Every hold of the floor in `root`, lifted ones too, oldest first."""
    with catalogue.snapshot(root) as database:
        return every(database)


def standing(database: Database, since: int = 0) -> list[Hold]:
    """The holds placed since a position that have not been lifted."""
    return [hold for hold in every(database) if hold.lifted is None and hold.position > since]


def find(found: Iterable[Hold], position: int) -> Hold:
    """The standing hold at a position. Raises `UnknownRecord` where there is none."""
    for hold in found:
        if hold.position == position and hold.lifted is None:
            return hold
    raise UnknownRecord(
        f"no hold stands at position {position}; `watchfloor floor hold list` lists those that do"
    )


def covering(holds: Iterable[Hold], rows: pa.Table) -> Iterator[tuple[Hold, subject_index.Mask]]:
    """Each hold that is over some of the rows, with which; rows have all their columns."""
    for hold in holds:
        covered = _covered(hold, rows)
        if covered.any():
            yield hold, covered


def _covered(hold: Hold, rows: pa.Table) -> subject_index.Mask:
    covered = np.zeros(rows.num_rows, np.bool_)
    if hold.records and "record_id" in rows.column_names:
        ids = pa.array([bytes.fromhex(one) for one in hold.records], pa.binary(16))
        covered |= subject_index.among(rows["record_id"], ids)
    named = (*hold.subjects, *hold.leads)
    return covered | subject_index.naming(rows, named) if named else covered


def _hold(act: log.Act, lifted: int | None) -> Hold:
    said = act.detail or {}
    records, subjects, leads = (tuple(said.get(name, ())) for name in ("records", "subjects", "leads"))
    authority = act.actor.authority if act.actor else ""
    return Hold(
        act.position,
        act.at,
        said["why"],
        said["ordered_by"],
        said["marking"],
        records,
        subjects,
        leads,
        authority,
        lifted,
    )
