"""goAML: the facts of a report as the XML of the United Nations Office on Drugs and Crime.

Elements and their order follow the schema 4.0 that financial intelligence units publish (a report with
transactions, each from and to an account, a person or an entity, of one's own client or not); of schema 5 the
two names that changed, see `Dialect`. Each unit has lookups and obligations of its own: the user supplies its
XSD. The codes come from the user's code lists `goaml-…`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from lxml import etree

from watchfloor.exchange.fintrac.transactions import exact

Version = Literal["4", "5"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """Names that differ between versions of the schema."""

    day: str
    method: str


DIALECTS: Final[dict[Version, Dialect]] = {
    "4": Dialect("submission_date", "transmode_code"),
    "5": Dialect("report_date", "transaction_type_code"),
}


@dataclass(frozen=True, slots=True)
class Who:
    """A person, by surname and given name, or an entity, by name."""

    name: str = ""
    surname: str = ""
    given: str = ""
    born: date | None = None

    @property
    def entity(self) -> bool:
        """Whether it is an entity."""
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class GoamlAccount:
    """An account: number, institution, holder."""

    number: str
    institution: str = ""
    opened: date | None = None
    holder: Who | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Where money came from or went to.

    Attributes:
        funds: code of the funds.
        country: ISO 3166-1 alpha-2; empty where nothing says.
        account: of it, or
        who: the party, where there is no account.
        client: whether it is a client of the reporting entity.
    """

    funds: str
    country: str = ""
    account: GoamlAccount | None = None
    who: Who | None = None
    client: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A transaction. `value` is in the local currency; `amount` in its own, where that is another."""

    number: str
    location: str
    at: datetime
    method: str
    value: Decimal
    source: Side
    target: Side
    currency: str = ""
    amount: Decimal | None = None
    conductor: Who | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Content of a goAML report."""

    entity: int
    code: str
    reference: str
    on: datetime
    currency: str
    reason: str
    action: str
    flows: tuple[Flow, ...]


def write(facts: Facts, version: Version = "4") -> bytes:
    """A report as XML, in UTF-8."""
    dialect = DIALECTS[version]
    root = etree.Element("report")
    for name, text in (
        ("rentity_id", str(facts.entity)),
        ("submission_code", "E"),
        ("report_code", facts.code),
        ("entity_reference", facts.reference),
        (dialect.day, _moment(facts.on)),
        ("currency_code_local", facts.currency),
        ("reason", facts.reason),
        ("action", facts.action),
    ):
        _add(root, name, text)
    for flow in facts.flows:
        _flow(etree.SubElement(root, "transaction"), flow, dialect)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _flow(into: etree._Element, flow: Flow, dialect: Dialect) -> None:
    _add(into, "transactionnumber", flow.number)
    _add(into, "transaction_location", flow.location)
    _add(into, "transaction_description", flow.purpose)
    _add(into, "date_transaction", _moment(flow.at))
    _add(into, dialect.method, flow.method)
    _add(into, "amount_local", exact(flow.value))
    _side(into, "from", flow.source, flow)
    _side(into, "to", flow.target, flow)


def _side(into: etree._Element, way: str, side: Side, flow: Flow) -> None:
    made = etree.SubElement(into, f"t_{way}_my_client" if side.client else f"t_{way}")
    _add(made, f"{way}_funds_code", side.funds)
    if flow.amount is not None:
        foreign = etree.SubElement(made, f"{way}_foreign_currency")
        _add(foreign, "foreign_currency_code", flow.currency)
        _add(foreign, "foreign_amount", exact(flow.amount))
    if way == "from" and flow.conductor is not None:
        _who(etree.SubElement(made, "t_conductor"), flow.conductor)
    if side.account is not None:
        _account(etree.SubElement(made, f"{way}_account"), side.account)
    elif side.who is not None:
        _who(etree.SubElement(made, f"{way}_{'entity' if side.who.entity else 'person'}"), side.who)
    _add(made, f"{way}_country", side.country)


def _account(into: etree._Element, account: GoamlAccount) -> None:
    _add(into, "institution_name", account.institution)
    _add(into, "account", account.number)
    holder = account.holder
    if holder is not None and holder.entity:
        _who(etree.SubElement(into, "t_entity"), holder)
    elif holder is not None:
        _who(etree.SubElement(etree.SubElement(into, "signatory"), "t_person"), holder)
    if account.opened:
        _add(into, "opened", f"{account.opened.isoformat()}T00:00:00")


def _who(into: etree._Element, who: Who) -> None:
    if who.entity:
        _add(into, "name", who.name)
        return
    _add(into, "first_name", who.given)
    _add(into, "last_name", who.surname)
    if who.born:
        _add(into, "birthdate", f"{who.born.isoformat()}T00:00:00")


def _add(into: etree._Element, name: str, text: str) -> None:
    if text:
        etree.SubElement(into, name).text = text


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
