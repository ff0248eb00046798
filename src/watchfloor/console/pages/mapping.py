"""Mapping: which columns of a dropped table are which fields, tried without writing, then saved or taken in.

A dry run reads the table where it lies among the uploads and counts; nothing of the floor is read or written.
What is *map* here is the mapping file of `watchfloor feeds map`, not the map of the border.
"""

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import pyarrow as pa

from watchfloor.actions.quarantine import ShowPiece
from watchfloor.cell.acts import refuse
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint, Nothing
from watchfloor.console.endpoints.failures import Conflict, NotHere
from watchfloor.console.jobs.deliveries import FileStatement, ingest
from watchfloor.console.jobs.uploads import StoredUpload
from watchfloor.console.pages.feeds import (
    check_order,
    deliverer_of,
    known_feeds,
    marking_of,
    writes,
)
from watchfloor.console.pages.jobs import Started, to_job
from watchfloor.console.pages.quarantine import find, start, table_of, waiting
from watchfloor.console.tables import Mapped
from watchfloor.core.marking import joined, parse
from watchfloor.core.messages import declare, reason
from watchfloor.feeds import config
from watchfloor.feeds.isolation import MEMORY_A_BYTE, MOST_MEMORY
from watchfloor.feeds.quarantine import numbered
from watchfloor.feeds.reader_process import Limits
from watchfloor.formats.base import FormatError
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import coordinates, quantities
from watchfloor.formats.tabular import mapping as mappings
from watchfloor.formats.tabular.column_names import words
from watchfloor.formats.tabular.date_columns import DAYS, MOMENTS
from watchfloor.formats.tabular.date_forms import CHOICES
from watchfloor.formats.tabular.fields import FIELDS, Field, Source
from watchfloor.formats.tabular.mapping import Filled, Mapping
from watchfloor.formats.tabular.propose import guess
from watchfloor.formats.tabular.spreadsheet import is_workbook
from watchfloor.formats.tabular.table import trimmed
from watchfloor.formats.tabular.trial import (
    Other,
    Table,
    Trial,
    head_of,
    other,
    proposed,
    shown,
    table,
    tried,
    units,
)
from watchfloor.policy.policy import allowed
from watchfloor.store import governing
from watchfloor.store.lock import PATIENCE
from watchfloor.store.readers import refuse_writing

KIND: Final = "party"
MEMORY: Final = 1 << 30
"""Bytes of memory that the process of trials may take for any file."""
ROWS: Final = 20_000
"""Rows that a dry run reads."""
SAMPLES: Final = 3
"""Cells of a column that are shown."""
WORKBOOK: Final = 256 << 20
"""Bytes of a workbook, which is read whole."""
WAIT: Final = 60.0
"""Seconds that a page waits for a trial."""
JOINED: Final = 3
"""Columns that a form can join into a field, or sources of identifiers."""

Text = Annotated[str, msgspec.Meta(max_length=500)]

NO_TABLE: Final = declare("console.mapping-no-table", "name", "what")
NEEDS_NONE: Final = declare("console.mapping-needs-none", "name", "what")
NO_KIND: Final = declare("console.mapping-no-kind", "kind", "near")
UNREADABLE: Final = declare("console.mapping-unreadable", "problem")
TOO_BIG: Final = declare("console.mapping-workbook", "most")
TOO_SLOW: Final = declare("console.mapping-too-slow", "name", "most")
TOO_HARD: Final = declare("console.mapping-too-hard", "name")
NO_COLUMN: Final = declare("console.mapping-no-column", "column", "near")
NO_FIELD: Final = declare("console.mapping-no-field", "kind", "field", "near")
WRONG_FIELD: Final = declare("console.mapping-wrong", "field", "problem")
INCOMPLETE: Final = declare("console.mapping-incomplete", "fields")
OTHERWISE: Final = declare("console.mapping-otherwise", "feed", "file")
NO_NAME: Final = declare("console.mapping-no-name", "feed")
NO_FEED: Final = declare("console.mapping-no-feed")


class TableLine(msgspec.Struct, frozen=True):
    """A table of one's own that is being mapped."""

    id: str
    name: str
    kind: str


class SavedLine(msgspec.Struct, frozen=True):
    """A feed with a mapping, its file, and the kind that it maps to."""

    feed: str
    file: str
    kind: str


class MappingPage(msgspec.Struct, frozen=True):
    """Where mapping begins.

    Attributes:
        marking: of nothing that is shown here.
        kinds: that a table can be mapped to.
        tables: of one's own that are being mapped.
        saved: mappings of feeds.
        most: bytes of a file that may be dropped.
    """

    marking: str
    kinds: list[str]
    tables: list[TableLine]
    saved: list[SavedLine]
    most: int


class TableAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id of a table of one's own."""

    table: str


class DropAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file, and the kind that its rows are."""

    name: Text = ""
    kind: Text = KIND


class OpenedTable(msgspec.Struct, frozen=True):
    """A table that can be mapped now: its id."""

    table: str
    said: str = ""
    marking: str = ""


class ColumnLine(msgspec.Struct, frozen=True):
    """A column of the table: its first cells, and the fields that it fills."""

    name: str
    cells: list[str]
    fields: list[str]


class WordLine(msgspec.Struct, frozen=True):
    """A text that stands in a column of words, in how many of the first rows, and which of our words it is.

    `ours` is empty for a text that goes to quarantine, and `-` for one that means that there is no value.
    """

    text: str
    rows: int
    ours: str


class FormLine(msgspec.Struct, frozen=True):
    """A way to write a date, and how it writes 25 November 2026, half past two in the afternoon."""

    form: str
    sample: str


class FieldLine(msgspec.Struct, frozen=True):
    """A field of the kind.

    Attributes:
        name: of the field; `required`: whether every row needs it.
        columns: that fill it, in their order; several are joined, or are several identifiers.
        systems: of identifiers, the numbering system of each column.
        dated: whether its cells are dates; `form`: as they are written; empty: ISO 8601.
        constant: that stands where its columns are empty.
        filled: rows that have it, as far as the table was tried.
        missing: whether it still needs a column or a constant.
        unit: of its numbers, `lb to kg` where they are converted; empty for a field without one.
        stated: unit that the mapping states; `units`: that it may.
        choices: our words, of a field that holds one of a few; `words`: what stands in its column.
    """

    name: str
    required: bool
    columns: list[str]
    systems: list[str]
    dated: bool
    form: str
    constant: str
    filled: int
    missing: bool
    unit: str
    stated: str
    units: list[str]
    choices: list[str]
    words: list[WordLine]


class Cell(msgspec.Struct, frozen=True):
    """A field of a row that was read, its value, and what stood in the table where that is another text."""

    field: str
    value: str
    was: str = ""


class ReasonLine(msgspec.Struct, frozen=True):
    """A sort of reason, and how many rows would go to quarantine for it."""

    why: str
    rows: int


class FaultLine(msgspec.Struct, frozen=True):
    """A row that would go to quarantine: where it stands, and why."""

    where: str
    why: str


class TablePage(msgspec.Struct, frozen=True):
    """A table as it is being mapped, and what comes of it.

    Attributes:
        marking: of the pieces in quarantine that it is made of; of a file of its own, what its feed's is.
        id: of the table; `name`: of its file; `size`: in bytes.
        kind: of its rows; `kinds`: that there are.
        columns: with their first cells.
        fields: of the kind.
        sheet: of a workbook, the one that is mapped; `sheets`: that hold anything.
        systems: numbering systems of identifiers; `forms`: ways to write a date.
        notes: what to look at.
        missing: fields that still need a column or a constant.
        problem: why it cannot be tried.
        rows: that were tried; `mapped`: that read; `quarantined`: that would not; `cut`: there are more.
        heads: fields of the rows that are shown; `first`: the first that read.
        reasons: why rows do not, by their sort; `faults`: the first that do not.
        text: the mapping as its file.
        feed: that the table comes from, where that is known; `feeds`: that there are.
        pieces: in quarantine that can be read again with it.
        writes: whether the reader may save it and take the table in.
    """

    marking: str
    id: str
    name: str
    size: int
    kind: str
    kinds: list[str]
    columns: list[ColumnLine]
    fields: list[FieldLine]
    sheet: str
    sheets: list[str]
    systems: list[str]
    forms: list[FormLine]
    notes: list[str]
    missing: list[str]
    problem: str
    rows: int
    mapped: int
    quarantined: int
    cut: bool
    heads: list[str]
    first: list[list[Cell]]
    reasons: list[ReasonLine]
    faults: list[FaultLine]
    text: str
    feed: str
    feeds: list[str]
    pieces: int
    writes: bool


class Fills(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the table is mapped; all that is not said is not filled.

    Attributes:
        table: its id.
        kind: of its rows; another than before has the mapping proposed anew.
        fill: `field=column`, once for each column of a field, in their order; `identifiers.2=column` says
            which of several identifiers it is.
        form: `field=%d/%m/%Y`: how its dates are written.
        system: `2=passport`: the numbering system of an identifier.
        unit: `field=lb`: of its numbers that state none.
        word: `mode=vehicle=car`: which of our words a text is; `mode=-=car`: that it means no value.
        sheet: of a workbook; another than before has the mapping proposed anew.
    """

    table: str
    kind: Text = ""
    fill: list[Text] = []
    form: list[Text] = []
    system: list[Text] = []
    unit: list[Text] = []
    word: list[Text] = []
    sheet: Text = ""


CONSTANT: Final = "constant_"
"""How fields of the form begin that hold what stands where a field's columns are empty."""

MapAsk: Final = msgspec.defstruct(
    "MapAsk",
    [
        (f"{CONSTANT}{name}", Text, "")
        for name in sorted({field.name for of_kind in FIELDS.values() for field in of_kind})
    ],
    bases=(Fills,),
    frozen=True,
    forbid_unknown_fields=True,
)


class TextAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The mapping as the text of its file."""

    table: str
    text: Annotated[str, msgspec.Meta(max_length=100_000)] = ""


class SaveAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The feed whose mapping it becomes; `anyway`: in place of another."""

    table: str
    feed: Text = ""
    anyway: bool = False


class TakeAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The feed that the table comes from, and the marking of its records; empty: found out."""

    table: str
    feed: Text = ""
    marking: Text = ""


def begin(asker: Asker, ask: Nothing) -> MappingPage:
    """Tables that you are mapping, and the mappings of feeds."""
    del ask
    found = known_feeds(asker)
    saved = [
        SavedLine(name, found.by_name[name].mapping or "", one.kind) for name, one in found.mappings.items()
    ]
    mine = [
        TableLine(one.id, one.name, one.mapping.kind)
        for one in asker.services.tables.tables_of(asker.name)
        if _may_see(asker, one)
    ]
    return MappingPage("", list(FIELDS), mine, saved, asker.services.uploads.most)


def drop(asker: Asker, ask: DropAsk) -> OpenedTable:
    """Have a table mapped; gives its id. Nothing of it gets to the floor before you say so."""
    assert asker.file is not None
    return opened(asker, asker.file, ask.kind)


def opened(
    asker: Asker,
    kept: StoredUpload,
    kind: str,
    feed: str = "",
    pieces: tuple[int, ...] = (),
    marking: str = "",
) -> OpenedTable:
    """Propose a mapping of a file, and try it."""
    check_kind(kind)
    found, no_table = _tried(asker, kept.name, look, str(kept.path), kept.name, kind)
    if no_table is not None:
        refuse(NEEDS_NONE if no_table.reads else NO_TABLE, name=kept.name, what=no_table.name)
    assert found is not None
    one = Mapped(asker.name, kept.name, kept.size, kept.path, found, Mapping(kind))
    one.feed, one.pieces, one.marking = feed, pieces, marking
    propose(asker, one, kind)
    kept.claim()
    asker.services.tables.add(one)
    return OpenedTable(one.id, marking=marking)


def of_piece(asker: Asker, ask: ShowPiece) -> OpenedTable:
    """Map the rows of a delivery that wait in quarantine: those that you may see, and no others."""
    one = find(numbered(asker.floor, asker.reader), ask.number)
    held = waiting(asker, ask.number) or [one]
    asker.log_query("quarantine", piece=one.id, original=True)
    name = f"{one.name.rpartition('/')[2].rsplit('.', 1)[0]}.csv"
    kept = asker.services.uploads.keep(table_of(asker, held), name)
    try:
        known = config.load(asker.floor.root).mappings.get(one.source)
        marking = joined([each.marking for each in held])
        ids = tuple(each.id for each in held)
        return opened(asker, kept, known.kind if known else KIND, one.source, ids, marking)
    finally:
        kept.drop()


def mapped(asker: Asker, ask: TableAsk) -> TablePage:
    """A table as you are mapping it: what fills what, and what would come of it."""
    one = own(asker, ask.table)
    trial, chosen = one.trial or Trial(), one.mapping
    missing = missing_of(chosen)
    heads = [name for name in (*chosen.fields, *chosen.constants) if any(name in row for row in trial.first)]
    places = {where: row for row, where in enumerate(one.found.locators)}
    shown_ = list(dict.fromkeys(heads))
    return TablePage(
        one.marking or marking_of(asker, one.feed, ""),
        one.id,
        one.name,
        one.size,
        chosen.kind,
        list(FIELDS),
        list(_columns(one)),
        [_field(one, field, trial, missing) for field in FIELDS[chosen.kind]],
        one.mapping.sheet or next(iter(one.found.sheets), ""),
        list(one.found.sheets),
        sorted({*words().systems, *(s.system for s in chosen.sources("identifiers") if s.system)}),
        [FormLine(form, SAMPLE_DAY.strftime(form)) for form in CHOICES],
        [*filter(None, [one.found.note]), *(one.proposal.open(chosen) if one.proposal else ())],
        missing,
        one.problem,
        trial.rows,
        trial.mapped,
        trial.rows - trial.mapped,
        trial.cut,
        shown_,
        [_cells(one, row, shown_, places.get(str(row.get("locator")))) for row in trial.first],
        [ReasonLine(why, rows) for why, rows in trial.reasons.most_common(REASONS)],
        [FaultLine(fault.locator, fault.reason) for fault in trial.faults],
        mappings.dump(chosen),
        one.feed,
        sorted(known_feeds(asker).by_name),
        len(one.pieces),
        writes(asker),
    )


def change(asker: Asker, ask: Fills) -> Done:
    """Say anew which columns fill which fields; the table is tried again."""
    one = own(asker, ask.table)
    if ask.sheet and ask.sheet in one.found.sheets and ask.sheet != _sheet(one):
        _turn(asker, one, ask.sheet)
    elif ask.kind and ask.kind != one.mapping.kind:
        check_kind(ask.kind)
        propose(asker, one, ask.kind)
    else:
        chosen = _changed(one, ask)
        _refuse_wrong(chosen)
        settle(asker, one, chosen)
    return Done(asker.t("mapping.changed"), marking=one.marking)


def write(asker: Asker, ask: TextAsk) -> Done:
    """Say the mapping as the text of its file; the table is tried again."""
    one = own(asker, ask.table)
    try:
        chosen = mappings.parse(ask.text, "mapping")
    except FormatError as error:
        refuse(UNREADABLE, problem=str(error))
    settle(asker, one, chosen)
    return Done(asker.t("mapping.changed"), marking=one.marking)


def save(asker: Asker, ask: SaveAsk) -> Done:
    """Save the mapping as the one of a feed, in the floor's folder; later deliveries are read with it."""
    one = own(asker, ask.table)
    refuse_writing(asker.floor.root, asker.name)
    if not ask.feed:
        refuse(NO_FEED)
    deliverer_of(asker).refuse_describing()
    _refuse_incomplete(one)
    feeds, text = known_feeds(asker), mappings.dump(one.mapping)
    if ask.feed not in feeds.by_name and ask.feed in config.load(asker.floor.root).by_name:
        refuse(NO_NAME, feed=ask.feed)
    known = feeds.mappings.get(ask.feed)
    if known is not None and known != one.mapping and not ask.anyway:
        raise Conflict(reason(OTHERWISE, feed=ask.feed, file=feeds.by_name[ask.feed].mapping or ""))
    with asker.floor.writer(asker.actor, PATIENCE) as writer:
        before = {config.NAME: governing.digests(asker.floor.root)[config.NAME]}
        try:
            file = config.save_mapping(asker.floor.root, ask.feed, text)
        except (ValueError, FormatError) as error:
            refuse(UNREADABLE, problem=str(error))
        digest = sha256(text.encode()).hexdigest()
        after = {config.NAME: governing.digests(asker.floor.root)[config.NAME]}
        said = {"feed": ask.feed, "file": file, "digest": digest, "digests": after, governing.BEFORE: before}
        writer.act("mapping", said)
    one.feed = ask.feed
    return Done(asker.t("mapping.saved", feed=ask.feed, file=file), marking=one.marking)


def ingest_table(asker: Asker, ask: TakeAsk) -> Started:
    """Take the table in with its mapping, or read again the pieces that it is made of; a job does it."""
    one = own(asker, ask.table)
    refuse_writing(asker.floor.root, asker.name)
    _refuse_incomplete(one)
    text = mappings.dump(one.mapping)
    if one.pieces:
        held = [p for p in asker.floor.quarantine(reader=asker.reader) if p.id in frozenset(one.pieces)]
        started = start(asker, held, FileStatement(mapping=text))
        asker.services.tables.drop(one)
        return started
    said = FileStatement(ask.feed, "", text, ask.marking)
    check_order(asker, said)
    marking, path, root = marking_of(asker, ask.feed, ask.marking), one.path, str(asker.floor.root)
    asker.services.tables.drop(one, keep=True)
    job, future = asker.services.jobs.start(
        "ingest", one.name, asker.name, marking, ingest, root, str(path), one.name, said, asker.actor
    )
    future.add_done_callback(lambda _: path.unlink(missing_ok=True))
    return Started(job.id, asker.t("feeds.upload_done", name=one.name), marking)


def close(asker: Asker, ask: TableAsk) -> Done:
    """Let go of a table; its file is deleted."""
    asker.services.tables.drop(own(asker, ask.table))
    return Done(asker.t("mapping.closed"))


def may_try(asker: Asker, ask: Any) -> None:
    """Refuse who has no place here, and a kind that there is not; a dry run writes nothing."""
    _ = asker.reader  # the policy names this person
    if ask is not None:
        check_kind(ask.kind)


def check_kind(kind: str) -> None:
    """Refuse what a table cannot be mapped to."""
    if kind not in FIELDS:
        refuse(NO_KIND, kind=kind, near=nearest(kind, FIELDS))


def own(asker: Asker, name: str) -> Mapped:
    """A table of one's own; of pieces only while one may see them: a purpose changes. Raises `NotHere`."""
    one = asker.services.tables.get(name, asker.name)
    if one is None or not _may_see(asker, one):
        raise NotHere
    return one


def _may_see(asker: Asker, one: Mapped) -> bool:
    return not one.marking or allowed(asker.reader, parse(one.marking))


def propose(asker: Asker, one: Mapped, kind: str) -> None:
    """Propose a mapping to a kind, and try it."""
    one.proposal = proposed(one.found, one.name, kind)
    settle(asker, one, one.proposal.mapping)


def settle(asker: Asker, one: Mapped, chosen: Mapping) -> None:
    """Have a mapping stand, and try it where it is complete."""
    one.mapping, one.trial, one.problem = chosen, None, ""
    if missing_of(chosen):
        return
    try:
        one.trial = _tried(asker, one.name, tried, one.path, one.name, chosen, ROWS)
    except FormatError as error:
        one.problem = str(error)


def missing_of(chosen: Mapping) -> list[str]:
    """Fields that every row needs and that nothing fills."""
    return [
        field.name
        for field in FIELDS[chosen.kind]
        if field.required and not chosen.sources(field.name) and field.name not in chosen.constants
    ]


def look(path: str, name: str, kind: str) -> tuple[Table | None, Other | None]:
    """The table in a file, or what it is that is none; in the process of trials."""
    file = Path(path)
    if (no_table := other(head_of(file, name))) is not None:
        return None, no_table
    return table(file, name, Mapping(kind)), None


def _tried(asker: Asker, name: str, work: Any, *args: Any) -> Any:
    """Return the result of work that is done in the process of trials; `FormatError` comes through."""
    path = Path(args[0])
    with path.open("rb") as file:
        if is_workbook(file.read(8)) and path.stat().st_size > WORKBOOK:
            refuse(TOO_BIG, most=WORKBOOK >> 20)
    future: Future[Any]
    job, future = asker.services.trials.start("try", name, asker.name, "", _quietly, work, args)
    try:
        return future.result(WAIT)
    except FormatError as error:
        if work is tried:
            raise
        refuse(UNREADABLE, problem=str(error))
    except TimeoutError:
        late = asker.services.trials.get(job.id)
        asker.services.trials.stop(job.id)
        if late is not None and late.state == "waiting":  # behind those of others: it may be quick to read
            raise
        refuse(TOO_SLOW, name=name, most=int(WAIT))
    except (RuntimeError, MemoryError):  # its process died
        refuse(TOO_HARD, name=name)


def _quietly(work: Any, args: tuple[Any, ...], say: Any) -> Any:
    """Do a work within limits of memory and processor time, where this is a process of its own."""
    del say
    limits = Limits(lambda: None)
    if multiprocessing.parent_process() is not None:
        size = Path(args[0]).stat().st_size
        limits.hold(WAIT, min(MEMORY + MEMORY_A_BYTE * size, MOST_MEMORY))
    try:
        return work(*args)
    finally:
        limits.lift()


def leaf(path: str, name: str, kind: str, sheet: str) -> Table:
    """Return the table on a sheet of a workbook; in the process of trials."""
    return table(Path(path), name, Mapping(kind, sheet=sheet))


def _sheet(one: Mapped) -> str:
    return one.mapping.sheet or next(iter(one.found.sheets), "")


def _turn(asker: Asker, one: Mapped, sheet: str) -> None:
    """Take another sheet of the workbook, and propose its mapping."""
    one.found = _tried(asker, one.name, leaf, str(one.path), one.name, one.mapping.kind, sheet)
    propose(asker, one, one.mapping.kind)


def _cells(one: Mapped, row: dict[str, Any], heads: list[str], at: int | None) -> list[Cell]:
    """Return what a row says, field by field, with what stood in the table where that is another text."""
    said = shown(row)
    found = []
    for name in heads:
        names = [column for source in one.mapping.sources(name) for column in source.names]
        texts = [] if at is None else [one.found.cells[each][at].as_py() or "" for each in names]
        value, was = str(said.get(name, "")), " ".join(filter(None, texts))[:LONGEST]
        found.append(Cell(name, value, was if was != value else ""))
    return found


def _columns(one: Mapped) -> Iterator[ColumnLine]:
    filled: dict[str, list[str]] = {}
    for field, column in one.mapping.columns():
        filled.setdefault(column, []).append(field)
    for name in one.found.names:
        cells = one.found.cells.column(name).slice(0, 50).to_pylist()
        first = [cell for cell in dict.fromkeys(cells) if cell][:SAMPLES]
        yield ColumnLine(name, first, filled.get(name, []))


def _field(one: Mapped, field: Field, trial: Trial, missing: list[str]) -> FieldLine:
    sources = one.mapping.sources(field.name)
    return FieldLine(
        field.name,
        field.required,
        [column for source in sources for column in source.names],
        [source.system or "" for source in sources for _ in source.names],
        field.name in DATED,
        next((source.formats[0] for source in sources if source.formats), ""),
        one.mapping.constants.get(field.name, ""),
        trial.filled[field.name],
        field.name in missing,
        units(one.mapping).get(field.name, ""),
        next((source.unit for source in sources if source.unit), ""),
        list(_units(one.mapping.kind, field.name)),
        list(field.words),
        list(_words(one, field)) if field.words else [],
    )


def _units(kind: str, field: str) -> tuple[str, ...]:
    """Return the units that a person may choose from for a field."""
    if field in coordinates.FIELDS:
        return ("deg", "west") if field.endswith("longitude") else ("deg", "south")
    quantity = quantities.of_field(kind, field)
    return quantities.CHOICES.get(quantity.dimension, ()) if quantity else ()


def _words(one: Mapped, field: Field) -> Iterator[WordLine]:
    """Yield the texts of a field's column, the commonest first, with what each is read as."""
    sources = one.mapping.sources(field.name)
    if len(sources) != 1 or len(sources[0].names) != 1:
        return
    values = sources[0].values
    counts = Counter(trimmed(one.found.cells.column(sources[0].names[0])).drop_null().to_pylist())
    for text, rows in counts.most_common(WORDS):
        if len(text) <= LONGEST:
            own = field.read(pa.array([values.get(text, text)]), sources[0]).values[0].as_py()
            own = own[0] if isinstance(own, list) and own else own
            yield WordLine(text, rows, NO_VALUE if values.get(text) == "" else own or "")


DATED: Final = frozenset({*MOMENTS, *DAYS})
WORDS: Final = 40
"""Different texts of a column whose words a person may choose."""
LONGEST: Final = 200
"""Characters of a cell that is shown."""
REASONS: Final = 6
"""Sorts of reasons that are counted on the page."""
NO_VALUE: Final = "-"
"""What a text is called that means that there is no value."""
SAMPLE_DAY: Final = datetime(2026, 11, 25, 14, 30)  # noqa: DTZ001 - how a form writes, no moment


def _changed(one: Mapped, ask: Fills) -> Mapping:
    """The mapping that a form says. What a form cannot say stays, where a field's columns do."""
    before, kind = one.mapping, one.mapping.kind
    fills: dict[str, dict[str, str]] = {}
    for field, place, column in _pairs(kind, ask.fill):
        if column not in one.found.names:
            refuse(NO_COLUMN, column=column, near=nearest(column, one.found.names))
        mine = fills.setdefault(field, {})
        if column not in mine.values():
            mine[place or str(len(mine) + 1)] = column
    forms = {field: form for field, _, form in _pairs(kind, ask.form)}
    systems = dict(each.partition("=")[::2] for each in ask.system)
    units_ = dict(each.partition("=")[::2] for each in ask.unit)
    words_: dict[str, dict[str, str]] = {}
    for field, _, said in _pairs(kind, ask.word):
        ours, _, text = said.partition("=")
        words_.setdefault(field, {})[text] = ours
    fields = {
        field.name: _filled(before, field.name, fills[field.name], forms.get(field.name, ""), systems)
        for field in FIELDS[kind]
        if field.name in fills
    }
    for name, filled in fields.items():
        if isinstance(filled, str) and not forms.get(name) and not before.sources(name):
            fields[name] = guess(kind, name, filled, one.found.cells, one.name)
        elif name in units_ or name in words_:
            fields[name] = _with(filled, units_.get(name), words_.get(name, {}))
    return msgspec.structs.replace(before, fields=fields, constants=dict(_constants(one, kind, ask, fields)))


def _with(filled: Filled, unit: str | None, words_: dict[str, str]) -> Filled:
    """Return a source with the unit and the words that a form states; texts that it does not name stay."""
    if isinstance(filled, tuple):
        return filled
    source = filled if isinstance(filled, Source) else Source(filled)
    values = {text: ours for text, ours in source.values.items() if text not in words_}
    values |= {
        text: "" if ours == NO_VALUE else ours for text, ours in words_.items() if ours not in ("", text)
    }
    changed = msgspec.structs.replace(source, values=values, unit=source.unit if unit is None else unit)
    return changed.columns if changed == Source(changed.columns) else changed


def _constants(one: Mapped, kind: str, ask: Fills, fields: dict[str, Filled]) -> Iterator[tuple[str, str]]:
    """Yield the constants of a form; one that was proposed for want of a column goes once there is one."""
    began = one.proposal.mapping if one.proposal and one.proposal.mapping.kind == kind else Mapping(kind)
    for field in FIELDS[kind]:
        if not (value := getattr(ask, f"{CONSTANT}{field.name}", "")):
            continue
        proposed_ = value == began.constants.get(field.name) and field.name not in began.fields
        if not (proposed_ and field.name in fields and field.name not in one.mapping.fields):
            yield field.name, value


def _pairs(kind: str, said: list[str]) -> Iterator[tuple[str, str, str]]:
    """Field, place in it and value of each text such as `identifiers.2=No`; an empty value says nothing."""
    known = [field.name for field in FIELDS[kind]]
    for each in said:
        key, _, value = each.partition("=")
        field, _, place = key.partition(".")
        if field not in known:
            refuse(NO_FIELD, kind=kind, field=field, near=nearest(field, known))
        if value:
            yield field, place, value


def _filled(before: Mapping, field: str, fill: dict[str, str], form: str, systems: dict[str, str]) -> Filled:
    """How columns, by their place, fill a field; where they did before, with what a form cannot say."""
    old, columns = {source.names: source for source in before.sources(field)}, tuple(fill.values())
    if field == "identifiers":
        return tuple(
            msgspec.structs.replace(old.get((column,), Source(column)), system=systems.get(place) or None)
            for place, column in fill.items()
        )
    names = columns[0] if len(columns) == 1 else columns
    source = old.get(columns, Source(names))
    if form not in source.formats and (form or source.formats):
        source = msgspec.structs.replace(source, format=form or ())
    return names if source == Source(names) else source


def _refuse_wrong(chosen: Mapping) -> None:
    """Refuse a mapping with a field that may not be filled so; one that is not complete may stand."""
    missing = missing_of(chosen)
    for field in FIELDS[chosen.kind]:
        if field.name not in missing and (wrong := mappings.problem(chosen, field)):
            refuse(WRONG_FIELD, field=field.name, problem=wrong)


def _refuse_incomplete(one: Mapped) -> None:
    if missing := missing_of(one.mapping):
        refuse(INCOMPLETE, fields=", ".join(missing))


def to_table(_: object, given: OpenedTable) -> str:
    """Where the browser goes when a table was opened."""
    return f"/mapping/{given.table}"


def to_mapping(_: object, __: object) -> str:
    """Where the browser goes when a table was closed."""
    return "/mapping"


ENDPOINTS: Final = (
    Endpoint("feeds.mapping", "GET", "/mapping", Nothing, MappingPage, begin, "mapping.html"),
    Endpoint(
        "feeds.drop",
        "POST",
        "/mapping",
        DropAsk,
        OpenedTable,
        drop,
        within="feeds.mapping",
        then=to_table,
        file=may_try,
    ),
    Endpoint("feeds.table", "GET", "/mapping/{table}", TableAsk, TablePage, mapped, "mapping-table.html"),
    Endpoint("feeds.change", "POST", "/mapping/{table}", MapAsk, Done, change, within="feeds.table"),
    Endpoint("feeds.write", "POST", "/mapping/{table}/text", TextAsk, Done, write, within="feeds.table"),
    Endpoint("feeds.save", "POST", "/mapping/{table}/save", SaveAsk, Done, save, within="feeds.table"),
    Endpoint(
        "feeds.take",
        "POST",
        "/mapping/{table}/ingest",
        TakeAsk,
        Started,
        ingest_table,
        within="feeds.table",
        then=to_job,
    ),
    Endpoint(
        "feeds.close",
        "POST",
        "/mapping/{table}/close",
        TableAsk,
        Done,
        close,
        within="feeds.table",
        then=to_mapping,
    ),
    Endpoint(
        "feeds.of_piece",
        "POST",
        "/quarantine/{number}/table",
        ShowPiece,
        OpenedTable,
        of_piece,
        within="feeds.piece",
        then=to_table,
    ),
)
