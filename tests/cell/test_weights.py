import pytest

from watchfloor.cell.weights import WeightError, load


def test_the_packaged_table_loads_and_orders_the_strengths():
    bits = load().hypotheses["listed-entity"].bits
    match = bits["listed-name", "match"]
    assert (
        bits["listed-name", "match, birth date agrees"]
        > bits["listed-name", "match, birth year agrees"]
        > match
    )
    assert match > bits["listed-name", "match, birth date differs"] > bits["listed-name", "cleared"]
    assert match > bits["listed-name", "corroborate"]


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
