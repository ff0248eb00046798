"""A claim on facts: figures under each admissible definition, what they are compared with, the verdict."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from watchfloor.records.messages import declare
from watchfloor.scorecard.claims import Claim, cautions, curves, tries, verdicts, worth
from watchfloor.scorecard.claims.expected import expected
from watchfloor.scorecard.claims.measures import figure
from watchfloor.scorecard.claims.ruling import ruling
from watchfloor.scorecard.facts import Facts
from watchfloor.scorecard.findings import Compared, Figure, Finding, Warned
from watchfloor.scorecard.methods.nowcast import Nowcast
from watchfloor.scorecard.periods import spoken
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.scorecard.said import Said, capital, day, days, joined, number, said, same

TO: Final = declare("scorecard.compared-to", en="{label}, to {month}", fr="{label}, jusqu’en {month}")
NOT_COMPARED: Final = declare(
    "scorecard.not-compared",
    en="Nothing can be said beside the control, {label}: {problem}.",
    fr="Rien ne peut être dit à côté du témoin, {label} : {problem}.",
)
PUBLIC_ON: Final = declare(
    "scorecard.public-on",
    en="Computed from tables that were public by {days}.",
    fr="Calculé à partir de tableaux publics au plus tard {days}.",
)
AFTERWARDS: Final = declare(
    "scorecard.afterwards",
    en="All of them came after it was said: what was known on {day} cannot be computed from what is held.",
    fr="Tous sont postérieurs à l’affirmation : ce qui était connu le {day} ne peut être calculé à partir de "
    "ce qui est détenu.",
)
FEW: Final = declare(
    "scorecard.few-definitions",
    en="The claim’s file has {count} {count:definition|definitions}: another reading of the words may give "
    "another verdict.",
    fr="Le fichier de l’affirmation a {count} {count:définition|définitions} : une autre lecture des mots "
    "peut donner un autre verdict.",
)
NO_TABLE: Final = declare(
    "scorecard.no-table", en="No table of it is held.", fr="Aucun tableau n’en est détenu."
)


def check(facts: Facts, claim: Claim, on: date) -> Finding:
    """What the facts of a day say about a claim.

    Args:
        facts: of every vintage.
        claim: the claim.
        on: the day as of which the facts are known.
    """
    known = facts.known(on)
    figures = tuple(
        figure(known, name, claim.asked(one), claim.rule) for name, one in claim.definitions.items()
    )
    also = tuple(figure(known, name, claim.asked(one), None) for name, one in claim.also.items())
    found, why = verdicts.verdict(claim, figures)
    if found in verdicts.JUDGED:
        why = joined([why, ruling(known, claim)], " ")
    compared, not_compared = _compared(known, claim)
    coming = _coming(facts, claim, on)
    return Finding(
        claim.name,
        claim.title,
        claim.said.words,
        claim.said.by,
        claim.said.on,
        claim.department,
        found,
        why,
        _sure(claim, figures),
        figures,
        also,
        compared,
        (*cautions.warnings(known, claim, figures, compared), *not_compared),
        _tried(known, claim),
        (*claim.notes, *worth.meant(figures)),
        worth.seasonal(known, claim),
        worth.interrupted(known, claim),
        coming.text if isinstance(coming, Nowcast) else coming,
        curves.plots(known, claim, coming if isinstance(coming, Nowcast) else None),
    )


def _compared(known: Facts, claim: Claim) -> tuple[tuple[Compared, ...], tuple[Warned, ...]]:
    """Ours beside the control, month by month; a caution for each month in which one has no figure."""
    control = claim.control
    found: list[Compared] = []
    lacking: list[Warned] = []
    for until in control.until if control else ():
        assert control is not None
        label = said(TO, label=control.label, month=spoken(until))
        sides = (claim.asked({"until": until}), claim.asked({"until": until, "part": control.part}))
        both = [figure(known, "", side, None) for side in sides]
        ours, theirs = (one.value for one in both)
        if ours is not None and theirs is not None:
            found.append(Compared(label, ours, theirs, ours - theirs))
        else:
            problem = next(one.shown for one in both if one.value is None)
            lacking.append(Warned("control", said(NOT_COMPARED, label=label, problem=problem)))
    return tuple(found), tuple(lacking)


def _tried(known: Facts, claim: Claim) -> Said | None:
    try:
        found = tries.tried(known, claim)
    except Unanswerable as error:
        return error.said
    return found.text if found else None


def _coming(facts: Facts, claim: Claim, on: date) -> Nowcast | Said | None:
    """The nowcast of a change, or why there is none."""
    if claim.asked({}).measure != "change":
        return None
    try:
        return expected(facts, claim, on)
    except Unanswerable as error:
        return error.said


def _sure(claim: Claim, figures: Sequence[Figure]) -> Said:
    """How sure we are: on which vintages it rests, whether they came later, how many definitions it has."""
    vintages = sorted({one for figure in figures for one in figure.vintages})
    parts = [said(PUBLIC_ON, days=days(vintages)) if vintages else said(NO_TABLE)]
    if vintages and vintages[0] > claim.said.on + timedelta(days=7):
        parts.append(said(AFTERWARDS, day=day(claim.said.on)))
    if len(figures) < verdicts.ENOUGH:
        parts.append(said(FEW, count=number(len(figures))))
    if missing := verdicts.lacking(figures):
        parts.append(joined([capital(missing), same(".")], ""))
    parts += worth.luck(figures)
    return joined(parts, " ")
