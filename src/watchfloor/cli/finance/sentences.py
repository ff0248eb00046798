"""Files of features that partners shared of payments, for the commands of `watchfloor finance`."""

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import err, fail

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.desks.finance.models.feature_sharing import Heard

ToldOption = Annotated[
    list[Path] | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="FIELDS",
        help="What a partner told of payments with it, once a partner: CSV as `finance tell` writes it, or "
        "what `share partnership result --json` prints. Wants --view.",
    ),
]


def heard(rows: "pa.Table", view: str | None, told: list[Path] | None) -> "Heard | None":
    """Join the partners' files to the rows of the view; None without files. Ends the command for bad ones."""
    from watchfloor.desks.finance.models.feature_sharing import ToldError
    from watchfloor.desks.finance.models.feature_sharing import heard as beside

    if not told:
        return None
    if view is None:
        fail("--told wants --view: whose accounts are the others'?")
    try:
        found = beside(rows, view, _tables(told))
    except ToldError as error:
        fail(f"{', '.join(one.name for one in told)}: {error}")
    if found.unknown:
        err.print(
            f"{found.unknown:,} payments that were told of are none of {view} with another bank",
            highlight=False,
            markup=False,
        )
    return found


def counts(found: "Heard | None") -> dict[str, Any]:
    """Return a command's counts of them."""
    return {} if found is None else {"told_of": int(found.told.sum()), "told_of_unknown": found.unknown}


def _tables(paths: list[Path]) -> "pa.Table":
    import pyarrow as pa

    return pa.concat_tables([_table(path) for path in paths], promote_options="default")


def _table(path: Path) -> "pa.Table":
    """`subject`, and a whole number for each other column."""
    import pyarrow as pa

    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{path.name} is no text in UTF-8")
    rows = _of_json(path, text) if text.lstrip().startswith("{") else _of_csv(path, text)
    names = sorted({name for row in rows for name in row if name is not None} - {"subject"})
    columns = {name: [_number(path, row, name) for row in rows] for name in names}
    subjects = pa.array([row["subject"] for row in rows], pa.string())
    return pa.table({"subject": subjects, **{n: pa.array(c, pa.int64()) for n, c in columns.items()}})


def _of_csv(path: Path, text: str) -> list[dict[str, Any]]:
    found = csv.DictReader(text.splitlines())
    if "subject" not in (found.fieldnames or ()):
        fail(f"{path.name} has no column 'subject'; `watchfloor finance tell` writes one")
    return list(found)


def _of_json(path: Path, text: str) -> list[dict[str, Any]]:
    try:
        return [{"subject": str(one["subject"]), **one["fields"]} for one in json.loads(text)["subjects"]]
    except (ValueError, KeyError, TypeError):
        fail(f"{path.name} is not what `watchfloor share partnership result --json` prints")


def _number(path: Path, row: dict[str, Any], name: str) -> int | None:
    """A level; nothing for an empty cell and for links, which are no levels."""
    cell = row.get(name)
    if cell is None or cell == "" or isinstance(cell, list):
        return None
    if not re.fullmatch(r"-?\d{1,18}", str(cell)):
        from watchfloor.desks.finance.models.levels import ACCOUNT, SUSPICION

        if name in ACCOUNT or name in SUSPICION:
            fail(f"{path.name}: {name} of {row['subject']} is {str(cell)[:40]!r}, which is no level")
        return None
    return int(cell)
