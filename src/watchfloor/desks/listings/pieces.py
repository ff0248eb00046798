"""Listed entities whose publisher spreads them over files: the parts put together.

OFAC publishes alternate names and addresses apart from the entities they belong to. A reader gives such a
part as a row of its own that has the entity's id and says in `provision` which file it is of.
"""

from collections.abc import Collection, Mapping
from typing import Any

from watchfloor.formats.lists.consolidation import part_of
from watchfloor.formats.lists.ofac_csv import PARTS

Row = Mapping[str, Any]


def put_together(pieces: Collection[Row]) -> Row | None:
    """The entity with the names and countries of its parts; None while only parts of it are here."""
    if len(pieces) == 1:
        (only,) = pieces
        return None if only["provision"] in PARTS else only
    from watchfloor.reference.listings import join_parts  # with every format's reader, of no use till here

    copies = [{**row, "names": [dict(name) for name in row["names"]]} for row in sorted(pieces, key=part_of)]
    joined = join_parts(copies, report=lambda _: None)
    return next((row for row in joined if row["provision"] not in PARTS), None)
