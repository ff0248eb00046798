import pytest

from watchfloor.cell.weights import WeightError, load
from watchfloor.desks.listings.desk import BIRTHS

BITS = load().hypotheses["listed-entity"].bits


def test_the_packaged_table_orders_the_strengths():
    def of(strength):
        return BITS["listed-name", strength]

    for band in ("exact", "match", "corroborate"):
        dated, year, close = (
            of(f"{band}, birth {how}") for how in ("date agrees", "year agrees", "date close")
        )
        assert dated > year > close > of(band) > of(f"{band}, birth date differs")
    assert of("exact") > of("match") > of("corroborate") > of("cleared")


def test_each_strength_of_the_listings_desk_has_a_weight():
    strengths = {f"{band}{birth}" for band in ("exact", "match", "corroborate") for birth in BIRTHS.values()}
    assert {strength for _, strength in BITS} == {*strengths, "cleared"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[h.rule]\nmatch = 1.0\n", "no prior"),
        ("[h]\nprior = nan\n", "h.prior"),
        ("[h]\nprior = -3\n[h.rule]\nmatch = 'much'\n", "h.rule.match"),
        ("[h\n", "Expected"),
    ],
)
def test_a_bad_table_names_its_row(tmp_path, text, names):
    path = tmp_path / "weights.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(WeightError, match=names):
        load(path)
