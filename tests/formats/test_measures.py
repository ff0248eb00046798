from decimal import Decimal
from math import inf, nan

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.formats.tabular import measures

AMOUNTS = st.decimals(0, Decimal("9999999999999999.99"), places=2)


@settings(deadline=None)
@given(st.lists(AMOUNTS, max_size=5))
def test_an_amount_is_exact(amounts):
    found = measures.amount(pa.array([str(one) for one in amounts], pa.string()))
    assert not found.wrong
    assert found.values.to_pylist() == amounts


@settings(deadline=None)
@given(AMOUNTS, st.sampled_from([",.", " ,", "\u202f,", "\u00a0.", ".,"]))
def test_an_amount_is_read_as_english_and_french_forms_write_it(amount, signs):
    thousands, point = signs
    text = f"{amount:,.2f}".translate(str.maketrans({",": thousands, ".": point}))
    assert measures.amount(pa.array([text])).values.to_pylist() == [amount]


AMBIGUOUS = ["1,234", "1.234", "1 23", "1,23,4.50", "1,234,567", "-5", "1e3", "", "5 CAD", "9" * 17]


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_what_could_be_read_in_two_ways_is_no_amount(text):
    assert "no amount such as 1234.50 or 1 234,50" in measures.amount(pa.array([text])).wrong[0]


@settings(deadline=None)
@given(st.floats(0, allow_infinity=False))
def test_a_measure_is_read_as_it_is_written(value):
    assert measures.measure(pa.array([repr(value)])).values.to_pylist() == [value]


@pytest.mark.parametrize("text", [str(inf), str(nan), "-1", "1_0", "1,5", "heavy"])
def test_what_is_no_measure_is_refused(text):
    assert 0 in measures.measure(pa.array([text])).wrong


def test_a_list_with_one_bad_number_is_bad():
    found = measures.measures(pa.array(["1;2.5", "1;x", None]))
    assert found.values.to_pylist() == [[1.0, 2.5], None, None]
    assert list(found.wrong) == [1]


def test_currencies_are_three_letters():
    found = measures.currency(pa.array(["cad", "C$", "EUR"]))
    assert found.values.to_pylist() == ["CAD", None, "EUR"]
    assert "such as CAD" in found.wrong[1]


def test_words_of_a_set_are_taken_as_people_write_them():
    found = measures.one_of(["gc-ms", "not-detected"])(pa.array(["GC MS", "Not detected", "gcsm"]))
    assert found.values.to_pylist() == ["gc-ms", "not-detected", None]
    assert "did you mean 'gc-ms'" in found.wrong[2]


def test_a_key_of_another_type_is_refused():
    found = measures.key_of("account", "person")(pa.array(["account:bank:1", "parcel:bank:1", "account"]))
    assert found.values.to_pylist() == ["account:bank:1", None, None]
    assert "the key of no account or person" in found.wrong[1]


def test_masses_are_read_in_their_units():
    written = ["1 mg", "2 g", "3kg", "4 t", "1 lb", "16 oz", "5"]
    found = measures.mass(pa.array([*written, "1 st"]))
    assert found.values.to_pylist() == [0.001, 2.0, 3000.0, 4e6, 453.59237, 453.59237, 5.0, None]
    assert list(found.wrong) == [7]
