"""MT103: what a message becomes, and what of one is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.iso20022.made import IBANS, mt103
from tests.thorough import draws

from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.payments.mt103 import piece, read
from watchfloor.formats.registry import recognise


def found(data):
    """Payments, parties and faults of a file."""
    pieces = list(read(BytesIO(data), "x"))
    rows = {"payment": [], "party": []}
    for one in pieces:
        if isinstance(one, Batch):
            rows[one.kind.name] += one.rows.to_pylist()
    return rows["payment"], rows["party"], [one for one in pieces if isinstance(one, Fault)]


def test_a_message_is_a_payment_of_all_its_parts():
    payments, parties, faults = found(mt103(more=":52A:DEUTDEFF\r\n:57D://CC000300012\r\nTOWN BANK\r\n"))
    assert not faults
    row = {name: value for name, value in payments[0].items() if value is not None}
    assert row == {
        "report_key": "uetr:0a1b2c3d-1234-4abc-8def-0123456789ab",
        "origins": [],
        "observed_at": datetime(2026, 11, 24, tzinfo=UTC),
        "locator": "transaction 1",
        "payer": f"account:iban:{IBANS[0]}",
        "payee": "account:cacpa.000300012:7654321",
        "amount": Decimal("1234.50"),
        "currency": "EUR",
        "means": "wire",
        "memo": "INVOICE 12 OF NOVEMBER",
        "payer_bank": "DEUTDEFF",
        "payee_bank": "CACPA:000300012",
        "payer_seat": "DE",
    }
    assert [(one["role"], one["name"]) for one in parties] == [
        ("payer", "AINO EXAMPLE"),
        ("payee", "BETA TRADING"),
    ]


def test_banks_are_sender_and_receiver_where_no_field_names_them():
    row = found(mt103())[0][0]
    assert (row["payer_bank"], row["payee_bank"]) == ("NDEAFIHH", "ROYCCAT2")
    sent = mt103().replace(b"{2:O1031200261124NDEAFIHHAXXX22221234562611241200N}", b"{2:I103NDEAFIHHXXXXN}")
    row = found(sent)[0][0]
    assert (row["payer_bank"], row["payee_bank"]) == ("ROYCCAT2", "NDEAFIHH")


def test_without_a_uetr_the_sender_and_his_reference_are_the_key():
    assert found(mt103(uetr="", reference="R/7"))[0][0]["report_key"] == "NDEAFIHH/R/7"


def test_option_f_has_lines_with_numbers():
    payer = f"/{IBANS[0]}\r\n1/AINO\r\n1/EXAMPLE\r\n2/LAKE STREET 1\r\n3/FI/HELSINKI\r\n4/19700502\r\n7/SE/X1"
    _, parties, faults = found(mt103(payer=payer, option="F"))
    assert not faults
    payer = parties[0]
    assert (payer["name"], payer["schema"], payer["country"]) == ("AINO EXAMPLE", "Person", "FI")
    assert payer["birth_date"] == "1970-05-02"
    assert payer["identifiers"] == [{"system": "national-id", "number": "X1", "owner": "SE"}]


def test_option_a_names_a_bank():
    _, parties, _ = found(mt103(payer="/123\r\nDEUTDEFF", option="A"))
    assert parties[0]["subject"] == "company:bic:DEUTDEFF"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (mt103(settled="261124EUR1234.5"), "no date, currency and amount"),
        (mt103(settled="261124EUR12345"), "needs one comma"),
        (mt103(settled="261324EUR1,"), "is no date"),
        (mt103(settled="261124ZZZ1,"), "is no currency"),
        (mt103(settled="261124EUR0,"), "moves no money"),
        (mt103(payer="/FI2112345600000786\r\nAINO"), "is no IBAN"),
        (mt103(last=""), "its block 4 has no end"),
        (mt103().replace(b":23B:CRED\r\n", b""), "field 23B is missing"),
        (mt103().replace(b"O103", b"O202"), "but MT202"),
        (mt103().replace(b"AINO", b"A\xc4NO"), "beyond those of ASCII"),
        (mt103(payee="/1\r\n" + "X" * 70_000), "more than 65,536 bytes"),
    ],
)
def test_a_bad_message_is_a_fault_and_the_rest_is_read(data, reason):
    payments, _, faults = found(mt103() + data + mt103())
    assert [row["locator"] for row in payments] == ["transaction 1", "transaction 3"]
    assert [fault.locator for fault in faults] == ["transaction 2"]
    assert reason in faults[0].reason
    assert faults[0].raw == data[:65_536]


def test_a_block_without_a_field_is_a_fault():
    _, _, faults = found(b"{1:F01ROYCCAT2AXXX1234567890}{2:O103N}{4:{CHK1\n-}")
    assert [fault.reason.partition(" ")[0] for fault in faults] == ["field"]


def test_many_messages_are_read_in_pieces():
    payments, _, faults = found(mt103() * 5_000)
    assert not faults
    assert [row["locator"] for row in payments] == [f"transaction {i + 1}" for i in range(5_000)]


def test_it_is_recognised_and_each_locator_names_its_bytes():
    data = mt103() + mt103(reference="REF2")
    form = recognise(Head("x", data))
    assert form is not None
    assert form.name == "mt103"
    assert b"REF2" in piece(BytesIO(data), "transaction 2")
    assert piece(BytesIO(data), "transaction 3") is None


@pytest.mark.parametrize("data", [b"", b"hello", b":20:REF"])
def test_other_files_are_refused(data):
    with pytest.raises(FormatError, match="holds no FIN message"):
        found(data)


@settings(deadline=None, max_examples=draws(300))
@given(data=st.data())
def test_damage_gives_faults_or_a_format_error(data):
    good = mt103(more=":52A:DEUTDEFF\r\n") + mt103(payer="/1\r\n1/A\r\n3/FI/H", option="F")
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        _, _, faults = found(bytes(damaged[: data.draw(st.integers(0, len(good)))]))
    except FormatError:
        return
    assert all(fault.reason and fault.locator for fault in faults)
