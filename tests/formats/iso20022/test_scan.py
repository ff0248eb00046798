"""The scan of bytes and the parser of elements give the same rows and faults, whatever a file holds."""

import re
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.formats.iso20022.made import (
    DETAILS,
    IBANS,
    LEI,
    PAIN,
    document,
    entry,
    header,
    message,
    report,
    transfer,
)
from tests.thorough import draws

from watchfloor.formats.base import Batch, Fault, FormatError
from watchfloor.formats.payments.iso20022 import scan, stream
from watchfloor.formats.payments.iso20022.file import read

ODD = [
    "<!-- aside -->",
    "<!-- <CdtTrfTxInf> -->",
    "<![CDATA[<CdtTrfTxInf>]]>",
    "<![CDATA[",
    "]]>",
    "-->",
    "<!--",
    "<?note x?>",
    "&amp;",
    "&amp;lt;",
    "&lt;&gt;&quot;&apos;",
    "&amp",
    "&nothing;",
    "&am",
    "&lt ;",
    "&#233;",
    "&unknown;",
    "é",
    "\ufffe",
    "\x01",
    "  two  spaces\n",
    "<x:y/>",
    "<a b='>'/>",
    '<a b="<"/>',
    "<a c=1>",
    "<CdtTrfTxInf>",
    "</CdtTrfTxInf>",
    "<CdtTrfTxInf/>",
    "<CdtTrfTxInf></CdtTrfTxInf>",
    "<TxDtls></TxDtls>",
    "<TxDtls><Refs><UETR>x</UETR></Refs></TxDtls>",
    "<RmtInf><Ustrd>one</Ustrd><Ustrd>two</Ustrd></RmtInf>",
    "<Dbtr><Nm>Second Example</Nm></Dbtr>",
    "<Dbtr><Id><OrgId><Othr><Id>1</Id></Othr><Othr><Id>2</Id></Othr></OrgId></Id></Dbtr>",
    "<Purp><Cd></Cd><Cd>SUPP</Cd></Purp>",
    '<IntrBkSttlmAmt Ccy="CAD">5</IntrBkSttlmAmt>',
    "<IntrBkSttlmAmt Ccy='CAD' >5</IntrBkSttlmAmt >",
    "<UltmtCdtr\n><Nm\t>Gamma</Nm\n></UltmtCdtr>",
    f"<Dbtr><Id><OrgId><LEI>{LEI}</LEI></OrgId></Id></Dbtr>",
    "<a>" * 40 + "</a>" * 40,
    "<!DOCTYPE a>",
    "</FIToFICstmrCdtTrf></Document>",
    "<SplmtryData><Envlp><CdtTrfTxInf><Nm>inner</Nm></CdtTrfTxInf></Envlp></SplmtryData>",
    "<Nm/>",
    "< Nm>",
    "<1>",
    "<é>x</é>",
    '<Nm xmlns="urn:x">y</Nm>',
    "<Ustrd>plain",
    "\r\n",
]
PLAIN = transfer()
WHOLE = message(
    [
        {"ids": f"<EndToEndId>E{i}</EndToEndId>", "payer": f"<Id><IBAN>{IBANS[i % 4]}</IBAN></Id>"}
        for i in range(4)
    ]
)


def found(data, fast):
    """Rows and faults, without the bytes of faults, or the error."""
    try:
        pieces = list(read(BytesIO(data), "x", fast))
    except FormatError as error:
        return str(error)
    assert all(fault.reason and fault.locator for fault in pieces if isinstance(fault, Fault))
    rows: dict[str, list] = {"payment": [], "party": []}
    for one in pieces:
        if isinstance(one, Batch):
            rows[one.kind.name] += one.rows.to_pylist()
    rows["party"].sort(key=lambda row: (int(row["locator"][12:]), row["role"], row["name"]))
    faults = [(one.locator, said(one), one.rest, one.partly) for one in pieces if isinstance(one, Fault)]
    return rows, sorted(faults)


def said(fault):
    """The reason, without the parser's own words, which depend on where its pieces are cut."""
    return (
        re.sub(r"here \(.*\)\. What", "here. What", fault.reason, flags=re.DOTALL)
        if fault.rest
        else fault.reason
    )


def same(data):
    assert found(data, True) == found(data, False)


def put(data, places):
    """Pieces put into a file of bytes, at tags more often than not."""
    starts = [i for i, byte in enumerate(data) if byte == ord("<")]
    for place, piece in places:
        at = starts[place % len(starts)] if place % 3 else place % len(data)
        data = data[:at] + piece.encode("utf-8", "surrogatepass") + data[at:]
    return data


PLACES = st.lists(st.tuples(st.integers(0, 4_000), st.sampled_from(ODD)), max_size=4)


@pytest.mark.parametrize("chunk", [1 << 22, 700, 64])
@settings(deadline=None, max_examples=draws(250))
@given(places=PLACES, cut=st.none() | st.integers(0, 4_000))
def test_both_ways_find_the_same(chunk, places, cut):
    data = put(WHOLE, places)
    before = stream.CHUNK
    stream.CHUNK = chunk
    try:
        same(data if cut is None else data[:cut])
    finally:
        stream.CHUNK = before


@settings(deadline=None, max_examples=draws(250))
@given(
    data=st.sampled_from([PAIN.encode(), report(entry(), entry(details=DETAILS), entry("DBIT"))]),
    places=PLACES,
    cut=st.none() | st.integers(0, 4_000),
)
def test_both_ways_find_the_same_in_orders_and_reports(data, places, cut):
    same(put(data, places) if cut is None else put(data, places)[:cut])


@settings(deadline=None, max_examples=draws(200))
@given(changes=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=3))
@example(changes=[])
def test_damage_is_found_by_both(changes):
    data = bytearray(WHOLE)
    for place, byte in changes:
        data[place] = byte
    same(bytes(data))


@pytest.mark.parametrize("where", ["tail", "between", "head", "ids"])
def test_each_oddity_in_each_place(where):
    for odd in ODD:
        inside = (
            transfer(tail=odd)
            if where == "tail"
            else transfer(ids=f"<TxId>A{odd}B</TxId>")
            if where == "ids"
            else ""
        )
        head = header() + (odd if where == "head" else "")
        between = odd if where == "between" else ""
        same(document(head + PLAIN + inside + between + PLAIN).encode("utf-8", "surrogatepass"))


def test_plain_transactions_are_not_given_to_the_parser():
    parts = scan.scan(WHOLE)
    assert parts.marks.tolist() == [0] * 4
    assert [part[3] for part in parts.parts.tolist()] == [0, 4, 0]
    assert parts.end == len(WHOLE)


def test_a_transaction_too_large_to_scan_is_read():
    large = transfer(more=f"<RmtInf><Ustrd>{'x' * scan.LARGEST}</Ustrd></RmtInf>")
    data = message([PLAIN, large, PLAIN])
    same(data)
    rows, faults = found(data, True)
    assert len(rows["payment"]) == 3
    assert not faults


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "us-ascii"])
def test_other_encodings_are_read_by_the_parser(encoding):
    text = message(
        [{"debtor": "<Nm>Ren\xe9 Example</Nm>" if encoding != "us-ascii" else "<Nm>R</Nm>"}] * 2
    ).decode()
    data = text.replace("UTF-8", encoding).encode(encoding)
    same(data)
    rows, faults = found(data, True)
    assert len(rows["payment"]) == 2
    assert not faults


@pytest.mark.parametrize("chunk", [1 << 22, 64])
def test_what_a_batch_says_behind_a_transaction_does_not_count(chunk, monkeypatch):
    monkeypatch.setattr(stream, "CHUNK", chunk)
    data = PAIN.replace(
        "<NbOfTxs>2</NbOfTxs><CtrlSum>", "<CdtTrfTxInf></CdtTrfTxInf><NbOfTxs>2</NbOfTxs><CtrlSum>"
    )
    same(data.encode())
    rows, _ = found(data.encode(), True)
    assert [row["payer"] for row in rows["payment"]] == [None, None]
