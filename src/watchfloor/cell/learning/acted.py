"""Leads as they stood when somebody acted on them: all that a fit or a calibration may use.

A lead is kept as shown when an outcome is typed in or the audit draws it. Of an outcome that came in a file
the lead is made again from what the floor knew then, and says so. An outcome changes the signals of its own
lead (a decision clears it), so today's lead would tell a fit the answer.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final

import msgspec

from watchfloor.cell.leads import Lead
from watchfloor.cell.learning.outcomes import Verdict
from watchfloor.cell.queue import digest, every, queue
from watchfloor.cell.weighing.weights import FINDING, Weights
from watchfloor.cell.wording.estimative_language import probability
from watchfloor.core.marking import parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

KEPT: Final = "lead as acted on "
"""How what was shown is called: this and the lead's id."""


class Term(msgspec.Struct, frozen=True):
    """A signal of the lead: its row of the weight table, and how much of it counted, 0 to 1."""

    rule: str
    strength: str
    share: float
    evidence: tuple[str, ...] = ()


class Acted(msgspec.Struct, frozen=True):
    """A lead as it stood.

    Attributes:
        lead_id: its id.
        hypothesis: its hypothesis.
        subjects: what it names.
        bits: its log2 odds.
        looks: bits that it paid for several subjects, 0 or less.
        terms: its signals, in their order.
        marking: who may see it.
        weights: digest of the table that weighed it.
        rebuilt: whether it was made again, and not kept as shown.
        subject: its anchor; empty in what was kept before anchors were.
    """

    lead_id: str
    hypothesis: str
    subjects: tuple[str, ...]
    bits: float
    looks: float
    terms: tuple[Term, ...]
    marking: str
    weights: str
    rebuilt: bool = False
    subject: str = ""

    @property
    def probability(self) -> float:
        """As the person who acted was shown it."""
        return probability(self.bits)

    @property
    def evidence(self) -> set[bytes]:
        """Records that its signals rest on."""
        return {bytes.fromhex(record) for term in self.terms for record in term.evidence}


def as_it_stands(lead: Lead, weights: Weights, *, rebuilt: bool = False) -> Acted:
    """A lead of the queue in this form, without what was found when somebody looked: that is the answer."""
    bits = weights.hypotheses[lead.hypothesis].bits
    terms = tuple(
        Term(
            one.rule,
            one.strength,
            _share(one.bits, bits.get((one.rule, one.strength), 0.0), counted=one.note is None),
            tuple(record.hex() for record in one.evidence),
        )
        for one in lead.signals
    )
    found = sum(one.bits for one in lead.contributions if one.rule == FINDING)
    subjects = lead.subjects or (lead.subject,)
    return Acted(
        lead.lead_id,
        lead.hypothesis,
        subjects,
        lead.bits - found,
        lead.looks,
        terms,
        lead.marking,
        lead.weights,
        rebuilt,
        lead.subject,
    )


def _share(bits: float, of_table: float, *, counted: bool) -> float:
    """How much of a row counted; of a row worth nothing, whether it did."""
    return bits / of_table if of_table else float(counted)


def keep(writer: Writer, lead: Lead, weights: Weights) -> int:
    """Keep a lead as the person who acts on it sees it; gives its position in the log."""
    stands = as_it_stands(lead, weights)
    content = msgspec.json.encode(stands)
    return writer.shown(f"{KEPT}{lead.lead_id}", digest([lead]), content, stands.evidence)


def kept(floor: Floor, reader: Reader) -> dict[str, list[tuple[int, Acted]]]:
    """Return the acts kept of each lead, in a reader's view, with positions in the log, oldest first."""
    found: defaultdict[str, list[tuple[int, Acted]]] = defaultdict(list)
    for one in floor.shown():
        if one.what.startswith(KEPT) and one.content is not None:
            acted = msgspec.json.decode(one.content, type=Acted)
            if allowed(reader, parse(acted.marking)):
                found[acted.lead_id].append((one.position, acted))
    return dict(found)


def acted_on(floor: Floor, reader: Reader, weights: Weights, found: Iterable[Verdict]) -> dict[str, Acted]:
    """The lead behind each verdict as it stood when somebody first looked, by its id.

    One that neither was kept nor stood then under these weights is left out.
    """
    shown = kept(floor, reader)
    last = {one.lead_id: _before(shown.get(one.lead_id, []), one.first) for one in found}
    again = [one for one in found if last[one.lead_id] is None]
    return {lead: acted for lead, acted in last.items() if acted} | _rebuilt(floor, reader, weights, again)


def _before(shown: list[tuple[int, Acted]], position: int) -> Acted | None:
    """The first that was kept: what is kept later may know more than who first looked."""
    return next((acted for at, acted in shown if at < position), None)


def _rebuilt(floor: Floor, reader: Reader, weights: Weights, found: Iterable[Verdict]) -> dict[str, Acted]:
    """Leads made again from what was known when they were acted on, one queue for each run of the desks."""
    runs = sorted({run.position for run in floor.runs()})
    by_run: defaultdict[int, set[str]] = defaultdict(set)
    for one in found:
        then = min(floor.position_at(one.at) + 1, one.first)
        by_run[_run(runs, then) or _run(runs, one.first) or 0].add(one.lead_id)
    made = (_then(floor, reader, weights, run, ids) for run, ids in by_run.items() if run)
    return dict(chain.from_iterable(one.items() for one in made))


def _run(runs: list[int], position: int) -> int | None:
    """The last run of a desk before a position; None where there is none."""
    at = bisect_left(runs, position)
    return runs[at - 1] if at else None


def _then(floor: Floor, reader: Reader, weights: Weights, run: int, ids: set[str]) -> Mapping[str, Acted]:
    (act,) = floor.acts(run, run)
    found = every(queue(floor, reader, weights, act.at, run))
    return {one.lead_id: as_it_stands(one, weights, rebuilt=True) for one in found if one.lead_id in ids}
