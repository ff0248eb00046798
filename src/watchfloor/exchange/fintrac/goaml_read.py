"""goAML read back: the facts in a file of ours, and a file against an XSD that the user supplies."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from lxml import etree

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.exchange.fintrac.goaml import DIALECTS, Dialect, Facts, Flow, GoamlAccount, Side, Version, Who

MOST: Final = 100
"""Errors of a file that are told."""
LARGEST: Final = 1 << 27
"""Bytes of a file that is read."""

BAD_XSD: Final = declare("fintrac.bad-xsd", "file", "problem")
BAD_XML: Final = declare("fintrac.bad-goaml", "problem")


def read(data: bytes, version: Version = "4") -> Facts:
    """The facts in a file of ours. Entities are not resolved and nothing is fetched.

    Raises:
        watchfloor.cell.acts.Refusal: it is too long, no XML, has a document type, or lacks something.
    """
    if len(data) > LARGEST:
        refuse(BAD_XML, problem=f"it has {len(data):,} bytes, and {LARGEST:,} are read")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
        about: Any = root.getroottree().docinfo
        if about.doctype:
            refuse(BAD_XML, problem="it has a document type")
        return _facts(root, DIALECTS[version])
    except etree.XMLSyntaxError as error:
        refuse(BAD_XML, problem=str(error))
    except (ValueError, InvalidOperation) as error:
        refuse(BAD_XML, problem=str(error))


def _facts(root: etree._Element, dialect: Dialect) -> Facts:
    if root.tag != "report":
        raise ValueError(f"its root is {root.tag!r} and not report")
    return Facts(
        int(_need(root, "rentity_id")),
        _need(root, "report_code"),
        _text(root, "entity_reference"),
        datetime.fromisoformat(_need(root, dialect.day)),
        _need(root, "currency_code_local"),
        _text(root, "reason"),
        _text(root, "action"),
        tuple(_flow_of(one, dialect) for one in root.findall("transaction")),
    )


def _flow_of(one: etree._Element, dialect: Dialect) -> Flow:
    source, target = _part(one, "from"), _part(one, "to")
    foreign, conductor = source.find("from_foreign_currency"), source.find("t_conductor")
    return Flow(
        _need(one, "transactionnumber"),
        _text(one, "transaction_location"),
        datetime.fromisoformat(_need(one, "date_transaction")),
        _need(one, dialect.method),
        Decimal(_need(one, "amount_local")),
        _side_of(source, "from"),
        _side_of(target, "to"),
        "" if foreign is None else _need(foreign, "foreign_currency_code"),
        None if foreign is None else Decimal(_need(foreign, "foreign_amount")),
        None if conductor is None else _who_of(conductor),
        _text(one, "transaction_description"),
    )


def _part(one: etree._Element, way: str) -> etree._Element:
    for name in (f"t_{way}_my_client", f"t_{way}"):
        found = one.find(name)
        if found is not None:
            return found
    raise ValueError(f"a transaction has neither t_{way} nor t_{way}_my_client")


def _side_of(part: etree._Element, way: str) -> Side:
    account = part.find(f"{way}_account")
    who = next(
        (found for end in ("person", "entity") if (found := part.find(f"{way}_{end}")) is not None), None
    )
    return Side(
        _need(part, f"{way}_funds_code"),
        _text(part, f"{way}_country"),
        None if account is None else _account_of(account),
        None if who is None else _who_of(who),
        str(part.tag).endswith("_my_client"),
    )


def _account_of(account: etree._Element) -> GoamlAccount:
    found = account.find("t_entity")
    holder = found if found is not None else account.find("signatory/t_person")
    opened = _text(account, "opened")
    return GoamlAccount(
        _need(account, "account"),
        _text(account, "institution_name"),
        datetime.fromisoformat(opened).date() if opened else None,
        None if holder is None else _who_of(holder),
    )


def _who_of(who: etree._Element) -> Who:
    born = _text(who, "birthdate")
    return Who(
        _text(who, "name"),
        _text(who, "last_name"),
        _text(who, "first_name"),
        datetime.fromisoformat(born).date() if born else None,
    )


def _text(of: etree._Element, name: str) -> str:
    return of.findtext(name) or ""


def _need(of: etree._Element, name: str) -> str:
    text = _text(of, name)
    if not text:
        raise ValueError(f"{of.tag} has no {name}")
    return text


def errors(data: bytes, xsd: Path) -> Iterator[str]:
    """Where a file breaks an XSD that the user supplies: line and what is wrong.

    Raises:
        watchfloor.cell.acts.Refusal: the file is no XSD.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        schema = etree.XMLSchema(etree.parse(str(xsd), parser))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        refuse(BAD_XSD, file=str(xsd), problem=str(error))
    schema.validate(etree.fromstring(data, parser))
    log: Any = schema.error_log
    for entry in list(log)[:MOST]:
        yield f"line {entry.line}: {entry.message}"
