"""Items that are referred, in a reader's view: their declarations, mode and direction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.referrals.powers import Stream
from watchfloor.cell.acts import Row
from watchfloor.core.marking import join
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.index.search import every_about

COLUMNS: Final = (
    *("record_id", "report_key", "observed_at", "marking", "subject", "goods", "value", "currency", "mass"),
    *("direction", "mode", "document", "pieces", "page", "category", "expected_at", "importer", "consignee"),
    *("shipper", "declarant", "shipper_phone", "consignee_phone", "shipper_address", "consignee_address"),
)
"""Columns of a declaration that a referral goes by: what is declared, and who, by key, number and address. No
country, and no name of a person."""


FEW: Final = 200
"""Subjects that are looked up one by one; of more the whole kind is read once."""


class Item(NamedTuple):
    """An item: its declarations as they stand, how it travels, its document, the join of their markings."""

    lines: tuple[Row, ...]
    stream: Stream
    document: str | None
    marking: str | None


NOTHING: Final = Item((), Stream(None, None), None, None)
"""An item that nothing is declared of."""


def items(
    floor: Floor, reader: Reader, subjects: Iterable[str], as_of: int | datetime | None = None
) -> Mapping[str, Item]:
    """Items of which a reader may see a declaration, by their typed keys."""
    wanted = list(dict.fromkeys(subjects))
    lines = rows_of(floor, reader, "declaration", COLUMNS, wanted, as_of)
    return {key: _item(rows) for key, rows in lines.items()}


def rows_of(
    floor: Floor,
    reader: Reader,
    kind: str,
    columns: Sequence[str],
    subjects: Collection[str],
    as_of: int | datetime | None = None,
) -> dict[str, list[Row]]:
    """Rows of a kind about some subjects, the last of each report, by subject; of few from the index."""
    lines: defaultdict[str, list[Row]] = defaultdict(list)
    if len(subjects) <= FEW:
        found = every_about(floor, kind, subjects, reader, as_of)
        mine = {key: [one.row for one in rows if one.row["subject"] == key] for key, rows in found.items()}
        return {key: rows for key, rows in mine.items() if rows}
    table = floor.read(kind, reader, as_of, columns, latest=True)
    about = pc.is_in(table["subject"], value_set=pa.array(sorted(subjects), pa.string()))
    for row in table.filter(about).to_pylist():
        lines[row["subject"]].append(row)
    return dict(lines)


def _item(rows: list[Row]) -> Item:
    """An item of its lines; what the last line leaves out, an earlier one says."""
    said = {
        name: next((row[name] for row in reversed(rows) if row[name] is not None), None)
        for name in ("mode", "direction", "document")
    }
    stream = Stream(said["mode"], said["direction"])
    return Item(tuple(rows), stream, said["document"], join(row["marking"] for row in rows))
