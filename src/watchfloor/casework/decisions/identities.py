"""Deciding whether two leads are one matter: merge them, hold them apart, or take either back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from watchfloor.casework.decisions import conflicts
from watchfloor.casework.decisions.deciding import PAST
from watchfloor.cell.acts import minute, nonempty, refuse
from watchfloor.cell.identity.merges import Pair, Verdict, judge_pair, standing
from watchfloor.cell.judgements import Judgement
from watchfloor.cell.leads import Lead
from watchfloor.core.messages import Language, declare
from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

LEAST: Final = "PB"
"""Marking of a judgement about subjects that no lead names yet."""

ONE_ALREADY: Final = declare("cell.one-lead-already", "one", "other")
NO_PAIR: Final = declare("cell.no-merge-holds", "named")
SEVERAL_PAIRS: Final = declare("cell.several-merges", "count", "named", "pairs")
NO_KEY: Final = declare("cell.merge-no-key", "problem")


@dataclass(frozen=True, slots=True)
class Pairing:
    """An officer's decision about two subjects.

    Attributes:
        one, other: typed keys.
        verdict: `same` joins their leads, `different` holds them apart, `withdrawn` takes either back.
        why: the reason, in the officer's words.
        until: when it must be looked at again, or None.
        seen: what the page showed last, see `conflicts.refuse_unseen`.
        anyway: also where something was done meanwhile.
    """

    one: str
    other: str
    verdict: Verdict
    why: str
    until: datetime | None = None
    seen: str | None = None
    anyway: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        """Both, in order of their text."""
        return min(self.one, self.other), max(self.one, self.other)


class Paired(NamedTuple):
    """A recorded decision about two subjects: its position, or the judgement that says it already."""

    position: int | None
    known: Pair | None = None


def pair(
    floor: Floor,
    writer: Writer,
    reader: Reader,
    leads: Iterable[Lead],
    pairing: Pairing,
    language: Language = "en",
) -> Paired:
    """Record what is decided about two subjects.

    Args:
        floor: which.
        writer: of the floor.
        reader: who decides.
        leads: that name either, as the reader sees them; their markings go to the judgement.
        pairing: what is decided.
        language: of what a conflict tells.

    Raises:
        Conflict: something was done about them that the officer has not seen.
        Refusal: they are one subject, or it holds for no time.
    """
    why = nonempty(pairing.why, "why")
    if pairing.one == pairing.other:
        refuse(ONE_ALREADY, one=pairing.one, other=pairing.other)
    now = writer.moment()  # the log's time never falls, whatever the clock does
    if pairing.until is not None and pairing.until <= now:
        refuse(PAST, until=minute(pairing.until))
    held = {(one.one, one.other): one for one in held_by(floor, reader, now)}
    if (known := held.get(pairing.pair)) and known.verdict == pairing.verdict:
        return Paired(None, known)
    naming = [one for one in leads if not set(pairing.pair).isdisjoint(one.subjects or (one.subject,))]
    if not pairing.anyway:
        _refuse_unseen(floor, reader, naming, pairing, language)
    judgement = Judgement(pairing.verdict, why, writer.actor.name, now, pairing.until)
    markings = [one.marking for one in naming] or [LEAST]
    return Paired(judge_pair(writer, pairing.pair, markings, judgement))


def _refuse_unseen(
    floor: Floor, reader: Reader, naming: list[Lead], pairing: Pairing, language: Language
) -> None:
    """A page shows what was done about a whole lead; who acts without one is asked for the two subjects."""
    subjects: set[str] = set(pairing.pair)
    ids: set[str] = set()
    if pairing.seen is not None:
        mine = [conflicts.names(one) for one in naming if pairing.one in (one.subjects or (one.subject,))]
        ids = {id_ for named, _ in mine for id_ in named}
        subjects = {pairing.one}.union(*(about for _, about in mine))
    conflicts.refuse_unseen(floor, reader, ids, subjects, pairing.seen, language)


def held_by(floor: Floor, reader: Reader, now: datetime) -> list[Pair]:
    """The pairs about which a judgement stands that the reader may see."""
    return standing(floor.read("judgement", reader), now)


def the_one(held: Iterable[Pair], one: Iterable[str], other: Iterable[str] | None, named: str) -> Pair:
    """The pair that holds a subject of `one`, and where given of `other`. Refused for none or several."""
    first, second = set(one), None if other is None else set(other)
    mine = [pair for pair in held if pair.concerns(first) and (second is None or pair.concerns(second))]
    if not mine:
        refuse(NO_PAIR, named=named)
    if len(mine) > 1:
        pairs = "; ".join(f"{pair.one} {pair.other}" for pair in mine)
        refuse(SEVERAL_PAIRS, count=len(mine), named=named, pairs=pairs)
    return mine[0]


def key_of(text: str) -> str:
    """A subject's key as it is written. Refused where it is none."""
    try:
        return str(subject(*parts(text)))
    except SubjectError as error:
        refuse(NO_KEY, problem=str(error))
