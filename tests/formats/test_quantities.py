"""Numbers with separators and units, as plain numbers of a field."""

import pyarrow as pa
import pytest

from watchfloor.formats.tabular.quantities import Quantity, in_name, numbers, of_field, problem

PIECES, MASS = of_field("declaration", "pieces"), of_field("declaration", "mass")
AMOUNT = of_field("payment", "amount")


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1,234", "", "1234"),
        ("1.234.567", "", "1234567"),
        ("2.000", "", None),  # 2 pieces of three decimals, or two thousand
        ("2.000", ".", "2"),
        ("2,000", ",", "2"),
        ("2.000", ",", "2000"),
        ("1,2.0", "", None),
    ],
)
def test_a_count_is_read_in_one_way_or_not_at_all(text, decimal, number):
    assert numbers(pa.array([text, "5 pcs"]), PIECES, decimal=decimal).values.to_pylist() == [number, "5"]


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [("1,234", "", None), ("1,234", ".", "1234"), ("1,234", ",", "1.234"), ("1.234", "", "1.234")],
)
def test_a_mass_is_read_in_one_way_or_not_at_all(text, decimal, number):
    assert numbers(pa.array([text, "5 kg"]), MASS, decimal=decimal).values.to_pylist() == [number, "5"]


@pytest.mark.parametrize("text", ["1e9999999", "1e-9999999", "9" * 1_000_000, "--5", "5-", "0x10"], ids=len)
def test_what_is_no_number_is_told_and_ends_nothing(text):
    found = numbers(pa.array([text, "2 g"]), MASS)
    assert (found.values.to_pylist(), list(found.wrong)) == ([None, "0.002"], [0])


@pytest.mark.parametrize(("currency", "number"), [("", "5"), ("CAD", "5"), ("EUR", None)])
def test_a_dollar_sign_is_of_no_other_currency(currency, number):
    assert numbers(pa.array(["$5", "5.00"]), AMOUNT, currency).values.to_pylist() == [number, "5"]


@pytest.mark.parametrize(
    ("column", "dimension", "unit"),
    [
        ("kg", "mass", "kg"),
        ("LBS", "mass", "lbs"),
        ("Net weight kg", "mass", "kg"),
        ("kg", "count", ""),
        ("Length (ft)", "length", "ft"),
        ("Qty kg", "count", "kg"),
        ("weight", "mass", ""),
    ],
)
def test_the_unit_that_a_name_states(column, dimension, unit):
    assert in_name(column, dimension) == unit


def test_a_word_for_two_units_is_none():
    """In French `mille` is a statute mile on land and a nautical one at sea; `Mg` is no `mg`."""
    assert problem(Quantity("length", "m"), "milles")
    assert problem(Quantity("mass", "g"), "Mg")
    assert not problem(Quantity("length", "m"), "milles marins")
    assert not problem(Quantity("mass", "g"), "MG")
