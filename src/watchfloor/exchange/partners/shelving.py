"""Shelving: rows that were disclosed to a partner lie on their shelf, in each format that is pulled.

A format renders and decides nothing: what lies on the shelf is what the log says that was disclosed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.marking import join
from watchfloor.exchange.bundles.peers import me
from watchfloor.exchange.geo.features import features
from watchfloor.exchange.geo.files import encoded
from watchfloor.exchange.partners import disclosures
from watchfloor.exchange.partners.disclosures import Disclosures
from watchfloor.exchange.partners.partner import Partner
from watchfloor.exchange.sharing import Shared
from watchfloor.exchange.shelf import Item, Shelf, path_of
from watchfloor.exchange.stix.write import objects
from watchfloor.store.files import make_folder
from watchfloor.store.floor import Floor
from watchfloor.store.lock import WriterLock

COLLECTION: Final = "shared"
"""Of the STIX objects on a shelf."""


def put(floor: Floor, shelf: Shelf, bundle: str, rows: Mapping[str, pa.Table], now: datetime) -> int:
    """Put disclosed rows on a shelf; gives how many objects took a place."""
    marking = join(text for table in rows.values() for text in pc.unique(table["marking"]).to_pylist())
    return shelf.put(bundle, _items(Shared(me(floor), floor.key, now, marking, rows)), floor.now)


def take_off(shelf: Shelf, rows: pa.Table) -> int:
    """Take rows off a shelf, by the disclosures that brought them; gives how many objects went."""
    return shelf.withdraw(zip(rows["bundle"].to_pylist(), rows["row"].to_pylist(), strict=True))


def settle(floor: Floor, shelf: Shelf, stood: Disclosures, position: int) -> Disclosures:
    """Take off a shelf what an act took back or replaced; gives what stands after it."""
    (act,) = floor.acts_at([position])
    stands = disclosures.after(stood, act, disclosures.named(floor, act))
    take_off(shelf, stood.beyond(stands))
    shelf.advance(position)
    return stands


def stand(floor: Floor, partner: Partner, upto: int | None = None) -> Disclosures:
    """Rows that stand with a partner, up to a position of the log."""
    acts = [act for act in disclosures.acts_to(floor, partner) if upto is None or act.position <= upto]
    return disclosures.standing((act, disclosures.named(floor, act)) for act in acts)


def marking_of(floor: Floor, partner: Partner, rows: pa.Table) -> str:
    """Join of the markings of the disclosures that brought rows."""
    bundles = set(pc.unique(rows["bundle"]).to_pylist())
    details = [act.detail or {} for act in disclosures.acts_to(floor, partner)]
    return join(one["marking"] for one in details if one.get("bundle") in bundles)


@contextmanager
def alone(floor: Floor, partner: Partner) -> Iterator[None]:
    """Publish for a partner alone. Raises `FloorBusy` where somebody else does."""
    folder = path_of(floor, partner.shelf).with_suffix(".publishing")
    make_folder(folder)
    with WriterLock(folder):
        yield


def _items(shared: Shared) -> Iterator[Item]:
    """Yield what lies on a shelf of some rows: STIX objects, and GeoJSON features of what has a place."""
    encode = msgspec.json.Encoder(order="sorted").encode
    for _, row, one in objects(shared):
        version = one.get("modified") or one.get("created") or ""
        # STIX 2.1 part 3.1: who has versions and states none of the standard is of 2.0.
        standard = one.get("spec_version") or ("2.0" if version else "2.1")
        yield Item(COLLECTION, one["id"], one["type"], encode(one), row, version, standard)
    for kind, row, feature in features(shared):
        place = (feature.collection, feature.id, kind, encoded(feature), row)
        yield Item(*place, spec_version="", standard="geojson")
