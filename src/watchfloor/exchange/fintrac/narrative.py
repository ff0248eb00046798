"""Details of suspicion in prose: facts as a sentence, indicators as desks say them, a person's context."""

from collections import Counter
from collections.abc import Iterator
from datetime import tzinfo
from decimal import Decimal
from typing import Final, NamedTuple

from watchfloor.exchange.fintrac.evidence import Evidence, Piece
from watchfloor.exchange.fintrac.traced import rule
from watchfloor.exchange.fintrac.transactions import exact
from watchfloor.records.messages import Language, declare, reason

FACTS: Final = declare(
    "fintrac.facts",
    en="From {first} to {last}, {count} {count:transaction|transactions}, accounts involved {accounts}: "
    "{sums}.",
    fr="Du {first} au {last}, {count} {count:opération|opérations}, comptes en cause {accounts} : {sums}.",
)
ONE_DAY: Final = declare(
    "fintrac.facts-of-a-day",
    en="On {first}, transactions {count}, accounts involved {accounts}: {sums}.",
    fr="Le {first}, opérations {count}, comptes en cause {accounts} : {sums}.",
)
INDICATORS: Final = declare(
    "fintrac.indicators", en="Indicators: {sentences}", fr="Indicateurs : {sentences}"
)
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


class Told(NamedTuple):
    """Prose and its sources."""

    text: str
    sources: tuple[str, ...]


def describe(evidence: Evidence, zone: tzinfo, context: str, by: str, language: Language) -> Told:
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
    return Told("\n\n".join(parts), tuple(sources))


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
    """What was moved of each currency and by each means, exact."""
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
