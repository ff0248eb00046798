"""The language: what is read, what is refused and where, and what it is over columns."""

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.desks.finance.typologies.evaluate import Evaluation
from watchfloor.desks.finance.typologies.expressions import (
    Binary,
    ExpressionError,
    Name,
    Number,
    Window,
    parse,
)
from watchfloor.desks.finance.typologies.frame import Frame


def test_and_binds_tighter_than_or_and_arithmetic_than_comparison():
    read = parse("amount + 2 * 3 >= 7 or across and amount < 1")
    assert isinstance(read, Binary)
    assert read.sign == "or"
    assert read.left == Binary(
        ">=", Binary("+", Name("amount"), Binary("*", Number(2), Number(3))), Number(7)
    )


def test_a_window_is_read_with_its_condition():
    read = parse("distinct payer into alike over 7d where means = 'cash' and amount < most", {"most": 10})
    assert isinstance(read, Window)
    assert (read.what, read.column, read.of, read.alike) == ("distinct", "payer", "into", True)
    assert read.width == 7 * 86_400_000_000
    assert read.where == parse("means = 'cash' and amount < 10")


def test_widths_may_be_parameters():
    assert parse("count pair over day", {"day": "24h"}) == parse("count pair over 24h")


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("amount >=", 9, "the end stands where"),
        ("amount & 3", 7, "'&' belongs to no word"),
        ("count over 7d", 6, "into, outof, pair, back or by"),
        ("count into over 7", 16, "a width such as 24h"),
        ("(amount > 3", 11, "')'"),
        ("amount > 3 across", 11, "the end, 'and' or 'or'"),
        ("memo has 'x'", 9, "the name of a word list"),
        ("3 in ('a')", 2, "asks about a column"),
        ("amount > day", 9, "is a width"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text, at, says):
    with pytest.raises(ExpressionError) as caught:
        parse(text, {"day": "24h"})
    assert caught.value.at == at
    assert says in str(caught.value)


FRAME = Frame(
    pa.table(
        {
            "time": pa.array([0, 1, 2], pa.int64()),
            "cents": pa.array([500, 1000, 2000], pa.int64()),
            "payer": ["a", "b", None],
            "payee": ["b", "b", "c"],
            "currency": ["CAD", "CAD", "USD"],
            "means": ["cash", None, "wire"],
            "conductor": ["x", "y", None],
            "payee.holder": ["x", "z", "x"],
            "payee.naics": ["3254", None, "7132"],
            "across": pa.array([True, None, False]),
        }
    )
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("amount >= 10", [0, 1, 1]),
        ("amount % 10 = 0", [0, 1, 1]),
        ("amount / 2 + 1 < 7 - 2 * 1", [1, 0, 0]),
        ("means = 'cash'", [1, 0, 0]),
        ("means != 'cash'", [0, 0, 1]),  # what is not known is not so
        ("not means = 'cash'", [0, 1, 1]),
        ("means in ('cash', 'wire')", [1, 0, 1]),
        ("payee.naics starts ('325', '4184')", [1, 0, 0]),
        ("conductor != payee.holder", [0, 1, 0]),
        ("conductor = payee.holder", [1, 0, 0]),
        ("known(conductor)", [1, 1, 0]),
        ("across", [1, 0, 0]),
        ("not across", [0, 1, 1]),
        ("device = 'd'", [0, 0, 0]),
        ("payer_balance_before > 0", [0, 0, 0]),
        ("payer_balance_before != 0", [0, 0, 0]),
    ],
)
def test_conditions_over_columns(text, holds):
    assert Evaluation(FRAME).truth(parse(text), np.arange(3)).tolist() == [bool(one) for one in holds]
