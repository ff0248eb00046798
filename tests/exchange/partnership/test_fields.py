import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.partnership.banks import CODE

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.partnership.code import read
from watchfloor.exchange.partnership.fields import FieldRow, check, load, telling

FIELDS = read(CODE).file.fields


@given(st.integers(-50, 150))
def test_a_number_is_one_of_its_steps(value):
    assert FIELDS["pass_through"].holds(value) == (0 <= value <= 100 and value % 5 == 0)


@given(st.dates(date(2025, 6, 1), date(2027, 6, 1)))
def test_a_day_lies_between_two_days(day):
    assert FIELDS["first_day"].holds(day.isoformat()) == (day.year == 2026)


@pytest.mark.parametrize("value", [True, 5.0, "5", None, [5], {"a": 1}])
def test_a_number_of_another_type_is_none(value):
    assert not FIELDS["pass_through"].holds(value)


@pytest.mark.parametrize("value", ["2026-02-30", "20260201", "2026-2-1", 20260201, None])
def test_a_day_in_another_spelling_is_none(value):
    assert not FIELDS["first_day"].holds(value)


@pytest.mark.parametrize("value", [["0" * 31], ["G" * 32], ["0" * 32] * 3, "0" * 32, [1], ["account:test:1"]])
def test_links_are_a_few_tokens(value):
    assert not FIELDS["links"].holds(value)
    assert FIELDS["links"].holds(["0" * 32] * 2)
    assert FIELDS["links"].holds([])


@pytest.mark.parametrize(("name", "values"), [("pass_through", 21), ("band", 2), ("first_day", 365)])
def test_the_bits_of_a_value_count_its_values_and_that_there_may_be_none(name, values):
    row = FIELDS[name]
    assert row.bits == math.log2(values + 1)
    days = (date(2026, 1, 1) + timedelta(n) for n in range(-400, 800))
    tried = [*range(-9, 200), *row.values, *(day.isoformat() for day in days)]
    assert sum(map(row.holds, tried)) == values


@pytest.mark.parametrize(
    "word",
    [
        *(
            "str",
            "STR filed",
            "str_filed",
            "reported",
            "was-reported",
            "suspicious_transaction",
            "sar",
            "SARs",
        ),
        *(
            "déclaration d’opérations douteuses",
            "dod",
            "signalé",
            "sent to FINTRAC",
            "CANAFE",
            "filing",
            "lctr",
        ),
    ],
)
def test_a_word_that_tells_of_a_report_is_known(word):
    assert telling(word)


@pytest.mark.parametrize(
    "word", ["structuring", "pass_through", "strength", "street", "first_day", "smurfing"]
)
def test_a_word_that_tells_of_none_is_free(word):
    assert not telling(word)


def test_a_file_of_fields_is_read_by_its_columns():
    text = "subject,pass_through,band,links\naccount:test:1,95,high,account:test:2 account:test:3\n"
    text += "account:test:4,,low,\n"
    assert load(text, FIELDS, "x") == {
        "account:test:1": {"pass_through": 95, "band": "high", "links": ["account:test:2", "account:test:3"]},
        "account:test:4": {"band": "low"},
    }


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("subject,name\na,\n", "field-not-named"),
        ("subject,str_filed\na,1\n", "tells-of-report"),
        ("subject,band\na,reported\n", "tells-of-report"),
        ("subject,pass_through\na,3\n", "bad-value"),
        ("subject,pass_through\na,many\n", "bad-value"),
        ("subject,links\na,x y z\n", "bad-value"),
    ],
)
def test_a_file_with_a_column_or_a_value_that_the_code_does_not_name_is_refused(text, name):
    with pytest.raises(Refusal) as error:
        load(text, FIELDS, "x")
    assert error.value.reason.message == f"partnership.{name}"


@given(
    st.dictionaries(
        st.text(max_size=8), st.one_of(st.text(max_size=8), st.integers(), st.lists(st.text())), max_size=3
    )
)
def test_nothing_passes_but_what_the_code_names(given_):
    fit = all(name in FIELDS and FIELDS[name].holds(value) for name, value in given_.items())
    try:
        check(FIELDS, "x", given_)
        passed = True
    except Refusal:
        passed = False
    assert passed == fit


def test_a_wrong_row_is_told():
    assert list(FieldRow(of="number", low=1).wrong("x"))
    assert list(FieldRow(of="choice", values=("a",)).wrong("Bad Name"))
    assert not list(FieldRow(of="choice", values=("a",)).wrong("good"))
