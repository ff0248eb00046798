"""Quarantine: what could not be read, why, its bytes, and reading it again.

A piece's number is its place among those that this reader may see, as on the command line.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, BinaryIO, Final, cast

import msgspec

from watchfloor.cell.acting.acts import refuse
from watchfloor.console.deliveries import Said, again
from watchfloor.console.endpoint import Asker, Endpoint, NotHere, Raw
from watchfloor.console.pages.feeds import check_order, writes
from watchfloor.console.pages.jobs import Started, to_job
from watchfloor.feeds import config
from watchfloor.feeds.isolation import ReaderFailed, columns
from watchfloor.feeds.quarantine import newer, numbered, text_of
from watchfloor.formats import spreadsheet
from watchfloor.formats.base import HEAD_BYTES, WHOLE_FILE, FormatError
from watchfloor.formats.delimited import sniff_delimiter
from watchfloor.formats.mapping import Mapping, open_sheet
from watchfloor.formats.registry import FORMATS
from watchfloor.records.marking import joined
from watchfloor.records.messages import declare
from watchfloor.store.ledger import Quarantined
from watchfloor.store.readers import refuse_writing

SIZE: Final = 100
SHOWN: Final = 1 << 16
"""Bytes of a piece that its page shows; all of them can be had."""
BEGINS: Final = 160
"""Signs of a piece in a list."""

Text = Annotated[str, msgspec.Meta(max_length=500)]

NOTHING_HELD: Final = declare(
    "console.quarantine-nothing",
    en="nothing that you may see is in quarantine there; perhaps somebody has read it meanwhile",
    fr="rien de ce que vous pouvez voir n’y est en quarantaine; quelqu’un l’a peut-être relu entre-temps",
)
NO_ROW: Final = declare(
    "console.quarantine-no-row",
    en="this piece is no row of a table; drop the file itself on the page for mapping",
    fr="cette pièce n’est pas une ligne d’un tableau; déposez le fichier lui-même sur la page de mappage",
)


class QuarantineAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pieces: of a `feed`; `all`: also what was read since; `after` this number."""

    feed: Text = ""
    all: bool = False
    after: int = 0


class PieceLine(msgspec.Struct, frozen=True):
    """One piece.

    Attributes:
        number: its place among those that the reader may see.
        feed: that delivered it; `delivery`: as that calls it.
        at: when it came; `came`: how often its feed has delivered these bytes.
        newer: when a file of that name came with other bytes since.
        where: in the delivery; `why`: what was wrong.
        begins: the start of it.
        rest: whether what follows it is unread too.
        resolved: whether it was read since.
        marking: who may see it.
    """

    number: int
    feed: str
    delivery: str
    at: datetime | None
    came: int
    newer: datetime | None
    where: str
    why: str
    begins: str
    rest: bool
    resolved: bool
    marking: str


class QuarantinePage(msgspec.Struct, frozen=True):
    """Pieces in quarantine, oldest first.

    Attributes:
        marking: the join of what is shown.
        count: of those that are asked for.
        pieces: this page; `next`: the number to go on after; 0 at the end.
        feeds: that have any.
        formats: names of formats to read them with.
        writes: whether the reader may have them read again.
    """

    marking: str
    count: int
    pieces: list[PieceLine]
    next: int
    feeds: list[str]
    formats: list[str]
    writes: bool


class PieceAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece's number."""

    number: int


class PiecePage(msgspec.Struct, frozen=True):
    """One piece.

    Attributes:
        marking: of the piece.
        piece: what it is.
        text: its bytes as text; signs that cannot be seen are spelled out. None: it is gone, or the whole
            delivery.
        size: of its bytes; `cut`: whether the text is only the start of them.
        others: pieces of the same delivery that are in quarantine too.
        previous, next: numbers of its neighbours; 0 for none.
        formats: names of formats to read it with.
        writes: whether the reader may have it read again.
    """

    marking: str
    piece: PieceLine
    text: str | None
    size: int
    cut: bool
    others: int
    previous: int
    next: int
    formats: list[str]
    writes: bool


class RetryAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to read again, with today's reader or another.

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


class RetryPieceAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number of a piece, whose delivery is read again; the rest as for a feed."""

    number: int
    format: Text = ""
    mapping: str = ""
    whole: bool = False


def quarantine(asker: Asker, ask: QuarantineAsk) -> QuarantinePage:
    """Pieces that could not be read, each with its reason and how often its delivery came."""
    every = numbered(asker.floor, asker.reader)
    mine = {
        number: piece
        for number, piece in every.items()
        if (ask.all or piece.resolved is None) and ask.feed in ("", piece.source)
    }
    page = [number for number in mine if number > ask.after][:SIZE]
    rest = [number for number in mine if page and number > page[-1]]
    shown = [mine[number] for number in page]
    asker.log_query(
        "quarantine", feed=ask.feed or None, pieces=len(mine), shown=[piece.id for piece in shown]
    )
    lines = lines_of(asker, {number: mine[number] for number in page})
    feeds = sorted({piece.source for piece in every.values() if ask.all or piece.resolved is None})
    return QuarantinePage(
        joined([one.marking for one in lines]),
        len(mine),
        lines,
        page[-1] if rest else 0,
        feeds,
        sorted(FORMATS),
        writes(asker),
    )


def piece(asker: Asker, ask: PieceAsk) -> PiecePage:
    """One piece with its bytes."""
    every = numbered(asker.floor, asker.reader)
    one = find(every, ask.number)
    asker.log_query("quarantine", piece=one.id)
    (line,) = lines_of(asker, {ask.number: one})
    raw = one.raw or b""
    return PiecePage(
        one.marking,
        line,
        spelled(text_of(raw[:SHOWN])) if raw else None,
        len(raw),
        len(raw) > SHOWN,
        sum(_waits_with(each, one) for each in every.values()) - (one.resolved is None),
        ask.number - 1,
        ask.number + 1 if ask.number + 1 in every else 0,
        sorted(FORMATS),
        writes(asker),
    )


def raw(asker: Asker, ask: PieceAsk) -> Raw:
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
    return start(asker, held, Said("", ask.format, ask.mapping, "", ask.whole))


def retry_piece(asker: Asker, ask: RetryPieceAsk) -> Started:
    """Read again what waits of a piece's delivery; a job does it, whose id you get."""
    return start(asker, waiting(asker, ask.number), Said("", ask.format, ask.mapping, "", ask.whole))


def start(asker: Asker, held: list[Quarantined], said: Said) -> Started:
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
    """What waits of the delivery of a piece."""
    every = numbered(asker.floor, asker.reader)
    one = find(every, number)
    return [each for each in every.values() if _waits_with(each, one)]


def find(every: dict[int, Quarantined], number: int) -> Quarantined:
    """The piece of a number. Raises `NotHere`."""
    if number not in every:
        raise NotHere
    return every[number]


def lines_of(asker: Asker, pieces: dict[int, Quarantined]) -> list[PieceLine]:
    """Pieces by their numbers, in lines."""
    floor = asker.floor
    since = newer(floor, pieces.values(), set(floor.seen(asker.reader))) if pieces else {}
    moments = {one.position: one.at for one in floor.deliveries()} if pieces else {}
    return [
        PieceLine(
            number,
            one.source,
            one.name,
            moments.get(one.position),
            one.came,
            since[one.id].at if one.id in since else None,
            one.locator,
            one.reason,
            spelled(text_of((one.raw or b"")[:BEGINS])),
            one.rest,
            one.resolved is not None,
            one.marking,
        )
        for number, one in pieces.items()
    ]


def spelled(text: str) -> str:
    """A text in which signs that cannot be seen, or that turn others round, are spelled out."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c)[0] != "C" else f"\\u{{{ord(c):x}}}" for c in text
    ).replace("\\u{d}\n", "\n")


def table_of(asker: Asker, held: list[Quarantined]) -> BinaryIO:
    """Pieces of one delivery as a table of their own, under the names of its columns.

    Only what the reader may see is in it: the rows that lie in quarantine, not those beside them. Where the
    whole file could not be read, it is the file. Raises `Refused` where they are no rows of a table.
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


def _waits_with(each: Quarantined, one: Quarantined) -> bool:
    return each.resolved is None and each.position == one.position


ENDPOINTS: Final = (
    Endpoint(
        "feeds.quarantine", "GET", "/quarantine", QuarantineAsk, QuarantinePage, quarantine, "quarantine.html"
    ),
    Endpoint(
        "feeds.piece", "GET", "/quarantine/{number}", PieceAsk, PiecePage, piece, "quarantine-piece.html"
    ),
    Endpoint("feeds.raw", "GET", "/quarantine/{number}/original", PieceAsk, Raw, raw),
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
