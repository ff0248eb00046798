"""Recall of what a partner may pull: it goes from the shelf at once; the act says what they had already.

A partner's machine learns of it by the version of each object that is `revoked`; people there by the note.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.exchange.deliveries import Deliveries
from watchfloor.exchange.partners import disclosures, shelving
from watchfloor.exchange.partners.partner import Partner, known
from watchfloor.exchange.shelf import Shelf
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer


def recall(
    floor: Floor,
    writer: Writer,
    said: Mapping[str, Any],
    names: Sequence[str] | None,
    detail: Mapping[str, Any],
) -> int:
    """Log a recall from a partner, and take the rows off their shelf; gives the position of the act.

    Args:
        floor: whose.
        writer: of the floor.
        said: what the act says that disclosed them.
        names: of the rows; None for all of the disclosure.
        detail: of the recall.
    """
    about = dict(detail) | {"partner": said["partner"], "names": names, "marking": said["marking"]}
    partner = known(floor).get(said["to"])
    if partner is None or partner.position != said["partner"]:  # removed since, and added anew
        return writer.act("recalled", about | {"delivered": None, "last": None})
    with Shelf.open(floor, partner.shelf) as shelf:
        stood = shelving.stand(floor, partner)
        rows = _standing(stood, said["bundle"], names)
        about |= _delivered(floor, partner, shelf, rows)
        versions = shelving.withdrawing(shelf, rows, floor.now())
        about |= shelving.keep_versions(writer, versions)
        position = writer.act("recalled", about)
        shelving.take_off(floor, shelf, rows, versions)
    return position


def _standing(stood: disclosures.Disclosures, bundle: str, names: Sequence[str] | None) -> pa.Table:
    rows = stood.rows.filter(pc.equal(stood.rows["bundle"], bundle))
    return (
        rows if names is None else rows.filter(pc.is_in(rows["row"], value_set=pa.array(names, pa.string())))
    )


def _delivered(floor: Floor, partner: Partner, shelf: Shelf, rows: pa.Table) -> dict[str, Any]:
    """Say how many objects of the rows the partner had been given already, and when last."""
    ids = {
        id_
        for _, _, id_, _ in shelf.carried(
            zip(rows["bundle"].to_pylist(), rows["row"].to_pylist(), strict=True)
        )
    }
    with Deliveries.open(floor) as journal:
        found = journal.delivered(partner.shelf, ids)
    return {"delivered": found.objects, "last": found.last.isoformat() if found.last else None}
