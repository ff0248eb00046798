"""Submissions: what a partner adds is a delivery of theirs, and lies on their shelf for them to read back.

It goes the way of every delivery: its bytes are kept and read in a process of readers, and what cannot be
read is quarantined. The partner is the source, `partner:NAME`, so that nothing of it replaces what somebody
else said. A marking above what the partner may hold is not believed: who may not hold it did not write it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INTELLIGENCE_OBJECT
from watchfloor.core.marking import parse
from watchfloor.core.messages import declare, reason
from watchfloor.exchange.partners.partner import Partner
from watchfloor.exchange.shelf import Entry, Shelf, moment_of
from watchfloor.exchange.shelf import Item as Shelved
from watchfloor.exchange.shelf_query import Match
from watchfloor.exchange.taxii.queries import Wrong
from watchfloor.exchange.taxii.routes import SUBMITTED
from watchfloor.feeds.config import load
from watchfloor.feeds.intake import Orders, Turns, ingest
from watchfloor.feeds.walk import Aside, in_memory
from watchfloor.formats.base import Batch, Fault
from watchfloor.store.ceiling import holds
from watchfloor.store.errors import FloorBusy
from watchfloor.store.floor import Floor

MOST: Final = 10_000
"""Objects of one envelope."""
EVERY: Final = 1 << 40
"""Versions of an object, which are taken back together."""
PATIENCE: Final = 20.0
"""Seconds that a submission waits for who else writes on the floor."""
WITHDREW: Final = "partner-withdrew"
"""The act by which a partner takes back what they added; the evidence stays, with this act beside it."""
BUSY_FOR: Final = 5

NO_ENVELOPE: Final = declare("taxii.no-envelope")
NO_OBJECTS: Final = declare("taxii.no-objects")
MANY: Final = declare("taxii.many-objects", "most")
BUSY: Final = declare("taxii.busy", "seconds")
ABOVE: Final = declare("taxii.above", "partner")
UNREAD: Final = declare("taxii.unread")
TWICE: Final = declare("taxii.twice")

_RAW: Final = 1 << 16


class Submissions:
    """Takes in what partners of a floor add."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def add(self, partner: Partner, shelf: Shelf, body: bytes, now: datetime) -> dict[str, Any]:
        """Take an envelope in; gives its status (section 4.3.1 of TAXII).

        Raises:
            Wrong: it is no envelope (400), has no objects (422) or too many (413), or others write (503).
        """
        given, check = _objects(body), _Check(self._floor, partner)
        name = f"{partner.source} {now.isoformat(timespec='seconds')}"
        delivered = in_memory(name, "envelope.json", body)
        self.restore(partner, shelf)
        orders = Orders(partner.source, "stix", checks={INTELLIGENCE_OBJECT.name: check.rows})
        try:
            with Turns(partial(self._floor.writer, partner.by, PATIENCE)) as turns:
                taken = ingest(turns, delivered, load(self._floor.root), orders)
        except FloorBusy:
            told = {"Retry-After": str(BUSY_FOR)}
            raise Wrong(503, reason(BUSY, seconds=BUSY_FOR), told) from None
        if isinstance(taken, Aside):
            raise Wrong(422, reason(NO_OBJECTS))
        shelf.put(partner.submission, map(shelved, check.kept.values()), self._floor.now)
        return _status(given, check, now)

    def remove(self, partner: Partner, shelf: Shelf, id_: str, match: Match) -> int:
        """Take versions of an object off the shelf, and log that they were taken back; gives how many."""
        found = _versions(shelf, Match((id_,), (), match.spec_versions, match.versions))
        if found:
            versions = [one.version for one in found]
            detail = {"partner": partner.name, "object": id_, "versions": versions}
            self._floor.act(partner.by, WITHDREW, detail)
            shelf.remove(one.added for one in found)
        return len(found)

    def restore(self, partner: Partner, shelf: Shelf) -> None:
        """Put what a partner added on a shelf that was lost, but for what they took back."""
        if SUBMITTED in shelf.collections():
            return
        reader = self._floor.reader(partner.by.name, partner.by.purpose)
        columns = ["source", "delivery", *_SHELVED]
        rows = self._floor.read(INTELLIGENCE_OBJECT.name, reader, columns=columns)
        # Another partner may have had that name before.
        brought = self._floor.deliveries(partner.source)
        since = {one.digest for one in brought if one.position > partner.position}
        rows = rows.filter(pc.equal(rows["source"], partner.source))
        mine = (row for row in rows.to_pylist() if row["delivery"] in since)
        shelf.enter(SUBMITTED)
        shelf.put(partner.submission, map(shelved, mine), self._floor.now)
        for act in self._floor.acts_of(WITHDREW):
            if act.position > partner.position and act.detail and act.detail["partner"] == partner.name:
                match = Match((act.detail["object"],), versions=tuple(act.detail["versions"]))
                shelf.remove(one.added for one in _versions(shelf, match))


def _versions(shelf: Shelf, match: Match) -> list[Entry]:
    return shelf.page(SUBMITTED, 0, EVERY, match, bodies=False).entries


_SHELVED: Final = ("object_id", "object_type", "version", "created", "spec_version", "body", "report_key")


def shelved(row: Mapping[str, Any]) -> Shelved:
    """Return a kept object as it lies on a shelf."""
    version = row["version"] or (row["created"].isoformat() if row["created"] else "")
    spec = row["spec_version"] or ("2.0" if version else "2.1")
    body = row["body"].encode()
    return Shelved(SUBMITTED, row["object_id"], row["object_type"], body, row["report_key"], version, spec)


class _Check:
    """Check of a submission's rows: `kept` are those that pass, by report key; `above` those that do not."""

    def __init__(self, floor: Floor, partner: Partner) -> None:
        self._ceilings = (floor.ceiling, partner.ceiling)
        self._above = str(reason(ABOVE, partner=partner.name))
        self.kept: dict[str, dict[str, Any]] = {}
        self.above: set[str] = set()

    def rows(self, batch: Batch) -> Iterator[Batch | Fault]:
        """Yield the rows whose marking may be believed, and a fault for each other."""
        passes = []
        for row in batch.rows.to_pylist():
            marking = parse(row.get("marking") or "")
            passes.append(all(holds(ceiling, marking) for ceiling in self._ceilings))
            if passes[-1]:
                self.kept[row["report_key"]] = row
            else:
                self.above.add(row["report_key"])
                yield Fault(row["locator"], self._above, row["body"].encode()[:_RAW])
        if any(passes):
            yield Batch(batch.kind, batch.rows.filter(pa.array(passes)))

    def why(self, key: str) -> str:
        """Return why an object was not kept."""
        return self._above if key in self.above else str(reason(UNREAD))


def _objects(body: bytes) -> list[Any]:
    try:
        envelope = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        envelope = None
    if not isinstance(envelope, dict) or not envelope:
        raise Wrong(400, reason(NO_ENVELOPE))
    objects = envelope.get("objects")
    if not isinstance(objects, list) or not objects:
        raise Wrong(422, reason(NO_OBJECTS))
    if len(objects) > MOST:
        raise Wrong(413, reason(MANY, most=MOST))
    return objects


def _status(given: list[Any], check: _Check, now: datetime) -> dict[str, Any]:
    """Return what became of each object, in the order in which they came."""
    successes, failures = [], []
    objects = [one if isinstance(one, dict) else {} for one in given]
    keys = [_key(one) for one in objects]
    times = Counter(keys)
    for key, object_ in zip(keys, objects, strict=True):
        version = object_.get("modified") or object_.get("created") or _text(now)
        told = {"id": f"{object_.get('id') or ''}", "version": f"{version}"}
        if key not in check.kept:
            failures.append(told | {"message": check.why(key)})
        elif times[key] > 1 and msgspec.json.decode(check.kept[key]["body"]) != object_:
            failures.append(told | {"message": str(reason(TWICE))})
        else:
            successes.append(told)
    return {
        "id": str(uuid4()),
        "status": "complete",
        "request_timestamp": _text(now),
        "total_count": len(given),
        "success_count": len(successes),
        **({"successes": successes} if successes else {}),
        "failure_count": len(failures),
        **({"failures": failures} if failures else {}),
        "pending_count": 0,
    }


def _key(object_: Mapping[str, Any]) -> str:
    id_, version = object_.get("id"), object_.get("modified")
    return f"{id_}/{version}" if version else f"{id_}"


def _text(now: datetime) -> str:
    return moment_of(int(now.timestamp() * 1e6))
