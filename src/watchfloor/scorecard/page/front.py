"""The front, to be read in two minutes: each claim with its verdict, how sure, what is late, what changed."""

from collections import Counter
from typing import Final

from watchfloor.core.messages import Language
from watchfloor.scorecard.bilingual import day, number, plain
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.findings import Data, Figure, Finding, Line, Scorecard
from watchfloor.scorecard.page import values
from watchfloor.scorecard.page.page_words import headed, term, word, words

CHANGES, LATE, PENDING = 5, 8, 12
"""So many stand on the front; the rest is counted, and is below."""

COMPUTED: Final = frozenset({"holds", "fails", "definition-dependent", "open", "ill-formed"})
"""Verdicts that rest on figures of this page; the others are told in one line each."""

STATES: Final = ("in-service", "delivered", "announced", "late", "no-evidence", "hidden")


class ClaimView(Data, frozen=True):
    """A claim on the front: `rests` is the first figure and the span of all, `sure` how sure we are.

    `agreement` says how that of its departments stands.
    """

    claim: str
    title: str
    words: str
    verdict: str
    rests: str
    span: str
    sure: str
    agreement: str


class LateView(Data, frozen=True):
    """A commitment whose day is past."""

    id: str
    says: str
    promised: str
    delivered: str
    due: str
    department: str


class PendingView(Data, frozen=True):
    """A commitment that is spoken of as done, or a part of which has come: what evidence shows of it."""

    id: str
    promised: str
    delivered: str
    in_service: str
    department: str


class Front(Data, frozen=True):
    """The two-minute part.

    Attributes:
        changed: sentences; `more_changed` counts those that have no room, and are with `all_changed`.
        late: commitments; `more_late` likewise.
        pending: commitments that are there without evidence, or in part; `more_pending` likewise.
        states: a sentence that counts commitments by state.
        claims: with a computed verdict.
        unanswered: title, verdict and why of the others.
        picture: the one that stands here, by its name in the document.
    """

    changed: list[str]
    more_changed: str
    all_changed: list[str]
    no_change: str
    late: list[LateView]
    more_late: str
    no_late: str
    pending: list[PendingView]
    more_pending: str
    states: str
    claims: list[ClaimView]
    unanswered: list[list[str]]
    picture: str


def front(card: Scorecard, language: Language) -> Front:
    """Return the front, in words."""
    changed = [one[language] for one in card.changed]
    late = [one for one in card.lines if one.id in card.late or one.state == "late"]
    commitments = [one for one in card.lines if one.kind == "commitment"]
    pending = [one for one in commitments if one.shown and one not in late and _pending(one)]
    return Front(
        changed[:CHANGES],
        _more(len(changed) - CHANGES, language),
        changed[CHANGES:],
        "" if changed else word("front.nothing_changed", language, on=day(card.on)[language]),
        [_late(one, language) for one in late[:LATE]],
        _more(len(late) - LATE, language),
        "" if late else word(_nothing_late(commitments), language),
        [_shown(one, language) for one in pending[:PENDING]],
        _more(len(pending) - PENDING, language),
        _states(commitments, language),
        [_claim(one, language) for one in card.findings if one.verdict in COMPUTED],
        [
            [one.claim, one.title[language], term("verdict", one.verdict)[language], one.why[language]]
            for one in card.findings
            if one.verdict not in COMPUTED
        ],
        next((f"{one.claim}-{one.plots[0].name}" for one in card.findings if one.plots), ""),
    )


def _more(n: int, language: Language) -> str:
    return word("front.more", language, n=number(n)[language]) if n > 0 else ""


def _late(one: Line, language: Language) -> LateView:
    unsaid = word("front.nobody", language)
    return LateView(
        one.id,
        one.says[language],
        (values.quantity(one.announced, one.unit, language) if one.shown else "") or unsaid,
        (values.delivered(one, language) if one.shown else "") or unsaid,
        day(one.due)[language] if one.due else unsaid,
        called(one.department)[language],
    )


def _nothing_late(commitments: list[Line]) -> str:
    """Which word says that nothing is late: of what is not shown nothing is said."""
    return "front.nothing_late" if all(one.shown for one in commitments) else "front.nothing_shown_late"


def _pending(one: Line) -> bool:
    """Whether it is said to be there, and evidence shows none of it or a part."""
    part = one.state == "announced" and (one.delivered is not None or one.in_service is not None)
    return one.state == "no-evidence" or part


def _shown(one: Line, language: Language) -> PendingView:
    promised = values.quantity(one.announced, one.unit, language) if one.unit else ""
    unproven = word("front.unproven", language)
    return PendingView(
        one.id,
        promised or one.says[language],
        unproven if one.delivered is None else plain(one.delivered)[language],
        unproven if one.in_service is None else plain(one.in_service)[language],
        called(one.department)[language],
    )


def _states(commitments: list[Line], language: Language) -> str:
    """How many commitments are in which state, those that came furthest first; none before it was made."""
    found = Counter(one.state or ("" if one.shown else "hidden") for one in commitments)
    count = sum(found[state] for state in STATES)
    if not count:
        return ""
    told = [_counted(found[state], state, language) for state in STATES if found[state]]
    return word("front.states", language, n=number(count)[language], states=", ".join(told))


def _counted(count: int, state: str, language: Language) -> str:
    """So many commitments in a state, which in French agrees with their number."""
    many = term("states", state) if count > 1 and f"states.{state}" in words() else term("state", state)
    return f"{number(count)[language]} {many[language]}"


def _claim(one: Finding, language: Language) -> ClaimView:
    first = one.figures[0] if one.figures else None
    rests = headed(values.capital(first.label[language]), first.shown[language], language) if first else ""
    return ClaimView(
        one.claim,
        one.title[language],
        one.words[language],
        term("verdict", one.verdict)[language],
        rests,
        _span(one.figures, language),
        one.sure[language],
        values.agreement(one, language),
    )


def _span(figures: tuple[Figure, ...], language: Language) -> str:
    """Between which values the definitions lie, and under how many of them the claim holds."""
    if not figures:
        return ""
    alike = [
        (one.value, "change" if one.measure == "cited" else one.measure)
        for one in figures
        if one.value is not None and one.measure in values.SHARES
    ]
    measures = Counter(measure for _, measure in alike)
    alike = [each for each in alike if each[1] == measures.most_common(1)[0][0]]
    parts = []
    if len(alike) > 1:
        low, high = values.span(alike, language)
        parts.append(word("front.across", language, n=len(alike), low=low, high=high))
    held = Counter(values.held(one) for one in figures)
    if held["yes"] or held["no"]:
        names = {"yes": "holds", "no": "fails", "open": "open"}
        counts = (word(f"front.{name}", language, n=held[key]) for key, name in names.items() if held[key])
        parts.append(", ".join(counts))
    return "; ".join(parts)
