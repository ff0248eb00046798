"""The records a lead cites, as one reader may see them."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.leads import Lead
from watchfloor.records.kinds import KINDS, RECORD_ID
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor


def cited(floor: Floor, reader: Reader, lead: Lead) -> list[dict[str, Any]]:
    """Rows of every cited record with their kind, in the order the lead cites them."""
    wanted = list(dict.fromkeys(id_ for one in lead.contributions for id_ in one.evidence))
    found: dict[bytes, dict[str, Any]] = {}
    for kind in KINDS:
        rows = floor.read(kind, reader)
        mine = rows.filter(pc.is_in(rows["record_id"], value_set=pa.array(wanted, RECORD_ID)))
        found |= {row["record_id"]: row | {"kind": kind} for row in mine.to_pylist()}
    return [found[id_] for id_ in wanted if id_ in found]
