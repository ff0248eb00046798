import pytest

from watchfloor.cell.weighing.weights import WeightError, load
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
    assert {strength for rule, strength in BITS if rule == "listed-name"} == {*strengths, "cleared"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[h.rule]\nmatch = 1.0\n", "no prior"),
        ("[h]\nprior = nan\n", "h.prior"),
        ("[h]\nprior = -3\n[h.rule]\nmatch = 'much'\n", "h.rule.match"),
        ("[h\n", "Expected"),
        ("[h]\nprior = -3\nrank = 0\n", "h.rank"),
        ("[h]\nprior = -3\nsd = -1\n", "h.sd"),
        ("[h]\nprior = -3\nsds = 1\n", "h.sds"),
        ("[h]\nprior = -3\n[h.rule]\nmatch = { sd = 1 }\n", "h.rule.match.bits"),
        ("[h]\nprior = -3\nbehind = ['i']\n", "'i' is no hypothesis"),
        ("[h]\nprior = -3\n[dependent.d]\nrules = ['r']\ncorrelation = 2\n", "dependent.d.correlation"),
    ],
)
def test_a_bad_table_names_its_row(tmp_path, text, names):
    path = tmp_path / "weights.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(WeightError, match=names):
        load(path)


def test_every_hypothesis_has_a_title_in_both_languages_and_hears_reports():
    for name, hypothesis in load().hypotheses.items():
        assert hypothesis.called("en") != hypothesis.called("fr")
        assert hypothesis.bits[f"reported.{name}", "A1"] > hypothesis.bits[f"reported.{name}", "F6"] > 0


def test_life_comes_before_crime():
    ranks = {name: hypothesis.rank for name, hypothesis in load().hypotheses.items()}
    assert {name for name, rank in ranks.items() if rank == 1} == {"life-at-risk"}


def test_what_lies_behind_others_takes_their_signals_at_a_share(tmp_path):
    path = tmp_path / "weights.toml"
    path.write_text(
        "[a]\nprior=-3\n[a.r]\nx=6.0\n[b]\nprior=-9\nbehind=['a']\n[shared.reported]\nA1=3.0\n", "utf-8"
    )
    bits = load(path).hypotheses["b"].bits
    assert bits["r", "x"] == pytest.approx(2.0)
    assert bits["reported", "A1"] == bits["reported.a", "A1"] == pytest.approx(1.0)
    assert bits["reported.b", "A1"] == 3.0


def test_a_row_may_say_how_sure_it_is(tmp_path):
    path = tmp_path / "weights.toml"
    path.write_text("[a]\nprior=-3\nsd=2.0\n[a.r]\nx={ bits=6.0, sd=0.4 }\ny=1.0\n", "utf-8")
    a = load(path).hypotheses["a"]
    assert (a.bits["r", "x"], a.sd_of("r", "x"), a.sd_of("r", "y")) == (6.0, 0.4, 2.0)
