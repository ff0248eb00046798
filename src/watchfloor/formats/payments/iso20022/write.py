"""Payments as pacs.008.001.08, one message a run of payments of one message id, several in `BizMsgEnvlp`.

What a message cannot hold is refused: a key that is neither `uetr:…` nor a message id, a slash and a
reference; an account of another system than an IBAN or a plain number; more than five decimals; no
amount. A country of an account travels in its bank's BIC, in the IBAN, or as the address of the bank.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

from watchfloor.formats.base import Batch
from watchfloor.formats.payments.iso20022.amounts import PLACES
from watchfloor.formats.payments.iso20022.keys import bic, lei

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ELEMENTS: Final = {
    "payer": "Dbtr",
    "payee": "Cdtr",
    "ultimate-payer": "UltmtDbtr",
    "ultimate-payee": "UltmtCdtr",
}
Row = dict[str, Any]


def write(batches: Iterable[Batch], stream: BinaryIO) -> None:
    """Write rows of `payment`, with the names in rows of `party` whose key is a payment's and their role.

    All rows are held in memory, since a payment's parties may come behind it. Raises `ValueError` for a
    payment that pacs.008 cannot hold.
    """
    payments: list[Row] = []
    named: dict[str, Row] = {}
    for batch in batches:
        if batch.kind.name == "payment":
            payments += batch.rows.to_pylist()
        elif batch.kind.name == "party":
            named |= {row["report_key"]: row for row in batch.rows.to_pylist()}
        else:
            raise ValueError(f"pacs.008 holds payments and their parties, no {batch.kind.name} rows")
    stream.write(f"{_HEAD}<BizMsgEnvlp>\n".encode())
    runs = groupby(payments, _message)
    stream.writelines("".join(_document(message, list(rows), named)).encode() for message, rows in runs)
    stream.write(b"</BizMsgEnvlp>\n")


def _message(row: Row) -> str:
    key = row["report_key"] or ""
    message = "UETR" if key.startswith("uetr:") else key.partition("/")[0]
    if not message or ("/" not in key and message != "UETR"):
        raise ValueError(
            f"a payment under the key {key!r} is no uetr:… and no message id, slash and reference"
        )
    return str(message)


def _document(message: str, rows: list[Row], named: dict[str, Row]) -> Iterator[str]:
    total = sum((_amount(row) for row in rows), Decimal(0))
    made = max(row["observed_at"] for row in rows)
    yield f'<Document xmlns="{NAMESPACE}"><FIToFICstmrCdtTrf>\n<GrpHdr>{_tag("MsgId", message)}'
    yield f"<CreDtTm>{_moment(made)}</CreDtTm><NbOfTxs>{len(rows)}</NbOfTxs><CtrlSum>{total:f}</CtrlSum>"
    yield "<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>\n"
    for row in rows:
        yield "".join(_transaction(row, message, named))
    yield "</FIToFICstmrCdtTrf></Document>\n"


def _moment(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


def _amount(row: Row) -> Decimal:
    amount: Decimal = (row["amount"] if row["amount_fine"] is None else row["amount_fine"]).normalize()
    if not amount or -int(amount.as_tuple().exponent) > PLACES:
        raise ValueError(f"pacs.008 holds no amount of {amount:f}: it has some money, and {PLACES} decimals")
    return amount


def _tag(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _transaction(row: Row, message: str, named: dict[str, Row]) -> Iterator[str]:
    key = row["report_key"]
    yield "<CdtTrfTxInf><PmtId>"
    if key.startswith("uetr:"):
        yield f"<EndToEndId>NOTPROVIDED</EndToEndId>{_tag('UETR', key[5:])}</PmtId>"
    else:
        yield f"<EndToEndId>NOTPROVIDED</EndToEndId>{_tag('TxId', key[len(message) + 1 :])}</PmtId>"
    if row["means"] != "wire":
        if row["means"] != "transfer":
            raise ValueError(f"pacs.008 holds wires and transfers, no payment by {row['means']}")
        yield "<PmtTpInf><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>"
    yield f'<IntrBkSttlmAmt Ccy="{escape(row["currency"])}">{_amount(row):f}</IntrBkSttlmAmt>'
    yield f"<IntrBkSttlmDt>{row['observed_at'].date()}</IntrBkSttlmDt>"
    yield f"<AccptncDtTm>{_moment(row['observed_at'])}</AccptncDtTm><ChrgBr>SHAR</ChrgBr>"
    yield _named(named, key, "ultimate-payer")
    yield _named(named, key, "payer") or "<Dbtr/>"
    yield _account("DbtrAcct", row["payer"], None)
    yield _agent("DbtrAgt", row["payer_bank"], row["payer_seat"])
    yield _agent("CdtrAgt", row["payee_bank"], row["payee_seat"])
    yield _named(named, key, "payee") or "<Cdtr/>"
    yield _account("CdtrAcct", row["payee"], row["handle"])
    yield _named(named, key, "ultimate-payee")
    if row["purpose"]:
        yield f"<Purp>{_tag('Prtry', row['purpose'])}</Purp>"
    if row["memo"]:
        yield f"<RmtInf>{_tag('Ustrd', row['memo'])}</RmtInf>"
    yield "</CdtTrfTxInf>\n"


def _named(named: dict[str, Row], key: str, role: str) -> str:
    """The party in a role; empty where nobody is named."""
    if (row := named.get(f"{key}#{role}")) is None:
        return ""
    name = _ELEMENTS[role]
    numbers = "".join(_number(one) for one in row["identifiers"] or [])
    if row["schema"] == "Person":
        numbers = (_birth(row["birth_date"]) if row["birth_date"] else "") + numbers
    kind = "PrvtId" if row["schema"] == "Person" else "OrgId"
    ids = f"<Id><{kind}>{numbers}</{kind}></Id>" if numbers else ""
    residence = _tag("CtryOfRes", row["country"])
    return f"<{name}>{_tag('Nm', row['name'])}{ids}{residence}</{name}>"


def _birth(day: str) -> str:
    return f"<DtAndPlcOfBirth>{_tag('BirthDt', day)}</DtAndPlcOfBirth>"


def _number(one: Row) -> str:
    if one["system"] == "lei":
        return _tag("LEI", one["number"])
    if one["system"] == "bic":
        return _tag("AnyBIC", one["number"])
    scheme = "" if one["system"] == "other" else f"<SchmeNm>{_tag('Prtry', one['system'])}</SchmeNm>"
    return f"<Othr>{_tag('Id', one['number'])}{scheme}{_tag('Issr', one['owner'])}</Othr>"


def _account(name: str, key: str | None, proxy: str | None) -> str:
    inner = ""
    if key and key.startswith("account:"):
        _, system, number = key.split(":", 2)
        inner = f"<Id>{_tag('IBAN', number) if system == 'iban' else _other(number)}</Id>"
    elif key and not key.startswith("company:"):
        raise ValueError(f"pacs.008 holds accounts, not {key!r}")
    if proxy:
        inner += f"<Prxy>{_tag('Id', proxy)}</Prxy>"
    return f"<{name}>{inner}</{name}>" if inner else ""


def _agent(name: str, bank: str | None, seat: str | None) -> str:
    if not bank and not seat:
        return f"<{name}><FinInstnId/></{name}>"
    inner = _bank(bank) if bank else ""
    address = f"<PstlAdr>{_tag('Ctry', seat)}</PstlAdr>" if seat else ""
    return f"<{name}><FinInstnId>{inner}{address}</FinInstnId></{name}>"


def _bank(bank: str) -> str:
    for tag, rule in (("BICFI", bic), ("LEI", lei)):
        try:
            if rule(bank) == bank:
                return _tag(tag, bank)
        except ValueError:
            continue
    code, _, member = bank.partition(":")
    if member:
        system = f"<ClrSysId>{_tag('Cd', code)}</ClrSysId>" if code else ""
        return f"<ClrSysMmbId>{system}{_tag('MmbId', member)}</ClrSysMmbId>"
    return _tag("Nm", bank)


def _other(number: str) -> str:
    return f"<Othr>{_tag('Id', number)}</Othr>"
