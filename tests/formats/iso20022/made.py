"""Messages with invented parties; accounts are examples of standards, or numbers made for these tests."""

from xml.sax.saxutils import escape

IBANS = (
    "FI2112345600000785",
    "GB82WEST12345698765432",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
)
LEI = "213800KUD8LAJWSQ9D15"
ROOTS = {
    "pacs.008": "FIToFICstmrCdtTrf",
    "pacs.009": "FICdtTrf",
    "pain.001": "CstmrCdtTrfInitn",
    "camt.053": "BkToCstmrStmt",
    "camt.054": "BkToCstmrDbtCdtNtfctn",
}


def tag(name, *inner, **attributes):
    """An element; texts are escaped, elements are not."""
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{said}>{''.join(inner)}</{name}>"


def transfer(
    amount="1234.50",
    currency="EUR",
    ids="<TxId>T1</TxId>",
    debtor="<Nm>Aino Example</Nm>",
    creditor="<Nm>Beta Trading</Nm>",
    payer="<Id><IBAN>FI2112345600000785</IBAN></Id>",
    payee="<Id><Othr><Id>7654321</Id></Othr></Id>",
    payer_bank="<BICFI>NDEAFIHH</BICFI>",
    payee_bank="<ClrSysMmbId><ClrSysId><Cd>CACPA</Cd></ClrSysId><MmbId>000300012</MmbId></ClrSysMmbId>",
    more="",
    settled="2026-11-24",
    accepted=None,
    types="",
    tail="",
):
    """One `CdtTrfTxInf` of pacs.008."""
    money = f'<IntrBkSttlmAmt Ccy="{currency}">{amount}</IntrBkSttlmAmt>' if amount is not None else ""
    return (
        f"<CdtTrfTxInf><PmtId>{ids}</PmtId>{types}{money}"
        + (f"<IntrBkSttlmDt>{settled}</IntrBkSttlmDt>" if settled else "")
        + (f"<AccptncDtTm>{accepted}</AccptncDtTm>" if accepted else "")
        + f"<Dbtr>{debtor}</Dbtr><DbtrAcct>{payer}</DbtrAcct>"
        f"<DbtrAgt><FinInstnId>{payer_bank}</FinInstnId></DbtrAgt>"
        f"<CdtrAgt><FinInstnId>{payee_bank}</FinInstnId></CdtrAgt>"
        f"<Cdtr>{creditor}</Cdtr><CdtrAcct>{payee}</CdtrAcct>{more}{tail}</CdtTrfTxInf>\n"
    )


def document(body, family="pacs.008", version="08", root=None):
    """A `Document` with its namespace."""
    name = root or ROOTS[family]
    space = f"urn:iso:std:iso:20022:tech:xsd:{family}.001.{version}"
    return f'<Document xmlns="{space}"><{name}>{body}</{name}></Document>'


def header(more="", message="MSG1", made="2026-11-23T09:30:00Z"):
    """A group header."""
    return f"<GrpHdr><MsgId>{escape(message)}</MsgId><CreDtTm>{made}</CreDtTm>{more}</GrpHdr>"


def message(transfers, head=None, family="pacs.008", version="08"):
    """A file of one message, from transfers as texts or as what differs from the usual one."""
    each = (one if isinstance(one, str) else transfer(**one) for one in transfers)
    body = (header() if head is None else head) + "".join(each)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + document(body, family, version)).encode()


def mt103(
    settled="261124EUR1234,5",
    payer="/FI2112345600000785\r\nAINO EXAMPLE\r\nLAKE STREET 1",
    payee="/7654321\r\nBETA TRADING",
    more="",
    option="K",
    uetr="{121:0a1b2c3d-1234-4abc-8def-0123456789ab}",
    last="-}",
    reference="REF1",
):
    """One MT103."""
    return (
        "{1:F01ROYCCAT2AXXX1234567890}{2:O1031200261124NDEAFIHHAXXX22221234562611241200N}"
        f"{{3:{{108:REF}}{uetr}}}{{4:\r\n:20:{reference}\r\n:23B:CRED\r\n:32A:{settled}\r\n"
        f":50{option}:{payer}\r\n{more}:59:{payee}\r\n:70:INVOICE 12\r\nOF NOVEMBER\r\n:71A:SHA\r\n{last}"
        "{5:{CHK:123456789ABC}}\r\n"
    ).encode()
