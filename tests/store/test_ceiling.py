import pyarrow as pa
import pytest

from watchfloor.core.marking import MarkingError, parse
from watchfloor.store.ceiling import above, holds, within


@pytest.mark.parametrize(
    ("ceiling", "marking", "held"),
    [
        ("PB", "PB//TLP:RED", True),
        ("PB", "PA//REL:CAN//UNTIL:2030-01-01", True),
        ("PB", "PC", False),
        ("PB", "C", False),
        ("S", "C", True),
        ("PB", "PB//COMP:X", False),
        ("PB//COMP:X,Y", "PB//COMP:X", True),
    ],
)
def test_levels_and_compartments_decide(ceiling, marking, held):
    assert holds(parse(ceiling), parse(marking)) is held
    assert within(parse(ceiling), pa.chunked_array([[marking], [], [marking]])).tolist() == [held, held]


def test_no_rows_and_no_such_marking():
    assert within(parse("PB"), pa.chunked_array([], pa.string())).tolist() == []
    with pytest.raises(MarkingError):
        within(parse("PB"), pa.chunked_array([["PD"]]))


@pytest.mark.parametrize(
    ("ceiling", "marking", "told"),
    [
        (
            "PB",
            "PC//UNTIL:2030-01-01",
            "above this floor's ceiling PB//TLP:CLEAR: a floor for it has the ceiling PC",
        ),
        (
            "PB",
            "PA//COMP:X,Y",
            "lacks the compartment X, Y: a floor for it has the ceiling PB//TLP:CLEAR//COMP:X,Y",
        ),
        (
            "PB//COMP:X",
            "S//COMP:X,Y",
            "lacks the compartment Y: a floor for it has the ceiling PB//S//TLP:CLEAR//COMP:X,Y",
        ),
    ],
)
def test_what_is_above_is_told_with_the_ceiling_that_would_hold_it(ceiling, marking, told):
    said = above(parse(ceiling), parse(marking))
    assert told in said
    assert holds(parse(said.rpartition(" ")[2]), parse(marking))
