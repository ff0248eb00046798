"""Endpoints of mapping: a table is dropped, mapped, tried, saved or taken in."""

from datetime import datetime
from hashlib import sha256
from typing import Any, Final

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
from watchfloor.console.pages.mapping.answers import (
    KIND,
    DropAsk,
    FaultLine,
    Fills,
    FormLine,
    MapAsk,
    MappingPage,
    OpenedTable,
    ReasonLine,
    SaveAsk,
    SavedLine,
    TableAsk,
    TableLine,
    TablePage,
    TakeAsk,
    TextAsk,
)
from watchfloor.console.pages.mapping.choice import changed, missing_of, refuse_incomplete, refuse_wrong
from watchfloor.console.pages.mapping.preview import cells_of, columns_of, field_of
from watchfloor.console.pages.mapping.trials import UNREADABLE, in_trial, leaf, look
from watchfloor.console.pages.quarantine import find, start, table_of, waiting
from watchfloor.console.tables import Mapped
from watchfloor.core.marking import joined, parse
from watchfloor.core.messages import declare, reason
from watchfloor.feeds import config
from watchfloor.feeds.quarantine import numbered
from watchfloor.formats.base import FormatError
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import mapping as mappings
from watchfloor.formats.tabular.column_names import words
from watchfloor.formats.tabular.date_forms import CHOICES
from watchfloor.formats.tabular.fields import FIELDS
from watchfloor.formats.tabular.mapping import Mapping
from watchfloor.formats.tabular.trial import (
    Trial,
    proposed,
    tried,
)
from watchfloor.policy.policy import allowed
from watchfloor.store import governing
from watchfloor.store.lock import PATIENCE
from watchfloor.store.readers import refuse_writing

ROWS: Final = 20_000
"""Rows that a dry run reads."""
REASONS: Final = 6
"""Sorts of reasons that are counted on the page."""
SAMPLE_DAY: Final = datetime(2026, 11, 25, 14, 30)  # noqa: DTZ001 - how a form writes, no moment
NO_TABLE: Final = declare("console.mapping-no-table", "name", "what")
NEEDS_NONE: Final = declare("console.mapping-needs-none", "name", "what")
NO_KIND: Final = declare("console.mapping-no-kind", "kind", "near")
OTHERWISE: Final = declare("console.mapping-otherwise", "feed", "file")
NO_NAME: Final = declare("console.mapping-no-name", "feed")
NO_FEED: Final = declare("console.mapping-no-feed")


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
    found, no_table = in_trial(asker, kept.name, look, str(kept.path), kept.name, kind)
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
        list(columns_of(one)),
        [field_of(one, field, trial, missing) for field in FIELDS[chosen.kind]],
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
        [cells_of(one, row, shown_, places.get(str(row.get("locator")))) for row in trial.first],
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
        chosen = changed(one, ask)
        refuse_wrong(chosen)
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
    refuse_incomplete(one)
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
    refuse_incomplete(one)
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
    job, _ = asker.services.jobs.start(
        "ingest",
        one.name,
        asker.name,
        marking,
        ingest,
        root,
        str(path),
        one.name,
        said,
        asker.actor,
        upload=path,
    )
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
        one.trial = in_trial(asker, one.name, tried, one.path, one.name, chosen, ROWS)
    except FormatError as error:
        one.problem = str(error)


def _sheet(one: Mapped) -> str:
    return one.mapping.sheet or next(iter(one.found.sheets), "")


def _turn(asker: Asker, one: Mapped, sheet: str) -> None:
    """Take another sheet of the workbook, and propose its mapping."""
    one.found = in_trial(asker, one.name, leaf, str(one.path), one.name, one.mapping.kind, sheet)
    propose(asker, one, one.mapping.kind)


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
