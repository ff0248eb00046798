"""A floor: one folder with its evidence, what was made of it, and the log of every act."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, TypeVar
from uuid import uuid4

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import last, net
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import Marking, MarkingError, parse
from watchfloor.core.spool import Rows
from watchfloor.policy.policy import Reader, allowed, mask
from watchfloor.store import (
    blobs,
    catalogue,
    clock,
    files,
    governing,
    ledger,
    lock,
    log,
    readers,
    secret,
    segments,
    views,
)
from watchfloor.store import settings as floor_settings
from watchfloor.store.clock import Clock
from watchfloor.store.database import SETTINGS, UNSEALED, Database
from watchfloor.store.erasure import disclosure_snapshots, holds
from watchfloor.store.erasure.disclosure_snapshots import Shown
from watchfloor.store.errors import (
    Erased,
    FloorBusy,
    NoFloor,
    NoOriginal,
    NotEmpty,
    NoView,
    UnknownRecord,
    WrongCall,
    explained,
)
from watchfloor.store.ledger import Account, Delivery, Quarantined
from watchfloor.store.log import Act, Actor
from watchfloor.store.log.notes import Signer
from watchfloor.store.segments import lookup, reading, replacing, runs
from watchfloor.store.segments.index import SEGMENT, Numbers
from watchfloor.store.segments.proofs import Proof, prove
from watchfloor.store.settings import Settings
from watchfloor.store.tallies import DeliveryTallies, DeliveryTally, known_under
from watchfloor.store.verify import Damage, Witness, verify
from watchfloor.store.writer import Writer

_CATALOGUE: Final = {f"{catalogue.NAME}{end}" for end in ("", "-journal", "-wal", "-shm")}
_BEGUN: Final = {UNSEALED, secret.NAME, secret.SIGNING, lock.NAME} | _CATALOGUE
"""What a creation that was cut off may leave."""
_TRIES: Final = 5
_BULK: Final = frozenset(name for name, kind in KINDS.items() if kind.bulk)
"""Kinds that come by the million, of which no single row is in the index."""

T = TypeVar("T")


class Floor:
    """An open floor. Reading takes no lock and sees one consistent state a call; made by `create` or `open`.

    Attributes:
        root: its folder.
        settings: what its `floor.toml` says.
        key: the floor's secret; identities are keyed with it.
        ceiling: the highest marking it may hold.
    """

    def __init__(self, root: Path, settings: Settings, key: bytes) -> None:
        self.root, self.settings, self.key = root, settings, key
        self.ceiling = _ceiling(root, settings.ceiling)
        self._occurrences, self._tallies = views.Occurrences(root), DeliveryTallies(self.ceiling)

    @classmethod
    def create(
        cls,
        path: Path | str,
        actor: Actor,
        *,
        name: str = "",
        ceiling: str = "PB",
        institution: str = "joint-cell",
        country: str = "CAN",
        exercise: bool = False,
        server: str = "",
        clock: Clock | None = None,
    ) -> Self:
        """Make a new floor in an empty or absent folder, or where a creation was cut off.

        Its `floor.toml` comes last: a folder without one is no floor yet, and may be begun anew. `clock`: by
        which an exercise goes, as `store.clock.begin` makes it.

        Raises:
            NotEmpty: the folder holds something already.
            MarkingError: the ceiling is no marking.
            NoServer: the server does not answer.
        """
        root = Path(path)
        with explained(root):
            _refuse_occupied(root)
        created = (datetime.now(UTC) if clock is None else clock.reads).isoformat(timespec="seconds")
        settings = Settings(
            catalogue.LAYOUT,
            str(uuid4()),
            name or root.resolve().name,
            str(parse(ceiling)),
            created,
            institution,
            country,
            exercise,
            server,
            clock,
        )
        with explained(root):
            files.make_folder(root)
            if files.exposed(root):  # an empty folder that somebody made for it
                root.chmod(0o700)
            with lock.WriterLock(root):
                _make_room(root)
                return cls._made(root, settings, actor)

    @classmethod
    def _made(cls, root: Path, settings: Settings, actor: Actor) -> Self:
        floor_settings.begin(root, settings)
        secret.write(root)
        secret.write(root, secret.SIGNING)
        catalogue.create(root)
        floor = cls(root, settings, secret.read(root))
        made = {"floor": settings.id, "name": settings.name, "ceiling": settings.ceiling}
        keys = {"key": secret.sign(floor.key), "signs_with": floor.signer.verifier.text}
        floor.act(actor, "created", made | keys)
        floor_settings.seal(root)
        return floor

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open a floor; one whose folder is open to other accounts of the machine is closed to them first.

        Raises:
            NoFloor: there is none at `path`.
            LayoutError: it was made by another version.
            Damaged: its key is another than it was made with.
        """
        root = Path(path)
        try:
            settings = floor_settings.read(root)
            key = secret.read(root)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NoFloor(
                f"{root} is no floor: {error.filename} is missing. Make one with `watchfloor init`."
            ) from error
        files.close_to_others(root)  # not before: a folder that is no floor keeps its modes
        with catalogue.snapshot(root) as database:
            secret.check(database, root, key)
            return cls(root, settings, key)

    def now(self) -> datetime:
        """Return the time of this floor: the machine's, or that of an exercise's own clock."""
        return clock.now(self.root)

    def set_clock(self, actor: Actor, *, reads: datetime | None = None, rate: float | None = None) -> Clock:
        """Set the clock of an exercise to another time or rate, or both; the log says who did.

        Raises:
            WrongCall: the floor has no clock of its own, the rate is none, or the clock would be set back.
            NotPermitted: the policy lets this user write nothing.
        """
        readers.refuse_writing(self.root, actor.name)
        self._refuse_changed_policy()
        level = readers.level(self.root, actor, self.settings)
        with (
            explained(self.root),
            closing(catalogue.for_writing(self.root)) as database,
            catalogue.transaction(database),
        ):
            settings = floor_settings.read(self.root)
            if settings.clock is None:
                raise WrongCall(
                    f"{self.root} goes by this machine's clock; an exercise has one of its own if its "
                    "floor was made by `watchfloor admin exercise prepare`"
                )
            fresh = clock.set_now(settings.clock, reads, rate)
            last = log.moment(log.head(database)[1])
            if reads is not None and fresh.reads < last:
                raise WrongCall(
                    f"the clock cannot be set back to {fresh.reads:%Y-%m-%d %H:%M:%SZ}: the log of this "
                    f"floor goes to {last:%Y-%m-%d %H:%M:%SZ}, and only grows. Look at an earlier moment "
                    "with --as-of, or prepare another floor to play from there again"
                )
            detail = {"reads": fresh.reads.isoformat(), "rate": fresh.rate}
            log.append(database, actor, [("clock", detail)], level, clock.micros(self.root))
            floor_settings.rewrite(self.root, msgspec.structs.replace(settings, clock=fresh))
        return fresh

    @property
    def signer(self) -> Signer:
        """Return the node's signer; its public half is in the first act of the log."""
        return Signer(self.settings.name, secret.read(self.root, secret.SIGNING))

    def reader(self, name: str, purpose: str) -> Reader:
        """The reader of that name, as this floor's policy has it; without one, cleared to Protected B.

        Raises:
            NotPermitted: the policy names no such user or purpose, or is not the one that was approved.
        """
        today = self.now().date()
        mine = Reader(name, self.settings.country, self.settings.name, purpose=purpose, today=today)
        self._refuse_changed_policy()
        held = bool(self._with(holds.standing))
        return readers.known(self.root, mine, self.acts_of("received"), held=held)

    def writer(self, actor: Actor, patience: float = 0.0) -> Writer:
        """A writer, to be used as a context manager; on a server, several take turns.

        Args:
            actor: who writes, what for, under which authority.
            patience: seconds to wait for another writer, see `lock.PATIENCE`.

        Raises:
            FloorBusy: another one is at work, and had not finished in time; the message names it.
            NotPermitted: the floor's policy lets this user write nothing, or not under this authority.
        """
        self._refuse_changed_policy()
        readers.refuse_writing(self.root, actor.name)
        readers.refuse_authority(self.root, actor)
        until = time.monotonic() + patience
        while True:
            try:
                return Writer(self.root, self.key, self.ceiling, actor)
            except FloorBusy:
                if time.monotonic() > until:
                    raise
                time.sleep(lock.PAUSE)

    def _refuse_changed_policy(self) -> None:
        self._with(lambda database: governing.refuse_changed(self.root, database))

    def act(self, actor: Actor, act: str, detail: Mapping[str, Any]) -> int:
        """Log an act without the writer lock, such as a query; gives its position.

        Raises:
            NotPermitted: it changes something, and the floor's policy lets this user write nothing.
        """
        return self.acts_by([(actor, act, detail)])[0]

    def acts_by(self, acts: Sequence[tuple[Actor, str, Mapping[str, Any]]]) -> list[int]:
        """Log acts of several people in one commit, all or none; gives their positions. Raises as `act`."""
        for actor, act, _ in acts:
            if act not in readers.LOOKING:
                readers.refuse_writing(self.root, actor.name)
        if any(act not in readers.LOOKING for _, act, _ in acts):
            self._refuse_changed_policy()
        levels = {
            actor: readers.level(self.root, actor, self.settings) for actor in {actor for actor, *_ in acts}
        }
        with explained(self.root):
            database = catalogue.for_writing(self.root)
            try:
                with catalogue.transaction(database):
                    at = clock.micros(self.root)
                    return [
                        log.append(database, actor, [(act, detail)], levels[actor], at)[0]
                        for actor, act, detail in acts
                    ]
            finally:
                database.close()

    @property
    def position(self) -> int:
        """Position of the last act: the number of acts so far."""
        return self._with(lambda database: log.head(database)[0])

    def position_at(self, moment: datetime) -> int:
        """Position of the last act at or before a moment with a time zone."""
        return self._with(lambda database: log.position_at(database, moment))

    def moment_of(self, position: int) -> datetime:
        """When the act at a position was; of none, when the floor was made."""
        acts = self.acts(position, position)
        return acts[0].at if acts else datetime.fromisoformat(self.settings.created)

    def acts(self, start: int = 1, end: int | None = None) -> list[Act]:
        """The log from position `start` to `end`, both included."""
        return self._with(lambda database: list(log.read(database, start, end)))

    def acts_of(self, *names: str, upto: int | None = None) -> list[Act]:
        """Acts of these names, such as `disclosed`, up to a position; oldest first."""
        return self._with(lambda database: list(log.acts_named(database, names, upto)))

    def acts_at(self, positions: Iterable[int], keep: log.Keep | None = None) -> list[Act]:
        """The acts at some positions, in that order; with `keep` those that it wants."""
        wanted = list(positions)
        return self._with(lambda database: list(log.at(database, wanted, keep)))

    def done_by(self, start: int, end: int) -> list[tuple[int, str, str | None]]:
        """Position, name and doer of each act from `start` to `end`; None for who where that was erased."""
        return self._with(lambda database: list(log.done_by(database, start, end)))

    def log_root(self, size: int | None = None) -> bytes:
        """Root of the log's tree over the first `size` acts."""
        return self._with(lambda database: log.root(database, size))

    def inclusion(self, position: int, size: int | None = None) -> list[bytes]:
        """Proof that the act at `position` is in the log, for `merkle.verify_inclusion` at `position - 1`."""
        return self._with(lambda database: log.inclusion(database, position, size))

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Proof that the log only grew since it had `old` acts; check it with `merkle.verify_consistency`."""
        return self._with(lambda database: log.consistency(database, old, new))

    def read(
        self,
        kind: str,
        reader: Reader,
        as_of: int | datetime | None = None,
        columns: Sequence[str] | None = None,
        *,
        latest: bool = False,
        after: int = 0,
    ) -> pa.Table:
        """Rows of evidence that `reader` may see, in the order of the log.

        Args:
            kind: of the rows.
            reader: who reads; rows it may not see are left out before anything else is computed.
            as_of: a position of the log, or a moment with a time zone; None for now.
            columns: some of the kind's columns, and `position` for where in the log a row came in; None for
                the kind's.
            latest: only rows that no later one of their source and report key replaces
                (`store.segments.replacing`); without it superseded rows are evidence too.
            after: only rows of acts after this position: what is new since it was looked at.
        """

        def get(database: Database) -> pa.Table:
            schema = reading.schema_of(self.root, database, kind)
            wanted = list(columns) if columns is not None else schema.names
            reading.checked(schema, wanted)
            parts = reading.payloads(database, kind, upto=self._position(database, as_of), after=after)
            needed = [*wanted, *(set(replacing.COLUMNS) - set(wanted))] if latest else wanted
            rows = reading.read(self.root, parts, schema, reader, needed)
            return replacing.latest(rows, replacing.lowered(database)).select(wanted) if latest else rows

        return self._with(get)

    def read_parts(
        self, kind: str, reader: Reader | None, columns: Sequence[str], *, after: int = 0
    ) -> Iterator[pa.Table]:
        """Yield the rows of a kind that `reader` may see, a stored file at a time; no more is in memory.

        None: the floor itself, to be shown to nobody. `after`: only rows of acts after this position.
        """
        for numbers in self.stored_segments(kind, after=after):
            yield self.read_segments(kind, reader, columns, numbers)

    def stored_segments(self, kind: str, upto: int | None = None, *, after: int = 0) -> list[list[int]]:
        """Return the segments of a kind, of acts after one position up to another, by stored file.

        Neighbours in the catalogue, which have no file yet, are together.
        """

        def get(database: Database) -> list[list[int]]:
            parts = reading.payloads(database, kind, upto=upto, after=after)
            files_ = groupby(parts, lambda part: part.path)
            return [[number for part in same for number in part.segments] for _, same in files_]

        return self._with(get)

    def read_segments(
        self, kind: str, reader: Reader | None, columns: Sequence[str], numbers: Sequence[int]
    ) -> pa.Table:
        """Return the rows of some segments that `reader` may see, as `read_parts`."""

        def get(database: Database) -> pa.Table:
            schema = reading.schema_of(self.root, database, kind)
            reading.checked(schema, columns)
            parts = reading.payloads(database, kind, numbers=numbers)
            return reading.read(self.root, parts, schema, reader, columns)

        return self._with(get)

    def parts(self, kind: str, upto: int) -> tuple[pa.Schema, list[reading.Payload]]:
        """Return the columns of a kind, and how its rows up to a position are stored, for who copies them."""
        return self._with(
            lambda database: (
                reading.schema_of(self.root, database, kind),
                reading.payloads(database, kind, upto=upto),
            )
        )

    def places(self, source: str, reader: Reader, at: Iterable[int]) -> dict[str, pa.Table]:
        """Return, by kind, `position`, `SEGMENT` and `LEAF` of a feed's rows that `reader` may see.

        Only the segments of acts at the positions `at` are read. `read_at` gives the rows.
        """
        wanted, columns = list(at), (reading.POSITION, *reading.PLACE, "source")

        def get(database: Database) -> dict[str, pa.Table]:
            found = {}
            for kind in reading.kinds_at(database, wanted):
                parts = reading.payloads(database, kind, at=wanted)
                rows = reading.read(self.root, parts, KINDS[kind].schema, reader, columns)
                found[kind] = rows.filter(pc.equal(rows["source"], source))
            return found

        return self._with(get)

    def read_at(self, kind: str, reader: Reader, columns: Sequence[str], places: Numbers) -> pa.Table:
        """Rows of a kind at some places (`store.segments.index.places`) that `reader` may see, as `read`."""
        wanted = np.unique(places)
        numbers = np.unique(wanted >> np.uint64(32)).tolist()

        def get(database: Database) -> pa.Table:
            schema = reading.schema_of(self.root, database, kind)
            parts = reading.payloads(database, kind, numbers=numbers)
            return reading.read(self.root, parts, schema, reader, columns, wanted)

        return self._with(get)

    def lowered(self, upto: int | None = None) -> replacing.Lowered:
        """Return the markings that records were downgraded to, up to a position, by their ids."""
        return self._with(lambda database: replacing.lowered(database, upto))

    def whole(self, kind: str, columns: Sequence[str]) -> pa.Table:
        """Rows of a kind, whoever may see them: to count and to warn with, to be shown to nobody."""

        def get(database: Database) -> pa.Table:
            schema = reading.schema_of(self.root, database, kind)
            reading.checked(schema, columns)
            return reading.read(self.root, reading.payloads(database, kind), schema, None, columns)

        return self._with(get)

    def signals(self, reader: Reader, as_of: int | datetime | None = None) -> pa.Table:
        """The signals that stand in this reader's view: of each desk's last run the last revisions.

        Raises:
            NoView: no run of the reader's view is kept; `run.views` derives it.
        """
        return self.derived("signal", reader, as_of)

    def taken_back(self, reader: Reader, as_of: int | datetime | None = None) -> pa.Table:
        """Signals that stood once in this reader's view: revisions that take back, with the reason."""
        rows = self.revised("signal", reader, as_of)
        return rows.filter(rows.column("retracted"))

    def derived(self, name: str, reader: Reader, as_of: int | datetime | None = None) -> pa.Table:
        """Return the rows of `name` from the desks' last runs of this reader's view, last revisions only."""
        return net(self.revised(name, reader, as_of))

    def revised(self, name: str, reader: Reader, as_of: int | datetime | None = None) -> pa.Table:
        """The same with what takes back. Raises `NoView`."""

        def get(database: Database) -> pa.Table:
            schema = reading.schema_of(self.root, database, name)
            upto = self._position(database, as_of)
            parts = reading.payloads(database, name, at=self._kept(database, reader, upto))
            return last(reading.read(self.root, parts, schema, reader, schema.names))

        return self._with(get)

    def _kept(self, database: Database, reader: Reader, upto: int) -> tuple[int, ...]:
        """Where the rows of every desk's last run are, as this reader's view has them. Raises `NoView`."""
        return tuple(self._of_view(database, run, reader, upto) for run in runs.standing(database, upto))

    def _of_view(self, database: Database, run: runs.Run, reader: Reader, upto: int) -> int:
        """Where the rows of the desk's last run are, as this reader's view has them. Raises `NoView`."""
        view = views.digest(views.occurring(self._occurrences.marked(database), run.at_position), reader)
        mine = runs.latest(database, run.desk, upto, view)
        if mine is None or mine.at_position != run.at_position:
            raise NoView(
                f"the desk {run.desk} was not run for what {reader.name} may see; `watchfloor run` does it"
            )
        return mine.kept

    def stands_on(self, reader: Reader) -> tuple[int, tuple[int, ...] | None]:
        """Return the state that a reader's queue rests on: it moves with what they may see and nothing else.

        Gives the position of the last act that brought something he may see, and those of the runs that hold
        the rows of his view; None for these where his view was not kept.
        """

        def get(database: Database) -> tuple[int, ...] | None:
            try:
                return self._kept(database, reader, self._position(database, None))
            except NoView:
                return None

        return self.last_seen(reader), self._with(get)

    def view(self, reader: Reader, position: int) -> str:
        """Which view of the evidence up to a position a reader has, see `store.views.digest`."""
        return self._with(
            lambda database: views.digest(
                views.occurring(self._occurrences.marked(database), position), reader
            )
        )

    @property
    def restored(self) -> int:
        """How often a backup was found in this open floor's place: a position of before says nothing then."""
        return self._with(self._occurrences.marked).restored

    def purposes(self) -> frozenset[str]:
        """Every purpose that the marking of some evidence names."""
        marked = self._with(self._occurrences.marked)
        named = (parse(text).purposes or frozenset() for text in views.occurring(marked, marked.upto))
        return frozenset().union(*named)

    def seen(self, reader: Reader) -> list[int]:
        """Positions of the acts that brought something which `reader` may see, in order."""

        def get(database: Database) -> list[int]:
            held = ledger.quarantine_markings(database, self.ceiling)
            return views.seen(self._occurrences.marked(database), held, reader)

        return self._with(get)

    def last_seen(self, reader: Reader) -> int:
        """Return the position of the last act that brought something which `reader` may see; 0 for none."""

        def get(database: Database) -> int:
            held = ledger.quarantine_markings(database, self.ceiling)
            return views.last_seen(self._occurrences.marked(database), held, reader)

        return self._with(get)

    def tallies(self, reader: Reader) -> pa.Table:
        """Return how many `rows` that `reader` may see came of each `source` and `marking`.

        Each with the latest `observed_at` among them; superseded rows count too.
        """
        found = views.tallies(self._with(self._occurrences.marked))
        return found.filter(mask(reader, found["marking"]))

    def delivery_tallies(self, reader: Reader | None) -> dict[str, DeliveryTally]:
        """Return, by feed, the sum of the deliveries of which `reader` may see something; None: of all."""
        return self._with(
            lambda database: self._tallies.by_source(database, self._occurrences.marked(database), reader)
        )

    def brought(self, reader: Reader, source: str) -> tuple[views.Positions, views.Positions]:
        """Return positions of the acts that brought rows of a feed for `reader`, and how many each, [N]."""
        return self._with(lambda database: views.brought(self._occurrences.marked(database), reader, source))

    def known(self, reader: Reader, deliveries: Iterable[Delivery]) -> set[int]:
        """Return positions of those of the deliveries of which `reader` may see something."""
        every = list(deliveries)

        def get(database: Database) -> set[int]:
            marked = self._occurrences.marked(database)
            found = known_under(database, marked, every, self.ceiling)
            mine = views.visible(frozenset().union(*found.values()), reader)
            return {one.position for one in every if not mine.isdisjoint(found[one.position])}

        return self._with(get)

    def approved_policy(self) -> str | None:
        """Return the text of the policy that was approved last; None where the log has none."""
        known = self._with(governing.in_force)
        return None if known is None else str(known[1]["text"])

    def proposed_policies(self) -> list[Act]:
        """Return the acts that proposed a policy since the last was put in force, oldest first."""
        return self._with(lambda database: list(governing.proposals(database)))

    def changed_settings(self) -> list[governing.Changed]:
        """Return what of policy, settings and rights of accounts is not as the log knows it."""
        return self._with(lambda database: list(governing.changed(self.root, database)))

    def approved_settings(self, name: str) -> str | None:
        """Return the text of a file of `governing.UPKEEP`; None for no file. Raises as `approved_text`."""
        return self._with(lambda database: governing.approved_text(self.root, database, name))

    def newest_act(self, *names: str, upto: int | None = None) -> int:
        """Position of the last act of one of these names, up to a position; 0 for none."""
        return self._with(lambda database: log.newest(database, names, upto))

    def erased(self, since: int) -> set[bytes]:
        """Ids of the records that were erased after a position."""
        query = "SELECT record_id FROM erased WHERE position > ?"
        return self._with(lambda database: {id_ for (id_,) in database.execute(query, (since,))})

    def standing(self, as_of: int | datetime | None = None) -> list[runs.Run]:
        """The last run of each desk, whoever's view it is."""
        return self._with(lambda database: runs.standing(database, self._position(database, as_of)))

    def runs_of(self, reader: Reader) -> list[runs.Run]:
        """Kept runs of this reader's view, oldest first."""

        def get(database: Database) -> list[runs.Run]:
            every = runs.all_of(database, None)
            marked = self._occurrences.marked(database)
            mine = {
                at: views.digest(views.occurring(marked, at), reader)
                for at in {run.at_position for run in every}
            }
            return [run for run in every if run.view == mine[run.at_position]]

        return self._with(get)

    def yielded(
        self,
        name: str,
        run: runs.Run,
        reader: Reader,
        columns: Sequence[str],
        schema: pa.Schema | None = None,
    ) -> pa.Table:
        """Columns of what a run yielded under a name, of the rows that `reader` may see.

        With the `schema` of that name as it is today, columns that an older run does not have are null.
        """

        def get(database: Database) -> pa.Table:
            known = schema or reading.schema_of(self.root, database, name)
            reading.checked(known, columns)
            parts = reading.payloads(database, name, at=[run.kept])
            return reading.read(self.root, parts, known, reader, columns)

        return self._with(get)

    def last_run(self, desk: str, view: str | None = None) -> runs.Run | None:
        """The last run of a desk, of one view or of any."""
        return self._with(lambda database: runs.latest(database, desk, view=view))

    def kept(self, name: str, run: runs.Run, schema: pa.Schema) -> pa.Table:
        """Return the rows a run yielded under a name, as kept, whoever may see them: to go on from."""

        def get(database: Database) -> pa.Table:
            parts = reading.payloads(database, name, at=[run.kept])
            return reading.read(self.root, parts, schema, None, schema.names)

        return self._with(get)

    def runs(self, desk: str | None = None) -> list[runs.Run]:
        """Every kept run, or one desk's, oldest first."""
        return self._with(lambda database: runs.all_of(database, desk))

    def newest(self, kinds: Iterable[str], upto: int | None = None) -> int:
        """Position of the last act, up to one, that brought rows of these kinds, derived too; 0 for none."""
        return self._with(lambda database: reading.newest(database, kinds, upto))

    def rows(self) -> int:
        """How many rows of evidence there are, whoever may see them."""
        return self.count(KINDS)

    def count(self, kinds: Iterable[str]) -> int:
        """How many rows of some kinds came, whoever may see them; those that were erased too."""
        return self._with(lambda database: reading.count(database, kinds))

    def original(self, digest: bytes, reader: Reader, position: int | None = None) -> BinaryIO:
        """Return the bytes of a delivery as they came; reading to their end checks them.

        Args:
            digest: of the bytes.
            reader: who asks: from whom nothing that came in that delivery may be kept.
            position: of the delivery that brought what the reader asks about, see `ledger.unseen`.

        Raises:
            NoOriginal: there is no such delivery, it is empty or was erased, or not all of it is for this
                reader: nobody can tell these apart.
        """
        try:
            if self.unseen(digest, reader, position).whole:
                raise NoOriginal
            return self.delivered(digest)
        except (Erased, UnknownRecord):
            raise NoOriginal from None

    def unseen(self, digest: bytes, reader: Reader, position: int | None = None) -> ledger.Unseen:
        """Return what of a delivery is kept from a reader; the rest as for `original`.

        Raises:
            UnknownRecord: there is no such delivery, or it is empty.
            Erased: it held a record that was erased.
        """

        def get(database: Database) -> ledger.Unseen:
            if not blobs.find(database, digest).size:
                raise UnknownRecord(f"delivery {digest.hex()} is empty")
            return ledger.unseen(self.root, database, digest, position, reader, self.ceiling)

        return self._with(get)

    def delivered(self, digest: bytes) -> BinaryIO:
        """Return the bytes of a delivery, whoever may see them: to read them again, to be shown to nobody.

        Raises:
            UnknownRecord: there is no such delivery.
            Erased: it held a record that was erased.
        """
        return self._with(lambda database: blobs.open_(self.root, database, digest))

    def accounting(self) -> dict[str, Account]:
        """The sum of each feed, what was quarantined and has been resolved counted once."""
        return self._with(ledger.accounting)

    def deliveries(
        self,
        source: str | None = None,
        digest: bytes | None = None,
        *,
        upto: int | None = None,
        newest: int | None = None,
    ) -> list[Delivery]:
        """Return deliveries of one source, or with one digest, or all; oldest first.

        `upto`: only those up to this position; `newest`: no more than this many, the newest.
        """
        return self._with(
            lambda database: ledger.deliveries(database, source, digest, upto=upto, newest=newest)
        )

    def pieces(self, reader: Reader, deliveries: Iterable[Delivery]) -> dict[int, int]:
        """Return, by position, how many pieces that `reader` may see each delivery put into quarantine."""
        some = [one for one in deliveries if one.account.quarantined]
        marked = self._with(
            lambda database: [ledger.marking_of(database, one.position, self.ceiling) for one in some]
        )
        both = zip(some, marked, strict=True)
        return {one.position: one.account.quarantined for one, text in both if allowed(reader, parse(text))}

    def _came(self, piece: Quarantined, reader: Reader) -> Quarantined:
        """A piece with how often its bytes came, as far as the reader may know."""
        if piece.came == 1:
            return piece
        every = self.deliveries(piece.source, piece.digest)
        seen = self.known(reader, every)
        return replace(piece, came=sum(one.position in seen and not one.resolved for one in every))

    def quarantine(
        self, source: str | None = None, *, unresolved: bool = True, reader: Reader | None = None
    ) -> list[Quarantined]:
        """Pieces that could not be read, oldest first.

        Args:
            source: only of this feed.
            unresolved: without those that were read since.
            reader: only what it may see; None: the floor itself, to account for them.
        """
        held = self._with(
            lambda database: ledger.quarantine(database, source, self.ceiling, unresolved=unresolved)
        )
        if reader is None:
            return held
        return [self._came(piece, reader) for piece in held if allowed(reader, parse(piece.marking))]

    def quarantined(self, number: int, reader: Reader | None = None) -> Quarantined:
        """One quarantined piece. Raises `UnknownRecord` when `reader` may see none of that number."""
        piece = self._with(lambda database: ledger.quarantined(database, number, self.ceiling))
        if reader is not None and not allowed(reader, parse(piece.marking)):
            raise ledger.no_piece(number)
        return piece if reader is None else self._came(piece, reader)

    def records(self, prefix: str, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
        """Kind and row of each record that `reader` may see and whose id in hexadecimal starts with `prefix`.

        Raises:
            UnknownRecord: the prefix is no hexadecimal text of 1 to 32 digits.
        """

        def get(database: Database) -> list[tuple[str, dict[str, Any]]]:
            found = lookup.starting_with(self.root, database, prefix)
            return [
                (place.kind, row.drop_columns(list(segments.PROOF_COLUMNS)).to_pylist()[0])
                for place, row in lookup.rows(self.root, database, found)
                if allowed(reader, parse(row.column("marking")[0].as_py()))
            ]

        return self._with(get)

    def bulk(self, prefix: str, reader: Reader, most: int = 3) -> list[tuple[str, dict[str, Any], int]]:
        """As `records`, of the kinds that come by the million and are in no index; no more than `most`.

        Each has the position of the act that brought it behind it.

        Raises:
            UnknownRecord: the prefix is no hexadecimal text of 1 to 32 digits.
        """

        def get(database: Database) -> list[tuple[str, dict[str, Any], int]]:
            found: list[tuple[str, dict[str, Any], int]] = []
            places = lookup.starting_with(self.root, database, prefix, _BULK)
            for kind, rows in lookup.by_segment(self.root, database, places):
                seen = rows.filter(mask(reader, rows["marking"]))
                plain = seen.drop_columns(list(segments.PROOF_COLUMNS)).slice(0, most - len(found))
                numbers = rows[SEGMENT].unique().to_pylist()
                query = (
                    "SELECT position FROM segments WHERE id = ?"  # all of one: `by_segment` gives no others
                )
                positions = [at for number in numbers for (at,) in database.execute(query, (number,))]
                found += [(kind, row, positions[0]) for row in plain.to_pylist()]
                if len(found) >= most:
                    break
            return found

        return self._with(get)

    def bulk_ids(self, record_ids: Iterable[bytes], reader: Reader) -> set[bytes]:
        """Return those of the records that are of bulk kinds, not erased, and visible to the reader."""
        return self._with(
            lambda database: {
                id_
                for _, rows in self._bulk(database, record_ids, reader)
                for id_ in rows["record_id"].to_pylist()
            }
        )

    def bulk_rows(self, record_ids: Iterable[bytes], reader: Reader) -> dict[bytes, dict[str, Any]]:
        """Return the same records by id, each with its kind."""
        return self._with(
            lambda database: {
                row["record_id"]: row | {"kind": kind}
                for kind, rows in self._bulk(database, record_ids, reader)
                for row in rows.drop_columns(list(segments.PROOF_COLUMNS)).to_pylist()
            }
        )

    def _bulk(
        self, database: Database, record_ids: Iterable[bytes], reader: Reader
    ) -> Iterator[tuple[str, pa.Table]]:
        """Yield a kind and the visible rows of each segment that holds one of the records."""
        places = lookup.standing(self.root, database, record_ids, _BULK)
        for kind, rows in lookup.by_segment(self.root, database, places):
            yield kind, rows.filter(mask(reader, rows["marking"]))

    def prove(self, record_id: bytes, size: int | None = None) -> Proof:
        """Proof that a record is on the floor, against the root of the log of `size` acts.

        Raises:
            UnknownRecord: it is not, or was erased.
        """
        return self._with(lambda database: prove(self.root, database, record_id, size))

    def shown(self, what: str | None = None) -> list[Shown]:
        """Return the snapshots shown under a name such as `queue`, or all; oldest first."""
        return self._with(lambda database: disclosure_snapshots.read(database, what))

    def digest(self, tables: Mapping[str, Rows]) -> bytes:
        """Keyed digest of what a run yields, as `Run.digest` has it: a rebuild that differs has another."""
        return runs.digest(self.key, tables)

    def verify(self, witness: Witness | None = None) -> Iterator[Damage]:
        """Check everything the floor committed to; gives what is wrong, by file and byte.

        Args:
            witness: what somebody outside noted of the log, an earlier size and root.
        """
        return verify(self.root, witness)

    def _position(self, database: Database, as_of: int | datetime | None) -> int:
        if isinstance(as_of, datetime):
            return log.position_at(database, as_of)
        size, _ = log.head(database)
        if as_of is not None and not 0 <= as_of <= size:
            raise UnknownRecord(
                f"there is no position {as_of} in the log; `watchfloor floor verify` tells its length"
            )
        return size if as_of is None else as_of

    def _with(self, get: Callable[[Database], T]) -> T:
        """Call `get` with a snapshot; again when a file went meanwhile (compacted, or erased)."""
        for left in reversed(range(_TRIES)):
            with catalogue.snapshot(self.root) as database:
                try:
                    return get(database)
                except FileNotFoundError:
                    if not left:
                        raise
        raise AssertionError


def _refuse_occupied(root: Path) -> None:
    """Raises `NotEmpty` where anything lies in the folder but what a creation that was cut off may leave."""
    names = {place.name for place in root.iterdir()} if root.is_dir() else set()
    if not names <= _BEGUN or (root.exists() and not root.is_dir()):
        raise NotEmpty(f"{root} is not empty; a new floor needs a folder of its own")
    lost = secret.NAME in names and UNSEALED not in names  # a creation begins with that
    if lost or catalogue.acts(root) > 1:
        raise NoFloor(f"{root} is a floor that has lost its {SETTINGS}; restore it from a backup")


def _make_room(root: Path) -> None:
    """Take away what a creation that was cut off has left; for the holder of the lock."""
    _refuse_occupied(root)
    catalogue.abandon(root)
    for place in root.iterdir():
        if place.name != lock.NAME:
            place.unlink()


def _ceiling(root: Path, written: str) -> Marking:
    try:
        return parse(written)
    except MarkingError as error:
        raise NoFloor(f"{root / SETTINGS}: ceiling: {error}") from error
