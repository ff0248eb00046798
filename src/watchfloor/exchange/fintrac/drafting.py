"""A suspicious transaction report, drafted: the document, what goes beside it, traces, and what it lacks.

A pure function of the evidence, the entity's file, the code tables and what a person states. Structure: that
of the unit's interface for reports by machines, as it is publicly documented; no schema of the unit is part
of this program (`schema`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from typing import Any, Final, NamedTuple

from watchfloor.core.messages import Language, declare, reason
from watchfloor.exchange.fintrac.codes import Codes
from watchfloor.exchange.fintrac.entity import NAME, Entity, stated
from watchfloor.exchange.fintrac.evidence import Evidence, Piece
from watchfloor.exchange.fintrac.missing import Gap, Gaps
from watchfloor.exchange.fintrac.parties import Parties
from watchfloor.exchange.fintrac.traced import Traced, Traces, rule
from watchfloor.exchange.fintrac.transactions import Transactions, exact

STR: Final = "str"
BESIDE: Final = "beside:"
"""How pointers of what goes beside the document begin in its traces."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a person, in words of their own where it is prose.

    Attributes:
        by: who.
        suspicion: of what, a word of the code list `suspicion`; empty: not said yet.
        context: why there are reasonable grounds to suspect.
        action: what was done about it.
        exposed: whether a politically exposed person is included; None: not said yet.
        behalf: on whose behalf a payment was conducted: a subject's key by the record's id in hexadecimal.
        language: of the sentences.
    """

    by: str
    suspicion: str = ""
    context: str = ""
    action: str = ""
    exposed: bool | None = None
    behalf: Mapping[str, str] = field(default_factory=dict)
    language: Language = "en"


@dataclass(slots=True)
class Drafted:
    """A draft.

    Attributes:
        kind: `str`, or `lpepr` (see `holdings`).
        document: the report.
        beside: facts of the same transactions that its form has no field for and goAML has.
        traces: the sources of each field, by pointer.
        gaps: what it lacks.
    """

    kind: str
    document: dict[str, Any]
    beside: dict[str, Any]
    traces: Traces
    gaps: list[Gap]


def draft(evidence: Evidence, entity: Entity, codes: Codes, said: Statement, reference: str) -> Drafted:
    """Draft a suspicious transaction report.

    Args:
        evidence: what it is about; one payment at least.
        entity: the reporting entity.
        codes: the code tables in effect.
        said: what a person states.
        reference: the entity's own number of the report.
    """
    traces: Traces = {}
    gaps = Gaps()
    whole = Traced({}, traces)
    _report(whole.part("reportDetails"), entity, codes, gaps, reference)
    _suspicion(whole.part("detailsOfSuspicion"), evidence, entity, codes, gaps, said)
    whole.none("relatedReports")
    action = whole.part("actionTaken")
    if said.action:
        action.put("description", said.action, f"stated:{said.by}")
    else:
        gaps.add(action, "description", "action")
        del whole.value["actionTaken"]
    parties = Parties(evidence, codes, whole.many("definitions"), gaps)
    beside = Traced({}, traces, BESIDE)
    writer = Transactions(evidence, entity, codes, parties, gaps, said.behalf, said.by)
    writer.write(whole.many("transactions"), beside.many("transactions"))
    _beside(beside, entity)
    return Drafted(STR, whole.value, beside.value, traces, gaps)


def _report(made: Traced, entity: Entity, codes: Codes, gaps: Gaps, reference: str) -> None:
    gaps.coded(made, "reportTypeCode", codes["report-type"], (STR,), rule("report"))
    gaps.coded(made, "submitTypeCode", codes["submit-type"], ("submit",), rule("report"))
    if entity.sector:
        gaps.coded(made, "activitySectorCode", codes["sector"], (entity.sector,), stated("sector"))
    else:
        gaps.add(made, "activitySectorCode", "sector", file=NAME)
    for name in ("reportingEntityNumber", "submittingReportingEntityNumber"):
        if entity.number is None:
            gaps.add(made, name, "number", file=NAME)
        made.put(name, entity.number, stated("number"))
    made.put("reportingEntityReportReference", reference, rule("report"))
    if entity.contact is None:
        gaps.add(made, "reportingEntityContactId", "contact", file=NAME)
    made.put("reportingEntityContactId", entity.contact, stated("contact"))


def _suspicion(
    made: Traced, evidence: Evidence, entity: Entity, codes: Codes, gaps: Gaps, said: Statement
) -> None:
    told = describe(evidence, entity.zone, said.context, said.by, said.language)
    made.put("descriptionOfSuspiciousActivity", told.text, *told.sources, stated("time_zone"))
    if not said.context and not evidence.indicators:
        gaps.add(made, "descriptionOfSuspiciousActivity", "grounds")
    by = f"stated:{said.by}"
    if said.suspicion:
        gaps.coded(made, "suspicionTypeCode", codes["suspicion"], (said.suspicion,), by)
    else:
        gaps.add(made, "suspicionTypeCode", "suspicion")
    made.none("publicPrivatePartnershipProjectNameCodes")
    if said.exposed is None:
        gaps.add(made, "politicallyExposedPersonIncludedIndicator", "exposed")
    made.put("politicallyExposedPersonIncludedIndicator", said.exposed, by)


def _beside(beside: Traced, entity: Entity) -> None:
    beside.put("localCurrency", entity.local_currency, stated("local_currency"))
    beside.put("institution", entity.name, stated("name"))
    transactions = beside.value["transactions"]
    for at, one in enumerate(transactions):
        if not one:
            beside.traces[f"{beside.path}/transactions/{at}"] = (rule("none"),)


# Details of suspicion in prose: facts as a sentence, indicators as desks say them, a person's context.


FACTS: Final = declare("fintrac.facts", "first", "last", "count", "accounts", "sums")
ONE_DAY: Final = declare("fintrac.facts-of-a-day", "first", "count", "accounts", "sums")
INDICATORS: Final = declare("fintrac.indicators", "sentences")
MEANS: Final = {
    "en": {},
    "fr": {
        "cash": "en espèces",
        "wire": "par télévirement",
        "transfer": "par virement",
        "cheque": "par chèque",
        "card": "par carte",
        "virtual": "en monnaie virtuelle",
        "other": "autrement",
    },
}


class Prose(NamedTuple):
    """Prose and its sources."""

    text: str
    sources: tuple[str, ...]


def describe(evidence: Evidence, zone: tzinfo, context: str, by: str, language: Language) -> Prose:
    """The description of what is suspicious.

    Args:
        evidence: the payments and the signals.
        zone: in which days are told.
        context: what a person says, in words of their own; may be empty.
        by: that person.
        language: of the sentences.
    """
    parts = [_facts(evidence, zone, language)]
    sources = [rule("facts"), *_cited(evidence.payments)]
    if evidence.indicators:
        sentences = " ".join(_sentence(one.why.render(language)) for one in evidence.indicators)
        parts.append(reason(INDICATORS, sentences=sentences).render(language))
        sources += [f"signal:{one.id}#reason" for one in evidence.indicators]
    if context:
        parts.append(context)
        sources.append(f"stated:{by}")
    return Prose("\n\n".join(parts), tuple(sources))


def _facts(evidence: Evidence, zone: tzinfo, language: Language) -> str:
    payments = evidence.payments
    first, last = (
        one["observed_at"].astimezone(zone).date().isoformat() for one in (payments[0], payments[-1])
    )
    accounts = len({one[side] for one in payments for side in ("payer", "payee") if one[side]})
    count, sums = len(payments), ", ".join(_sums(payments, language))
    if first == last:
        return reason(ONE_DAY, first=first, count=count, accounts=accounts, sums=sums).render(language)
    told = reason(FACTS, first=first, last=last, count=count, accounts=accounts, sums=sums)
    return told.render(language)


def _sums(payments: tuple[Piece, ...], language: Language) -> Iterator[str]:
    """Sum what was moved of each currency and by each means, exact."""
    sums: dict[tuple[str, str], Decimal] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for one in payments:
        key = one["currency"], one["means"]
        amount = one["amount"] if one["amount_fine"] is None else one["amount_fine"]
        sums[key] = sums.get(key, Decimal(0)) + amount
        counts[key] += 1
    for (currency, means), total in sums.items():
        word = MEANS[language].get(means, means)
        yield f"{currency} {exact(total)} {word} ({counts[currency, means]})"


def _cited(payments: tuple[Piece, ...]) -> Iterator[str]:
    for one in payments:
        yield one.cite("observed_at")
        yield one.cite("amount" if one["amount_fine"] is None else "amount_fine")


def _sentence(text: str) -> str:
    text = text.strip()
    return (text[:1].upper() + text[1:]) + ("" if text.endswith((".", "!", "?")) else ".")
