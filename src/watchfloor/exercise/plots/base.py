"""What a plot is: its people, what they do, and what is true of it."""

from dataclasses import dataclass
from typing import Final

from watchfloor.exercise.acts import Act
from watchfloor.exercise.cast import Party

PAIRS: Final = ("A2", "B1", "B2", "B2", "B3", "C2", "C3")
"""Admiralty pairs of reports on a storyline, drawn anew by each seed: some are told well, some badly."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One storyline.

    Attributes:
        name: as the answer key has it.
        title: what it is, in a sentence.
        hypotheses: of the weight table, those that are true of it; none of a look-alike.
        people: who is part of it, under every name they use. Others in its acts are bystanders.
        acts: what happens, in any order.
    """

    name: str
    title: str
    hypotheses: tuple[str, ...]
    people: tuple[Party, ...]
    acts: tuple[Act, ...]
