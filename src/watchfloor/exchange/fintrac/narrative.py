"""Details of suspicion in prose: facts as a sentence, indicators as desks say them, a person's context."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from watchfloor.exchange.fintrac.evidence import Evidence, Piece
from watchfloor.exchange.fintrac.traced import rule
from watchfloor.exchange.fintrac.transactions import exact
from watchfloor.records.messages import Language, declare, reason

FACTS: Final = declare(
    "fintrac.facts",
    en="From {first} to {last} there were {count} transactions on {accounts} accounts: {sums}.",
    fr="Du {first} au {last}, il y a eu {count} opérations sur {accounts} comptes : {sums}.",
)
ONE: Final = declare(
    "fintrac.fact",
    en="On {first} there was one transaction on {accounts} accounts: {sums}.",
    fr="Le {first}, il y a eu une opération sur {accounts} comptes : {sums}.",
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


def describe(evidence: Evidence, context: str, by: str, language: Language) -> Told:
    """The description of what is suspicious; empty where there is neither an indicator nor a context.

    Args:
        evidence: the payments and the signals.
        context: what a person says, in words of their own; may be empty.
        by: that person.
        language: of the sentences.
    """
    parts = [_facts(evidence, language)]
    sources = [rule("facts"), *_cited(evidence.payments)]
    if evidence.indicators:
        sentences = " ".join(_sentence(one.why.render(language)) for one in evidence.indicators)
        parts.append(reason(INDICATORS, sentences=sentences).render(language))
        sources += [f"signal:{one.id}#reason" for one in evidence.indicators]
    if context:
        parts.append(context)
        sources.append(f"stated:{by}")
    return Told("\n\n".join(parts), tuple(sources))


def _facts(evidence: Evidence, language: Language) -> str:
    payments = evidence.payments
    days = [f"{one['observed_at']:%Y-%m-%d}" for one in (payments[0], payments[-1])]
    accounts = {one[side] for one in payments for side in ("payer", "payee") if one[side]}
    first, last, sums = days[0], days[1], ", ".join(_sums(payments, language))
    if len(payments) == 1:
        return reason(ONE, first=first, accounts=len(accounts), sums=sums).render(language)
    told = reason(FACTS, first=first, last=last, count=len(payments), accounts=len(accounts), sums=sums)
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
