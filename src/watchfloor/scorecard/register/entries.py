"""A line of the register as it is written: what was said, by whom it is answered for, and the evidence of it.

Nothing here knows what day it is: what is known of an entry on a day is in `states`.
"""

from datetime import date
from typing import Final, Literal

import msgspec

from watchfloor.scorecard.bilingual import Text

Kind = Literal["figure", "commitment", "statement", "context", "uncheckable"]
Bears = Literal["announced", "delivered", "in-service", "context", "contradicts"]

FURTHER: Final = 1_000_000
"""Where a line stands that is of no sentence of the report: after all others."""


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base: immutable, and strict about what it does not know."""


class Dated(Struct, frozen=True):
    """A sentence that may be said from a day on, or always."""

    en: str
    fr: str
    day: date | None = None

    @property
    def text(self) -> Text:
        """The sentence."""
        return Text(self.en, self.fr)


class Cited(Struct, frozen=True):
    """A document that bears on a line.

    Attributes:
        what: what it says that matters here, in our words.
        publisher, title: which document, in its own language.
        day: since when it is public, not when what it tells of happened; an undated page has the day of the
            look-up.
        bears: on the announcement, the delivery, the service; `context` beside it, `contradicts` against it.
        value: the number in it; of `delivered` and `in-service` in the unit of the line.
        address: of a page of a government, a parliament or an international body.
        checked: whether the document, or a stored copy of it, was read; else it is told `from memory`.
    """

    what: Text
    publisher: str
    title: str
    day: date
    bears: Bears
    value: float | None = None
    address: str = ""
    checked: bool = True


class Entry(Struct, frozen=True):
    """A line of the register.

    Attributes:
        id: such as `14b`.
        kind: figure, commitment, statement, context or uncheckable.
        says: what the report says, in our words.
        department: the code of who answers for it; see `departments.toml`.
        sentence: its number in the report, from 0; None: the line is of no sentence of the report.
        sha256: of the sentence; see `sentences`.
        claim: the claim file that computes it from statistics.
        computed: the computation that finds it in lists, law or the floor; see `computed`.
        unit: what is counted.
        announced: how many; None: no number was said.
        announced_on: since when that is public.
        said_done: whether the report speaks of it as done; else it is promised.
        delivered, in_service: how many by the newest evidence, `…_on` the day on which it came about.
        due: by when it was promised.
        evidence: documents.
        found: what may be said of it; of an uncheckable line why it is one.
        not_comparable: with which other series it must not be compared, and why.
        data_call: what exactly the department is asked for: definition, period, unit, as of when.
        file: in which file it stands; put there by the reader.
    """

    id: str
    kind: Kind
    says: Text
    department: str
    sentence: int | None = None
    sha256: str = ""
    claim: str = ""
    computed: str = ""
    unit: Text | None = None
    announced: float | None = None
    announced_on: date | None = None
    said_done: bool = True
    delivered: float | None = None
    delivered_on: date | None = None
    in_service: float | None = None
    in_service_on: date | None = None
    due: date | None = None
    evidence: tuple[Cited, ...] = ()
    found: tuple[Dated, ...] = ()
    not_comparable: tuple[Dated, ...] = ()
    data_call: Text | None = None
    file: str = ""

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands among others."""
        return (FURTHER if self.sentence is None else self.sentence, self.id)
