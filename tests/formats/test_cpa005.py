"""Automated funds transfers, CPA Standard 005."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.aft import RECORD, SEGMENT, file, header, record, segment, trailer
from tests.thorough import draws

from watchfloor.core.kinds import PAYMENT
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.payments import cpa005
from watchfloor.formats.payments.cpa005 import FORMAT, piece, read, sniff
from watchfloor.formats.registry import recognise

GOOD = file(
    header(),
    record("C", 2, [segment(), segment(cents="0000000166", account="99")]),
    record("D", 3, [segment(type="450", reference="", sundry="RENT")]),
    trailer(4, debits=(1234, 1), credits_=(1400, 2)),
)


def found(data):
    pieces = list(read(BytesIO(data), "aft.txt"))
    rows = [row for item in pieces if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in pieces if isinstance(item, Fault)]


def one(**said):
    rows, faults = found(file(header(), record("C", 2, [segment(**said)]), trailer(3)))
    return rows, [fault.reason for fault in faults if not fault.partly]


def test_a_segment_is_240_characters_and_a_record_1464():
    assert len(segment()) == SEGMENT
    assert all(len(line) == RECORD for line in (header(), record("C", 2, [segment()] * 6), trailer(3)))


def test_credits_and_debits():
    rows, faults = found(GOOD)
    assert not faults
    first, second, third = rows
    assert first["observed_at"] == datetime(2026, 2, 1, tzinfo=UTC)
    assert (first["payer"], first["payee"]) == ("account:1:12345-7654321", "account:3:05692-1234567")
    assert (first["payer_bank"], first["payee_bank"]) == ("0001", "0003")
    assert (first["amount"], first["currency"], first["means"]) == (Decimal("12.34"), "CAD", "transfer")
    assert (first["channel"], first["purpose"], first["memo"]) == ("aft", "200", "PAY 17")
    assert first["report_key"] == "8090012300:026030:0042:000000002.1"
    assert second["payee"] == "account:3:05692-99"
    assert (third["payer"], third["payee"]) == ("account:3:05692-1234567", "account:1:12345-7654321")
    assert (third["purpose"], third["memo"]) == ("450", "RENT")
    assert len({row["report_key"] for row in rows}) == 3


def test_a_record_is_one_step_from_its_bytes():
    rows, _ = found(GOOD)
    assert piece(BytesIO(GOOD), rows[1]["locator"]) == segment(cents="0000000166", account="99").encode()


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
def test_records_stand_one_a_line_or_without_line_ends(end):
    data = file(header(), record("C", 2, [segment()] * 6), trailer(3, credits_=(7404, 6)), end=end)
    rows, faults = found(data)
    assert (len(rows), faults) == (6, [])


@pytest.mark.parametrize("chunk", [1, 700, 6000])
def test_a_file_in_chunks_with_blank_lines_gives_what_the_whole_gives(chunk, monkeypatch):
    lines = [header(), *[record("C", 2, [segment()])] * 5, trailer(3, credits_=(6170, 5))]
    data = ("\r\n" * 900).join(lines).encode() + b"\r\n" * 9000
    whole = list(cpa005._records(BytesIO(data)))
    assert [data[at:].startswith(raw) for at, raw, _ in whole] == [True] * 7
    monkeypatch.setattr(cpa005, "_CHUNK", chunk)
    assert list(cpa005._records(BytesIO(data))) == whole


def test_records_whose_blank_end_was_cut():
    lines = [header().rstrip(), record("C", 2, [segment()]).rstrip(), trailer(3, credits_=(1234, 1)).rstrip()]
    rows, faults = found(file(*lines, end="\n"))
    assert (len(rows), faults) == (1, [])


def test_accents_in_one_byte_or_two():
    lines = (header(), record("C", 2, [segment(name="HÉLÈNE", account="55")]), trailer(3, credits_=(1234, 1)))
    for encoding in ("latin-1", "utf-8"):
        rows, faults = found("\n".join(lines).encode(encoding))
        assert ([row["payee"] for row in rows], faults) == (["account:3:05692-55"], [])


def test_without_an_account_for_returns_the_originator_is_a_company():
    rows, _ = one(return_account="", return_institution="0" * 9)
    assert rows[0]["payer"] == "company:aft:8090012300"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"cents": "0000000000"}, "no number of cents"),
        ({"cents": "00000012.4"}, "no number of cents"),
        ({"day": "026366"}, "0YYDDD"),
        ({"day": "026000"}, "0YYDDD"),
        ({"account": ""}, "account is empty"),
        ({"institution": "X" * 9}, "account is empty"),
    ],
)
def test_what_is_wrong_is_said(said, reason):
    rows, faults = one(**said)
    assert rows == []
    assert len(faults) == 1
    assert reason in faults[0]


def test_the_366th_day_is_one_of_a_leap_year():
    assert one(day="024366")[0][0]["observed_at"] == datetime(2024, 12, 31, tzinfo=UTC)


def test_sums_that_the_trailer_does_not_bear_out_are_told():
    _, faults = found(file(header(), record("C", 2, [segment()]), trailer(3, credits_=(9999, 2))))
    assert [(fault.partly, fault.rest) for fault in faults] == [(True, False)]
    assert faults[0].reason == "the trailer says 2 credits of 99.99 in all; 1 of 12.34 were read"


def test_a_file_without_its_trailer_was_cut():
    rows, faults = found(file(header(), record("C", 2, [segment()])))
    assert len(rows) == 1
    assert faults[-1].rest


@pytest.mark.parametrize("kind", "EFIJSUX")
def test_other_records_are_no_payments(kind):
    rows, faults = found(file(header(), record(kind, 2, [segment()]), trailer(3)))
    assert rows == []
    assert "no payment" in faults[0].reason


@pytest.mark.parametrize("data", [b"", b"hello\n", b"C" * RECORD, file(header(currency="EUR"))])
def test_what_is_no_such_file_is_refused(data):
    with pytest.raises(FormatError):
        found(data)


def test_dollars_of_the_other_country():
    rows, _ = found(file(header(currency="USD"), record("C", 2, [segment()]), trailer(3)))
    assert rows[0]["currency"] == "USD"


def test_it_is_recognised():
    assert recognise(Head("aft.txt", GOOD)) is FORMAT
    assert sniff(Head("x", b"A00000000")) == 0.0


@settings(deadline=None, max_examples=draws(200))
@given(data=st.data())
def test_damage_gives_faults_or_a_format_error(data):
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(0, 5))):
        damaged[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        for item in read(BytesIO(bytes(damaged[: data.draw(st.integers(0, len(GOOD)))])), "x"):
            assert item.reason if isinstance(item, Fault) else item.rows.schema.equals(PAYMENT.body)


@settings(deadline=None, max_examples=draws(100))
@given(data=st.binary(max_size=3000))
def test_any_bytes_behind_a_header_give_faults(data):
    _, faults = found(header().encode() + b"\n" + data)
    assert faults or not data.strip()
