"""Quarantine: the pieces of deliveries that could not be read, and why."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar, Final

from watchfloor.actions.base import Answer, Context, Request, action, argument, note, option, screen
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare
from watchfloor.feeds.quarantine import newer, numbered, text_of
from watchfloor.store.ledger import Quarantined, no_piece

BEGINS: Final = 160
"""Bytes of a piece in a page of a list."""
SHOWN: Final = 1 << 16
"""Bytes of a piece on its own page; all of them can be downloaded there."""

NEWER: Final = declare("feeds.newer-delivery")


class PieceView(Answer, frozen=True, kw_only=True):
    """A piece that could not be read.

    Attributes:
        id: its place among those that the reader may see.
        came: how often its feed has delivered these bytes; `at`: when it came.
        where: in the delivery; `why`: what was wrong.
        rest: whether what follows it is unread too.
        resolved: whether it was read since.
        piece: its bytes as text, null if they are gone; on a page the start of it, in which signs that cannot
            be seen are spelled out.
        newer: when a file of that name came with other bytes since.
    """

    texts: ClassVar = "quarantine.list"
    columns: ClassVar[tuple[str, ...]] = ("id", "feed", "delivery", "came", "newer", "where", "why")

    id: int
    feed: str
    delivery: str
    came: int
    marking: str
    where: str
    why: str
    rest: bool
    resolved: bool
    piece: str | None
    newer: datetime | None
    at: datetime | None


class PieceList(Answer, frozen=True, kw_only=True):
    """Pieces in quarantine, oldest first.

    Attributes:
        count: of those that are asked for; `next`: the number to go on after; 0 at the end.
        feeds: that have any.
    """

    pieces: list[PieceView]
    marking: str
    count: int
    next: int
    feeds: list[str]


class PieceDetail(PieceView, frozen=True, kw_only=True):
    """One piece.

    Attributes:
        size: of its bytes; `cut`: whether the text is only the start of them.
        others: how many more pieces of the same delivery wait.
        previous, next: numbers of its neighbours; 0 for none.
    """

    columns: ClassVar = (*PieceView.columns, "marking", "resolved", "piece")

    size: int
    cut: bool
    others: int
    previous: int
    next: int

    def nothing(self, column: str) -> str:
        """Return the key of the text for a piece without bytes."""
        return "quarantine.no_bytes" if column == "piece" else ""


class ListPieces(Request, frozen=True):
    """Which pieces."""

    feed: Annotated[str, option("Only of this feed.")] = ""
    all: Annotated[bool, option("Also what was read since.")] = False
    after: Annotated[int, screen("The last number of the page before.")] = 0


@action("quarantine list", "quarantine list --feed parcels", rows="pieces", empty="quarantine.empty")
def list_(context: Context, ask: ListPieces) -> PieceList:
    """List pieces in quarantine, each with its reason and how often its delivery came.

    Under `newer` stands when that feed delivered a file of that name with other content since: it may hold
    the piece corrected. The piece stays, for a file of that name may as well be another day's. A piece's
    number is its place among those that you may see.
    """
    every = {
        number: piece
        for number, piece in numbered(context.floor, context.reader).items()
        if ask.all or piece.resolved is None
    }
    mine = {number: piece for number, piece in every.items() if ask.feed in ("", piece.source)}
    rest = [number for number in mine if number > ask.after]
    page = rest[: context.page_size]
    shown = {number: mine[number] for number in page}
    ids = [piece.id for piece in shown.values()]
    context.log_query("quarantine", feed=ask.feed or None, pieces=len(mine), shown=ids)
    views = _views(context, shown, BEGINS)
    if any(view.newer for view in views) and not context.page_size:  # a page says it with the piece
        note(context, NEWER)
    return PieceList(
        pieces=views,
        marking=joined([view.marking for view in views]),
        count=len(mine),
        next=page[-1] if len(page) < len(rest) else 0,
        feeds=sorted({piece.source for piece in every.values()}),
    )


class ShowPiece(Request, frozen=True):
    """A piece's number."""

    number: Annotated[int, argument("ID", "As `feeds quarantine list` gives it.")]


@action("quarantine show", "quarantine show 17")
def show(context: Context, ask: ShowPiece) -> PieceDetail:
    """Show one piece with its bytes."""
    every = numbered(context.floor, context.reader)
    if ask.number not in every:
        raise no_piece(ask.number)
    one = every[ask.number]
    context.log_query("quarantine", piece=one.id)
    (view,) = _views(context, {ask.number: one}, SHOWN)
    size = len(one.raw or b"")
    return PieceDetail(
        **{name: getattr(view, name) for name in view.__struct_fields__},
        size=size,
        cut=context.page_size is not None and size > SHOWN,
        others=sum(waits_with(each, one) for each in every.values()) - (one.resolved is None),
        previous=ask.number - 1,
        next=ask.number + 1 if ask.number + 1 in every else 0,
    )


def waits_with(each: Quarantined, one: Quarantined) -> bool:
    """Return whether a piece is unread and of the same delivery as another."""
    return each.resolved is None and each.position == one.position


def _views(context: Context, pieces: Mapping[int, Quarantined], most: int) -> list[PieceView]:
    floor = context.floor
    since = newer(floor, pieces.values(), set(floor.seen(context.reader))) if pieces else {}
    moments = {one.position: one.at for one in floor.deliveries()} if pieces else {}
    return [
        PieceView(
            id=number,
            feed=one.source,
            delivery=one.name,
            came=one.came,
            marking=one.marking,
            where=one.locator,
            why=one.reason,
            rest=one.rest,
            resolved=one.resolved is not None,
            piece=None if one.raw is None else _text(context, one.raw, most),
            newer=since[one.id].at if one.id in since else None,
            at=moments.get(one.position),
        )
        for number, one in pieces.items()
    ]


def _text(context: Context, raw: bytes, most: int) -> str:
    return text_of(raw) if context.page_size is None else spelled(text_of(raw[:most]))


def spelled(text: str) -> str:
    """Return a text in which signs that cannot be seen, or that turn others round, are spelled out."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c)[0] != "C" else f"\\u{{{ord(c):x}}}" for c in text
    ).replace("\\u{d}\n", "\n")
