"""Mass balance of an exhibit and all that was split off it: what came in, where it went, what is unexplained.

What came in, and what weighings found too much or too little, is what was consumed, destroyed, returned, used
and is still here, to the last digit: it is the same sum read from two sides. Uncertainties add in quadrature,
and a measurement that stands on both sides cancels out (`masses`).
"""

from dataclasses import dataclass
from typing import Final

from watchfloor.casework.custody.exhibits import Difference, Exhibit, World
from watchfloor.casework.custody.masses import COVERAGE, NOTHING, Mass, total

ENDINGS: Final = ("destroyed", "returned", "used")


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the mass of an exhibit is.

    Attributes:
        exhibit: which.
        entered: what it weighed first; None where it was never weighed, and nothing follows.
        consumed, destroyed, returned, used: what is gone, by how.
        remaining: what is still here, of it and of its parts.
        difference: all that weighings found too much, less what they found too little.
        differences: each of them, with the exhibit weighed.
        parts: how many exhibits it has become, itself among them.
        subtracted: those whose remaining mass was found by subtraction and never weighed.
        lost: ids of parts that are named and cannot be seen: erased, or not for this reader.
    """

    exhibit: str
    entered: Mass | None
    consumed: Mass
    destroyed: Mass
    returned: Mass
    used: Mass
    remaining: Mass
    difference: Mass
    differences: tuple[tuple[str, Difference], ...]
    parts: int
    subtracted: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def accounted(self) -> Mass:
        """The sum of what is gone and what is here."""
        return total([self.consumed, self.destroyed, self.returned, self.used, self.remaining])

    @property
    def residual(self) -> float:
        """Return the grams by which the two sides differ: the rounding of floating point, nothing else."""
        entered = self.entered or NOTHING
        return (entered + self.difference - self.accounted).grams

    @property
    def unexplained(self) -> tuple[tuple[str, Difference], ...]:
        """Weighings more than twice their standard uncertainty off, of which nobody said why."""
        return tuple(
            each
            for each in self.differences
            if abs(each[1].mass.sigmas) > COVERAGE and not (each[1].why or "").strip()
        )


def balance(found: World, one: Exhibit) -> Balance:
    """The balance of an exhibit with its parts."""
    tree, lost = below(found, one)
    gone = {end: total([each.gone for each in tree if each.state == end]) for end in ENDINGS}
    noted = tuple((each.id, apart) for each in tree for apart in each.differences)
    return Balance(
        one.id,
        one.entered,
        total([each.consumed for each in tree]),
        gone["destroyed"],
        gone["returned"],
        gone["used"],
        total([each.mass or NOTHING for each in tree]),
        total([apart.mass for _, apart in noted]),
        noted,
        len(tree),
        tuple(
            each.id for each in tree if each.mass is not None and not each.weighed and each.state == "held"
        ),
        tuple(lost),
    )


def below(found: World, one: Exhibit) -> tuple[list[Exhibit], list[str]]:
    """An exhibit and all that came of it, and ids of parts that cannot be seen."""
    tree, lost, at = [one], [], 0
    while at < len(tree):
        for id_ in tree[at].children:
            if id_ not in found:
                lost.append(id_)
            elif found[id_] not in tree:
                tree.append(found[id_])
        at += 1
    return tree, lost
