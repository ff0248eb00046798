"""From figures under many definitions to a verdict, and the sentence that says why."""

from collections.abc import Mapping, Sequence
from typing import Final

from watchfloor.core.messages import declare
from watchfloor.scorecard.bilingual import Text, capital, fill, joined, number, same, shown_percent
from watchfloor.scorecard.claims import KINDS, Claim
from watchfloor.scorecard.claims.claimed import WELL
from watchfloor.scorecard.claims.labels import counted
from watchfloor.scorecard.claims.measures import percent_by
from watchfloor.scorecard.findings import Figure, Finding, Line, Verdict

ENOUGH: Final = 6
"""With fewer definitions than this a reader is told how few they are. No verdict depends on it."""
JUDGED: Final = frozenset({"holds", "fails", "definition-dependent", "open", "ill-formed"})
"""Verdicts that rest on figures which were judged against what was claimed."""

UNDER_ONE: Final = declare("scorecard.holds-under-one", "give")
FAILS_UNDER_ONE: Final = declare("scorecard.fails-under-one", "give")
UNDER_ALL: Final = declare("scorecard.holds-under-all", "count", "give")
UNDER_NONE: Final = declare("scorecard.fails-under-all", "count", "give")
UNDER_SOME: Final = declare("scorecard.holds-under-some", "yes", "count", "no", "give")
SOME_OPEN: Final = declare("scorecard.holds-under-some-open", "yes", "count", "no", "open", "because", "give")
OPEN: Final = declare("scorecard.open", "yes", "count", "no", "open", "because", "give")
INSIDE: Final = declare("scorecard.open-interval")
WORDS_LEAVE: Final = declare("scorecard.open-words")
GIVES: Final = declare("scorecard.gives", "low")
ALL_GIVE: Final = declare("scorecard.all-give", "low")
GIVE: Final = declare("scorecard.give", "low", "high")
BY_WHAT: Final = declare("scorecard.holds-by-what", "parts")
OF_THOSE: Final = declare("scorecard.holds-of-those", "yes", "count", "what")
NONE_LEFT: Final = declare("scorecard.none-computed", "count", "problem")
MOST_LACKING: Final = declare("scorecard.most-lacking", "lacking", "count", "problem")
ILL_FORMED: Final = declare("scorecard.ill-formed-why", "why", "reading")
ONLY_CITED: Final = declare("scorecard.only-cited", "shown")
LACKING: Final = declare("scorecard.definitions-lacking", "lacking", "count")
A_FALL: Final = declare("scorecard.a-fall", "share")
A_RISE: Final = declare("scorecard.a-rise", "share")


def verdict(claim: Claim, figures: Sequence[Figure]) -> tuple[Verdict, Text]:
    """The verdict on a claim from its figures, and why."""
    reading, why = _read(claim, figures)
    if reading in ("definition-dependent", "open"):
        why = joined([why, *_by_what(claim, figures)], "; ")
    if claim.said.ill_formed and reading != "not-computed":
        return "ill-formed", fill(ILL_FORMED, why=claim.said.ill_formed, reading=why)
    return reading, joined([capital(why), same(".")], "")


def _read(claim: Claim, figures: Sequence[Figure]) -> tuple[Verdict, Text]:
    computed = [one for one in figures if one.value is not None]
    if not computed:
        problem = figures[0].shown if figures else Text("–", "–")
        return "not-computed", fill(NONE_LEFT, count=number(len(figures)), problem=problem)
    if 2 * len(computed) < len(figures):
        counts = {"lacking": number(len(figures) - len(computed)), "count": number(len(figures))}
        problem = next(one.shown for one in figures if one.value is None)
        return "not-computed", fill(MOST_LACKING, **counts, problem=problem)
    if all(one.measure == "cited" for one in computed):
        return "cited", fill(ONLY_CITED, shown=computed[0].shown)
    yes, no = (sum(one.holds is answer for one in computed) for answer in (True, False))
    give = _give(claim, computed)
    count = number(len(computed))
    if yes == len(computed):
        return "holds", fill(UNDER_ALL if yes > 1 else UNDER_ONE, count=count, give=give)
    if no == len(computed):
        return "fails", fill(UNDER_NONE if no > 1 else FAILS_UNDER_ONE, count=count, give=give)
    counts = {"yes": number(yes), "no": number(no), "count": count, "give": give}
    undecided = len(computed) - yes - no
    if not undecided:
        return "definition-dependent", fill(UNDER_SOME, **counts)
    counts["open"] = number(undecided)
    counts["because"] = fill(WORDS_LEAVE if claim.claimed.word in WELL else INSIDE)
    if yes and no:
        return "definition-dependent", fill(SOME_OPEN, **counts)
    return "open", fill(OPEN, **counts)


def _give(claim: Claim, computed: Sequence[Figure]) -> Text:
    """State the figures: from the least to the greatest, or the one that all of them are."""
    ends = _ends(claim, computed)
    if len(computed) > 1:
        return fill(GIVE if ends["low"] != ends["high"] else ALL_GIVE, **ends)
    return fill(GIVES, low=ends["low"])


def _by_what(claim: Claim, figures: Sequence[Figure]) -> list[Text]:
    """How many hold of each thing that is counted: definitions that share rows are not as many witnesses."""
    groups: dict[Text, list[Figure]] = {}
    for one in figures:
        if one.value is not None and one.name in claim.definitions:
            groups.setdefault(counted(claim.asked(claim.definitions[one.name])), []).append(one)
    if len(groups) < 2:
        return []
    parts = [
        fill(
            OF_THOSE, what=what, yes=number(sum(one.holds is True for one in group)), count=number(len(group))
        )
        for what, group in groups.items()
    ]
    return [fill(BY_WHAT, parts=joined(parts))]


def _ends(claim: Claim, computed: Sequence[Figure]) -> dict[str, Text]:
    """The least and the greatest figure, as a reader takes them: shares, falls and rises, or amounts."""
    order = sorted(computed, key=lambda one: one.value or 0.0)
    values = [one.value or 0.0 for one in order]
    kind = KINDS[order[0].measure]
    if kind == "change" and values[0] < 0:
        return {"low": moved(values[0]), "high": moved(values[-1])}
    if kind in ("share", "change"):
        low, high = (percent_by(value, claim.rule) for value in (values[0], values[-1]))
        return {"low": low, "high": high}
    return {"low": order[0].shown, "high": order[-1].shown}


def moved(fall: float) -> Text:
    """A change in words; a fall is positive: a fall of 90.0 %, a rise of 78.6 %."""
    return fill(A_FALL if fall >= 0 else A_RISE, share=shown_percent(abs(fall)))


def of_line(line: Line, *, computed: bool, comparable: bool, claims: Mapping[str, Finding]) -> str:
    """The verdict on a line of the register; see `findings.Line`.

    Args:
        line: the line.
        computed: whether a figure of it was computed from lists, law or records.
        comparable: whether nothing says with which series it must not be compared.
        claims: findings by claim.
    """
    if line.kind == "context":
        return ""
    if line.claim in claims:
        return claims[line.claim].verdict
    if line.kind in ("commitment", "uncheckable"):
        return line.state or "uncheckable"
    if computed:
        return "computed"
    if not comparable:
        return "not-comparable"
    return "cited" if line.evidence else "no-evidence"


def lacking(figures: Sequence[Figure]) -> Text | None:
    """That some definitions cannot be computed, where that is so."""
    missing = sum(one.value is None for one in figures)
    return fill(LACKING, lacking=number(missing), count=number(len(figures))) if missing else None
