"""Facts of a suspicious transaction report for goAML. Those that it needs and the report lacks are named."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NoReturn

from msgspec import UNSET

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.exchange.fintrac import document
from watchfloor.exchange.fintrac.codes import LISTS, Codes
from watchfloor.exchange.fintrac.document import ActionDetails, Party, Reference, SuspiciousTransactionReport
from watchfloor.exchange.fintrac.drafting import STR, Drafted
from watchfloor.exchange.fintrac.goaml import Facts, Flow, GoamlAccount, Side, Who

LACKS: Final = declare("fintrac.goaml-lacks", "what", "pointer")
NO_CODE: Final = declare("fintrac.goaml-no-code", "list", "word")
NO_LIST: Final = declare("fintrac.goaml-no-list", "list", "holds")
OTHER: Final = declare("fintrac.goaml-other", "kind")


def facts(drafted: Drafted, codes: Codes, on: datetime) -> Facts:
    """Return the facts of a report for goAML.

    Args:
        drafted: the report.
        codes: the code lists, `goaml-…` among them.
        on: the day it is written.

    Raises:
        watchfloor.cell.acts.Refusal: it is another report, something is missing, or a list has no
            code.
        msgspec.ValidationError: the document has a field that nobody knows.
    """
    if drafted.kind != STR:
        refuse(OTHER, kind=drafted.kind)
    report = document.convert(drafted.document)
    details = report.report_details
    return Facts(
        _given(
            details.reporting_entity_number, "/reportDetails/reportingEntityNumber", "the entity's number"
        ),
        _code(codes, "goaml-report", STR),
        _or_empty(details.reporting_entity_report_reference),
        on.replace(microsecond=0),
        drafted.beside["localCurrency"],
        _or_empty(report.details_of_suspicion.description_of_suspicious_activity),
        _or_empty(report.action_taken.description) if report.action_taken is not UNSET else "",
        tuple(_Flows(report, drafted.beside, codes).flow(at) for at in range(len(report.transactions))),
    )


class _Flows:
    """The transactions of one report."""

    def __init__(self, report: SuspiciousTransactionReport, beside: dict[str, Any], codes: Codes) -> None:
        self.report, self.beside, self.codes = report, beside, codes
        self.parties = {one.ref_id: one for one in report.definitions}

    def flow(self, at: int) -> Flow:
        one, where = self.report.transactions[at], f"/transactions/{at}"
        if not one.starting_actions or not one.completing_actions:
            refuse(LACKS, what="a starting and a completing action", pointer=where)
        start, end = one.starting_actions[0], one.completing_actions[0]
        said = one.suspicious_transaction_details
        inside = f"{where}/suspiciousTransactionDetails"
        day = _given(said.date_of_transaction, f"{inside}/dateOfTransaction", "the day")
        hour = _or_empty(said.time_of_transaction)
        amount = Decimal(
            _given(start.details.amount, f"{where}/startingActions/0/details/amount", "the amount")
        )
        currency = _or_empty(start.details.currency_code)
        local = currency == self.beside["localCurrency"]
        value = end.details.value_in_canadian_dollars
        pointer = f"{where}/completingActions/0/details/valueInCanadianDollars"
        conductor = next(iter(start.conductors), None)
        word = self._word("funds", start.details.fund_asset_virtual_currency_type_code, where)
        funds = _code(self.codes, "goaml-funds", word)
        out = self._word("direction", start.details.direction, where) == "out"
        seats = self.beside["transactions"][at]
        payers = start.sources_of_funds_or_virtual_currency or start.conductors
        return Flow(
            _or_empty(said.reporting_entity_transaction_reference) or str(at + 1),
            _or_empty(one.reporting_entity_location_id),
            datetime.fromisoformat(f"{day}T{hour}" if hour else f"{day}T00:00:00+00:00"),
            _code(self.codes, "goaml-method", self._word("method", said.method_code, inside)),
            amount if local else Decimal(_given(value, pointer, "the value in the local currency")),
            self._side(start.details, payers, funds, seats.get("payer", ""), out),
            self._side(end.details, end.beneficiaries, funds, seats.get("payee", ""), not out),
            "" if local else currency,
            None if local else amount,
            self._who(conductor) if conductor else None,
            _or_empty(said.purpose),
        )

    def _side(
        self, details: ActionDetails, who: list[Reference], funds: str, country: str, client: bool
    ) -> Side:
        account = details.account
        if account is UNSET or account.number is UNSET:
            return Side(funds, country, None, self._who(who[0]) if who else None, client)
        holders = account.holders if account.holders is not UNSET else []
        opened = _or_empty(account.date_opened)
        held = GoamlAccount(
            account.number,
            _or_empty(account.financial_institution_number),
            date.fromisoformat(opened) if opened else None,
            self._who(holders[0]) if holders else None,
        )
        return Side(funds, country, held, None, client)

    def _who(self, reference: Reference) -> Who | None:
        party: Party | None = self.parties.get(reference.ref_id)
        if party is None:
            return None
        born = _or_empty(party.date_of_birth)
        return Who(
            _or_empty(party.name_of_entity),
            _or_empty(party.surname),
            _or_empty(party.given_name),
            date.fromisoformat(born) if born else None,
        )

    def _word(self, name: str, code: Any, where: str) -> str:
        word = None if code is UNSET else self.codes[name].word(code)
        if word is None:
            refuse(LACKS, what=f"the code of {name}", pointer=where)
        return word


def _code(codes: Codes, name: str, word: str) -> str:
    if name not in codes:
        refuse(NO_LIST, list=name, holds=LISTS[name])
    code = codes[name].first((word, word.partition("-")[0]))
    if code is None:
        refuse(NO_CODE, list=name, word=word)
    return str(code)


def _given(value: Any, pointer: str, what: str) -> Any:
    if value is UNSET:
        _lacks(pointer, what)
    return value


def _lacks(pointer: str, what: str) -> NoReturn:
    refuse(LACKS, what=what, pointer=pointer)


def _or_empty(value: Any) -> str:
    return "" if value is UNSET else str(value)
