"""Tables of payoffs of the patrolling game."""

from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from pyarrow import parquet as pq

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.planning.patrols.game import Game

UNREADABLE = declare("patrols.payoffs-unreadable", "file", "why")
NO_COLUMN = declare("patrols.payoffs-no-column", "file", "names")
EMPTY = declare("patrols.payoffs-empty", "file")
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
        defender or
            helps the adversary.
    """
    try:
        table = pq.read_table(path) if path.suffix.lower() == ".parquet" else csv.read_csv(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise Unusable(reason(UNREADABLE, file=path.name, why=str(error).splitlines()[0])) from None
    columns = {name.strip().lower().replace(" ", "_"): table[name] for name in table.column_names}
    if missing := [name for name in ("target", *PAYOFFS) if name not in columns]:
        raise Unusable(reason(NO_COLUMN, file=path.name, names=", ".join(missing)))
    if not table.num_rows:
        raise Unusable(reason(EMPTY, file=path.name))
    names = pc.fill_null(columns["target"].cast(pa.string()), "").to_pylist()
    targets = tuple(str(name).strip() for name in names)
    if "" in targets:
        raise Unusable(reason(NO_TARGET, file=path.name, row=targets.index("") + 1))
    if len(set(targets)) < len(targets):
        raise Unusable(reason(TARGET_TWICE, file=path.name, target=Counter(targets).most_common(1)[0][0]))
    numbers = [_numbers(path, columns[name], name, targets) for name in PAYOFFS]
    defender_covered, defender_uncovered, attacker_covered, attacker_uncovered = numbers
    for message, wrong in (
        (DEFENDER_WORSE, defender_covered < defender_uncovered),
        (ATTACKER_BETTER, attacker_covered > attacker_uncovered),
    ):
        if wrong.any():
            raise Unusable(reason(message, file=path.name, target=targets[int(np.argmax(wrong))]))
    return Game(targets, *numbers)


def _numbers(
    path: Path, column: pa.ChunkedArray, name: str, targets: tuple[str, ...]
) -> npt.NDArray[np.float64]:
    try:
        filled = pc.fill_null(column.cast(pa.float64()), np.nan)
    except pa.ArrowException as error:
        raise Unusable(reason(UNREADABLE, file=path.name, why=str(error).splitlines()[0])) from None
    values = np.array(filled.to_numpy(zero_copy_only=False), np.float64)
    if (blank := np.flatnonzero(~np.isfinite(values))).size:
        raise Unusable(reason(NO_NUMBER, file=path.name, target=targets[int(blank[0])], column=name))
    return values
