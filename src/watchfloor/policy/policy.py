"""Policy: a reader and a marking give yes or no, and a column of markings gives a mask.

A decision is made once a distinct marking, not once a row: bulk data has millions of rows and a few hundred
markings. The mask is applied before anything else reads the rows.
"""

from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.marking import CLASSIFIED, PROTECTED, TLP, Marking, parse


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, what for and under which law.

    Attributes:
        name: the person or the programme, as the log names it.
        country: ISO 3166-1 alpha-3; decides REL TO.
        coalitions: words of the policy for groups of countries that it is in; REL TO may name them.
        organisation: an owner's own originator control does not bind it.
        protected: highest protected level cleared for, an index into `PROTECTED`.
        classified: highest classification cleared for, an index into `CLASSIFIED`.
        tlp: highest Traffic Light Protocol label received, an index into `TLP`.
        compartments: those the reader is in.
        purpose: what the reading is for.
        consents: owners who have sent this node what they control, so that it may be read here.
        today: the day for retention limits; None for who may also see what has expired and is here still.
    """

    name: str
    country: str = "CAN"
    organisation: str = "floor"
    protected: int = PROTECTED.index("PB")
    classified: int = 0
    tlp: int = TLP.index("RED")
    compartments: frozenset[str] = field(default_factory=frozenset)
    purpose: str = ""
    today: date | None = None
    consents: frozenset[str] = field(default_factory=frozenset)
    coalitions: frozenset[str] = field(default_factory=frozenset)


def allowed(reader: Reader, marking: Marking) -> bool:
    """Whether `reader` may see a row under `marking`."""
    return (
        marking.protected <= reader.protected
        and marking.classified <= reader.classified
        and marking.tlp <= reader.tlp
        and (marking.release is None or not marking.release.isdisjoint({reader.country} | reader.coalitions))
        and marking.originators <= {reader.organisation} | reader.consents
        and marking.compartments <= reader.compartments
        and (marking.purposes is None or reader.purpose in marking.purposes)
        and (marking.retain_until is None or reader.today is None or reader.today <= marking.retain_until)
    )


def clearance(reader: Reader) -> Reader:
    """Return a reader as what they may see, without what changes by itself: equal for equals.

    Consents are the node's and the same for all; so is the day, but for who is not bound by it.
    """
    return replace(reader, name="", today=reader.today and date.min, consents=frozenset())


def mask(reader: Reader, markings: pa.ChunkedArray | pa.Array) -> pa.BooleanArray:
    """True for each row that `reader` may see; `markings` are written markings, one a row."""
    if isinstance(markings, pa.ChunkedArray):
        markings = markings.unify_dictionaries().combine_chunks()
    coded = markings if pa.types.is_dictionary(markings.type) else pc.dictionary_encode(markings)
    verdicts = [allowed(reader, parse(text)) for text in coded.dictionary.to_pylist()]
    return pc.take(pa.array(verdicts, pa.bool_()), coded.indices)


def level(reader: Reader) -> str:
    """The reader's ceiling in words, for messages."""
    return PROTECTED[reader.protected] or CLASSIFIED[reader.classified] or "U"
