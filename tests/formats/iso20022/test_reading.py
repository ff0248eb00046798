"""What pacs.008, pacs.009, pain.001, camt.053 and camt.054 become, and what of them is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban
from tests.formats.iso20022.made import (
    DETAILS,
    IBANS,
    LEI,
    PAIN,
    ROOTS,
    document,
    entry,
    header,
    message,
    report,
    transfer,
)
from tests.thorough import draws

from watchfloor.core.kinds import PARTY, PAYMENT
from watchfloor.formats.base import Batch, Fault, FormatError
from watchfloor.formats.payments.iso20022.amounts import amounts
from watchfloor.formats.payments.iso20022.file import piece, read
from watchfloor.formats.payments.iso20022.keys import ibans
from watchfloor.formats.payments.iso20022.payments import _instants, instant
from watchfloor.formats.tabular.measures import FINE, MONEY

UETR = "0A1B2C3D-1234-4abc-8def-0123456789ab"


def found(data):
    """Payments, parties and faults of a file."""
    pieces = list(read(BytesIO(data), "x"))
    rows = {"payment": [], "party": []}
    for one in pieces:
        if isinstance(one, Batch):
            assert one.rows.schema.names == one.kind.body.names
            rows[one.kind.name] += one.rows.to_pylist()
    return rows["payment"], rows["party"], [one for one in pieces if isinstance(one, Fault)]


def only(**how):
    """The payment of a pacs.008 with one transaction, and its parties."""
    payments, parties, faults = found(message([how]))
    assert not faults
    return payments[0], parties


def test_payments_with_and_without_words_and_references_keep_their_own():
    said = "<RmtInf>{}</RmtInf>"
    free, reference = "<Ustrd>Invoice</Ustrd>", "<Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd>"
    ids = [f"<TxId>T{number}</TxId>" for number in range(4)]
    more = [said.format(free + reference), "", said.format(free), said.format(reference)]
    payments, _, faults = found(message([{"ids": i, "more": m} for i, m in zip(ids, more, strict=True)]))
    assert not faults
    assert [row["memo"] for row in payments] == ["Invoice RF18", None, "Invoice", "RF18"]


def test_a_transfer_is_a_payment_of_all_its_parts():
    row, parties = only(
        ids=f"<InstrId>I</InstrId><EndToEndId>E</EndToEndId><TxId>T</TxId><UETR>{UETR}</UETR>",
        accepted="2026-11-24T09:30:00.5+02:00",
        more="<Purp><Cd>SUPP</Cd></Purp><RmtInf><Ustrd>Invoice 12</Ustrd><Ustrd>of May</Ustrd>"
        "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>",
        payee="<Id><Othr><Id>7654321</Id></Othr></Id><Prxy><Id>beta@example.org</Id></Prxy>",
    )
    assert row == dict.fromkeys(PAYMENT.body.names) | {
        "report_key": f"uetr:{UETR.lower()}",
        "origins": [],
        "observed_at": datetime(2026, 11, 24, 7, 30, 0, 500_000, UTC),
        "locator": "transaction 1",
        "payer": "account:iban:FI2112345600000785",
        "payee": "account:cacpa.000300012:7654321",
        "amount": Decimal("1234.50"),
        "currency": "EUR",
        "means": "wire",
        "memo": "Invoice 12 of May RF18539007547034",
        "payer_bank": "NDEAFIHH",
        "payee_bank": "CACPA:000300012",
        "payer_seat": "FI",
        "purpose": "SUPP",
        "handle": "beta@example.org",
    }
    assert [(one["role"], one["name"], one["report_key"]) for one in parties] == [
        ("payer", "Aino Example", f"{row['report_key']}#payer"),
        ("payee", "Beta Trading", f"{row['report_key']}#payee"),
    ]
    assert parties[0]["context"] == f"pacs.008 {row['report_key']}"


def test_parties_have_their_numbers():
    _, parties = only(
        debtor="<Nm>Aino Example</Nm><PstlAdr><Ctry>SE</Ctry></PstlAdr><Id><PrvtId><DtAndPlcOfBirth>"
        "<BirthDt>1970-05-02</BirthDt></DtAndPlcOfBirth><Othr><Id>X1</Id><SchmeNm><Cd>CCPT</Cd></SchmeNm>"
        "<Issr>SE</Issr></Othr></PrvtId></Id><CtryOfRes>FI</CtryOfRes>",
        creditor=f"<Nm>Beta Trading</Nm><Id><OrgId><AnyBIC>NDEAFIHH</AnyBIC><LEI>{LEI}</LEI>"
        "<Othr><Id>1</Id></Othr><Othr><Id>2</Id><SchmeNm><Prtry>House</Prtry></SchmeNm></Othr></OrgId></Id>",
        more="<UltmtDbtr><Nm>Gamma Household</Nm></UltmtDbtr>",
    )
    assert [(one["role"], one["schema"], one["birth_date"], one["country"]) for one in parties] == [
        ("payer", "Person", "1970-05-02", "FI"),
        ("payee", "Organization", None, None),
        ("ultimate-payer", None, None, None),
    ]
    assert parties[1]["subject"] == f"company:lei:{LEI}"
    assert parties[0]["subject"] is None
    assert parties[0]["identifiers"] == [{"system": "passport", "number": "X1", "owner": "SE"}]
    assert [(one["system"], one["number"]) for one in parties[1]["identifiers"]] == [
        ("lei", LEI),
        ("bic", "NDEAFIHH"),
        ("other", "1"),
        ("house", "2"),
    ]


@pytest.mark.parametrize(
    ("ids", "key"),
    [
        (f"<TxId>T</TxId><UETR>{UETR}</UETR>", f"uetr:{UETR.lower()}"),
        ("<EndToEndId>E</EndToEndId><TxId>T</TxId><UETR>no uuid</UETR>", "MSG1/T"),
        ("<InstrId>I</InstrId><EndToEndId>E</EndToEndId>", "MSG1/E#1"),
        ("<InstrId>I</InstrId><EndToEndId>NOTPROVIDED</EndToEndId>", "MSG1/I#1"),
        ("", "MSG1/#1"),
    ],
)
def test_keys(ids, key):
    assert only(ids=ids)[0]["report_key"] == key


@pytest.mark.parametrize(
    ("settled", "accepted", "made", "when"),
    [
        (
            "2026-11-24",
            "2026-11-23T23:30:00-05:00",
            "2026-11-22T00:00:00",
            datetime(2026, 11, 24, 4, 30, tzinfo=UTC),
        ),
        ("2026-11-24", None, "2026-11-24T10:15:00Z", datetime(2026, 11, 24, 10, 15, tzinfo=UTC)),
        ("2026-11-24", None, "2026-11-23T10:15:00", datetime(2026, 11, 24, tzinfo=UTC)),
        (None, None, "2026-11-23T24:00:00", datetime(2026, 11, 24, tzinfo=UTC)),
    ],
)
def test_when_a_payment_was(settled, accepted, made, when):
    data = message([{"settled": settled, "accepted": accepted}], header(made=made))
    assert found(data)[0][0]["observed_at"] == when


BAD = [
    ({"amount": None}, "there is no amount"),
    ({"amount": "-5.00"}, "is negative"),
    ({"amount": "0.00"}, "moves no money"),
    ({"amount": "1,5"}, "is no amount such as"),
    ({"amount": "1.123456"}, "more than 18 digits"),
    ({"amount": "12345678901234567.89"}, "more than 18 digits"),
    ({"currency": "ZZZ"}, "'ZZZ' is no currency of ISO 4217"),
    ({"currency": ""}, "there is no currency"),
    ({"payer": "<Id><IBAN>FI2112345600000786</IBAN></Id>"}, "dbtr_acct: 'FI2112345600000786' is no IBAN"),
    ({"payee": "<Id><IBAN>FI21</IBAN></Id>"}, "cdtr_acct: 'FI21' is no IBAN"),
    ({"settled": "2026-02-30"}, "'2026-02-30' is no date"),
    ({"accepted": "2026-11-24T25:00:00Z"}, "is no moment"),
]


@pytest.mark.parametrize(("how", "reason"), BAD)
def test_a_bad_transaction_is_a_fault_and_the_rest_is_read(how, reason):
    payments, parties, faults = found(message([{}, how, {"ids": "<TxId>T3</TxId>"}]))
    assert [row["report_key"] for row in payments] == ["MSG1/T1", "MSG1/T3"]
    assert {row["locator"] for row in parties} == {"transaction 1", "transaction 3"}
    assert [fault.locator for fault in faults] == ["transaction 2"]
    assert reason in faults[0].reason
    assert faults[0].reason.endswith("(MSG1/T1)")
    assert faults[0].raw.startswith(b"<CdtTrfTxInf>")
    assert not faults[0].partly


def test_a_bank_whose_code_is_none_is_left_out_and_told():
    payments, _, faults = found(message([{"payer_bank": "<BICFI>NDEA1</BICFI><Nm>Old Bank</Nm>"}]))
    assert payments[0]["payer_bank"] == "Old Bank"
    assert payments[0]["payer_seat"] == "FI"
    assert faults[0].partly
    assert "is no BIC" in faults[0].reason


def test_what_a_message_says_of_itself_is_counted():
    good = header("<NbOfTxs>2</NbOfTxs><CtrlSum>1235.623</CtrlSum>")
    both = [{}, {"amount": "1.12300", "currency": "KWD"}]
    payments, _, faults = found(message(both, good))
    assert not faults
    assert [(row["amount"], row["amount_fine"]) for row in payments] == [
        (Decimal("1234.50"), None),
        (Decimal("1.12"), Decimal("1.123")),
    ]
    bad = header("<NbOfTxs>3</NbOfTxs><CtrlSum>1</CtrlSum><TtlIntrBkSttlmAmt Ccy='EUR'>x</TtlIntrBkSttlmAmt>")
    faults = found(message(both, bad))[2]
    assert [fault.reason for fault in faults] == [
        "it says that it has 3 transactions, and has 2",
        "it says that its amounts add up to 1, and they add up to 1235.623",
        "it says that its amounts add up to x, and they add up to 1235.623",
    ]
    assert {(fault.locator, fault.partly) for fault in faults} == {("message 1, MSG1", True)}


def test_a_file_that_breaks_off_gives_what_stood_before():
    data = message([{}, {}, {}])
    payments, _, faults = found(data[: data.rindex(b"<Cdtr>")])
    assert len(payments) == 2
    assert faults[-1].rest
    assert faults[-1].locator == "after transaction 2"


BOMB = b'<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"hello", "is not XML"),
        (b"<html><body/></html>", "root <html>"),
        (b"<Document><Other/></Document>", "holds no message"),
        (BOMB + document(header() + transfer(ids="<TxId>&b;</TxId>")).encode(), "document type"),
        (b'<!DOCTYPE Document SYSTEM "file:///etc/passwd">' + document(header()).encode(), "document type"),
        (
            b'<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hosts">]>' + document("&x;").encode(),
            "document type",
        ),
    ],
)
def test_what_is_no_message_is_refused(data, why):
    with pytest.raises(FormatError, match=why):
        found(data)


def test_deep_nesting_is_refused_and_what_stood_before_is_read():
    deep = "<SplmtryData>" + "<a>" * 5_000
    payments, _, faults = found(document(header() + transfer() + deep).encode())
    assert len(payments) == 1
    assert faults[-1].rest


def test_a_transaction_without_end_is_refused():
    data = document(header() + transfer() + "<CdtTrfTxInf>" + "<a/>" * 1_100_000).encode()
    payments, _, faults = found(data)
    assert len(payments) == 1
    assert "a transaction of more than 4,194,304 bytes" in faults[-1].reason


@pytest.mark.parametrize("version", ["02", "06", "08", "13"])
def test_versions(version):
    assert not found(message([{}], version=version))[2]


def test_an_unknown_version_is_told_once_and_read():
    one = document(header() + transfer(), version="77")
    payments, _, faults = found(f"<BizMsgEnvlp>{one}{one}</BizMsgEnvlp>".encode())
    assert len(payments) == 2
    assert [(fault.partly, "version 77" in fault.reason) for fault in faults] == [(True, True)]


def test_several_messages_in_an_envelope_with_headers_and_prefixes():
    other = (
        document(header(message="M2") + transfer(), "pacs.009").replace("<", "<p:").replace("<p:/", "</p:")
    )
    unread = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"><RsltnOfInvstgtn/></Document>'
    head = "<AppHdr><BizMsgIdr>B1</BizMsgIdr></AppHdr>"
    text = f"<BizMsgEnvlp>{head}{document(header() + transfer())}{unread}{head}{other}</BizMsgEnvlp>"
    text = text.replace(
        'xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.009', 'xmlns:p="urn:iso:std:iso:20022:tech:xsd:pacs.009'
    )
    payments, _, faults = found(text.encode())
    assert [row["report_key"] for row in payments] == ["MSG1/T1", "M2/T1"]
    assert [fault.reason for fault in faults] == ["messages <RsltnOfInvstgtn> are not read here"]


def test_banks_pay_one_another():
    bank = "<FinInstnId><BICFI>NDEAFIHHXXX</BICFI><Nm>North Example Bank</Nm></FinInstnId>"
    data = message(
        [{"ids": f"<UETR>{UETR}</UETR>", "debtor": bank, "payer": "", "payer_bank": ""}], family="pacs.009"
    )
    payments, parties, faults = found(data)
    assert not faults
    assert payments[0]["report_key"] == f"cover:{UETR.lower()}"
    assert payments[0]["payer"] == "company:bic:NDEAFIHHXXX"
    assert parties[0]["subject"] == "company:bic:NDEAFIHHXXX"


@pytest.mark.parametrize(
    ("types", "means"),
    [
        ("", "wire"),
        ("<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>", "transfer"),
        ("<PmtTpInf><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>", "transfer"),
        ("<PmtTpInf><ClrChanl>RTGS</ClrChanl></PmtTpInf>", "wire"),
    ],
)
def test_means(types, means):
    assert only(types=types)[0]["means"] == means


def test_orders_have_what_their_batch_says():
    payments, parties, faults = found(PAIN.encode())
    assert not faults
    assert [(row["report_key"], row["payer"], row["payee_seat"], row["means"]) for row in payments] == [
        ("MSG1/E0#1", "account:iban:FI2112345600000785", "FI", "transfer"),
        ("MSG1/E1#2", "account:iban:FI2112345600000785", "GB", "transfer"),
    ]
    assert payments[0]["observed_at"] == datetime(2026, 11, 25, tzinfo=UTC)
    assert [one["name"] for one in parties] == ["Aino Example", "Aino Example", "Beta 0", "Beta 1"]
    assert "add up to 7.5" in found(PAIN.replace("<CtrlSum>7", "<CtrlSum>7.5").encode())[2][0].reason


@pytest.mark.parametrize("family", ["camt.053", "camt.054"])
def test_entries_are_payments_from_or_to_the_account(family):
    payments, parties, faults = found(
        report(entry(), entry("DBIT", code="CNTR"), entry(details=DETAILS), entry("DBIT"), family=family)
    )
    assert not faults
    own = "account:royccat2:111"
    assert [(row["payer"], row["payee"], row["amount"], row["means"]) for row in payments] == [
        (None, own, Decimal("50.00"), "transfer"),
        (own, None, Decimal("50.00"), "cash"),
        *((f"account:iban:{IBANS[i]}", own, Decimal(f"{i}.50"), "transfer") for i in range(3)),
        (own, None, Decimal("50.00"), "transfer"),
    ]
    assert [row["report_key"] for row in payments] == [f"MSG1/R1#{i}" for i in range(1, 7)]
    assert payments[0]["payee_seat"] == "CA"
    assert sorted((one["role"], one["name"]) for one in parties) == [
        *(("payee", "Gamma Household"),) * 4,
        *(("payer", "Gamma Household"),) * 2,
        *(("payer", f"Payer {i}") for i in range(3)),
    ]


def test_what_is_given_back_goes_from_creditor_to_debtor():
    back = (
        "<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Gamma Household</Nm></Dbtr><Cdtr><Nm>Beta Trading</Nm></Cdtr>"
        f"<CdtrAcct><Id><IBAN>{IBANS[0]}</IBAN></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls>"
    )
    payments, parties, faults = found(report(entry("CRDT", back, more="<RvslInd>true</RvslInd>")))
    assert not faults
    assert (payments[0]["payer"], payments[0]["payee"]) == (
        f"account:iban:{IBANS[0]}",
        "account:royccat2:111",
    )
    assert {(one["role"], one["name"]) for one in parties} == {
        ("payer", "Beta Trading"),
        ("payee", "Gamma Household"),
    }


def test_entries_that_are_not_booked_or_not_sided_are_faults():
    payments, _, faults = found(report(entry(status="<Sts>PDNG</Sts>"), entry("BOTH"), entry()))
    assert len(payments) == 1
    assert ["not booked" in fault.reason for fault in faults] == [True, False]
    assert "neither CRDT nor DBIT" in faults[1].reason
    assert faults[0].raw


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_locator_names_its_bytes(number):
    odd = {"debtor": "<Nm>A &amp; B</Nm><!-- x -->"}
    data = message([{}, odd, {"ids": "<TxId>T3</TxId>"}])
    found_ = piece(BytesIO(data), f"transaction {number}")
    assert found_.startswith(b"<CdtTrfTxInf>")
    assert found_ in data
    assert piece(BytesIO(data), "transaction 4") is None
    assert piece(BytesIO(data), "line 4") is None


LETTERS = st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
NEAR = st.sampled_from(
    [
        *IBANS,
        "BE68539007547034",
        "ES9121000418450200051332",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
    ]
)


@settings(deadline=None, max_examples=draws(400))
@given(
    st.lists(
        st.none()
        | NEAR
        | st.tuples(NEAR, st.integers(0, 33), LETTERS).map(lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :])
        | st.text(LETTERS, min_size=4, max_size=36)
        | NEAR.map(lambda text: text.lower())
        | NEAR.map(lambda text: f"{text[:4]} {text[4:]}"),
        max_size=6,
    )
)
def test_the_kernel_of_ibans_says_what_stdnum_says(texts):
    values, wrong = ibans(pa.array(texts, pa.string()))
    for row, text in enumerate(texts):
        if text is None or not iban.is_valid(text):
            assert values[row].as_py() is None
            assert (row in wrong) == (text is not None)
        else:
            assert values[row].as_py() == iban.validate(text)


@settings(deadline=None, max_examples=draws(300))
@given(
    st.lists(
        st.decimals(0, 10**16, places=5, allow_nan=False) | st.decimals(0, 10**9, places=2),
        min_size=1,
        max_size=5,
    )
)
def test_amounts_are_exact(values):
    values = [value for value in values if value < 10**13 or value.as_tuple().exponent > -5] or [Decimal(1)]
    import numpy as np

    read_ = amounts(pa.array([f"{value:f}" for value in values]), np.ones(len(values), bool))
    assert not read_.wrong.any()
    assert read_.money().type == MONEY
    assert read_.fine().type == FINE
    for value, money, fine in zip(values, read_.money().to_pylist(), read_.fine().to_pylist(), strict=True):
        assert money == round(value, 2)
        assert fine == (value if -value.normalize().as_tuple().exponent > 2 else None)
    assert read_.total(slice(None)) == sum(values)


MOMENT = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001
WRITTEN = st.tuples(MOMENT, st.booleans(), st.sampled_from(["", "Z", "+05:30", "-11:00"])).map(
    lambda t: t[0].replace(microsecond=t[0].microsecond * t[1]).isoformat() + t[2]
)


@settings(deadline=None)
@given(st.lists(st.none() | WRITTEN, max_size=5))
def test_moments_are_those_of_the_standard(texts):
    values, wrong = _instants(pa.array(texts, pa.string()))
    assert not wrong
    for text, value in zip(texts, values.to_pylist(), strict=True):
        if text is None:
            assert value is None
            continue
        read_ = datetime.fromisoformat(text)
        assert value == (read_ if read_.tzinfo else read_.replace(tzinfo=UTC)).astimezone(UTC)
        assert value == instant(text)


@pytest.mark.parametrize(
    "text",
    ["2026-02-29T00:00:00Z", "2026-13-01T00:00:00", "2026-11-24 10:30:00", "0000-01-01T00:00:00Z", "x" * 20],
)
def test_moments_that_are_none(text):
    values, wrong = _instants(pa.array([text, "2024-02-29T23:59:59Z"]))
    assert list(wrong) == [0]
    assert values.to_pylist() == [None, datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)]


SHELLS = st.sampled_from(
    [*(message([{}], family=f) for f in ROOTS), PAIN.encode(), report(entry(details=DETAILS), entry())]
)


@settings(deadline=None, max_examples=draws(300))
@given(data=st.data(), good=SHELLS)
def test_damage_gives_faults_or_a_format_error(data, good):
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        _, parties, faults = found(bytes(damaged[: data.draw(st.integers(0, len(good)))]))
    except FormatError:
        return
    assert all(fault.reason and fault.locator for fault in faults)
    assert all(row["name"] for row in parties)
    assert PARTY.body.names == list(parties[0]) if parties else True
