"""Intelligence reports of the cell: drafted from leads, disseminated by name, amended, recalled.

A report has portions above a tear-line and below it. Above it nothing is marked lower than its leads. Below
it stands what the author has written to be passed on: level, label, countries and compartments are the
author's, but originators, purposes, legal authorities and the day of erasure stay those of the leads. An
edition is a text; disseminating it makes no new one. Who received which edition is in the records, so a
recall can name everyone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal

from watchfloor.casework.life_cycle import WorkItem
from watchfloor.casework.releasing import why_not
from watchfloor.cell.acts import Row, common, new_id, nonempty, refuse, render
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.weighing.assessment import CONFIDENCE, confidence, stated
from watchfloor.cell.weighing.weights import Hypothesis, Weights
from watchfloor.core.kinds import PRODUCT
from watchfloor.core.marking import Marking, join, parse
from watchfloor.core.messages import Language, declare, reason
from watchfloor.formats.documents.portions import Paragraph, portioned, unmarked
from watchfloor.policy.policy import Reader

SOURCE: Final = "products"
State = Literal["draft", "disseminated", "amended", "recalled"]
CHANGES: Final[tuple[State, ...]] = ("amended", "disseminated", "recalled")
"""States that may follow every state but the last of these, which is the end."""
Part = Literal["whole", "tear-line"]

LEAD: Final = declare("cell.product-lead", "lead", "title", "subjects", "word", "percent")
CONFIDENCE_IN: Final = declare("cell.product-confidence", "confidence_words", "why")
FOR: Final = declare("cell.product-for", "why")
AGAINST: Final = declare("cell.product-against", "why")
UNREADABLE: Final = declare("cell.product-unreadable", "number", "text")
NO_LEADS: Final = declare("cell.product-no-leads")
RECALLED: Final = declare("cell.product-recalled", "product", "by", "at", "why")
NOBODY: Final = declare("cell.product-nobody")
NOTHING_BELOW: Final = declare("cell.product-nothing-below", "name", "why", "product")
NOT_RELEASABLE: Final = declare("cell.product-not-releasable", "name", "number", "marking", "why")


@dataclass(frozen=True, slots=True)
class Portion:
    """A paragraph and its marking, as `core.marking` writes it."""

    marking: str
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Text of an edition: title, leads, and the portions above and below the tear-line."""

    title: str
    leads: tuple[str, ...]
    above: tuple[Portion, ...]
    below: tuple[Portion, ...]

    @property
    def marking(self) -> str:
        """The join of all portions."""
        return join(one.marking for one in (*self.above, *self.below))

    @property
    def below_marking(self) -> str:
        """The join of what stands below the tear-line."""
        return join(one.marking for one in self.below)


class Product(WorkItem):
    """A report as its last act left it."""

    __slots__ = ()
    noun: ClassVar = "product"
    kind: ClassVar = PRODUCT
    listing: ClassVar = ("report", "cases product list")
    after: ClassVar = dict.fromkeys(("draft", "disseminated", "amended"), CHANGES) | {"recalled": ()}
    stale: ClassVar = declare("cell.product-stale", "product", "edition", "made_on", "by", "at")
    illegal: ClassVar = RECALLED
    ended: ClassVar = {"recalled": RECALLED}

    @property
    def text(self) -> Text:
        """The text of the last edition."""
        title, leads, above, below = (self.last[name] for name in ("title", "leads", "portions", "tear_line"))
        return Text(title, tuple(leads), _portions(above), _portions(below))

    @property
    def received(self) -> Mapping[str, tuple[int, ...]]:
        """Everyone who received it, with the editions, in the order in which they first did."""
        found: dict[str, list[int]] = {}
        for row in self.history:
            for name in row["recipients"] if row["state"] == "disseminated" else ():
                found.setdefault(name, []).append(row["edition"])
        return {name: tuple(dict.fromkeys(editions)) for name, editions in found.items()}

    @property
    def outdated(self) -> tuple[str, ...]:
        """Those who have an earlier edition only."""
        return tuple(name for name, editions in self.received.items() if self.edition not in editions)


def from_leads(leads: Sequence[Lead], weights: Weights, language: Language) -> tuple[Portion, ...]:
    """A portion a lead, marked as it is: what it says, how likely it is, what speaks for and against."""
    return tuple(Portion(one.marking, _told(one, weights, language)) for one in leads)


def portions(text: str, base: Marking, *, below: bool) -> tuple[Portion, ...]:
    """Paragraphs of a text, each with the marking in brackets before it.

    Args:
        text: paragraphs, with an empty line between them.
        base: the join of the leads' markings; a paragraph without a marking has it.
        below: whether it stands below the tear-line, where the author may mark lower than `base`.

    Raises:
        Refusal: what looks like a marking cannot be read.
    """
    read = portioned(Paragraph(one) for one in text.replace("\r\n", "\n").split("\n\n"))
    for number, wrong in read.unreadable.items():
        refuse(UNREADABLE, number=number + 1, text=wrong)
    kept = bound(base) if below else base
    return tuple(
        Portion(str((kept | one.marking) if one.marking is not None else base), unmarked(one.text).strip())
        for one in read.portions
    )


def bound(base: Marking) -> Marking:
    """Return the part of the leads' marking that still binds below a tear-line: owners, purposes,
    authorities, erasure.
    """
    return Marking(
        originators=base.originators,
        authorities=base.authorities,
        purposes=base.purposes,
        retain_until=base.retain_until,
    )


def draft(text: Text, by: str, now: datetime, key: bytes) -> Row:
    """The first edition. Raises `Refusal` without leads, a title or text."""
    if not text.leads or not text.above:
        refuse(NO_LEADS)
    id_ = new_id(key, "product", *text.leads, by, now.isoformat())
    return _row(id_, text, 1, "draft", (), by, now, None)


def amend(product: Product, edition: int, text: Text, by: str, now: datetime, why: str | None) -> Row:
    """The next edition, with the reason. Raises `Refusal`."""
    product.check(edition, "amended", now)
    return _row(product.id, text, edition + 1, "amended", (), by, now, nonempty(why, "why"))


def disseminate(
    product: Product,
    edition: int,
    recipients: Mapping[str, Reader],
    by: str,
    now: datetime,
    language: Language = "en",
) -> tuple[Row, dict[str, Part]]:
    """Send an edition to named recipients; gives the record and the part that each may have.

    Args:
        product: the report.
        edition: that the officer looked at; only the newest is sent.
        recipients: each with what decides what it may see.
        by: who sends.
        now: when.
        language: of the reasons within a refusal.

    Raises:
        Refusal: one of them may have neither the whole nor what is below the tear-line; none gets anything.
    """
    product.check(edition, "disseminated", now)
    if not recipients:
        refuse(NOBODY)
    parts = {name: part_for(product, name, reader, language) for name, reader in recipients.items()}
    return _row(product.id, product.text, edition, "disseminated", (*parts,), by, now, None), parts


def recall(product: Product, edition: int, by: str, now: datetime, why: str | None) -> Row:
    """Take it back from everyone who received any edition, whom the record names. Raises `Refusal`."""
    product.check(edition, "recalled", now)
    everyone = tuple(product.received)
    return _row(product.id, product.text, edition, "recalled", everyone, by, now, nonempty(why, "why"))


def part_for(product: Product, name: str, reader: Reader, language: Language = "en") -> Part:
    """The whole where `reader` may have it, else what is below the tear-line; else raises `Refusal`."""
    text = product.text
    whole = why_not(reader, parse(text.marking))
    if whole is None:
        return "whole"
    if not text.below:
        refuse(NOTHING_BELOW, name=name, why=render(whole, language), product=product.id)
    for number, one in enumerate(text.below, 1):
        if why := why_not(reader, parse(one.marking)):
            told = {"name": name, "marking": one.marking, "why": render(why, language)}
            refuse(NOT_RELEASABLE, number=number, **told)
    # each portion may go, and so may they all only where their join may
    if why := why_not(reader, parse(text.below_marking)):
        told = {"name": name, "marking": text.below_marking, "why": render(why, language)}
        refuse(NOT_RELEASABLE, number=len(text.below), **told)
    return "tear-line"


def _told(lead: Lead, weights: Weights, language: Language) -> str:
    hypothesis = weights.hypotheses.get(lead.hypothesis)
    weighed = hypothesis or Hypothesis(lead.hypothesis, lead.prior, {})
    first = reason(
        LEAD,
        lead=lead.lead_id,
        title=hypothesis.called(language) if hypothesis else lead.hypothesis,
        subjects=", ".join(lead.subjects or (lead.subject,)),
        word=stated(lead, weighed, language),
        percent=min(99, max(1, round(100 * lead.probability))),
    )
    level, why = confidence(lead, weighed)
    said_apart = reason(
        CONFIDENCE_IN, confidence_words=CONFIDENCE[level][language == "fr"], why=why.render(language)
    )
    for_ = [reason(FOR, why=_clause(one, language)) for one in lead.speaks_for]
    against = [reason(AGAINST, why=_clause(one, language)) for one in lead.speaks_against]
    return " ".join(one.render(language) for one in (first, said_apart, *for_, *against))


def _clause(one: Contribution, language: Language) -> str:
    return one.reason.render(language).rstrip(".")


def _row(
    id_: str,
    text: Text,
    edition: int,
    state: State,
    recipients: tuple[str, ...],
    by: str,
    now: datetime,
    why: str | None,
) -> Row:
    return common(SOURCE, id_, text.marking, now) | {
        "product": id_,
        "edition": edition,
        "state": state,
        "title": nonempty(text.title, "title"),
        "leads": list(text.leads),
        "portions": [{"marking": one.marking, "page": None, "text": one.text} for one in text.above],
        "tear_line": [{"marking": one.marking, "page": None, "text": one.text} for one in text.below],
        "recipients": list(recipients),
        "why": why,
        "by": by,
    }


def _portions(rows: Iterable[Row]) -> tuple[Portion, ...]:
    return tuple(Portion(one["marking"], one["text"]) for one in rows)
