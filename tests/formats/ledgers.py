"""Ledgers for tests: cells of payments, good and bad, and what a slow and plain reader makes of them."""

import csv
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from io import StringIO

from hypothesis import strategies as st

HEADER = ("payment_id", "at", "payer", "payee", "payer_bank", "payee_bank", "amount", "currency")
OTHER = {
    "payment_id": "Transaction ID",
    "at": "Timestamp",
    "payer": "from_account",
    "payee": "Beneficiary",
    "payer_bank": "Debtor Agent",
    "payee_bank": "to bank",
    "amount": "Montant",
    "currency": "Devise",
}
"""Other names of the same columns."""
CELLS = {
    "payment_id": st.sampled_from(["P1", "P2", "P3", "P4", "P5", ""]),
    "at": st.sampled_from(
        [
            "2026-01-01T00:00:00Z",
            "2026-01-01 00:00:00",
            "2025-12-31T23:00:00-01:00",
            "2026-03-01",
            "2026-02-30",
            "x",
            "",
        ]
    ),
    "payer": st.sampled_from(["A", "B", "C", "", "FI2112345600000785"]),
    "payee": st.sampled_from(["A", "B", "D", "nan", "FI2112345600000785"]),
    "payer_bank": st.sampled_from(["1", "2", ""]),
    "payee_bank": st.sampled_from(["1", "3", ""]),
    "amount": st.sampled_from(
        ["1.50", "0.000000000000000001", "0", "-3", "inf", "NaN", "", "ten", "1e3", "1,234.50"]
    ),
    "currency": st.sampled_from(["CAD", "usd", "US Dollar", "BTC", "", "ZZZ"]),
}
GOOD = {
    "payment_id": st.just("P1"),
    "at": st.just("2026-01-01T00:00:00Z"),
    "payer": st.just("A"),
    "payee": st.just("B"),
    "payer_bank": st.just("1"),
    "payee_bank": st.just("1"),
    "amount": st.just("1.50"),
    "currency": st.just("CAD"),
}
ROW = st.tuples(*(GOOD[name] | CELLS[name] for name in HEADER)).map(
    lambda cells: dict(zip(HEADER, cells, strict=True))
)
CODES = {"CAD": "CAD", "usd": "USD", "US Dollar": "USD", "BTC": "XBT"}


def text_of(header, rows, delimiter=","):
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def slowly(rows):
    """Payments by id and position, and the reason of each refused row, as the documentation says it."""
    kept, refused, first = [], {}, {}
    for number, row in enumerate(rows):
        reason, made = judged(row)
        if not reason:
            named = row["payment_id"] or f"row {number + 1}"
            key = (row["payer_bank"], named)
            if key in first:
                reason = "repeat" if first[key] == made else "clash"
            else:
                first[key] = made
                kept.append((named, number, made))
        if reason:
            refused[number] = reason
    return sorted(kept, key=lambda one: (one[2][0], one[1])), refused


def judged(row):
    if not row["payer"]:
        return "payer", None
    if row["payee"] == "nan":
        return "payee", None
    amount, why = money(row["amount"])
    if why:
        return why, None
    if row["currency"] not in CODES:
        return "currency", None
    try:
        at = datetime.fromisoformat(row["at"])
    except ValueError:
        return "time", None
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return "", (
        at,
        row["payer"],
        row["payee"],
        row["payer_bank"],
        row["payee_bank"],
        amount,
        CODES[row["currency"]],
    )


def money(text):
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None, "amount"
    if not amount.is_finite():
        return None, "amount"
    return (amount, "") if amount > 0 else (None, "zero" if amount == 0 else "negative")


WORDS = {
    "payer": ("no payer",),
    "payee": ("no payee",),
    "amount": ("no amount", "the amount is no number"),
    "zero": ("the amount is zero",),
    "negative": ("the amount is negative",),
    "currency": ("no currency", "the currency is unknown"),
    "time": ("no time", "the time is none that a calendar has"),
    "repeat": ("an exact repeat of an earlier row",),
    "clash": ("the id of an earlier payment, with another content",),
}
"""The reasons that the reader gives, for each that the slow one does."""
