"""The register: every sentence of the report as lines, how each stands, and every act on an agreement."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from watchfloor.actions.register import AgreementAct, act_view
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.console.pages.scorecard_cards import CardAsk, Worded, card_of, heads, line_of
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language
from watchfloor.scorecard.agreement.rows import On
from watchfloor.scorecard.bilingual import day, plain
from watchfloor.scorecard.computed import RECORD
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.findings import Evidence, Line, Scorecard
from watchfloor.scorecard.page.page_words import term
from watchfloor.scorecard.page.view import LineView

LATE: Final = "late"


class RegisterAsk(CardAsk, frozen=True, forbid_unknown_fields=True):
    """Which lines: of a kind, a state, an agreement, a department; empty: all."""

    kind: str = ""
    state: str = ""
    agreement: str = ""
    department: str = ""


class LineAsk(CardAsk, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The line's id, such as `14b`."""

    line: str


class Choice(msgspec.Struct, frozen=True):
    """A choice of a filter, what it is called, and how many lines of the register have it."""

    value: str
    called: str
    count: int


class RegisterPage(Worded, frozen=True):
    """The register.

    Attributes:
        lines: those that are asked for, in the report's order; `count`: of all.
        kinds, states, agreements, departments: choices.
        withheld: lines and findings that do not appear for want of agreement.
    """

    lines: list[LineView]
    count: int
    kinds: list[Choice]
    states: list[Choice]
    agreements: list[Choice]
    departments: list[Choice]
    withheld: int


class EvidenceLine(msgspec.Struct, frozen=True):
    """Evidence of a line: a record of this floor where `record` has its id, else a document or a table.

    `marking` is of the record.
    """

    what: str
    source: str
    day: str
    value: str
    record: str
    marking: str = ""


class LinePage(Worded, frozen=True):
    """A line.

    Attributes:
        line: in words.
        evidence: what it rests on, records with their ids.
        acts: on its agreement, the newest first.
        before, after: ids of the lines beside it; empty at the ends.
    """

    line: LineView
    evidence: list[EvidenceLine]
    acts: list[AgreementAct]
    before: str
    after: str


def lines(asker: Asker, ask: RegisterAsk) -> RegisterPage:
    """The register: every sentence, how it stands, and whether its department agreed."""
    kept, card = card_of(asker, ask)
    wanted = {one.id for one in card.lines if _wanted(one, card, ask)}
    found = [one for one in kept.view(card, asker.language).lines if one.id in wanted]
    asker.log_query(
        "scorecard",
        register=True,
        on=card.on.isoformat(),
        edition=card.edition,
        shown=[one.id for one in found],
    )
    every = card.lines
    return RegisterPage(
        **heads(asker, card, ask),
        lines=found,
        count=len(every),
        kinds=choices(asker.language, "kind", (one.kind for one in every)),
        states=choices(asker.language, "state", (_state(one, card) for one in every)),
        agreements=choices(asker.language, "agreement", (one.agreement for one in every)),
        departments=_departments(asker.language, every),
        withheld=card.withheld,
    )


def line(asker: Asker, ask: LineAsk) -> LinePage:
    """A line of the register: what the report says, what was found, on which evidence, who agreed."""
    kept, card = card_of(asker, ask)
    one = line_of(card, ask.line)
    words = next(each for each in kept.view(card, asker.language).lines if each.id == one.id)
    asker.log_query("scorecard", line=one.id, on=card.on.isoformat(), edition=card.edition)
    acts = acts_of(asker, [one.id], card.on, tell=one.shown)
    ids = [each.id for each in card.lines]
    place = ids.index(one.id)
    evidence = [_evidence(each, one, asker) for each in one.evidence] if one.shown else []
    markings = [*(each.marking for each in acts), *(each.marking for each in evidence if each.marking)]
    return LinePage(
        **heads(asker, card, ask) | {"marking": joined([card.marking, *markings])},
        line=words,
        evidence=evidence,
        acts=acts,
        before=ids[place - 1] if place else "",
        after=ids[place + 1] if place + 1 < len(ids) else "",
    )


def acts_of(asker: Asker, names: Collection[str], on: date, *, tell: bool) -> list[AgreementAct]:
    """The acts on some lines or claims up to a day's end that this reader may see, the newest first.

    Args:
        asker: who asks.
        names: ids of lines, names of claims.
        on: the day.
        tell: whether what was said of them may stand here: not while their figures are withheld.
    """
    ends = datetime.combine(on + timedelta(days=1), time.min, UTC)
    found = [
        row
        for row in On.rows(asker.floor, asker.reader)
        if row["line"] in names and row["observed_at"] < ends
    ]
    return [act_view(row, asker.language, withheld=not tell) for row in reversed(found)]


def _evidence(one: Evidence, line_: Line, asker: Asker) -> EvidenceLine:
    language = asker.language
    record = one.source.removeprefix(RECORD) if one.source.startswith(RECORD) else ""
    found = asker.floor.records(record, asker.reader) if record else []
    value = "" if one.value is None else plain(one.value)[language]
    if value and line_.unit:
        value = f"{value} {line_.unit[language]}"
    return EvidenceLine(
        one.what[language],
        "" if record else one.source,
        day(one.day)[language],
        value,
        record if found else "",
        joined([row["marking"] for _, row in found]),
    )


def _state(one: Line, card: Scorecard) -> str:
    return LATE if one.id in card.late else one.state


def _wanted(one: Line, card: Scorecard, ask: RegisterAsk) -> bool:
    has = (
        (ask.kind, one.kind),
        (ask.state, _state(one, card)),
        (ask.agreement, one.agreement),
        (ask.department, one.department),
    )
    return all(wanted in ("", value) for wanted, value in has)


def choices(language: Language, section: str, values: Iterable[str]) -> list[Choice]:
    """Return the words of a section that lines have, in the order in which they first stand there."""
    found = Counter(value for value in values if value)
    return [Choice(value, term(section, value)[language], count) for value, count in found.items()]


def _departments(language: Language, every: Iterable[Line]) -> list[Choice]:
    found = Counter(one.department for one in every)
    named = [Choice(code, called(code)[language], count) for code, count in found.items()]
    return sorted(named, key=lambda one: one.called)
