"""The model of declared goods: exact explanations, bounded routes, bad input."""

import re
import sys
from functools import cache
from math import fsum, log2

import numpy as np
import pyarrow as pa
import pytest
from tests.desks.cargo.model.worlds import declared, examined, tables, world

from watchfloor.core.extras import MissingExtraError
from watchfloor.desks.boosted_trees import lightgbm
from watchfloor.desks.cargo import model
from watchfloor.desks.cargo.model import core, fitted, inputs
from watchfloor.desks.cargo.model.explanation import _part

ROWS = list(range(0, 600, 40))


@cache
def made(origin: bool = False) -> model.Model:
    return model.fit(*world(), origin=origin)


def test_scores_tell_finds_of_a_later_world() -> None:
    rows, acts = world(seed=2)
    chance = model.score(made(), rows).chance
    result = dict(zip(acts["document"].to_pylist(), acts["result"].to_pylist(), strict=True))
    found = np.array([result.get(one) == "finding" for one in rows["document"].to_pylist()])
    judged = np.array([one in result for one in rows["document"].to_pylist()])
    top = np.argsort(-chance[judged])[:70]
    assert found[judged][top].mean() > 1.5 * found[judged].mean()
    assert abs(chance[judged].mean() - found[judged].mean()) < 0.06


@pytest.mark.parametrize("origin", [False, True])
def test_bits_sum_exactly_to_the_chance(origin: bool) -> None:
    rows, _ = world()
    chance = model.score(made(origin), rows).chance
    told = model.explain(made(origin), rows, ROWS)
    for one, at in zip(told, ROWS, strict=True):
        assert one.chance == pytest.approx(chance[at], abs=1e-12)
        bits = one.prior_bits + fsum(part.bits for part in one.parts)
        assert bits == pytest.approx(log2(chance[at] / (1 - chance[at])), abs=1e-9)
        sizes = [abs(part.bits) for part in one.parts]
        assert sizes == sorted(sizes, reverse=True)
        assert all(part.why.render(language) for part in one.parts for language in ("en", "fr"))


def test_countries_are_no_input_unless_asked_for() -> None:
    rows, acts = world()
    other = rows
    for name in ("departure", "origin"):
        at = rows.schema.get_field_index(name)
        other = other.set_column(at, rows.field(name), pa.array(["ZZ"] * rows.num_rows))
    codes = rows.schema.get_field_index("codes")
    taxed = pa.array([["process=A", "tax=ZZ"]] * rows.num_rows, rows.field("codes").type)
    other = other.set_column(codes, rows.field("codes"), taxed)
    without = model.fit(other, acts)
    assert (model.score(made(), rows).chance == model.score(made(), other).chance).all()
    assert (model.score(without, rows).chance == model.score(made(), rows).chance).all()
    routes = model.score(made(True), rows).chance - model.score(made(True), other).chance
    assert np.abs(routes).max() > 0.01


def test_routes_are_bounded() -> None:
    rows, _ = world()
    told = model.explain(made(True), rows, ROWS)
    bits = [part.bits for one in told for part in one.parts if part.name == "route"]
    assert bits
    assert max(map(abs, bits)) <= fitted.CAP + 1e-12
    assert not {"departure", "origin", "code:tax"} & {part.name for one in told for part in one.parts}


def test_trees_are_walked_as_lightgbm_does() -> None:
    rows, _ = world()
    part = made().core
    told = core.applied(part, inputs.build(rows, False, "CAD"))
    booster = lightgbm().Booster(model_str=part.booster)
    assert (told.trees == booster.predict(told.values, raw_score=True)).all()


@pytest.mark.parametrize("origin", [False, True])
def test_what_raises_a_chance_is_what_explains_it(origin: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchfloor.desks.cargo.model.explanation.STRETCH", 4)
    rows, _ = world()
    told = model.explain(made(origin), rows, ROWS)
    found = list(model.raising(made(origin), rows, ROWS, 3))
    assert found == [tuple(part for part in one.parts if part.bits > 0)[:3] for one in told]


@pytest.mark.parametrize(("bits", "said"), [(10.0, "1024.00 times as high"), (-10.0, "divided by 1024.00")])
def test_odds_are_never_told_as_none(bits: float, said: str) -> None:
    """Ten bits less were told as odds that are 0.00 times as high, which no examination says."""
    (row,) = world()[0].slice(0, 1).to_pylist()
    assert said in _part("value", bits, row).why.render("en")


def test_scoring_and_explaining_need_no_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    stored, (rows, acts) = made().stored(), world()
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    again = model.load(stored)
    assert (model.score(again, rows).chance == model.score(made(), rows).chance).all()
    assert len(model.explain(again, rows, ROWS)) == len(ROWS)
    with pytest.raises(MissingExtraError):
        model.fit(rows, acts)


def test_malformed_trees_are_refused_when_the_model_is_loaded() -> None:
    stored = made().stored()
    broken = re.sub(rb"left_child=\S+", b"left_child=50000000", stored)
    assert broken != stored
    with pytest.raises(model.FitError, match="left_child"):
        model.load(broken)


def test_scores_depend_on_the_declaration_alone() -> None:
    rows, _ = world()
    whole = model.score(made(), rows)
    some = model.score(made(), rows.take([5, 3, 5]))
    assert (some.chance == whole.chance[[5, 3, 5]]).all()
    assert (some.spread == whole.spread[[5, 3, 5]]).all()


def test_the_same_seed_gives_the_same_file_and_it_is_read_back() -> None:
    stored = made().stored()
    assert model.fit(*world()).stored() == stored
    again = model.load(stored)
    assert again.digest == made().digest
    rows, _ = world()
    assert (model.score(again, rows).chance == model.score(made(), rows).chance).all()


@pytest.mark.parametrize("data", [b"", b"{}", b'{"version": 1}', b"\xff", b'{"version": 2}'])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(model.FitError):
        model.load(data)


def test_too_few_findings_are_refused() -> None:
    rows, acts = world()
    nothing = acts.filter(pa.compute.equal(acts["result"], "nothing"))
    for few in (nothing, acts.slice(0, 0), acts.filter(pa.compute.equal(acts["result"], "finding"))):
        with pytest.raises(model.FitError, match="at least 10 of each"):
            model.fit(rows, few)


def test_odd_declarations_are_scored() -> None:
    odd = [
        declared(1),
        declared(2, mass=1e9, hs="999999", shipper="company:post:unheard"),
        declared(3, mass=0.0, hs="2"),
        declared(4, mass=float("nan"), codes=["process=Z", "strange", "tax=", "new=1"]),
        declared(5, currency="USD", value=10**15),
    ]
    rows, _ = tables(odd, [])
    for origin in (False, True):
        found = model.score(made(origin), rows)
        assert ((found.chance > 0) & (found.chance < 1)).all()
        assert np.isfinite(found.spread).all()
        assert len(model.explain(made(origin), rows, [0, 1, 2, 3, 4])) == 5
    assert model.score(made(), rows.slice(0, 0)).chance.shape == (0,)
    assert model.explain(made(), rows, []) == []


def test_nothing_that_varies_still_gives_the_prior() -> None:
    rows = [declared(number) for number in range(40)]
    acts = [examined(number, "finding" if number % 4 == 0 else "nothing") for number in range(40)]
    fit = model.fit(*tables(rows, acts))
    assert model.score(fit, tables(rows, acts)[0]).chance == pytest.approx(np.full(40, 0.25), abs=0.02)


def test_the_line_is_judged_against_saying_the_mean() -> None:
    line = made().line
    assert line.brier[0] < line.brier[1]
    assert line.logloss[0] < line.logloss[1]
    chances = [chance for chance, _ in line.reliability]
    assert chances == sorted(chances)
    assert line.reliability[-1][1] > line.reliability[0][1]


def test_unsure_of_what_was_never_examined() -> None:
    rows, _ = world()
    known, strange = rows.slice(0, 1), tables([declared(9000)], [])[0]
    assert model.score(made(), strange).spread[0] > model.score(made(), known).spread[0]


def test_what_clears_is_below_and_never_a_party_or_country() -> None:
    rows, _ = world()
    chance = model.score(made(), rows).chance
    top = np.argsort(-chance)[:20].tolist()
    cleared = [
        one
        for told in model.explain(made(), rows, top, below=float(chance[top].min()) - 0.01)
        for one in told.clears
    ]
    assert cleared
    assert {one.name for one in cleared} <= {"value", "mass"}
    assert all(one.chance < chance[top].min() for one in cleared)
    assert all(one.why.render(language) for one in cleared for language in ("en", "fr"))
    low = int(np.argmin(chance))
    assert model.explain(made(), rows, [low])[0].clears == ()


def test_past_cases_are_those_of_like_leaves() -> None:
    rows, acts = world()
    result = dict(zip(acts["document"].to_pylist(), acts["result"].to_pylist(), strict=True))
    at = next(n for n, one in enumerate(rows["document"].to_pylist()) if result.get(one) == "finding")
    (told,) = model.explain(made(), rows, [at])
    assert told.past[0].alike == 1.0
    assert all(result[one.document] == one.result for one in told.past)
    assert [one.alike for one in told.past] == sorted((one.alike for one in told.past), reverse=True)


def test_drift_is_told_where_it_is_and_nowhere_else() -> None:
    rows, _ = world()
    same = model.drift(made(), world(seed=3)[0])
    assert {one.level for one in same} == {"steady"}
    at = rows.schema.get_field_index("mass")
    heavy = rows.set_column(at, rows.field("mass"), pa.compute.multiply(rows["mass"], 50.0))
    told = {one.name: one for one in model.drift(made(), heavy)}
    assert told["mass"].level == "drifted"
    assert told["office"].level == "steady"
    assert told["office"].apart == pytest.approx(0, abs=1e-12)
    assert all(one.why.render(language) for one in told.values() for language in ("en", "fr"))
    assert model.drift(made(), rows.slice(0, 0)) == []
