"""Tables of payoffs of the patrolling game."""

from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.planning import tables
from watchfloor.planning.patrols.game import Game

NO_COLUMN = declare("patrols.payoffs-no-column", "file", "names")
TARGET_TWICE = declare("patrols.payoffs-twice", "file", "target")
NO_TARGET = declare("patrols.payoffs-no-name", "file", "row")
NO_NUMBER = declare("patrols.payoffs-blank", "file", "target", "column")
DEFENDER_WORSE = declare("patrols.payoffs-defender", "file", "target")
ATTACKER_BETTER = declare("patrols.payoffs-attacker", "file", "target")

PAYOFFS: Final = ("defender_covered", "defender_uncovered", "attacker_covered", "attacker_uncovered")
"""Columns of payoffs, in the order of `Game`."""


def read(path: Path) -> Game:
    """Read payoffs: a row a target, with the columns target and `PAYOFFS`, in CSV or Parquet.

    Raises:
        Unusable: the file is none, lacks a column or a number, names a target twice, or cover hurts the
            defender or helps the adversary.
    """
    known = {name.replace("_", part): name for name in ("target", *PAYOFFS) for part in "_ "}
    columns = tables.read(path, known)
    headings = {known[one]: one for one in columns.by_name if one in known}
    if missing := [name for name in ("target", *PAYOFFS) if name not in headings]:
        raise Unusable(reason(NO_COLUMN, file=path.name, names=", ".join(missing)))
    targets = columns.texts(headings["target"])
    if "" in targets:
        raise Unusable(reason(NO_TARGET, file=path.name, row=targets.index("") + 1))
    if len(set(targets)) < len(targets):
        raise Unusable(reason(TARGET_TWICE, file=path.name, target=Counter(targets).most_common(1)[0][0]))
    numbers = [_numbers(path, columns, headings[name], targets) for name in PAYOFFS]
    defender_covered, defender_uncovered, attacker_covered, attacker_uncovered = numbers
    for message, wrong in (
        (DEFENDER_WORSE, defender_covered < defender_uncovered),
        (ATTACKER_BETTER, attacker_covered > attacker_uncovered),
    ):
        if wrong.any():
            raise Unusable(reason(message, file=path.name, target=targets[int(np.argmax(wrong))]))
    return Game(targets, *numbers)


def _numbers(
    path: Path, columns: tables.Columns, name: str, targets: tuple[str, ...]
) -> npt.NDArray[np.float64]:
    try:
        values = columns.numbers(name)
    except pa.ArrowException as error:
        why = str(error).splitlines()[0]
        raise Unusable(reason(tables.UNREADABLE, file=path.name, why=why)) from None
    if (blank := np.flatnonzero(~np.isfinite(values))).size:
        raise Unusable(reason(NO_NUMBER, file=path.name, target=targets[int(blank[0])], column=name))
    return values
