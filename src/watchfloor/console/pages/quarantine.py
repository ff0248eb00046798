"""Quarantine: what could not be read, why, its bytes, and reading it again.

A piece's number is its place among those that this reader may see, as on the command line.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Annotated, BinaryIO, Final, cast

import msgspec
from msgspec.structs import asdict

from watchfloor.actions import quarantine as actions
from watchfloor.actions.quarantine import ListPieces, PieceDetail, PieceList, ShowPiece, waits_with
from watchfloor.cell.acts import refuse
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw
from watchfloor.console.endpoints.failures import NotHere
from watchfloor.console.jobs.deliveries import FileStatement, again
from watchfloor.console.pages.feeds import check_order, writes
from watchfloor.console.pages.jobs import Started, to_job
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare
from watchfloor.feeds import config
from watchfloor.feeds.isolation import ReaderFailed, columns
from watchfloor.feeds.quarantine import numbered
from watchfloor.formats.base import HEAD_BYTES, WHOLE_FILE, FormatError
from watchfloor.formats.registry import FORMATS
from watchfloor.formats.tabular import spreadsheet
from watchfloor.formats.tabular.delimited import sniff_delimiter
from watchfloor.formats.tabular.mapping import Mapping, open_sheet
from watchfloor.store.ledger import Quarantined
from watchfloor.store.readers import refuse_writing

Text = Annotated[str, msgspec.Meta(max_length=500)]

NOTHING_HELD: Final = declare("console.quarantine-nothing")
NO_ROW: Final = declare("console.quarantine-no-row")


class QuarantineAsk(ListPieces, frozen=True):
    """Which pieces."""

    feed: Text = ""


class QuarantinePage(PieceList, frozen=True, kw_only=True):
    """Pieces in quarantine, names of formats to read them with, and whether the reader may have them read."""

    formats: list[str]
    writes: bool


class PiecePage(PieceDetail, frozen=True, kw_only=True):
    """One piece, names of formats to read it with, and whether the reader may have it read again."""

    formats: list[str]
    writes: bool


class RetryAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Request to read quarantine again, with today's reader or another.

    Attributes:
        feed: of which feed; empty: of all.
        format: to read it with; empty: as its feed is read today.
        mapping: text of a mapping to read it with.
        whole: the lists in it are whole, though more than half of one would leave.
    """

    feed: Text = ""
    format: Text = ""
    mapping: str = ""
    whole: bool = False


class RetryPieceAsk(ShowPiece, frozen=True):
    """The number of a piece, whose delivery is read again; the rest as for a feed."""

    format: Text = ""
    mapping: str = ""
    whole: bool = False


def quarantine(asker: Asker, ask: QuarantineAsk) -> QuarantinePage:
    """Pieces that could not be read, each with its reason and how often its delivery came."""
    found = actions.list_.run(asker, ask)
    return QuarantinePage(**asdict(found), formats=sorted(FORMATS), writes=writes(asker))


def piece(asker: Asker, ask: ShowPiece) -> PiecePage:
    """One piece with its bytes."""
    found = actions.show.run(asker, ask)
    return PiecePage(**asdict(found), formats=sorted(FORMATS), writes=writes(asker))


def raw(asker: Asker, ask: ShowPiece) -> Raw:
    """The bytes of a piece as they came."""
    one = find(numbered(asker.floor, asker.reader), ask.number)
    if not one.raw:
        raise NotHere
    asker.log_query("quarantine", piece=one.id, original=True)
    return Raw(one.raw, "application/octet-stream", f"quarantine-{ask.number}.txt")


def retry(asker: Asker, ask: RetryAsk) -> Started:
    """Read again what waits, with today's reader, a format or a mapping; a job does it, whose id you get."""
    every = numbered(asker.floor, asker.reader).values()
    held = [one for one in every if one.resolved is None and ask.feed in ("", one.source)]
    return start(asker, held, FileStatement("", ask.format, ask.mapping, "", ask.whole))


def retry_piece(asker: Asker, ask: RetryPieceAsk) -> Started:
    """Read again what waits of a piece's delivery; a job does it, whose id you get."""
    return start(asker, waiting(asker, ask.number), FileStatement("", ask.format, ask.mapping, "", ask.whole))


def start(asker: Asker, held: list[Quarantined], said: FileStatement) -> Started:
    """Begin to read pieces again."""
    refuse_writing(asker.floor.root, asker.name)
    check_order(asker, said)
    if not held:
        refuse(NOTHING_HELD)
    name = (
        held[0].name if len({one.name for one in held}) == 1 else ", ".join(sorted({h.source for h in held}))
    )
    marking = joined([one.marking for one in held])
    root, ids = str(asker.floor.root), [one.id for one in held]
    started, _ = asker.services.jobs.start(
        "retry", name, asker.name, marking, again, root, ids, said, asker.actor
    )
    return Started(started.id, asker.t("quarantine.retry_done", n=len(held)), marking)


def waiting(asker: Asker, number: int) -> list[Quarantined]:
    """Return the waiting pieces of a piece's delivery."""
    every = numbered(asker.floor, asker.reader)
    one = find(every, number)
    return [each for each in every.values() if waits_with(each, one)]


def find(every: dict[int, Quarantined], number: int) -> Quarantined:
    """The piece of a number. Raises `NotHere`."""
    if number not in every:
        raise NotHere
    return every[number]


def table_of(asker: Asker, held: list[Quarantined]) -> BinaryIO:
    """Pieces of one delivery as a table of their own, under the names of its columns.

    Only what the reader may see is in it: the rows that lie in quarantine, not those beside them. Where the
    whole file could not be read, it is the file. Raises `Refusal` where they are no rows of a table.
    """
    first = held[0]
    if first.locator == WHOLE_FILE:
        with asker.floor.original(first.digest, asker.reader, first.position) as stream:
            return io.BytesIO(stream.read())
    with asker.floor.delivered(first.digest) as stream:  # the names of its columns alone
        start = stream.read(HEAD_BYTES)
        mapping, whole = _stated(asker, first.source), cast("BinaryIO", _Again(start, stream))
        workbook = spreadsheet.is_workbook(start[:8])
        try:
            names = (
                columns(mapping, whole) if workbook else list(open_sheet(mapping, whole, first.name).names)
            )
        except (FormatError, ReaderFailed):
            refuse(NO_ROW)
    delimiter = "" if workbook else sniff_delimiter(start)
    rows = [row for one in held for row in _cells(one.raw or b"", delimiter)]
    if not rows or len(names) < 2:
        refuse(NO_ROW)
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(names)
    writer.writerows([*row, *[""] * len(names)][: len(names)] for row in rows)
    return io.BytesIO(made.getvalue().encode())


def _stated(asker: Asker, source: str) -> Mapping:
    """How the table of a feed is written, as far as its mapping says."""
    return config.load(asker.floor.root).mappings.get(source, Mapping("party"))


def _cells(piece: bytes, delimiter: str) -> Iterator[list[str]]:
    if not delimiter:
        found = json.loads(piece) if piece else []
        yield from [[str(cell) for cell in found]] if found else []
        return
    text = io.StringIO(_decoded(piece), newline="")
    yield from (row for row in csv.reader(text, delimiter=delimiter) if row)


def _decoded(piece: bytes) -> str:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return piece.decode("cp1252", "backslashreplace")


class _Again:
    """A stream from its start again, after its head was read."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int = -1) -> bytes:
        head, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
        return head + self._rest.read() if size < 0 else head or self._rest.read(size)


ENDPOINTS: Final = (
    Endpoint(
        "feeds.quarantine", "GET", "/quarantine", QuarantineAsk, QuarantinePage, quarantine, "quarantine.html"
    ),
    Endpoint(
        "feeds.piece", "GET", "/quarantine/{number}", ShowPiece, PiecePage, piece, "quarantine-piece.html"
    ),
    Endpoint("feeds.raw", "GET", "/quarantine/{number}/original", ShowPiece, Raw, raw),
    Endpoint(
        "feeds.retry",
        "POST",
        "/quarantine/retry",
        RetryAsk,
        Started,
        retry,
        within="feeds.quarantine",
        then=to_job,
    ),
    Endpoint(
        "feeds.retry_piece",
        "POST",
        "/quarantine/{number}/retry",
        RetryPieceAsk,
        Started,
        retry_piece,
        within="feeds.piece",
        then=to_job,
    ),
)
