"""Robustness of figures: the season, the interrupted time series, how far they hang on luck."""

from collections.abc import Sequence
from typing import Final

from watchfloor.core.messages import declare
from watchfloor.scorecard.bilingual import Text, capital, fill, joined, number, percent, same
from watchfloor.scorecard.claims import Claim, doubt
from watchfloor.scorecard.claims.labels import cells
from watchfloor.scorecard.claims.measures import part_query, whole_query
from watchfloor.scorecard.facts import Facts
from watchfloor.scorecard.findings import Figure
from watchfloor.scorecard.methods import interrupted as series_of_time
from watchfloor.scorecard.methods import seasons, seasons_of_shares
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import parsed
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.scorecard.queries import Query, curve, published

NO_CONTROL: Final = declare("scorecard.no-control")
LUCK: Final = declare("scorecard.luck", "low", "high")
SCATTERED: Final = declare("scorecard.scattered", "scatter")
FROM_TO: Final = declare("scorecard.scattered-range", "low", "high")
AT_LEAST: Final = declare("scorecard.at-least")


def luck(figures: Sequence[Figure]) -> list[Text]:
    """How far the first weight hangs on single seizures: on the front, so in one sentence at most."""
    weights = [one.interval for one in figures if one.interval and not doubt.decides(one.interval)][:1]
    return [fill(LUCK, low=percent(one.low, 2), high=percent(one.high, 2)) for one in weights]


def meant(figures: Sequence[Figure]) -> tuple[Text, ...]:
    """Return a note below the front on the meaning of intervals of counts, and how much months scatter."""
    around = [one.interval for one in figures if one.interval]
    scatter = sorted(one.scatter for one in around if one.scatter is not None)
    told = [fill(SCATTERED, scatter=_from_to(scatter[0], scatter[-1]))] if scatter else []
    return (*told, *([fill(AT_LEAST)] if any(map(doubt.at_least, around)) else []))


def _from_to(low: float, high: float) -> Text:
    """Both ends with one decimal below ten; one where they are written alike."""
    ends = [number(value, 0 if value >= 10 else 1) for value in (low, high)]
    return ends[0] if ends[0] == ends[1] else fill(FROM_TO, low=ends[0], high=ends[1])


def seasonal(known: Facts, claim: Claim) -> Text | None:
    """The same months of other years beside those of the claim, or why there is no such view.

    None of totals and of changes from year to year: they have no season.
    """
    asked = claim.asked(next(iter(claim.definitions.values())))
    if asked.measure == "cited":
        asked = claim.asked({})
    if asked.measure == "total" or (asked.measure == "change" and not asked.by_month):
        return None
    try:
        part = monthly(known, part_query(asked))
        if asked.measure == "change":
            return seasons.view(part, parsed(asked.since), parsed(asked.until)).text
        months = published(known[asked.series], part_query(asked), known.on)
        whole = monthly(known, whole_query(asked))
        return seasons_of_shares.view(part, whole, months[0], months[-1]).text
    except Unanswerable as error:
        return error.text


def interrupted(known: Facts, claim: Claim) -> Text | None:
    """The interrupted time series at each date that the claim names, or why it is refused."""
    control, asked = claim.control, claim.asked({})
    dates = control.interrupted if control else ()
    if not dates and (asked.measure != "change" or not asked.by_month):
        return fill(NO_CONTROL)
    try:
        ours = monthly(known, part_query(asked))
        theirs = monthly(known, part_query(claim.asked({"part": control.part}))) if control else None
        names = (cells(asked.part), control.label if control else cells({}))
        changed = {parsed(month): what for month, what in control.changed.items()} if control else {}
    except Unanswerable as error:
        return error.text

    def at(date: str) -> Text:
        try:
            return series_of_time.interrupted(ours, theirs, parsed(date), names=names, changed=changed).text
        except Unanswerable as error:  # of one date; the others are told
            return error.text if len(dates) < 2 else joined([capital(error.text), same(".")], "")

    return joined(map(at, dates or (asked.since,)), " ")


def monthly(known: Facts, query: Query) -> Monthly:
    """The part of a claim month by month, over all that is published. Raises `Unanswerable`."""
    months = known[query.series].months
    if not months:
        return Monthly.from_months({})
    span = range(min(months), max(months) + 1)
    return Monthly(span[0], curve(known, query, span))
