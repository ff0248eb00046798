"""What an interrupted time series says, and why one is refused."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from watchfloor.records.messages import Message, declare
from watchfloor.scorecard.findings import Interval
from watchfloor.scorecard.methods.seasons import signed
from watchfloor.scorecard.periods import named
from watchfloor.scorecard.said import Said, joined, number, percent, said

if TYPE_CHECKING:
    from watchfloor.scorecard.methods.interrupted import Interrupted

NO_CONTROL: Final = declare(
    "scorecard.interrupted-no-control",
    en="no interrupted time series without a control: what else happened in that month would be taken for "
    "the effect",
    fr="pas de série interrompue sans témoin : tout ce qui est arrivé d’autre ce mois-là passerait pour "
    "l’effet",
)
GAP: Final = declare(
    "scorecard.interrupted-gap",
    en="the series has a gap: {month} is not held here",
    fr="la série a une lacune : {month} n’est pas détenu ici",
)
CONTROL_GAP: Final = declare(
    "scorecard.interrupted-control-gap",
    en="the control has a gap: {month} is not held here, so there is nothing to compare with",
    fr="le témoin a une lacune : {month} n’est pas détenu ici, il n’y a donc rien à comparer",
)
NOT_YET: Final = declare(
    "scorecard.interrupted-not-yet",
    en="{month} is not held here for both series; they run to {last}",
    fr="{month} n’est pas détenu ici pour les deux séries; elles vont jusqu’à {last}",
)
TOO_SHORT: Final = declare(
    "scorecard.interrupted-short",
    en="{before} months before {month} and {after} from it on are published of both series; an interrupted "
    "time series needs twelve and three",
    fr="{before} mois avant {month} et {after} à partir de lui sont publiés pour les deux séries; une "
    "série interrompue en demande douze et trois",
)
ZEROS: Final = declare(
    "scorecard.interrupted-zeros",
    en="{zeros} of {months} months are zero, and a change in per cent has no meaning there; half an event is "
    "added to a count with a few zeros, nothing to a weight or to a count with many",
    fr="{zeros} mois sur {months} sont nuls, et une variation en pour cent n’y a pas de sens; un "
    "demi-événement est ajouté à un dénombrement qui a peu de zéros, rien à un poids ni à un "
    "dénombrement qui en a beaucoup",
)
FOUND: Final = declare(
    "scorecard.interrupted-found",
    en="From {at} on, {ours}: {step} at once (control: {theirs}; {level} interval {low} to {high}; {before} "
    "months before, {after} after): {verdict}.",
    fr="À partir de {at}, {ours} : {step} d’un coup (témoin : {theirs}; intervalle à {level} de {low} à "
    "{high}; {before} mois avant, {after} après) : {verdict}.",
)
NOTHING: Final = declare(
    "scorecard.interrupted-nothing",
    en="that cannot be told from no change at all",
    fr="cela ne se distingue pas d’une absence de changement",
)
FELL: Final = declare(
    "scorecard.interrupted-fell", en="a fall beyond the control’s", fr="une baisse au-delà du témoin"
)
ROSE: Final = declare(
    "scorecard.interrupted-rose",
    en="a rise against the control",
    fr="une hausse par rapport au témoin",
)
MEAN: Final = declare(
    "scorecard.interrupted-mean",
    en="On average over those {after} months it is {mean} ({low} to {high}).",
    fr="En moyenne sur ces {after} mois : {mean} (de {low} à {high}).",
)
PARALLEL: Final = declare(
    "scorecard.interrupted-parallel",
    en="Before, the two did not demonstrably move apart ({drift} a year, {low} to {high}).",
    fr="Avant, les deux ne s’écartaient pas de façon démontrable ({drift} par an, de {low} à {high}).",
)
APART: Final = declare(
    "scorecard.interrupted-apart",
    en="Before, the two were moving apart already ({drift} a year, {low} to {high}), so the control is a "
    "weak one.",
    fr="Avant, les deux s’écartaient déjà ({drift} par an, de {low} à {high}); le témoin est donc faible.",
)
PLACEBO: Final = declare(
    "scorecard.interrupted-placebo",
    en="At {dates} earlier dates the same model finds a step at least as large {larger} times.",
    fr="À {dates} dates antérieures, le même modèle trouve {larger} fois un saut au moins aussi grand.",
)
NO_PLACEBO: Final = declare(
    "scorecard.interrupted-no-placebo",
    en="There are too few earlier months to try the model at dates when nothing happened.",
    fr="Il y a trop peu de mois antérieurs pour essayer le modèle à des dates où rien n’est arrivé.",
)
LEFT: Final = declare(
    "scorecard.interrupted-left",
    en="The model leaves a pattern in what it does not explain (p = {p}), so the interval may be too narrow.",
    fr="Le modèle laisse une structure dans ce qu’il n’explique pas (p = {p}); l’intervalle peut donc être "
    "trop étroit.",
)
HALVES: Final = declare(
    "scorecard.interrupted-halves",
    en="Half an event was added to every month of a series that has a zero.",
    fr="Un demi-événement a été ajouté à chaque mois d’une série qui a un zéro.",
)
CHANGED: Final = declare(
    "scorecard.interrupted-changed",
    en="The control was itself changed in {month}: {what}. The comparison holds that too.",
    fr="Le témoin a lui-même changé en {month} : {what}. La comparaison le contient aussi.",
)

UNLIKELY: Final = 0.05


def told(found: "Interrupted", names: tuple[Said, Said], changed: Mapping[int, Said]) -> "Interrupted":
    """The same with its sentences."""
    mean = [] if found.slope is None else [_mean(found)]
    parts = [_found(found, names), *mean, _drift(found), _placebo(found)]
    if found.left < UNLIKELY:
        parts.append(said(LEFT, p=number(found.left, 3)))
    if found.halves:
        parts.append(said(HALVES))
    parts += [
        said(CHANGED, month=named(month), what=what)
        for month, what in sorted(changed.items())
        if found.first <= month <= found.last
    ]
    return replace(found, text=joined(parts, " "))


def _found(found: "Interrupted", names: tuple[Said, Said]) -> Said:
    return said(
        FOUND,
        at=named(found.at),
        ours=names[0],
        theirs=names[1],
        step=signed(found.step),
        level=percent(found.step_interval.level, 0),
        before=number(found.at - found.first),
        after=number(found.last - found.at + 1),
        verdict=said(_verdict(found.step_interval)),
        **_ends(found.step_interval),
    )


def _verdict(interval: Interval) -> Message:
    if interval.low <= 0 <= interval.high:
        return NOTHING
    return FELL if interval.high < 0 else ROSE


def _mean(found: "Interrupted") -> Said:
    after = number(found.last - found.at + 1)
    return said(MEAN, after=after, mean=signed(found.mean), **_ends(found.mean_interval))


def _drift(found: "Interrupted") -> Said:
    parallel = found.drift_interval.low <= 0 <= found.drift_interval.high
    message = PARALLEL if parallel else APART
    return said(message, drift=signed(found.drift), **_ends(found.drift_interval))


def _placebo(found: "Interrupted") -> Said:
    if found.placebo is None:
        return said(NO_PLACEBO)
    return said(PLACEBO, dates=number(found.placebo.dates), larger=number(found.placebo.larger))


def _ends(interval: Interval) -> dict[str, Said]:
    return {"low": signed(interval.low), "high": signed(interval.high)}
