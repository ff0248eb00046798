"""The records a lead cites, as one reader may see them."""

from typing import Any

from watchfloor.cell.leads import Lead
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.search import of_ids


def ids(lead: Lead) -> list[bytes]:
    """Ids of the records that a lead cites, in the order in which it does."""
    return list(dict.fromkeys(id_ for one in lead.contributions for id_ in one.evidence))


def cited(floor: Floor, reader: Reader, lead: Lead) -> list[dict[str, Any]]:
    """Rows of every cited record with their kind, in the order the lead cites them."""
    return rows(floor, reader, ids(lead))


def rows(floor: Floor, reader: Reader, wanted: list[bytes]) -> list[dict[str, Any]]:
    """Rows of records with their kind, in the order given; without those that the reader may not see."""
    found = of_ids(floor, wanted, reader)
    return [found[id_].row | {"kind": found[id_].kind} for id_ in wanted if id_ in found]
