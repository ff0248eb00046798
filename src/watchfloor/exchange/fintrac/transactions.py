"""A payment as a transaction of a report: how it started, what became of it, who stood behind either."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from watchfloor.exchange.fintrac.codes import Codes
from watchfloor.exchange.fintrac.entity import NAME, Entity, stated
from watchfloor.exchange.fintrac.evidence import Evidence, Piece
from watchfloor.exchange.fintrac.missing import Gaps
from watchfloor.exchange.fintrac.parties import Parties
from watchfloor.exchange.fintrac.traced import Traced, TracedList, rule

_REFERENCE: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
"""What a reference number of a transaction may be."""
_VIRTUAL: Final = (
    "virtualCurrencyTransactionIds",
    "sendingVirtualCurrencyAddresses",
    "receivingVirtualCurrencyAddresses",
)
_DIRECTION: Final = rule("direction")
_KNOWN: Final = rule("known")
_LOCAL: Final = rule("local")
_COMPLETED: Final = rule("completed")
_ZONE: Final = stated("time_zone")
PURPOSE: Final = 200
"""Characters of the purpose that the form takes; a longer one is left to the description."""


class Transactions:
    """Writes payments as transactions, and what goes beside them for goAML."""

    def __init__(
        self,
        evidence: Evidence,
        entity: Entity,
        codes: Codes,
        parties: Parties,
        gaps: Gaps,
        behalf: Mapping[str, str],
        by: str,
    ) -> None:
        self.evidence, self.entity, self.codes = evidence, entity, codes
        self.parties, self.gaps, self.behalf, self.by = parties, gaps, behalf, by
        self.zone = entity.zone

    def write(self, into: TracedList, beside: TracedList) -> None:
        """Every payment, in the order of time."""
        for payment in self.evidence.payments:
            self._one(into.add(), beside.add(), payment)

    def _one(self, made: Traced, beside: Traced, payment: Piece) -> None:
        out = payment["payer"] in self.evidence.accounts
        self._location(made, payment)
        self._details(made.part("suspiciousTransactionDetails"), payment)
        self._starting(made.many("startingActions").add(), payment, out)
        self._completing(made.many("completingActions").add(), payment, out)
        for side in ("payer", "payee"):
            if payment[f"{side}_seat"]:
                beside.put(side, payment[f"{side}_seat"], payment.cite(f"{side}_seat"))

    def _location(self, made: Traced, payment: Piece) -> None:
        name, branch = "reportingEntityLocationId", payment["branch"]
        if branch in self.entity.locations:
            made.put(name, self.entity.locations[branch], payment.cite("branch"), stated("locations"))
        elif branch is None and self.entity.location:
            made.put(name, self.entity.location, stated("location"))
        else:
            self.gaps.add(made, name, "location", where=branch or "-", file=NAME)

    def _details(self, made: Traced, payment: Piece) -> None:
        made.put("attemptedTransactionIndicator", False, _COMPLETED)
        at = payment["observed_at"].astimezone(self.zone).isoformat(timespec="seconds")
        day, _, hour = at.partition("T")
        when = payment.cite("observed_at"), _ZONE
        made.put("dateOfTransaction", day, *when)
        made.put("timeOfTransaction", hour, *when)
        if payment["channel"]:
            cited = payment.cite("channel")
            self.gaps.coded(made, "methodCode", self.codes["method"], (payment["channel"],), cited)
        else:
            self.gaps.add(made, "methodCode", "channel")
        key = payment["report_key"]
        if key and _REFERENCE.fullmatch(key):
            made.put("reportingEntityTransactionReference", key, payment.cite("report_key"))
        else:
            made.put(
                "reportingEntityTransactionReference", payment["record_id"].hex(), payment.cite("record_id")
            )
        if payment["purpose"] and len(payment["purpose"]) <= PURPOSE:
            made.put("purpose", payment["purpose"], payment.cite("purpose"))

    def _starting(self, made: Traced, payment: Piece, out: bool) -> None:
        details = made.part("details")
        cited = payment.cite("payer"), _DIRECTION
        self.gaps.coded(details, "direction", self.codes["direction"], ("out" if out else "in",), *cited)
        words = _words(payment, out)
        self.gaps.coded(
            details, "fundAssetVirtualCurrencyTypeCode", self.codes["funds"], words, *_means(payment)
        )
        self._money(details, payment)
        details.none(*_VIRTUAL)
        self._account(details, payment, "payer")
        sources = made.many("sourcesOfFundsOrVirtualCurrency")
        if not out and payment["payer"] and self._holder(payment["payer"]):
            self._source(sources, payment)
        known = bool(sources.value)
        details.put("sourcesOfFundsOrVirtualCurrencyIndicator", known, payment.cite("payer"), _KNOWN)
        details.put("conductorIndicator", bool(payment["conductor"]), payment.cite("conductor"), _KNOWN)
        self._conductor(made.many("conductors"), payment)

    def _completing(self, made: Traced, payment: Piece, out: bool) -> None:
        details = made.part("details")
        words = _words(payment, out) if out else (*_words(payment, out)[:-1], "deposit")
        self.gaps.coded(details, "dispositionCode", self.codes["disposition"], words, *_means(payment))
        self._money(details, payment)
        if payment["currency"] == self.entity.local_currency == "CAD" and "amount" in details.value:
            cited = payment.cite("currency"), stated("local_currency"), _LOCAL
            details.put(
                "valueInCanadianDollars", details.value["amount"], payment.cite(_amount(payment)), *cited
            )
        details.none(*_VIRTUAL)
        self._account(details, payment, "payee")
        details.put("involvementIndicator", False, _KNOWN)
        made.none("involvements")
        into = made.many("beneficiaries")
        holder = self._holder(payment["payee"])
        if holder:
            self.parties.refer(into, holder, "details", *self._cited(payment, "payee"))
        details.put("beneficiaryIndicator", bool(into.value), payment.cite("payee"), _KNOWN)
        if not payment["payee"] and not out:
            self.gaps.add(details, "account", "end")

    def _money(self, made: Traced, payment: Piece) -> None:
        amount: Decimal = payment[_amount(payment)]
        if amount > 0:
            made.put("amount", exact(amount), payment.cite(_amount(payment)))
        else:
            self.gaps.add(made, "amount", "amount", amount=exact(amount))
        cited = payment.cite("currency")
        self.gaps.coded(made, "currencyCode", self.codes["currency"], (payment["currency"],), cited)

    def _account(self, made: Traced, payment: Piece, side: str) -> None:
        key = payment[side]
        if not key or not key.startswith("account:"):
            return
        known, cited = self.evidence.accounts.get(key), payment.cite(side)
        account = made.part("account")
        bank = payment[f"{side}_bank"]
        if bank:
            account.put("financialInstitutionNumber", bank, payment.cite(f"{side}_bank"))
        elif known and known["bank"]:
            account.put("financialInstitutionNumber", known["bank"], known.cite("bank"))
        account.put("number", key.split(":", 2)[2], cited)
        if known and known["opened"]:
            account.put("dateOpened", known["opened"].isoformat(), known.cite("opened"))
        if known and known["holder_type"] and (types := self.codes.get("account-type")):
            cited_type = known.cite("holder_type")
            self.gaps.coded(account, "typeCode", types, (known["holder_type"],), cited_type)
        holders = account.many("holders")
        if known and known["holder"]:
            self.parties.refer(holders, known["holder"], "name", cited, known.cite("holder"))

    def _source(self, into: TracedList, payment: Piece) -> None:
        holder = self._holder(payment["payer"])
        made = self.parties.refer(into, holder, "name", *self._cited(payment, "payer")) if holder else None
        if made and payment["payer"].startswith("account:"):
            number = payment["payer"].split(":", 2)[2]
            made.part("details").put("accountNumber", number, payment.cite("payer"))

    def _conductor(self, into: TracedList, payment: Piece) -> None:
        if not payment["conductor"]:
            return
        made = self.parties.refer(into, payment["conductor"], "full", payment.cite("conductor"))
        if made is None:
            return
        details = made.part("details")
        details.put("deviceIdentifierNumber", payment["device"], payment.cite("device"))
        details.put("internetProtocolAddress", payment["ip"], payment.cite("ip"))
        behalf = self.behalf.get(payment["record_id"].hex())
        if behalf:
            details.put("onBehalfOfIndicator", True, f"stated:{self.by}")
        others = made.many("onBehalfOfs")
        if behalf and (other := self.parties.refer(others, behalf, "full", f"stated:{self.by}")):
            other.value["details"] = {}
            other.traces[f"{other.path}/details"] = (rule("none"),)
        if not details.value:
            details.traces[details.path] = (rule("none"),)

    def _holder(self, key: str | None) -> str | None:
        """Who stands behind a payer or payee: the account's holder, or the party itself."""
        if not key:
            return None
        if not key.startswith("account:"):
            return key
        known = self.evidence.accounts.get(key)
        if known and known["holder"]:
            return str(known["holder"])
        return key if key in self.evidence.parties else None

    def _cited(self, payment: Piece, side: str) -> tuple[str, ...]:
        known = self.evidence.accounts.get(payment[side])
        cited = payment.cite(side)
        return (cited, known.cite("holder")) if known and known["holder"] else (cited,)


def _amount(payment: Piece) -> str:
    """The column that has the amount to its last digit."""
    return "amount" if payment["amount_fine"] is None else "amount_fine"


def exact(amount: Decimal) -> str:
    """An amount without exponent and without digits that say nothing, with two decimals at least."""
    text = f"{amount:f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _words(payment: Piece, out: bool) -> tuple[str, ...]:
    """Words for how money moved, the most telling first: wire-out-abroad, wire-out, wire-abroad, wire."""
    means, way = payment["means"], "out" if out else "in"
    abroad = (
        payment["payer_seat"] and payment["payee_seat"] and payment["payer_seat"] != payment["payee_seat"]
    )
    plain = (f"{means}-{way}", means)
    return (f"{means}-{way}-abroad", f"{means}-{way}", f"{means}-abroad", means) if abroad else plain


def _means(payment: Piece) -> tuple[str, ...]:
    cited = [payment.cite("means"), payment.cite("payer")]
    cited += [payment.cite(name) for name in ("payer_seat", "payee_seat") if payment[name]]
    return (*cited, _DIRECTION)
