"""Subjects that are likely one, proposed or joined on a person's word, and records compared."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec

from watchfloor.actions.base import Answer, Context, Line, Request, action, argument, note, option, words
from watchfloor.cell.acts import EMPTY, Unusable
from watchfloor.cell.identity.comparing import NoColumn
from watchfloor.cell.identity.comparing import compare as compared
from watchfloor.cell.identity.likeness import likely_by_rules
from watchfloor.cell.identity.merges import judge_pair, standing
from watchfloor.cell.identity.proposals import Proposal, Term
from watchfloor.cell.identity.splinked import NoSplinkError, likely_by_splink
from watchfloor.cell.judgements import Judgement
from watchfloor.cell.wording.estimative_language import SUREST, word
from watchfloor.core.marking import joined as joined_marking
from watchfloor.core.messages import Language, declare, reason
from watchfloor.feeds.original import find

NEEDS_WHY: Final = declare("linking.decide-needs-why")
NEEDS_DECIDE: Final = declare("linking.why-needs-decide")
IMPOSSIBLE: Final = declare("linking.impossible", "problem")
LEFT_OUT: Final = declare("linking.left-out", "count")
JOINED: Final = declare("linking.joined", "count")
UNJOINED: Final = declare("linking.unjoined", "count")
ONE_RECORD: Final = declare("linking.one-record", "one", "other")


class LinkTerm(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the sum: of how many subjects (`of`) so many (`count`) have the value that both share."""

    what: str
    bits: float
    reason: str
    shared: str | None
    count: int | None
    of: int | None
    evidence: list[str]


class LinkedPair(Answer, frozen=True):
    """Two subjects that are likely one; the terms add up to the bits in the order they stand.

    Attributes:
        rank: its place in the list.
        position: of the act that joined them; null if they are only proposed, or nobody may know it.
    """

    unprinted: ClassVar[tuple[str, ...]] = ("rank", "position")

    rank: int
    subjects: tuple[str, str]
    names: list[str]
    probability: float
    word: str
    bits: float
    rule: str
    marking: str
    terms: list[LinkTerm]
    position: int | None = None

    def as_json(self, plain: dict[str, Any]) -> dict[str, Any]:
        """Return the fields, with the position of a pair that was joined."""
        joined = {} if self.position is None else {"position": self.position}
        return super().as_json(plain) | joined

    def block(self, say: Callable[..., str]) -> tuple[str, list[str]]:  # noqa: ARG002
        """Return the pair with its probability, and below it the sum."""
        one, other = self.subjects
        chance = " >99%" if self.probability > SUREST else f"{self.probability:5.0%}"
        lines = [f"{term.bits:+7.2f}  {term.what:<8} {term.reason}" for term in self.terms]
        head = f"{self.rank:>3}  {chance} {self.word}  {one}  {other}   [{self.marking}]"
        return head, [*lines, f"{self.bits:+7.2f}  {self.rule}"]


class LinkedPairs(Answer, frozen=True):
    """Pairs, the likeliest first; `more`: how many come after them; `decided`: whether they were joined."""

    pairs: list[LinkedPair]
    more: int
    decided: bool
    marking: str

    def listed(self, rows: str) -> Sequence[Any]:
        """Return the pairs, or that none was joined."""
        return super().listed(rows) or ([{"joined": 0}] if self.decided else [])

    def written_out(self, _: object) -> list[Line] | None:
        """Return nothing for pairs that were joined: a sentence says how many; else the list is shown."""
        return [] if self.decided else None


class Link(Request, frozen=True):
    """How pairs are found, and whether they are joined."""

    with_: Annotated[
        Literal["rules", "splink"],
        option("Our own rules, or a Splink model of these records (the extra splink)."),
    ] = "rules"
    threshold: Annotated[
        float, option("Least probability that two are one.", minimum=0.01, maximum=0.9999)
    ] = 0.8
    decide: Annotated[
        bool,
        option(
            "Join those for which two facts or more speak, instead of showing them only; needs --why.",
            spelling="--decide/--propose",
        ),
    ] = False
    why: Annotated[str, option("Why they are joined, in your words.")] = ""
    top: Annotated[int, option("How many to print; --decide joins all of them.", minimum=1)] = 20


@action(
    "link",
    "link --with splink --threshold 0.95\n\nExample: watchfloor leads link --decide --threshold 0.99 "
    '--why "batch of 24 November, 20 checked"',
    writes=True,
    rows="pairs",
    empty="linking.none",
    blocks=True,
    more="linking.more",
)
def link(context: Context, ask: Link) -> LinkedPairs:
    """Subjects of different feeds that are likely one, and why. Proposals; `leads merge` decides on one."""
    if ask.decide and not ask.why.strip():
        raise Unusable(reason(NEEDS_WHY))
    if ask.why and not ask.decide:
        raise Unusable(reason(NEEDS_DECIDE))
    found = _found(context, ask)
    undecided = _undecided(context, found)
    shown = sorted({name for one in undecided[: ask.top] for name in (one.one, one.other)})
    about = {"with": ask.with_, "threshold": ask.threshold, "pairs": len(undecided)}
    context.log_query("link", **about, shown=shown)
    pairs = _join(context, undecided, ask.why) if ask.decide else _views(context, undecided[: ask.top])
    if held := len(found) - len(undecided):
        note(context, LEFT_OUT, count=held)
    more = 0 if ask.decide else len(undecided) - len(pairs)
    marking = joined_marking([one.marking for one in pairs])
    return LinkedPairs(pairs=pairs, more=more, decided=ask.decide, marking=marking)


def _found(context: Context, ask: Link) -> list[Proposal]:
    parties = context.floor.read("party", context.reader, latest=True)
    try:
        with context.busy("linking.comparing"):
            by = likely_by_rules if ask.with_ == "rules" else likely_by_splink
            return by(parties, ask.threshold)
    except NoSplinkError as error:
        raise Unusable(reason(IMPOSSIBLE, problem=str(error))) from error


def _undecided(context: Context, found: Sequence[Proposal]) -> list[Proposal]:
    """Return the pairs about which no judgement stands."""
    judged = standing(context.floor.read("judgement", context.reader), datetime.now(UTC))
    held = {(pair.one, pair.other) for pair in judged}
    return [one for one in found if (one.one, one.other) not in held]


def _join(context: Context, found: Sequence[Proposal], why: str) -> list[LinkedPair]:
    """Write a judgement for each pair that rests on more than one fact; a name hit is never an identity."""
    positions: list[int | None] = []
    with context.writer() as writer, context.busy("linking.joining"):
        # A colleague may have decided while they were compared.
        free = _undecided(context, [one for one in found if one.grounds > 1])
        for one in free:
            said, by = f"{why.strip()} ({one.rule}: {one.bits:+.1f} bits)", context.actor.name
            judgement = Judgement("same", said, f"{one.rule} for {by}", datetime.now(UTC))
            position = judge_pair(writer, (one.one, one.other), [one.marking], judgement)
            positions.append(context.known_position(position))
    note(context, JOINED, count=len(free))
    if left := len(found) - len(free):
        note(context, UNJOINED, count=left)
    return _views(context, free, positions)


def _views(
    context: Context, found: Sequence[Proposal], positions: Sequence[int | None] = ()
) -> list[LinkedPair]:
    language = context.language
    return [
        LinkedPair(
            rank=rank,
            subjects=(one.one, one.other),
            names=list(one.names),
            probability=round(one.probability, 6),
            word=word(one.probability, language),
            bits=one.bits,
            rule=one.rule,
            marking=one.marking,
            terms=[_term(term, language) for term in one.terms],
            position=positions[rank - 1] if positions else None,
        )
        for rank, one in enumerate(found, 1)
    ]


def _term(term: Term, language: Language) -> LinkTerm:
    return LinkTerm(
        what=term.what,
        bits=term.bits,
        reason=term.reason.render(language),
        shared=term.shared,
        count=term.count,
        of=term.total,
        evidence=[record_id.hex() for record_id in term.evidence],
    )


class ComparedColumn(Answer, frozen=True):
    """Whether two records agree in a column."""

    texts: ClassVar = "linking.compared"
    columns: ClassVar = ("column", "answer")

    column: str
    answer: Annotated[Literal["agree", "differ", "unknown"], words("linking.compared.answer_")]


class ComparedColumns(Answer, frozen=True):
    """The answer for each column, in the order asked; there is no score, and no value is shown."""

    answers: list[ComparedColumn]


class CompareRecords(Request, frozen=True, kw_only=True):
    """Which records, in what."""

    one: Annotated[str, argument("RECORD", "A record's id, or the start of it.")]
    other: Annotated[str, argument("RECORD", "The other record.")]
    columns: Annotated[
        str, option("With commas between, such as birth_date,country,citizenship,name.", required=True)
    ] = ""
    why: Annotated[str, option("Why it must be known; it stays in the log.", required=True)] = ""


@action(
    "compare",
    'compare 5f0c 77ab --columns birth_date,country --why "two trips, one passport"',
    rows="answers",
)
def compare(context: Context, ask: CompareRecords) -> ComparedColumns:
    """Tell whether two records agree in what may only confirm or clear that they are of one person.

    Per column: they agree, they differ, or they do not say. There is no score, and the values are not shown.
    """
    if not ask.why.strip():
        raise Unusable(reason(EMPTY, what_words="why"))
    floor, reader = context.floor, context.reader
    first, second = find(floor, ask.one, reader)[1], find(floor, ask.other, reader)[1]
    if first["record_id"] == second["record_id"]:
        raise Unusable(reason(ONE_RECORD, one=ask.one, other=ask.other))
    try:
        answers = compared(first, second, ask.columns.split(","))
    except NoColumn as error:
        raise Unusable(reason(IMPOSSIBLE, problem=str(error))) from error
    records = [row["record_id"].hex() for row in (first, second)]
    asked = {"records": records, "columns": [each.column for each in answers], "why": ask.why}
    floor.act(context.actor, "identity-compared", asked)
    return ComparedColumns(answers=[ComparedColumn(column=one.column, answer=one.answer) for one in answers])
