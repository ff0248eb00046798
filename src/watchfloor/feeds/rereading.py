"""Reading again what waits in quarantine, when a reader or a mapping got better.

A retry reads the kept bytes of a delivery with today's reader or mapping and takes in what was quarantined
before and now reads. What had been read the first time stays as it is and is not counted twice. A piece that
still cannot be read goes back into quarantine with today's reason.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO, Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.identity import Identities
from watchfloor.core.kinds import DETECTION, Kind
from watchfloor.core.marking import Marking, join, parse
from watchfloor.feeds import isolation, privacy
from watchfloor.feeds.complete import Completion
from watchfloor.feeds.config import PERSONAL, Feeds
from watchfloor.feeds.deliverers import deliverer
from watchfloor.feeds.editions import Editions
from watchfloor.feeds.intake import (
    BREAK,
    EXPIRED,
    CommittedDelivery,
    Orders,
    Progress,
    Turns,
    completion_of,
    format_of,
    reading,
    recipe_of,
    silent,
    unknown,
)
from watchfloor.feeds.isolation import FOLLOWS, pieces
from watchfloor.feeds.streams import WholeLines
from watchfloor.feeds.walk import Aside
from watchfloor.formats.base import HEAD_BYTES, WHOLE_FILE, Batch, Fault, Format, Head
from watchfloor.formats.encoding.charset import stated
from watchfloor.formats.lists.consolidation import WHOLE_LIST
from watchfloor.store import Erased, Floor, Intake, Writer
from watchfloor.store.ledger import Delivery, Quarantined
from watchfloor.store.segments import index


def retry(
    floor: Floor,
    writer: Writer | Turns,
    feeds: Feeds,
    orders: Orders,
    waiting: list[Quarantined],
    progress: Progress = silent,
) -> Iterator[CommittedDelivery | Aside]:
    """Read again what waits in quarantine, delivery by delivery; all or nothing for each.

    Raises:
        NotPermitted: the lists in it are said to be whole by who may not.
    """
    turns = writer if isinstance(writer, Turns) else Turns.always(writer)
    first, _ = turns.held
    by = deliverer(first.root, first.actor, feeds)
    orders = replace(orders, by=by)
    if orders.whole:
        by.refuse_whole()
    by_delivery: dict[int, list[Quarantined]] = {}
    for piece in waiting:
        by_delivery.setdefault(piece.position, []).append(piece)
    for position, held in by_delivery.items():
        try:
            with ExitStack() as done:
                yield _again(floor, turns, feeds, orders, position, held, progress, done)
        except Erased as error:
            yield Aside(held[0].name, f"cannot be read again: {error}")


def _again(
    floor: Floor,
    turns: Turns,
    feeds: Feeds,
    orders: Orders,
    position: int,
    held: list[Quarantined],
    progress: Progress,
    done: ExitStack,
) -> CommittedDelivery | Aside:
    source, name = held[0].source, held[0].name
    may = orders.by.may if orders.by and orders.by.role else None
    if (orders.mapping or orders.format) and may is not None and not may(source):
        return Aside(name, f"{DELIVERED} {source}")
    file = PurePosixPath(name.rsplit("!", 1)[-1]).name.removesuffix(".gz")
    with floor.delivered(held[0].digest) as stream:
        head = Head(file, stream.read(HEAD_BYTES))
    recipe = recipe_of(head, feeds, orders, source)
    if recipe is None:
        return unknown(name, head)
    ahead = None
    if isolation.apart(recipe, head):
        turns.rest()
        encoding, told = orders.encoding or feeds.feed(source).encoding, partial(progress, name)
        with floor.delivered(held[0].digest) as stream:
            whole = cast("BinaryIO", WholeLines(stream)) if _is_cut(held) else stream
            ahead = done.enter_context(isolation.spool(recipe, whole, file, encoding, told))
    form = format_of(recipe, orders, ahead)
    writer, _ = turns.held
    orders = replace(orders, marking=orders.marking or _marking_before(floor, feeds, held[0]))
    completion = completion_of(feeds, source, form, orders, writer.key)
    last = _last(floor, held[0])
    silent = _is_cut(held) or last.digest != held[0].digest
    editions = Editions(writer, completion, whole=orders.whole, silent=silent, again=last.position, may=may)
    try:
        with (
            stated(orders.encoding or feeds.feed(source).encoding) as statement,
            writer.again(position, [piece.id for piece in held]) as intake,
        ):
            intake.stated = completion.marking if completion.stated else None
            Rereading(writer, intake, completion, editions, held).read(form, file)
            account, withheld = intake.account, intake.withheld
            if account.quarantined == account.received == len(held):
                raise _NothingNew
    except _NothingNew:
        count = "1 piece" if len(held) == 1 else f"{len(held):,} pieces"
        return Aside(name, f"{count} of it still cannot be read")
    notes = (*completion.notes, *editions.notes(None), *statement.notes)
    return CommittedDelivery(name, source, form.name, intake.position, account, notes, withheld)


def _marking_before(floor: Floor, feeds: Feeds, piece: Quarantined) -> Marking | None:
    """Return what its delivery was marked, joined with what its feed is marked now; None: nobody marked it.

    A row does not come out of quarantine to more readers than its delivery was meant for. A piece that nobody
    marked waits as names of persons do, which says nothing of the rows in it. Acts of earlier versions do not
    say what was stated: there, any other marking of the piece was.
    """
    (act,) = floor.acts_at([piece.position])
    stated = (act.detail or {}).get("marking_stated")
    if stated is None and piece.marking == PERSONAL:
        return None
    return parse(join(filter(None, (stated or piece.marking, feeds.feed(piece.source).marking))))


def _is_cut(held: Iterable[Quarantined]) -> bool:
    return any(piece.locator.startswith(f"{BREAK} ") for piece in held)


def _last(floor: Floor, piece: Quarantined) -> Delivery:
    """The last delivery of its feed under the file name of the one that the piece is of."""
    file = PurePosixPath(piece.name).name
    return [one for one in floor.deliveries(piece.source) if PurePosixPath(one.name).name == file][-1]


class _NothingNew(Exception):  # noqa: N818 - no error: it only leaves the delivery uncommitted
    """A retry that brought nothing."""


class Rereading:
    """One delivery, read again: `held` are its pieces in quarantine."""

    def __init__(
        self,
        writer: Writer,
        intake: Intake,
        completion: Completion,
        editions: Editions,
        held: list[Quarantined],
    ) -> None:
        self._writer, self._intake, self._completion, self._editions = writer, intake, completion, editions
        self._held = {piece.locator: piece for piece in held}
        self._unmet = dict(self._held)
        self._broke_off = any(piece.rest for piece in held)
        self._identities: dict[str, Identities] = {}
        self._late: list[tuple[Kind, pa.Table]] = []
        self._zones = privacy.load(writer.root)

    def read(self, form: Format, file: str) -> None:
        """Take in what was held and now reads, and what stands behind a break.

        Rows that were held are numbered last, so that of equal rows without a source id those that were read
        the first time get the identities that they have.
        """
        with reading(self._intake, damaged=_is_cut(self._held.values())) as stream:
            for piece in self._editions.sift(pieces(form, stream, file)):
                self._fault(piece) if isinstance(piece, Fault) else self._batch(piece)
        for kind, rows in self._late:
            self._intake.accept(kind, self._identified(kind, rows))
        self._keep_unmet()

    def _fault(self, fault: Fault) -> None:
        if self._broke_off or fault.locator in (*self._held, WHOLE_LIST):
            self._unmet.pop(fault.locator, None)
            self._intake.quarantine([fault], self._completion.apart)

    def _batch(self, batch: Batch) -> None:
        places = pa.array(self._held, pa.string())
        met = pc.is_in(batch.rows.column("locator"), places)
        for locator in batch.rows.column("locator").filter(met).to_pylist():
            self._unmet.pop(locator, None)
        self._late.append((batch.kind, self._kept(batch, met, count=True)))
        before = self._kept(batch, pc.invert(met), count=WHOLE_FILE in self._held)
        rows = self._identified(batch.kind, before)
        unread = pc.or_(self._broke_off, pc.is_in(rows.column("locator"), pa.array(WHOLE)))
        fresh = rows.filter(unread)
        fresh = fresh.filter(pa.array(~self._known(batch.kind, fresh)))
        if fresh.num_rows:
            self._intake.accept(batch.kind, fresh)

    def _kept(self, batch: Batch, which: pa.ChunkedArray, *, count: bool) -> pa.Table:
        some = Batch(batch.kind, batch.rows.filter(which))
        if self._zones is not None and batch.kind is DETECTION:
            gone = privacy.withheld(some.rows, self._zones)
            some = Batch(batch.kind, some.rows.filter(pa.array(~gone)))
            self._intake.withhold(int(np.count_nonzero(gone)) if count else 0, privacy.REASON)
        rows, expired = self._completion.complete(some)
        self._intake.withhold(expired if count else 0, EXPIRED)
        return rows

    def _keep_unmet(self) -> None:
        """Hold on to pieces that the reader passed in silence, such as the missing end of a cut archive."""
        for piece in self._unmet.values():
            if piece.locator not in WHOLE:
                fault = Fault(piece.locator, piece.reason, piece.raw or b"", piece.rest)
                self._intake.quarantine([fault], parse(piece.marking))

    def _identified(self, kind: Kind, rows: pa.Table) -> pa.Table:
        delivery = pa.repeat(pa.scalar(self._intake.digest, pa.binary(32)), rows.num_rows)
        rows = rows.append_column("delivery", delivery)
        wanted = pa.schema([one for one in kind.schema if one.name != "record_id"])
        rows = rows.select(wanted.names).cast(wanted)
        identities = self._identities.setdefault(kind.name, Identities(kind, self._writer.key))
        return rows.add_column(0, kind.schema.field("record_id"), identities.record_ids(rows))

    def _known(self, kind: Kind, rows: pa.Table) -> npt.NDArray[np.bool_]:
        """Which rows are on the floor already."""
        halves = index.halves(rows.column("record_id"))
        places: npt.NDArray[np.uint64] = index.find(self._writer.known_ids(kind.name).runs(), *halves)
        return np.asarray(places != index.NOWHERE, np.bool_)


DELIVERED: Final = "how it is read can be said by who delivers to"

WHOLE: Final = (WHOLE_FILE, WHOLE_LIST, FOLLOWS)
"""Locators of faults that stand for all that a reader could not give."""
