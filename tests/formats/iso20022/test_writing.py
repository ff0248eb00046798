"""What is written as pacs.008 is read back."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.iso20022.made import IBANS, LEI
from tests.thorough import draws

from watchfloor.core.kinds import PARTY, PAYMENT
from watchfloor.formats.base import Batch, Head
from watchfloor.formats.payments.iso20022.file import read, write
from watchfloor.formats.registry import recognise

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12).filter(
    lambda text: "\ufffe" not in text and "\uffff" not in text
)
MONEY = st.decimals(Decimal("0.01"), Decimal("9999999999999.99"), places=2)
FINE = st.decimals(Decimal("0.00001"), Decimal("999999999.99999"), places=5).filter(
    lambda value: -value.normalize().as_tuple().exponent > 2
)
KEY = st.uuids().map(lambda one: f"uetr:{one}") | st.tuples(st.sampled_from(["M1", "M2"]), TEXT).map("/".join)
BIC = ("NDEAFIHH", "FI")
CLEARED = ("CACPA:000300012", "CA")
SIDE = st.sampled_from(
    [
        (f"account:iban:{IBANS[0]}", *BIC),
        (f"account:iban:{IBANS[1]}", "Old Bank", "GB"),
        ("account:ndeafihh:123", *BIC),
        ("account:cacpa.000300012:7654321", *CLEARED),
        ("account:account:7", None, None),
        ("account:account:7", None, "CA"),
        ("account:account:8", LEI, "US"),
        (None, None, None),
    ]
)


@st.composite
def payment(draw):
    """A payment that pacs.008 can hold."""
    row = dict.fromkeys(PAYMENT.body.names)
    payer, payee = draw(SIDE), draw(SIDE)
    fine = draw(st.none() | FINE)
    amount = draw(MONEY) if fine is None else round(fine, 2)
    return row | {
        "report_key": draw(KEY),
        "origins": [],
        "observed_at": draw(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
        "amount": amount,
        "amount_fine": fine,
        "currency": draw(st.sampled_from(["CAD", "EUR", "KWD"])),
        "means": draw(st.sampled_from(["wire", "transfer"])),
        "payer": payer[0],
        "payer_bank": payer[1],
        "payer_seat": payer[2],
        "payee": payee[0],
        "payee_bank": payee[1],
        "payee_seat": payee[2],
        "handle": draw(st.none() | TEXT),
        "memo": draw(st.none() | TEXT),
        "purpose": draw(st.none() | TEXT),
    }


@st.composite
def named(draw, key, role, when):
    """A party of a payment."""
    person = draw(st.booleans())
    own = [] if person else [{"system": "lei", "number": LEI, "owner": None}]
    other = draw(
        st.lists(
            st.fixed_dictionaries({"system": st.just("passport"), "number": TEXT, "owner": st.none() | TEXT}),
            max_size=3,
        )
    )
    numbers = own + other
    return dict.fromkeys(PARTY.body.names) | {
        "report_key": f"{key}#{role}",
        "origins": [],
        "observed_at": when,
        "subject": None if person else f"company:lei:{LEI}",
        "role": role,
        "name": draw(TEXT),
        "schema": ("Person" if numbers else None) if person else "Organization",
        "country": draw(st.sampled_from([None, "FI"])),
        "identifiers": numbers,
        "context": f"pacs.008 {key}",
    }


@st.composite
def file(draw):
    """Payments and their parties, in the order in which they are read back."""
    rows = draw(st.lists(payment(), min_size=1, max_size=5, unique_by=lambda row: row["report_key"]))
    roles = ("payer", "payee", "ultimate-payer", "ultimate-payee")
    parties = []
    for role in roles:
        parties += [
            draw(named(row["report_key"], role, row["observed_at"])) for row in rows if draw(st.booleans())
        ]
    return rows, parties


def table(kind, rows):
    """Rows of a kind."""
    return Batch(kind, pa.Table.from_pylist([{**row, "locator": ""} for row in rows], schema=kind.body))


def expected(row, parties):
    """A payment as it is read: where it has no account, a company named with its LEI stands for it."""
    known = {one["report_key"]: one["subject"] for one in parties}
    for side in ("payer", "payee"):
        row = row | {side: row[side] or known.get(f"{row['report_key']}#{side}")}
    return row


@settings(deadline=None, max_examples=draws(200, 10))
@given(file())
def test_what_is_written_is_read_back(made):
    rows, parties = made
    out = BytesIO()
    write([table(PAYMENT, rows), table(PARTY, parties)], out)
    form = recognise(Head("x", out.getvalue()))
    assert form is not None
    assert form.name == "iso20022"
    pieces = list(read(BytesIO(out.getvalue()), "x"))
    assert all(isinstance(one, Batch) for one in pieces), pieces
    payments = [
        row | {"locator": None} for one in pieces if one.kind is PAYMENT for row in one.rows.to_pylist()
    ]
    assert payments == [expected(row, parties) for row in rows]
    back = [row | {"locator": None} for one in pieces if one.kind is PARTY for row in one.rows.to_pylist()]
    assert back == parties


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"report_key": "7"}, "is no uetr"),
        ({"report_key": None}, "is no uetr"),
        ({"amount": Decimal(0)}, "no amount of 0"),
        ({"amount_fine": Decimal("0.0000001")}, "5 decimals"),
        ({"means": "cash"}, "no payment by cash"),
        ({"payer": "person:bank:7"}, "holds accounts, not"),
    ],
)
def test_what_cannot_be_written_is_refused(change, why):
    row = dict.fromkeys(PAYMENT.body.names) | {
        "report_key": "M/1",
        "observed_at": datetime(2026, 11, 24, tzinfo=UTC),
        "amount": Decimal(1),
        "currency": "CAD",
        "means": "wire",
    }
    with pytest.raises(ValueError, match=why):
        write([table(PAYMENT, [row | change])], BytesIO())
