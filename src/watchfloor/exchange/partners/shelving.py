"""Shelving: rows that were disclosed to a partner lie on their shelf, in each format that is pulled.

A format renders and decides nothing: what lies on the shelf is what the log says that was disclosed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
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
from watchfloor.exchange.shelf import Item, Shelf
from watchfloor.exchange.shelf_query import Match
from watchfloor.exchange.stix.objects import Object
from watchfloor.exchange.stix.write import objects, revoked
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act
from watchfloor.store.writer import Writer

COLLECTION: Final = "shared"
"""Of the STIX objects on a shelf."""
REVOKED: Final = "revoked"
"""In place of a disclosure: what carries versions that take objects back."""

_encode: Final = msgspec.json.Encoder(order="sorted").encode


def put(
    floor: Floor,
    shelf: Shelf,
    bundle: str,
    rows: Mapping[str, pa.Table],
    now: datetime,
    *,
    again: bool = False,
    check: Callable[[], None] = lambda: None,
) -> int:
    """Put disclosed rows on a shelf; gives how many objects took a place.

    Args:
        floor: whose.
        shelf: of a partner.
        bundle: the disclosure.
        rows: by kind.
        now: when it was disclosed, by the log: put again, the objects are the same.
        again: whether something was taken back before, which may come again.
        check: see `Shelf.put`.
    """
    marking = join(text for table in rows.values() for text in pc.unique(table["marking"]).to_pylist())
    items: Iterable[Item] = _items(Shared(me(floor), floor.key, now, marking, rows))
    if again:
        items = tuple(items)
        shelf.withdraw({(REVOKED, one.id) for one in items})
    return shelf.put(bundle, items, floor.now, check=check)


def take_off(floor: Floor, shelf: Shelf, rows: pa.Table, kept: Iterable[Object] = ()) -> None:
    """Take rows off a shelf, by the disclosures that brought them.

    Of what no other row carries, a version that takes it back is put there: who has it learns of that. It is
    the one that was kept with the act, where there is one.
    """
    if rows.num_rows:
        made = {one["id"]: one for one in (*withdrawing(shelf, rows, floor.now()), *kept)}
        versions = list(made.values())
        shelf.withdraw(carriers(rows))
        put_revoked(floor, shelf, versions)


def withdrawing(shelf: Shelf, rows: pa.Table, now: datetime) -> list[Object]:
    """Return the versions that take back the objects of ours that rows carry."""
    found: dict[str, Object] = {}
    for standard, collection, id_, body in shelf.carried(carriers(rows)):
        if standard == "stix" and collection == COLLECTION:
            made = revoked(msgspec.json.decode(body), now)
            if made is not None:
                found[id_] = made
    return list(found.values())


def put_revoked(floor: Floor, shelf: Shelf, versions: Iterable[Object]) -> None:
    """Put versions that take objects back on a shelf, of those that are on it no more."""
    gone = [one for one in versions if not shelf.page(COLLECTION, limit=1, match=Match((one["id"],))).entries]
    made = [
        Item(COLLECTION, one["id"], one["type"], _encode(one), one["id"], one["modified"]) for one in gone
    ]
    if made:
        shelf.put(REVOKED, made, floor.now)


def carriers(rows: pa.Table) -> Iterator[tuple[str, str]]:
    """By which disclosure and under which name each row lies on a shelf."""
    return zip(rows["bundle"].to_pylist(), rows["row"].to_pylist(), strict=True)


def settle(floor: Floor, partner: Partner, shelf: Shelf, stood: Disclosures) -> Disclosures:
    """Take off a shelf what acts since took back or replaced; gives what stands after them.

    There may be more than one: somebody may have recalled a disclosure before it was on the shelf.
    """
    stands, gone, kept = stood, [disclosures.COLUMNS.empty_table()], []
    for act in disclosures.acts_to(floor, partner):
        if act.position > stood.position:
            names = disclosures.named(floor, act)
            gone.append(disclosures.among(stands.rows, names))
            stands = disclosures.after(stands, act, names)
            kept += kept_versions(floor, act)
    take_off(floor, shelf, pa.concat_tables(gone), kept)
    shelf.advance(stands.position)
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


def keep_versions(writer: Writer, versions: Iterable[Object]) -> dict[str, str]:
    """Keep the versions by which objects are taken back, for a shelf that is lost; gives the act's part."""
    content = _encode(list(versions))
    digest = sha256(content)
    writer.shown(_called(digest.hexdigest()), digest.digest(), content)
    return {"revoked": digest.hexdigest()}


def kept_versions(floor: Floor, act: Act) -> list[Object]:
    """Return the versions by which an act takes objects back."""
    digest = (act.detail or {}).get("revoked")
    kept = floor.shown(_called(digest)) if digest else []
    content = kept[-1].content if kept else None
    return msgspec.json.decode(content, type=list[Object]) if content else []


def _called(digest: str) -> str:
    return f"revoked {digest}"


def _items(shared: Shared) -> Iterator[Item]:
    """Yield what lies on a shelf of some rows: STIX objects, and GeoJSON features of what has a place."""
    for _, row, one in objects(shared):
        version = one.get("modified") or one.get("created") or ""
        # STIX 2.1 part 3.1: who has versions and states none of the standard is of 2.0.
        standard = one.get("spec_version") or ("2.0" if version else "2.1")
        yield Item(COLLECTION, one["id"], one["type"], _encode(one), row, version, standard)
    for kind, row, feature in features(shared):
        place = (feature.collection, feature.id, kind, encoded(feature), row)
        yield Item(*place, spec_version="", standard="geojson")
