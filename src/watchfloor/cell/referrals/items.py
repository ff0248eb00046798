"""What a reader may see of items that are referred: their declarations, how each travels and which way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acting.acts import Row
from watchfloor.cell.referrals.powers import Stream
from watchfloor.records.marking import join
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor

COLUMNS: Final = (
    *("record_id", "report_key", "observed_at", "marking", "subject", "goods", "value", "currency", "mass"),
    *("direction", "mode", "document", "pieces", "page", "category", "expected_at", "importer", "consignee"),
    *("shipper", "declarant", "shipper_phone", "consignee_phone", "shipper_address", "consignee_address"),
)
"""Columns of a declaration that a referral goes by: what is declared, and who, by key, number and address. No
country, and no name of a person."""


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
    table = floor.read("declaration", reader, as_of, COLUMNS, latest=True)
    mine = table.filter(pc.is_in(table["subject"], value_set=pa.array(sorted(set(subjects)), pa.string())))
    lines: defaultdict[str, list[Row]] = defaultdict(list)
    for row in mine.to_pylist():
        lines[row["subject"]].append(row)
    return {key: _item(rows) for key, rows in lines.items()}


def _item(rows: list[Row]) -> Item:
    """An item of its lines; what the last line leaves out, an earlier one says."""
    said = {
        name: next((row[name] for row in reversed(rows) if row[name] is not None), None)
        for name in ("mode", "direction", "document")
    }
    stream = Stream(said["mode"], said["direction"])
    return Item(tuple(rows), stream, said["document"], join(row["marking"] for row in rows))
