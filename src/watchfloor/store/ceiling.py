"""A floor's ceiling: the highest marking it may hold. What is above it stays outside."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.marking import TLP, Marking, parse


def holds(ceiling: Marking, marking: Marking) -> bool:
    """Whether a floor with that ceiling may hold a row so marked: its levels, and only its compartments.

    The other parts of a marking say to whom a row may go on, not where it may lie.
    """
    return (
        marking.protected <= ceiling.protected
        and marking.classified <= ceiling.classified
        and marking.compartments <= ceiling.compartments
    )


def above(ceiling: Marking, marking: Marking) -> str:
    """Why a floor with that ceiling may not hold a row so marked, and the ceiling of one that may."""
    said = Marking(marking.protected, marking.classified, marking.tlp, compartments=marking.compartments)
    wanted = replace(
        ceiling,
        protected=max(ceiling.protected, marking.protected),
        classified=max(ceiling.classified, marking.classified),
        compartments=ceiling.compartments | marking.compartments,
    )
    lacks = ", ".join(sorted(marking.compartments - ceiling.compartments))
    which = f", which lacks the compartment {lacks}" if lacks else ""
    outside = f"marked {said}, above this floor's ceiling {ceiling}{which}"
    return f"{outside}: a floor for it has the ceiling {wanted}"


def strictest(ceiling: Marking) -> Marking:
    """The most restrictive marking of what a floor with that ceiling holds, for what nobody has marked."""
    return ceiling | Marking(tlp=len(TLP) - 1)


def within(ceiling: Marking, markings: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """True for each row whose written marking the floor may hold.

    Raises:
        MarkingError: a marking that nobody defined.
    """
    coded = pc.dictionary_encode(markings).combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0) if coded.num_chunks else pa.array([], pa.string()).dictionary_encode()
    verdicts = np.array([holds(ceiling, parse(text)) for text in coded.dictionary.to_pylist()], np.bool_)
    return verdicts[coded.indices.to_numpy()] if len(coded) else np.empty(0, np.bool_)
