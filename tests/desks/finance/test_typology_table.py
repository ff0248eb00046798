"""The documentation has the table that the typologies give."""

from pathlib import Path

from watchfloor.desks.finance.typologies.columns import COLUMNS
from watchfloor.desks.finance.typologies.table import rates, table

PAGE = (Path(__file__).parents[3] / "docs/finance-typologies.md").read_text("utf-8")


def test_the_page_has_the_table_as_it_is():
    """`python -c "from watchfloor.desks.finance.typologies.table import table; print(table())"` writes it."""
    assert PAGE.endswith(table())


def test_the_page_has_the_rates_as_the_benchmark_wrote_them():
    """`./dev bench finance.indicators --write` writes them."""
    assert rates() in PAGE


def test_the_page_names_what_is_known_of_a_side():
    for name in COLUMNS:
        if "." in name:
            assert f".{name.partition('.')[2]}`" in PAGE
