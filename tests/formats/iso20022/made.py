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


PAIN = document(
    header("<NbOfTxs>2</NbOfTxs>")
    + "<PmtInf><PmtInfId>P1</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>2</NbOfTxs><CtrlSum>7</CtrlSum>"
    "<ReqdExctnDt><Dt>2026-11-25</Dt></ReqdExctnDt><Dbtr><Nm>Aino Example</Nm></Dbtr>"
    "<DbtrAcct><Id><IBAN>FI2112345600000785</IBAN></Id></DbtrAcct>"
    "<DbtrAgt><FinInstnId><BICFI>NDEAFIHH</BICFI></FinInstnId></DbtrAgt>"
    + "".join(
        f"<CdtTrfTxInf><PmtId><EndToEndId>E{i}</EndToEndId></PmtId>"
        f"<Amt><InstdAmt Ccy='EUR'>{i + 3}.00</InstdAmt></Amt>"
        f"<Cdtr><Nm>Beta {i}</Nm></Cdtr><CdtrAcct><Id><IBAN>{IBANS[i]}</IBAN></Id></CdtrAcct></CdtTrfTxInf>"
        for i in range(2)
    )
    + "</PmtInf>",
    "pain.001",
    "09",
)


def entry(side="CRDT", details="", status="<Sts><Cd>BOOK</Cd></Sts>", more="", code="RCDT"):
    """One entry of a statement."""
    return (
        f"<Ntry><NtryRef>N1</NtryRef><Amt Ccy='CAD'>50.00</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}{status}"
        "<BookgDt><Dt>2026-11-24</Dt></BookgDt><AcctSvcrRef>R1</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
        f"<Cd>{code}</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>{details}</Ntry>"
    )


OWN = (
    "<Acct><Id><Othr><Id>111</Id></Othr></Id><Ownr><Nm>Gamma Household</Nm></Ownr>"
    "<Svcr><FinInstnId><BICFI>ROYCCAT2</BICFI></FinInstnId></Svcr></Acct>"
)
DETAILS = (
    "<NtryDtls>"
    + "".join(
        f"<TxDtls><Refs><EndToEndId>E{i}</EndToEndId></Refs><Amt Ccy='CAD'>{i}.50</Amt><RltdPties><Dbtr><Pty>"
        f"<Nm>Payer {i}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{IBANS[i]}</IBAN></Id></DbtrAcct></RltdPties>"
        "</TxDtls>"
        for i in range(3)
    )
    + "</NtryDtls>"
)


def report(*entries, family="camt.053"):
    """A statement or a notification of entries."""
    part = "Stmt" if family == "camt.053" else "Ntfctn"
    return document(f"{header()}<{part}><Id>S1</Id>{OWN}{''.join(entries)}</{part}>", family).encode()
