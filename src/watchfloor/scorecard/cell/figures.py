"""Figures of the cell itself, as of a day: how good its queue is, how honest its numbers, whom it looks at.

Each comes with its interval, or says what is missing for one. Groups are streams and offices; nothing here
looks at a person's country, and countries of departure are on the page of cargo alone. A share of outcomes is
of the leads whose truth this reader may know.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final

from watchfloor.cell.current_signals import signals
from watchfloor.cell.leads import Lead
from watchfloor.cell.learning.acted import acted_on, as_it_stands
from watchfloor.cell.learning.audit import draws
from watchfloor.cell.learning.calibration import CAPACITY, Calibration, Share, jeffreys, measured
from watchfloor.cell.learning.outcomes import Verdict, verdicts
from watchfloor.cell.learning.refit import weighted
from watchfloor.cell.queue import every, queue
from watchfloor.cell.weighing.weights import Weights, load
from watchfloor.core.marking import join
from watchfloor.exchange.log.access import access
from watchfloor.feeds.health import Sum, came
from watchfloor.policy.policy import Reader
from watchfloor.scorecard.bilingual import Text, day, fill, joined, number, percent, same
from watchfloor.scorecard.cell import messages
from watchfloor.scorecard.cell.cargo import cargo_figures
from watchfloor.scorecard.computed.result import end_of
from watchfloor.scorecard.findings import CellFigure, Interval
from watchfloor.store.floor import Floor
from watchfloor.store.readers import NotPermitted

NAMES: Final = tuple(messages.TITLES)
"""Every figure, in the page's order."""


def cell_figures(floor: Floor | None, reader: Reader | None, on: date) -> tuple[CellFigure, ...]:
    """Every figure of `NAMES`, in that order, from what this reader may see of what was known by a day.

    Args:
        floor: whose; None: each figure says that there is none.
        reader: who asks; needed with a floor.
        on: the day, to its end in UTC.
    """
    if floor is None or reader is None:
        return _without(fill(messages.NO_FLOOR))
    created = datetime.fromisoformat(floor.settings.created).date()
    if created > on:
        return _without(fill(messages.BEFORE, created=day(created)))
    ends = end_of(on)
    found = (
        *queue_figures(floor, reader, ends),
        *cargo_figures(floor, reader, ends),
        feed_figure(floor, reader, ends),
    )
    return tuple(sorted(found, key=lambda one: NAMES.index(one.name)))


def cell_marking(floor: Floor, reader: Reader, on: date) -> str:
    """The join of what the figures rest on: signals that stand, outcomes, inspections and declarations.

    The sums of feeds count rows and tell nothing of them, so they take no part; empty where there is nothing.
    """
    ends = end_of(on)
    found = set(signals(floor, reader, ends)["marking"].unique().to_pylist())
    for kind in ("outcome", "inspection", "declaration"):
        found.update(floor.read(kind, reader, ends, ["marking"])["marking"].unique().to_pylist())
    return join(found) if found else ""


def _without(why: Text) -> tuple[CellFigure, ...]:
    return tuple(CellFigure(name, fill(messages.TITLES[name]), why) for name in NAMES)


# Accounting of feeds: received = accepted + duplicate + quarantined + withheld, as of a moment.


def feed_figure(floor: Floor, reader: Reader, ends: datetime) -> CellFigure:
    """The sum over all feeds: the floor's for who keeps it, else of what the reader may see.

    Rows in quarantine are counted as they were delivered, whatever became of them since.
    """
    title = fill(messages.TITLES["feeds"])
    if not keeps(floor, reader):
        return _mine(floor, reader, ends, title)
    sums = [one.account for one in floor.deliveries() if one.at <= ends]
    if not sums:
        return CellFigure("feeds", title, fill(messages.NO_DELIVERY))
    whole = Sum(*(sum(column) for column in zip(*sums, strict=True)))
    parts = {name: number(count or 0) for name, count in whole._asdict().items()}
    text = fill(messages.FEEDS, deliveries=number(len(sums)), **parts)
    off = whole.received - whole.accepted - (whole.duplicate or 0) - whole.quarantined - (whole.withheld or 0)
    if off:
        broken = fill(messages.FEEDS_BROKEN, difference=number(off))
        text = joined([text, broken], "")
    return CellFigure("feeds", title, text, float(whole.received))


def keeps(floor: Floor, reader: Reader) -> bool:
    """Whether a reader keeps the floor, and may know its sums."""
    try:
        return access(floor, reader.name).keeper
    except NotPermitted:
        return False


def _mine(floor: Floor, reader: Reader, ends: datetime, title: Text) -> CellFigure:
    every = (one for feed in floor.delivery_tallies(reader) for one in came(floor, reader, feed)[0])
    found = [one for one in every if one.at <= ends]
    if not found:
        return CellFigure("feeds", title, fill(messages.NO_DELIVERY))
    accepted = sum(one.sum.accepted for one in found)
    text = fill(
        messages.FEEDS_MINE,
        accepted=number(accepted),
        quarantined=number(sum(one.sum.quarantined for one in found)),
        deliveries=number(len(found)),
    )
    return CellFigure("feeds", title, text, float(accepted))


# How good the queue is: precision at capacity, what is open, calibration, and the audit sample.


LEVEL: Final = 0.95
DAY: Final = timedelta(days=1)


def queue_figures(floor: Floor, reader: Reader, ends: datetime) -> list[CellFigure]:
    """Precision, queue, calibration and audit, from what was known at a moment.

    The chances of audited leads are those that stand now: a draw after the moment changes them a little.
    """
    weights = load()
    known = verdicts(floor, reader, ends)
    leads = list(every(queue(floor, reader, weights, ends, ends)))
    found = calibrated(floor, reader, weights, known, leads)
    return [
        _precision(found),
        _queue(known, leads, ends),
        _calibration(found),
        _audit(floor, reader, known, ends),
    ]


def calibrated(
    floor: Floor, reader: Reader, weights: Weights, known: Mapping[str, Verdict], leads: Sequence[Lead]
) -> Calibration | None:
    """The calibration of leads whose truth was known by then, as `cell.learning.calibration` measures it.

    None where there is none.
    """
    resolved = [one for one in known.values() if one.true is not None]
    if not resolved:
        return None
    stood = acted_on(floor, reader, weights, resolved)
    others = [as_it_stands(lead, weights) for lead in leads if lead.lead_id not in stood]
    mine = [one for one in resolved if one.lead_id in stood]
    cases = weighted(floor, reader, mine, stood, [*stood.values(), *others])
    return measured(cases, CAPACITY) if cases else None


def _precision(found: Calibration | None) -> CellFigure:
    title = fill(messages.TITLES["precision"])
    if found is None or found.precision.value is None:
        return CellFigure("precision", title, fill(messages.NO_OUTCOME))
    share = found.precision
    text = fill(messages.PRECISION, k=round(share.cases), capacity=found.capacity, **_told(share))
    return CellFigure("precision", title, text, share.value, interval(share))


def _queue(known: Mapping[str, Verdict], leads: Sequence[Lead], ends: datetime) -> CellFigure:
    closed = {one.lead_id for one in known.values() if one.true is not None}
    ages = [
        (ends - min(part.at for part in lead.contributions)) / DAY
        for lead in leads
        if lead.lead_id not in closed
    ]
    title = fill(messages.TITLES["queue"])
    if not ages:
        return CellFigure("queue", title, fill(messages.QUEUE_EMPTY, closed=len(closed)))
    age = number(median(ages), 1)
    text = fill(messages.QUEUE, open=number(len(ages)), closed=number(len(closed)), age=age)
    return CellFigure("queue", title, text, float(len(ages)))


def _calibration(found: Calibration | None) -> CellFigure:
    title = fill(messages.TITLES["calibration"])
    if found is None:
        return CellFigure("calibration", title, fill(messages.NO_OUTCOME))
    bands = [(one.shown, one.came.low, one.came.high) for one in found.bands if one.leads]
    inside = sum(
        low <= shown <= high
        for shown, low, high in bands
        if shown is not None and low is not None and high is not None
    )
    of = fill(messages.WHOLE_QUEUE, audited=found.audited) if found.audited else fill(messages.CHOSEN)
    text = fill(
        messages.CALIBRATION,
        brier=number(found.brier.score, 4),
        leads=number(found.leads),
        ece=number(found.ece, 4),
        inside=inside,
        bands=len(bands),
        of=of,
    )
    return CellFigure("calibration", title, text, found.brier.score)


def _audit(floor: Floor, reader: Reader, known: Mapping[str, Verdict], ends: datetime) -> CellFigure:
    title = fill(messages.TITLES["audit"])
    made = [one for one in draws(floor, reader, floor.position_at(ends)) if one.taken]
    if not made:
        return CellFigure("audit", title, fill(messages.NO_DRAW))
    drawn = {lead for one in made for lead in one.chances}
    truths = [verdict.true for lead in drawn if (verdict := known.get(lead)) and verdict.true is not None]
    share = jeffreys(sum(truths), len(truths))
    taken, stood = sum(one.taken for one in made), sum(one.stood for one in made)
    text = fill(
        messages.AUDIT,
        drawn=number(taken),
        stood=number(stood),
        share=percent(taken / stood if stood else 0.0),
        draws=len(made),
        known=len(truths),
        true=sum(truths),
        range=fill(messages.RANGE, **_ends(share)) if truths else same(""),
    )
    return CellFigure("audit", title, text, share.value, interval(share))


def interval(share: Share) -> Interval | None:
    """A share's interval as the page has it; None where there is no case."""
    if share.low is None or share.high is None:
        return None
    return Interval(share.low, share.high, LEVEL, "Jeffreys")


def _told(share: Share) -> dict[str, Text]:
    return {"share": percent(share.value or 0.0, 0)} | _ends(share)


def _ends(share: Share) -> dict[str, Text]:
    return {"low": percent(share.low or 0.0, 0), "high": percent(share.high or 0.0, 0)}
