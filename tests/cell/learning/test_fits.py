import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cell.toy import OFFICER, READER, TABLE, TEXT, lead_of, make, now, report
from tests.thorough import draws

from watchfloor.cell.learning.fits import fits, keep, refuse_fitted, written
from watchfloor.cell.learning.refit import Fit, Refitted, Row, refit
from watchfloor.cell.weighing.weights import WeightError, load, parse, text_of
from watchfloor.policy.policy import Reader


@pytest.fixture
def floor(tmp_path):
    made = make(tmp_path / "floor", {"ann": [("scan", "dense")], "bo": [("scan", "odd")]})
    report(made, "ann", "seized")
    report(made, "bo", "cleared")
    return made


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "table.toml"
    found.write_text(TEXT, encoding="utf-8")
    return found


def kept(floor, path):
    fit = refit(floor, READER, TABLE, now())
    text = written(path, TABLE, fit)
    with floor.writer(OFFICER) as writer:
        return fit, text, keep(writer, fit, text)


def test_the_new_table_loads_and_keeps_all_that_was_not_fitted(floor, path):
    fit, text, _ = kept(floor, path)
    (one,) = fit.hypotheses
    new = parse(text, "new").hypotheses["smuggling"]
    assert new.prior == pytest.approx(one.new_prior, abs=0.005)
    assert {(row.rule, row.strength): round(row.new, 2) for row in one.rows} == {
        pair: bits for pair, bits in new.bits.items() if pair != ("tip", "B2")
    }
    assert new.bits["tip", "B2"] == 2.0
    assert new.rank == 2
    for comment in ("# Our table.", "# judgement", "# Bits of the scanner."):
        assert comment in text
    assert written(path, TABLE, fit) == text


def test_a_table_of_a_table_has_one_stamp(floor, path):
    fit, text, _ = kept(floor, path)
    path.write_text(text, encoding="utf-8")
    again = written(path, parse(text, "new"), fit)
    assert again.count("# Refitted:") == 1
    assert f"2 leads with an outcome, as of log position {fit.position}" in again.splitlines()[0]
    assert "PB//TLP:AMBER" in again.splitlines()[0]


def test_a_fit_is_found_by_the_records_it_was_made_from(floor, path):
    fit, _, position = kept(floor, path)
    (found,) = fits(floor, READER)
    assert (found.position, found.base, found.read) == (position, TABLE.digest, fit.position)
    assert found.records == tuple(record.hex() for record in fit.records)
    assert fits(floor, READER, fit.records[0].hex()[:8]) == [found]
    assert fits(floor, READER, "00ff00ff00ff") == []
    assert fits(floor, Reader("public", protected=0)) == []


@pytest.mark.parametrize("which", ["outcome", "party"])
def test_erasing_a_record_erases_what_was_kept_of_its_fits(floor, path, which):
    _, _, position = kept(floor, path)
    record = floor.read(which, READER).column("record_id")[0].as_py()
    with floor.writer(OFFICER) as writer:
        erasure = writer.erase([record], "asked", category="consent")
    (found,) = fits(floor, READER)
    assert (found.position, found.erased, found.records) == (position, erasure.position, ())
    (act,) = floor.acts(erasure.position, erasure.position)
    assert position in act.detail["shown"]
    assert not list(floor.verify())


def test_a_fitted_table_is_refused_since_its_outcomes_would_count_twice(floor, path):
    refuse_fitted(floor, TABLE)
    _, text, position = kept(floor, path)
    with pytest.raises(WeightError, match=rf"at position {position} .* count twice"):
        refuse_fitted(floor, parse(text, "new"))


def packaged(rows):
    table = load()
    names = sorted({name for name, _ in rows})
    made = []
    for name in names:
        hypothesis = table.hypotheses[name]
        of = tuple(
            Row(*pair, hypothesis.bits[pair], hypothesis.sd_of(*pair), bits, sd, 1, 1)
            for (where, pair), (bits, sd) in rows.items()
            if where == name
        )
        made.append(Refitted(name, hypothesis.prior, hypothesis.prior_sd, -9.5, 0.5, of, 1, 1, 0))
    return table, Fit(table.digest, 7, tuple(made), (), "U//TLP:CLEAR", ())


PAIRS = [(name, pair) for name, one in load().hypotheses.items() for pair in one.bits]


@settings(max_examples=draws(500, quick=40))
@given(
    st.dictionaries(
        st.sampled_from(PAIRS), st.tuples(st.floats(-20, 20), st.floats(0.01, 5)), min_size=1, max_size=6
    )
)
@pytest.mark.thorough
def test_any_row_of_the_packaged_table_can_be_put_in_place(rows):
    table, fit = packaged(rows)
    text = written(None, table, fit)
    new = parse(text, "new")
    for (name, pair), (bits, sd) in rows.items():
        assert new.hypotheses[name].bits[pair] == pytest.approx(bits, abs=0.0051)
        assert new.hypotheses[name].sd_of(*pair) == pytest.approx(sd, abs=0.0051)
        assert new.hypotheses[name].prior == -9.5
    behind = {name for name, of in tomllib.loads(text).items() if "behind" in of}
    for name, pair in PAIRS:
        if (name, pair) not in rows and name not in behind:
            assert new.hypotheses[name].bits[pair] == table.hypotheses[name].bits[pair]
    lines = {line for line in text_of().splitlines() if line.startswith("#")}
    assert lines <= set(text.splitlines())


def test_the_lead_is_weighed_by_the_new_table(floor, path):
    _, text, _ = kept(floor, path)
    new = parse(text, "new")
    lead = lead_of(floor, "ann", new).lead
    assert lead.weights == new.digest
    assert lead.bits == pytest.approx(
        new.hypotheses["smuggling"].prior + new.hypotheses["smuggling"].bits["scan", "dense"]
    )
