"""Each piece of a matter's evidence under each of its hypotheses: what it says for one and against another.

The view is Heuer's matrix of competing hypotheses (Psychology of Intelligence Analysis, 1999, chapter 8) with
bits in its cells: evidence that is worth the same under every hypothesis decides between none of them.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from watchfloor.cell.leads import Contribution, Lead


class Line(NamedTuple):
    """One signal of a matter, and its bits under each hypothesis that it speaks to."""

    signal: Contribution
    bits: Mapping[str, float]

    def tells(self, hypotheses: Sequence[str]) -> float:
        """How far it tells hypotheses apart: the widest difference of its bits; silence is worth 0."""
        said = [self.bits.get(name, 0.0) for name in hypotheses]
        return max(said) - min(said)


def of_one_matter(found: Sequence[Lead], chosen: Lead) -> list[Lead]:
    """The leads of the matter that `chosen` is of, its head first."""
    for head in found:
        if chosen.lead_id in {head.lead_id, *(other.lead_id for other in head.also)}:
            return [head, *head.also]
    return [chosen]


def matrix(leads: Sequence[Lead]) -> list[Line]:
    """A line a signal of one matter's leads, in the order in which they cite them."""
    signals: dict[bytes, tuple[Contribution, dict[str, float]]] = {}
    for lead in leads:
        for one in lead.contributions:
            signals.setdefault(one.signal_id, (one, {}))[1][lead.hypothesis] = one.bits
    return [Line(one, bits) for one, bits in signals.values()]
