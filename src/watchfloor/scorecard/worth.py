"""What figures are worth: cautions about how a claim was put, the season, the interrupted time series."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from watchfloor.records.messages import declare
from watchfloor.scorecard import interrupted as series_of_time
from watchfloor.scorecard import seasons
from watchfloor.scorecard.claims import Asked, Claim
from watchfloor.scorecard.facts import Facts
from watchfloor.scorecard.findings import Compared, Figure, Warned
from watchfloor.scorecard.labels import cells
from watchfloor.scorecard.measures import figure, part_query, shown_percent, sums, whole_query
from watchfloor.scorecard.periods import parsed
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.scorecard.queries import Query, Sum, curve, published
from watchfloor.scorecard.said import Said, number, percent, said
from watchfloor.scorecard.series import Monthly

HEAVY: Final = 0.25
"""Share of a figure that one cell may have before a reader is told."""

ONE_CELL: Final = declare(
    "scorecard.warn-one-cell",
    en="One cell, a sector or office in one month, is {share} of it.",
    fr="Une seule cellule, un secteur ou bureau pendant un mois, en fait {share}.",
)
UNIT: Final = declare(
    "scorecard.warn-unit",
    en="The unit decides: {yes} it is as claimed ({low}), {no} it is not ({high}).",
    fr="L’unité décide : {yes}, c’est comme affirmé ({low}); {no}, non ({high}).",
)
FLIPS: Final = declare(
    "scorecard.warn-flips",
    en="Beside the control the sign flips with the month: {parts}.",
    fr="À côté du témoin, le signe change avec le mois : {parts}.",
)
MORE: Final = declare(
    "scorecard.compared",
    en="{label}: {ours} here and {theirs} there, a difference of {difference} points",
    fr="{label} : {ours} ici et {theirs} là, un écart de {difference} points",
)
DISPUTED: Final = declare(
    "scorecard.warn-disputed",
    en="Two files of one vintage differ in {count} of the numbers that these figures rest on; those of the "
    "first file stand, and no verdict is firm until somebody has asked the publisher.",
    fr="Deux fichiers d’une même édition diffèrent pour {count} des chiffres dont ceux-ci dépendent; ceux du "
    "premier fichier valent, et aucun verdict n’est sûr tant que personne n’a demandé à l’éditeur.",
)
PROVISIONAL: Final = declare(
    "scorecard.warn-provisional",
    en="{count} months of it belong to a year that its publisher calls one to date; they are still revised.",
    fr="{count} de ses mois appartiennent à une année que l’éditeur dit en cours; ils sont encore révisés.",
)
NO_CONTROL: Final = declare(
    "scorecard.no-control",
    en="None: the claim is of a share and names no date and no control, and without a control it is refused.",
    fr="Aucune : l’affirmation porte sur une part, sans date ni témoin; sans témoin, elle est refusée.",
)
LUCK: Final = declare(
    "scorecard.luck",
    en="By weight it hangs on few seizures: had they come out otherwise, between {low} and {high} (95 %).",
    fr="En poids, elle dépend de peu de saisies : si elles avaient été autres, entre {low} et {high} (95 %).",
)


def warnings(
    known: Facts, claim: Claim, figures: Sequence[Figure], compared: Sequence[Compared]
) -> tuple[Warned, ...]:
    """Cautions about how a claim was put, and about the numbers under it."""
    found = [
        *_unit(claim, figures),
        *_flip(compared),
        *_cells(known, claim),
    ]
    return tuple(found)


def luck(figures: Sequence[Figure]) -> list[Said]:
    """How far a weight hangs on single seizures, of the first figure that is one."""
    for one in figures:
        if one.interval and one.interval.method.startswith("bootstrap"):
            return [said(LUCK, low=percent(one.interval.low, 2), high=percent(one.interval.high, 2))]
    return []


def seasonal(known: Facts, claim: Claim) -> Said | None:
    """The same months of other years beside those of the claim, or why there is no such view."""
    asked = claim.asked(next(iter(claim.definitions.values())))
    if asked.measure == "cited":
        asked = claim.asked({})
    try:
        first, last = _ends(known, asked)
        return seasons.view(_series(known, asked), first, last).text
    except Unanswerable as error:
        return error.said


def interrupted(known: Facts, claim: Claim) -> Said | None:
    """The interrupted time series at each date that the claim names, or why it is refused."""
    control, asked = claim.control, claim.asked({})
    dates = control.interrupted if control else ()
    if asked.measure != "change" and not dates:
        return said(NO_CONTROL)
    try:
        ours = monthly(known, part_query(asked))
        theirs = monthly(known, part_query(claim.asked({"part": control.part}))) if control else None
        names = (cells(asked.part), control.label if control else cells({}))
        changed = {parsed(month): what for month, what in control.changed.items()} if control else {}
        found = [
            series_of_time.interrupted(ours, theirs, parsed(date), names=names, changed=changed)
            for date in dates or (asked.since,)
        ]
    except Unanswerable as error:
        return error.said
    return Said(" ".join(one.text.en for one in found), " ".join(one.text.fr for one in found))


def _ends(known: Facts, asked: Asked) -> tuple[int, int]:
    """The first and the last month of what is asked."""
    if asked.measure == "change":
        return parsed(asked.since), parsed(asked.until)
    months = published(known[asked.series], part_query(asked), known.on)
    return months[0], months[-1]


def _series(known: Facts, asked: Asked) -> Monthly:
    """What is asked, month by month: the part of a change, the share of a share."""
    part = monthly(known, part_query(asked))
    if asked.measure == "change":
        return part
    whole = monthly(known, whole_query(asked))
    with np.errstate(divide="ignore", invalid="ignore"):
        return Monthly(part.start, np.where(whole.values > 0, part.values / whole.values, np.nan))


def monthly(known: Facts, query: Query) -> Monthly:
    """The part of a claim month by month, over all that is published. Raises `Unanswerable`."""
    months = known[query.series].months
    if not months:
        return Monthly.of({})
    span = range(min(months), max(months) + 1)
    return Monthly(span[0], curve(known, query, span))


def _unit(claim: Claim, figures: Sequence[Figure]) -> Iterator[Warned]:
    """Two definitions that differ in nothing but the unit, one as claimed and one not."""
    asked = {name: claim.asked(one) for name, one in claim.definitions.items()}
    by_name = {one.name: one for one in figures}
    for name, one in asked.items():
        for other, two in asked.items():
            if one.of == two.of or _but_unit(one) != _but_unit(two):
                continue
            yes, no = by_name[name], by_name[other]
            if yes.holds and no.holds is False and yes.value is not None and no.value is not None:
                low, high = shown_percent(yes.value), shown_percent(no.value)
                yield Warned("unit", said(UNIT, yes=yes.label, no=no.label, low=low, high=high))


def _but_unit(one: Asked) -> tuple[object, ...]:
    return (one.measure, one.series, repr(one.scope), repr(one.part), repr(one.whole), one.period)


def _flip(compared: Sequence[Compared]) -> Iterator[Warned]:
    signs = {one.difference > 0 for one in compared}
    if len(signs) == 2:
        parts = [
            said(
                MORE,
                label=one.label,
                ours=shown_percent(one.ours),
                theirs=shown_percent(one.theirs),
                difference=number(100 * one.difference, 1),
            )
            for one in compared
        ]
        text = Said("; ".join(one.en for one in parts), "; ".join(one.fr for one in parts))
        yield Warned("control", said(FLIPS, parts=text))


def _cells(known: Facts, claim: Claim) -> Iterator[Warned]:
    """One cell that decides, numbers in dispute, months that are still revised."""
    for name, one in claim.computed():
        if one.measure == "largest":
            share = figure(known, name, one, claim.claimed, judged=False).value
            if share is not None and share >= HEAVY:
                yield Warned("one-cell", said(ONE_CELL, share=shown_percent(share)))
    used = [part for _, one in claim.computed() for part in _sums(known, one)]
    if disputed := sum(one.disputed for one in used):
        yield Warned("conflict", said(DISPUTED, count=number(disputed)))
    if provisional := {month for one in used for month in one.rows.provisional}:
        yield Warned("provisional", said(PROVISIONAL, count=number(len(provisional))))


def _sums(known: Facts, asked: Asked) -> tuple[Sum, ...]:
    try:
        return sums(known, asked)
    except Unanswerable:
        return ()
