"""Accounting of feeds: received = accepted + duplicate + quarantined + withheld, as of a moment."""

from datetime import datetime

from watchfloor.exchange.access import access
from watchfloor.feeds.health import Came, Sum, came
from watchfloor.release.policy import Reader
from watchfloor.scorecard.cell import words
from watchfloor.scorecard.findings import CellFigure
from watchfloor.scorecard.said import Said, joined, number, said
from watchfloor.store.floor import Floor
from watchfloor.store.readers import NotPermitted


def feed_figure(floor: Floor, reader: Reader, ends: datetime) -> CellFigure:
    """The sum over all feeds: the floor's for who keeps it, else of what the reader may see.

    Rows in quarantine are counted as they were delivered, whatever became of them since.
    """
    title = said(words.TITLES["feeds"])
    if not keeps(floor, reader):
        return _mine(floor, reader, ends, title)
    sums = [one.account for one in floor.deliveries() if one.at <= ends]
    if not sums:
        return CellFigure("feeds", title, said(words.NO_DELIVERY))
    whole = Sum(*(sum(column) for column in zip(*sums, strict=True)))
    parts = {name: number(count or 0) for name, count in whole._asdict().items()}
    text = said(words.FEEDS, deliveries=number(len(sums)), **parts)
    off = whole.received - whole.accepted - (whole.duplicate or 0) - whole.quarantined - (whole.withheld or 0)
    if off:
        broken = said(words.FEEDS_BROKEN, difference=number(off))
        text = joined([text, broken], "")
    return CellFigure("feeds", title, text, float(whole.received))


def keeps(floor: Floor, reader: Reader) -> bool:
    """Whether a reader keeps the floor, and may know its sums."""
    try:
        return access(floor, reader.name).keeper
    except NotPermitted:
        return False


def _mine(floor: Floor, reader: Reader, ends: datetime, title: Said) -> CellFigure:
    found = [one for source in _sources(floor) for one in _came(floor, reader, source) if one.at <= ends]
    if not found:
        return CellFigure("feeds", title, said(words.NO_DELIVERY))
    accepted = sum(one.sum.accepted for one in found)
    text = said(
        words.FEEDS_MINE,
        accepted=number(accepted),
        quarantined=number(sum(one.sum.quarantined for one in found)),
        deliveries=number(len(found)),
    )
    return CellFigure("feeds", title, text, float(accepted))


def _sources(floor: Floor) -> list[str]:
    return sorted({one.source for one in floor.deliveries()})


def _came(floor: Floor, reader: Reader, source: str) -> list[Came]:
    return came(floor, reader, source, keeper=False)
