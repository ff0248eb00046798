"""The travel desk as a fold over applications, letters, documents and fees: who or what ties them together.

Rings are looked for at the end of each day that brought records, and whenever new ones amount to a fifth
of all, so that a delivery of one date is searched, too. A signal's subject is an organiser, a payer, a
template or a document. It is never an applicant, a holder or whoever crossed: those are members, who may
have been defrauded, and their records are the evidence. No column of a state or nationality is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import count
from sys import intern
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.kinds import APPLICATION, APPLICATION_FEE, LETTER, TRAVEL_DOCUMENT
from watchfloor.core.messages import reason
from watchfloor.core.subjects import Subject, SubjectError, parts, subject
from watchfloor.desks.assertions import asserted, assertion, rests_on
from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.standing import OF_KIND, Place, place_of, places
from watchfloor.desks.state import Row, freeze, several, table, thaw
from watchfloor.desks.travel.filings import (
    CHECKS,
    CONTACTS,
    UNCONFIRMED,
    Filing,
    Filings,
    called,
    names_of,
)
from watchfloor.desks.travel.messages import GONE, why
from watchfloor.desks.travel.rings import KIND_OF, Ring, rings
from watchfloor.desks.travel.tables import groups

NAME: Final = "travel"
RULES: Final = {kind: f"ring-{kind}" for kind in ("organiser", "payer", "template", "document")}
"""Rule by the kind of a ring's subject."""
PART: Final = 5
"""Rings are looked for once new records amount to one part in so many of all, and at the end of a day. Each
look is at all applications: at a fifth, they come to six looks at all records, at a fiftieth to 51."""
DAY: Final = timedelta(days=1)

_READ: Final = {
    APPLICATION: "application office officer applicant representative institution employer telephones emails"
    " addresses payer device bank",
    LETTER: "letter issuer wording template confirmed",
    TRAVEL_DOCUMENT: "document holder checks photo_zone",
    APPLICATION_FEE: "instrument",
}
KEPT: Final = pa.schema(
    [
        OF_KIND,
        *map(
            APPLICATION.schema.field,
            ("record_id", "report_key", "source", "observed_at", "marking"),
        ),
        APPLICATION.schema.field("origins").with_nullable(True),
        *(
            kind.schema.field(name).with_nullable(True)
            for kind, names in _READ.items()
            for name in names.split()
        ),
    ]
)
"""What is kept of a record: neither the issuer of a passport, nor a number, nor what an officer wrote."""
_NAMES: Final = tuple(map(intern, KEPT.names))
"""Its columns; a schema makes its names anew each time, and a record would hold texts of its own."""
BATCH: Final = 1 << 11
"""Rows whose values are in Python at a time, beside what is kept of them."""


class Record(dict[str, Any]):
    """A record with what the desk reads of it; an empty column takes no room, as there are very many."""

    __slots__ = ()

    def __init__(self, row: Row) -> None:
        super().__init__((name, value) for name in _NAMES if (value := row.get(name)) not in _EMPTY)
        self.update((name, intern(self[name])) for name in _FEW if name in self)

    def __missing__(self, name: str) -> None:
        return None


_EMPTY: Final[tuple[object, ...]] = (None, [])
_FEW: Final = tuple("kind source marking application office officer institution bank issuer template".split())
"""Columns with few values, or that several records share: of equal ones one is kept."""


class Records:
    """The last record of each report, by its place. Those of a checkpoint stay in its table until they are
    asked for: of all records of a day a delivery touches few.

    Attributes:
        worded: places of the letters that have a wording.
    """

    def __init__(self, frozen: pa.Table) -> None:
        self._frozen = frozen
        self._rows: dict[Place, Row | int] = dict(zip(places(frozen), range(frozen.num_rows), strict=True))
        of_letter = pc.and_(pc.equal(frozen["kind"], LETTER.name), pc.is_valid(frozen["wording"]))
        self.worded = {
            place for place, is_one in zip(self._rows, of_letter.to_pylist(), strict=True) if is_one
        }

    def __contains__(self, place: Place) -> bool:
        return place in self._rows

    def __getitem__(self, place: Place) -> Row:
        row = self._rows[place]
        return self.read([place])[0] if isinstance(row, int) else row

    def __setitem__(self, place: Place, record: Row) -> None:
        self._rows[place] = record
        if place[0] == LETTER.name and record["wording"]:
            self.worded.add(place)
        else:
            self.worded.discard(place)

    def read(self, places: Sequence[Place]) -> list[Row]:
        """Return the records of some places; those that were not read yet are read at once."""
        missing = {place: at for place in places if isinstance(at := self._rows[place], int)}
        rows = self._frozen.take(pa.array(missing.values(), pa.int64())).to_pylist() if missing else []
        self._rows |= {place: Record(row) for place, row in zip(missing, rows, strict=True)}
        return [row for place in places if not isinstance(row := self._rows[place], int)]

    def applications(self) -> Iterator[tuple[Place, str | None]]:
        """Yield each place, and the application that its record is of."""
        of = self._frozen["application"].to_pylist()
        for place, row in self._rows.items():
            yield place, of[row] if isinstance(row, int) else row["application"]

    def freeze(self) -> pa.Table:
        """Return the records as a table."""
        held = [row for row in self._rows.values() if not isinstance(row, int)]
        if len(held) == len(self._rows):
            return pa.Table.from_pylist(held, KEPT)
        number = count(self._frozen.num_rows)
        order = [row if isinstance(row, int) else next(number) for row in self._rows.values()]
        every = pa.concat_tables([self._frozen, pa.Table.from_pylist(held, KEPT)])
        return every.take(pa.array(order)).combine_chunks()


class Built(NamedTuple):
    """A filing as of the last look, with its letters and what its applicant is called."""

    letters: list[str]
    filing: Filing
    names: tuple[str, ...]


_BYTES: Final = pa.schema([("bytes", pa.large_binary())])
_BUILT: Final = msgspec.msgpack.Decoder(dict[str, Built])


class StandingRing(NamedTuple):
    """A signal that stands: the row, all but `at`."""

    signal: Row


@dataclass(slots=True)
class Applications:
    """State of the fold.

    Attributes:
        records: the last record of each report.
        told: signals that stand, by id.
        of: places of the records of each application.
        built: filings in the order of their applications.
        changed: applications whose records changed since.
        wordings: of letters, as of when it was last looked.
        since: day (since 1970) of the last record, records so far, and records since it was last looked.
    """

    records: Records = table(
        lambda: Records(KEPT.empty_table()), Records.freeze, lambda _, frozen: Records(frozen)
    )
    told: dict[bytes, StandingRing] = asserted()
    of: dict[str, list[Place]] = field(default_factory=dict)
    built: dict[str, Built] = several(
        dict,
        lambda built: {"": pa.table([[msgspec.msgpack.encode(built)]], _BYTES)},
        lambda _, found: _BUILT.decode(found[""]["bytes"][0].as_buffer()) if found else {},
        part="built",
    )
    changed: set[str] = several(
        set,
        lambda changed: {"": pa.table([pa.array(sorted(changed), pa.string())], ["application"])},
        lambda _, found: set(found[""]["application"].to_pylist()) if found else set(),
        part="changed",
    )
    wordings: dict[str, str | None] = several(
        dict,
        lambda held: {"": pa.table([[msgspec.msgpack.encode(held)]], _BYTES)},
        lambda _, found: msgspec.msgpack.decode(found[""]["bytes"][0].as_buffer()) if found else {},
        part="wordings",
    )
    since: list[int] = table(
        lambda: [-(1 << 30), 0, 0],
        lambda since: pa.table({"since": pa.array(since, pa.int64())}),
        lambda _, found: found["since"].to_pylist(),
    )

    def __post_init__(self) -> None:
        for place, of in self.records.applications():
            if of is not None:
                self.of.setdefault(of, []).append(place)
        if not self.built:  # as in a checkpoint of an earlier version
            self.changed.update(self.of)

    def put(self, row: Row) -> None:
        """Let a row take its place among the records."""
        place, record = place_of(row), Record(row)
        if place in self.records and (before := self.records[place]["application"]) is not None:
            self.of[before].remove(place)
            self.changed.add(before)
        self.records[place] = record
        if (of := record["application"]) is not None:
            self.of.setdefault(of, []).append(place)
            self.changed.add(of)

    def records_of(self, *applications: str) -> list[Row]:
        """Return the records of some applications, of each in the order of their places."""
        return self.records.read([place for one in applications for place in sorted(self.of.get(one, ()))])


def begin(refs: Refs) -> Applications:  # noqa: ARG001
    """Before the first application."""
    return Applications()


def step(refs: Refs, state: Applications, batch: pa.Table, watermark: datetime) -> dict[str, pa.Table]:
    """Fold one batch of applications, letters, documents and fees."""
    made: list[dict[str, Any]] = []
    read = batch.select([name for name in _NAMES if name in batch.schema.names])
    for row in (row for part in read.to_batches(BATCH) for row in part.to_pylist()):
        day = _day(row["observed_at"])
        if day > state.since[0]:
            made += _passed(refs.key, state)
            state.since[0] = day
        state.put(row)
        state.since[1] += 1
        state.since[2] += 1
        if state.since[2] * PART >= state.since[1]:
            made += _looked(refs.key, state, row["observed_at"])
    if _day(watermark) > state.since[0]:
        made += _passed(refs.key, state)
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


def _day(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // DAY


def _passed(key: bytes, state: Applications) -> list[dict[str, Any]]:
    """Look at what the last day brought, at its end."""
    if not state.since[2]:
        return []
    return list(_looked(key, state, datetime(1970, 1, 1, tzinfo=UTC) + (state.since[0] + 1) * DAY))


def _looked(key: bytes, state: Applications, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield what has changed since it was last looked."""
    state.since[2] = 0
    filings = _filings(state)
    now: dict[bytes, Row] = {}
    for ring in rings(filings):
        if (made := _signal(key, ring, filings, state)) is not None:
            now.setdefault(made["row_id"], made)
    for id_, signal in now.items():
        if id_ not in state.told or state.told[id_].signal != signal:
            yield dict(signal) | {"at": at}
    for id_, one in state.told.items():
        if id_ not in now:
            gone = reason(GONE, day=at.date().isoformat()).stored()
            yield dict(one.signal) | {"retracted": True, "reason": gone, "at": at}
    state.told = {id_: StandingRing(signal) for id_, signal in now.items()}


def _filings(state: Applications) -> Filings:
    """Return the applications as filings; one is built again where its records or its wordings changed."""
    wordings = _wordings(state)
    other = {
        letter
        for letter in wordings.keys() | state.wordings.keys()
        if wordings.get(letter) != state.wordings.get(letter)
    }
    again = state.changed
    if other:
        again |= {of for of, one in state.built.items() if not other.isdisjoint(one.letters)}
    state.records_of(*again)  # at once: one after the other they are read slowly
    for of in again:
        if some := state.records_of(of):
            letters = [row["letter"] for row in some if row["kind"] == LETTER.name]
            filing = _filing(of, some, wordings)
            state.built[of] = Built(letters, filing, tuple(sorted(names_of(filing))))
        else:
            state.of.pop(of, None)
            state.built.pop(of, None)
    state.built = dict(sorted(state.built.items()))
    state.changed, state.wordings = set(), wordings
    return Filings([one.filing for one in state.built.values()], [one.names for one in state.built.values()])


def _wordings(state: Applications) -> dict[str, str | None]:
    """Return the wording of each letter that has one, as a key: those that resemble each other are of one."""
    places = list(state.records.worded)
    worded = sorted(
        (min(state.of[of]), place)
        for place, row in zip(places, state.records.read(places), strict=True)
        if (of := row["application"]) is not None
    )
    prints = {state.records[place]["letter"]: state.records[place]["wording"] for _, place in worded}
    return {
        letter: _key("template", "wording", blake2b(repr(prints[first]).encode(), digest_size=6).hexdigest())
        for letter, first in groups(prints).items()
    }


def _filing(of: str, some: list[Row], wordings: Mapping[str, str | None]) -> Filing:
    ties: dict[str, dict[str, None]] = {}
    false: dict[str, bool] = {}
    people: list[str] = []
    said: Row = {}
    issuer: str | None = None
    for row in some:
        for kind, value in _ties(row, wordings):
            if value:
                ties.setdefault(kind, {})[value] = None
        people += [one for one in (row["applicant"], row["holder"]) if one]
        if row["kind"] == APPLICATION.name:
            said = row
        elif row["kind"] == LETTER.name:
            issuer = row["issuer"] or issuer
            if row["confirmed"] in ("yes", "no"):
                false[UNCONFIRMED] = false.get(UNCONFIRMED, False) or row["confirmed"] == "no"
        elif row["kind"] == TRAVEL_DOCUMENT.name and row["checks"] is not None:
            false[CHECKS] = false.get(CHECKS, False) or bool(row["checks"])
    return Filing(
        id=of,
        applicant=people[0] if people else of,
        ties={kind: tuple(values) for kind, values in ties.items()},
        issuer=issuer or said.get("institution"),
        false=false,
        office=said.get("office"),
        officer=said.get("officer"),
        names=tuple(dict.fromkeys(people[1:])),
    )


def _ties(row: Row, wordings: Mapping[str, str | None]) -> Iterator[tuple[str, str | None]]:
    """Yield the ties of one record, each that may be a subject as a typed key."""
    for kind in ("representative", "institution", "employer", "payer", "bank"):
        yield kind, row[kind]
    for kind, column in (("telephone", "telephones"), ("email", "emails"), ("address", "addresses")):
        for value in row[column] or ():
            yield kind, value
    yield "device", row["device"]
    if row["instrument"]:
        yield "payer", _key("account", "card", row["instrument"])
    if row["kind"] == LETTER.name:
        yield "letter", row["letter"]
        yield "institution", row["issuer"]
        yield "template", row["template"] and _key("template", "letter", row["template"])
        yield "wording", wordings.get(row["letter"])
    elif row["kind"] == TRAVEL_DOCUMENT.name:
        yield "document", row["document"]
        yield "photo_zone", row["photo_zone"] and _key("document", "photo", row["photo_zone"])


def _key(type_: str, system: str, number: str) -> str | None:
    try:
        return subject(type_, system, number)
    except SubjectError:
        return None


def _subject(kind: str, value: str) -> Subject | None:
    """Return the subject of a ring; None of a value that is no key, or of somebody's own document."""
    if kind in CONTACTS:
        made = ("phone", "phone") if kind == "telephone" else ("address", kind)
        return Subject(key) if (key := _key(*made, value)) else None
    try:
        parts(value)
    except SubjectError:
        return None
    return Subject(value)


def _signal(key: bytes, ring: Ring, filings: Filings, state: Applications) -> dict[str, Any] | None:
    """Return the signal of a ring, all but `at`; None where its subject is no key, or one who applies."""
    about = _subject(ring.kind, ring.subject)
    if about is None or called(about) in filings.applicants:
        return None
    others = [one for kind, value in ring.others if (one := _subject(kind, value)) is not None]
    members = state.records_of(*(filings.all[at].id for at in ring.members))
    kind = KIND_OF[ring.kind]
    return assertion(
        row_id=row_id(key, NAME, RULES[kind], (about,), about),
        since=min(row["observed_at"] for row in members),
        until=max(row["observed_at"] for row in members),
        desk=NAME,
        rule=RULES[kind],
        subjects=list(dict.fromkeys([about, *others])),
        strength=ring.band,
        reason=why(ring, filings, parts(about)[2]).stored(),
        **rests_on(members),
    )


DESK: Final = Desk(
    name=NAME,
    version="2",
    reads=("application", "letter", "travel-document", "application-fee"),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw(begin),
)
