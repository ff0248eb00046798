"""Publishing: what a partner's standing statement lets go is disclosed, and lies on their shelf.

Rows are chosen with the eyes of the person who added the partner, sifted through the gateway, and logged as
disclosed before anybody can reach them. The shelf is a copy of what the log says, and says up to where: what
was logged behind that is put there the next time, so that a crash between the two loses nothing and shows
nothing. Only what is new goes. What may not be seen any more, or is not there any more, is withdrawn. No
page waits for it: see `exchange.partners.publisher`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell import current_signals
from watchfloor.cell.acts import Refusal
from watchfloor.core.kinds import INTELLIGENCE_OBJECT, KINDS, RECORD_ID
from watchfloor.core.marking import join, parse
from watchfloor.core.messages import Reason
from watchfloor.exchange.bundles import sending, sent
from watchfloor.exchange.bundles.offers import SIGNAL_FORM, Offer, offer, record_names
from watchfloor.exchange.bundles.withholding import (
    Rights,
    Sifted,
    Withheld,
    cautioned,
    counted,
    marking_bars,
    rights,
    sift,
)
from watchfloor.exchange.partners import disclosures, publication, shelving
from watchfloor.exchange.partners.disclosures import TOKEN, Disclosures
from watchfloor.exchange.partners.partner import Partner, ended, offered, permit
from watchfloor.exchange.shelf import Shelf
from watchfloor.policy.gateways import Permit
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.segments import index

CHUNK: Final = 10_000
"""Rows of one disclosure: no more are in memory at a time."""

PATIENCE: Final = 60.0
"""Seconds that a publication waits for who else writes on the floor."""

ERASED: Final = "erasure"
TAKEN_BACK: Final = (ERASED, "recalled")
"""Acts after which a row that was chosen before may not go."""


class _Outdated(Exception):  # noqa: N818 - no error: it is done again
    """Something was erased or recalled since rows were chosen, which are in memory."""


@dataclass(frozen=True, slots=True)
class Published:
    """One publication.

    Attributes:
        offered: rows that were looked at.
        rows: that are new to the partner, or anew.
        withdrawn: that they may pull no more.
        standing: that they may pull now.
        withheld: that stay, by reason.
        position: of the last act that gave them something or took it back; 0 for none.
        marking: join of what they got now; empty for nothing.
    """

    offered: int
    rows: int
    withdrawn: int
    standing: int
    withheld: tuple[Withheld, ...]
    position: int
    marking: str


def publish(
    floor: Floor,
    partner: Partner,
    now: datetime,
    progress: Callable[[float], None] | None = None,
    actor: Actor | None = None,
) -> Published:
    """Disclose to a partner what is new, and take back what may not be seen any more.

    Args:
        floor: whose.
        partner: to whom.
        now: with a time zone.
        progress: told the share that is done.
        actor: who publishes; None for nobody but who added the partner.

    Raises:
        watchfloor.cell.acts.Refusal: the partner has no access any more.
        FloorBusy: another publication for them is at work.
    """
    if (why := ended(floor, partner)) is not None:
        raise Refusal(why)
    with Shelf.open(floor, partner.shelf) as shelf, publication.alone(floor, partner, now) as note:

        def reached(share: float) -> None:
            note.reached(share)
            (progress or (lambda _: None))(share)

        made: Published | None = None
        while made is None:
            with suppress(_Outdated):
                choice = _Choice.make(floor, partner, now)
                stood = shelving.stand(floor, partner, shelf.position)
                stands = shelving.stand(floor, partner)
                _put_again(choice, shelf, stood, stands)
                made = _publish(choice, shelf, stands, actor or partner.by, reached)
        note.whole(floor.now(), made.withheld)
    return made


class _Kind(NamedTuple):
    """Records of a kind that may go: id, source and report key of each, and its token."""

    kind: str
    rows: pa.Table
    tokens: pa.Array


class _Ids:
    """Ids or tokens, in order: looking for few among a million does not read the million again."""

    def __init__(self, ids: pa.Array | pa.ChunkedArray) -> None:
        self._run = index.run_of(*index.halves(ids), np.zeros(len(ids), np.uint64))

    def __len__(self) -> int:
        return len(self._run)

    def have(self, ids: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Return which of some are among them."""
        return pa.array(index.find([self._run], *index.halves(ids)) != index.NOWHERE)


class _Chunk(NamedTuple):
    """Rows that go, and the name of each with its token, in the order of the rows."""

    sifted: Sifted
    names: pa.Table


@dataclass
class _Choice:
    """Rows that may go to a partner now: with whose eyes they are chosen, through which permit they go."""

    floor: Floor
    partner: Partner
    now: datetime
    reader: Reader
    permit: Permit
    rights: Rights
    stays: Counter[tuple[str, str]]
    since: int
    offered: int = 0

    @classmethod
    def make(cls, floor: Floor, partner: Partner, now: datetime) -> "_Choice":
        """Look at a floor for a partner."""
        since = floor.newest_act(*TAKEN_BACK)
        reader = floor.reader(partner.by.name, partner.by.purpose)
        allowed = permit(floor, partner, now.astimezone(UTC).date())
        return cls(floor, partner, now, reader, allowed, rights(floor, reader), Counter(), since)

    def check(self) -> None:
        """Raise `_Outdated` where something was taken back since: what is in memory may be that."""
        if self.floor.newest_act(*TAKEN_BACK) != self.since:
            raise _Outdated

    @property
    def wanted(self) -> tuple[str, ...]:
        """Kinds that are offered: those that were named, as far as the gateway carries them still."""
        may = offered(self.permit.gateway)
        return tuple(one for one in may if not self.partner.kinds or one in self.partner.kinds)

    @cached_property
    def signals(self) -> Sifted:
        """Signals that may go, whole."""
        if SIGNAL_FORM not in self.wanted:
            return Sifted({}, {}, ())
        held = current_signals.signals(self.floor, self.reader)
        self.offered += held.num_rows
        sifted = self._sift(offer(self.floor, self.reader, signals=held))
        self._count_withheld(sifted)
        return sifted

    @cached_property
    def kinds(self) -> list[_Kind]:
        """Records that may go, by kind."""
        return [self._kind(kind) for kind in self.wanted if kind != SIGNAL_FORM]

    @cached_property
    def tokens(self) -> pa.Array:
        """Tokens of everything that may go."""
        found = [one.tokens for one in self.kinds]
        found += [
            disclosures.tokens(kind, rows, self.signals.rests_on[kind], self.permit.gateway)
            for kind, rows in self.signals.rows.items()
        ]
        return pa.concat_arrays([pa.array([], TOKEN), *found])

    def chunks(self, tokens: pa.Array) -> Iterator[_Chunk]:
        """Yield what may go and has a wanted token, sifted and whole, a chunk at a time."""
        wanted = _Ids(tokens)
        yield from self._cut(self.signals, wanted)
        for one in self.kinds:
            ids = _Ids(one.rows["record_id"].filter(wanted.have(one.tokens)))
            for part in (
                self.floor.read_parts(one.kind, self.reader, KINDS[one.kind].schema.names) if ids else ()
            ):
                rows = part.filter(ids.have(part["record_id"]))
                for start in range(0, rows.num_rows, CHUNK):
                    few = {one.kind: rows.slice(start, CHUNK)}
                    yield from self._cut(self._sift(offer(self.floor, self.reader, records=few)), wanted)

    def names(self, wanted: pa.Array) -> pa.Table:
        """Return kind and name of what may go and has a wanted token."""
        found = [chunk.names for chunk in self._cut(self.signals, _Ids(wanted))]
        for one in self.kinds:
            rows = one.rows.filter(pc.is_in(one.tokens, value_set=wanted))
            named = record_names(self.floor.key, one.kind, rows)
            found.append(disclosures.table(one.kind, named, pa.nulls(len(named), TOKEN)))
        return pa.concat_tables([disclosures.COLUMNS.empty_table(), *found])

    def _sift(self, given: Offer) -> Sifted:
        return sift(self.floor, self.reader, self.partner, self.permit, given, None, self.rights)

    def _cut(self, sifted: Sifted, wanted: "_Ids") -> Iterator[_Chunk]:
        for kind, rows in sifted.rows.items():
            on = sifted.rests_on[kind]
            tokens = disclosures.tokens(kind, rows, on, self.permit.gateway)
            goes = wanted.have(tokens)
            rows, on, tokens = rows.filter(goes), on.filter(goes), tokens.filter(goes)
            for start in range(0, rows.num_rows, CHUNK):
                few = rows.slice(start, CHUNK)
                named = disclosures.table(kind, sent.row_names(kind, few), tokens.slice(start, CHUNK))
                yield _Chunk(Sifted({kind: few}, {kind: on.slice(start, CHUNK)}, ()), named)

    def _kind(self, kind: str) -> _Kind:
        """Choose records by what is little: bodies are read only of those that go."""
        columns = ["record_id", "source", "report_key", "marking"]
        if kind == INTELLIGENCE_OBJECT.name:
            columns.append("object_id")
        rows = self.floor.read(kind, self.reader, columns=columns, latest=True)
        rows = rows.filter(self._of_others(rows)).combine_chunks()
        self.offered += rows.num_rows
        texts, at = _coded(rows["marking"])
        recipient = self.partner.reader(self.permit.statement.purpose, self.permit.on)
        why = [marking_bars(recipient, text) for text in texts]
        self._count_reasons(why, at)
        goes = _each([one is None for one in why], at)
        controlled = _each([bool(parse(text).originators) for text in texts], at)
        asked = pc.and_(goes, pc.or_(controlled, self._foreign(rows)))
        goes = pc.and_(goes, pc.invert(self._lacking(kind, rows, asked)))
        goes = _last(rows, goes)
        out = [cautioned(text, self.permit.caveats) for text in texts]
        markings = [out[number] for number in at[np.asarray(goes)].tolist()]
        kept = rows.filter(goes).select(["record_id", "source", "report_key"])
        gateway = self.permit.gateway
        tokens = disclosures.token(kind, kept["record_id"], markings, [0] * len(markings), gateway)
        return _Kind(kind, kept, tokens)

    def _of_others(self, rows: pa.Table) -> pa.ChunkedArray:
        """Whether each row is none that the partner added, nor a version of an object that they added."""
        theirs = pc.equal(rows["source"], self.partner.source)
        if "object_id" in rows.column_names:
            own = pc.unique(rows["object_id"].filter(theirs))
            theirs = pc.or_(theirs, pc.is_in(rows["object_id"], value_set=own))
        return pc.invert(theirs)

    def _foreign(self, rows: pa.Table) -> pa.ChunkedArray:
        return pc.is_in(rows["record_id"], value_set=pa.array(list(self.rights.others), RECORD_ID))

    def _lacking(self, kind: str, rows: pa.Table, asked: pa.ChunkedArray) -> pa.ChunkedArray:
        """Of rows that others control or sent here, those whose owner has not consented."""
        ids = rows.filter(asked)["record_id"].combine_chunks()
        if not len(ids):
            return asked
        whole = self.floor.read_parts(kind, self.reader, KINDS[kind].schema.names)
        found = pa.concat_tables([part.filter(pc.is_in(part["record_id"], value_set=ids)) for part in whole])
        sifted = self._sift(offer(self.floor, self.reader, records={kind: found}))
        self._count_withheld(sifted)
        none = pa.array([], RECORD_ID)
        may = pc.list_flatten(sifted.rests_on[kind]).combine_chunks() if kind in sifted.rests_on else none
        return pc.and_(asked, pc.invert(pc.is_in(rows["record_id"], value_set=may)))

    def _count_reasons(self, why: list[Reason | None], at: np.ndarray) -> None:
        for number, count in zip(*np.unique(at, return_counts=True), strict=True):
            if (one := why[number]) is not None:
                stored = one.stored()
                self.stays[stored["message"], stored["params"]] += int(count)

    def _count_withheld(self, sifted: Sifted) -> None:
        for one in sifted.withheld:
            stored = one.reason.stored()
            self.stays[stored["message"], stored["params"]] += one.rows


def _put_again(choice: _Choice, shelf: Shelf, stood: Disclosures, stands: Disclosures) -> None:
    """Do on the shelf what the log says since: it was cut off, or the shelf was lost."""
    floor, partner = choice.floor, choice.partner
    acts = [act for act in disclosures.acts_to(floor, partner) if act.position > stood.position]
    kept = [one for act in acts for one in shelving.kept_versions(floor, act)]
    shelving.take_off(floor, shelf, stood.beyond(stands), kept)
    pending = stands.beyond(stood)
    when = {(act.detail or {}).get("bundle"): act.at for act in acts}
    if pending.num_rows:
        bundles = dict(zip(pending["token"].to_pylist(), pending["bundle"].to_pylist(), strict=True))
        for chunk in choice.chunks(pending["token"].combine_chunks()):
            of = pa.array([bundles[token] for token in chunk.names["token"].to_pylist()])
            for bundle in pc.unique(of).to_pylist():
                mine = pc.equal(of, bundle)
                rows = {kind: rows.filter(mine) for kind, rows in chunk.sifted.rows.items()}
                shelving.put(floor, shelf, bundle, rows, when[bundle], check=choice.check)
    shelving.put_revoked(floor, shelf, kept)
    shelf.advance(stands.position)


def _publish(
    choice: _Choice, shelf: Shelf, stands: Disclosures, actor: Actor, progress: Callable[[float], None]
) -> Published:
    floor, partner = choice.floor, choice.partner
    settled = pa.concat_arrays([*stands.rows["token"].chunks, stands.recalled])
    fresh = choice.tokens.filter(pc.invert(pc.is_in(choice.tokens, value_set=settled)))
    gone = stands.rows.filter(pc.invert(pc.is_in(stands.rows["token"], value_set=choice.tokens)))
    if gone.num_rows and len(fresh):
        gone = disclosures.without(gone, choice.names(fresh))  # a new version takes the place of the old one
    if gone.num_rows:
        marking = shelving.marking_of(floor, partner, gone)
        with floor.writer(actor, PATIENCE) as writer:
            kept = shelving.keep_versions(writer, shelving.withdrawing(shelf, gone, choice.now))
            disclosures.withdraw(writer, partner, gone, marking, **kept)
        stands = shelving.settle(floor, partner, shelf, stands)
    again = any(act.act != "disclosed" for act in disclosures.acts_to(floor, partner))
    done, markings = 0, []
    for chunk in choice.chunks(fresh):
        packed = sending.packed(floor, choice.permit, chunk.sifted, choice.now)
        index = packed.index.append_column("token", chunk.names["token"])
        with floor.writer(actor, PATIENCE) as writer:
            choice.check()
            at = sending.log(writer, replace(packed, index=index), partner, partner=partner.position)
        when = floor.moment_of(at)
        bundle, rows = packed.manifest.bundle, chunk.sifted.rows
        shelving.put(floor, shelf, bundle, rows, when, again=again, check=choice.check)
        stands = shelving.settle(floor, partner, shelf, stands)
        markings.append(packed.manifest.marking)
        done += chunk.names.num_rows
        progress(done / len(fresh))
    return Published(
        choice.offered,
        done,
        gone.num_rows,
        stands.rows.num_rows,
        counted(choice.stays),
        stands.position,
        join(markings) if markings else "",
    )


def _last(rows: pa.Table, goes: pa.Array) -> pa.Array:
    """Of rows that go under one name between nodes the last: markings keep them beside each other here."""
    numbered = rows.select(["source", "report_key"]).append_column("n", pa.array(np.arange(rows.num_rows)))
    keyed = numbered.filter(pc.and_(goes, pc.is_valid(rows["report_key"])))
    last = keyed.group_by(["source", "report_key"]).aggregate([("n", "max")])["n_max"]
    if len(last) == keyed.num_rows:
        return goes
    kept = pc.or_(pc.is_in(numbered["n"], value_set=last.combine_chunks()), pc.is_null(rows["report_key"]))
    return pc.and_(goes, kept)


def _coded(texts: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """Distinct texts, and the number of each."""
    coded = pc.dictionary_encode(texts.cast(pa.string())).combine_chunks()
    if isinstance(coded, pa.ChunkedArray):  # none
        return [], np.zeros(0, np.int64)
    return coded.dictionary.to_pylist(), coded.indices.to_numpy()


def _each(verdicts: list[bool], at: np.ndarray) -> pa.Array:
    return pa.array(np.array(verdicts, np.bool_)[at] if len(at) else np.zeros(0, np.bool_))
