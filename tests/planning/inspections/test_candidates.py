"""What is known of an item adds up to its odds, exactly, and nothing counts twice."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from tests.planning.inspections.stream import START, declared, rows

from watchfloor.cell.weighing.weights import load
from watchfloor.core.messages import declare, reason
from watchfloor.desks.cargo import model as models
from watchfloor.desks.cargo.model import Explained, Part, Scores
from watchfloor.planning.inspections import candidates, evidence, picks
from watchfloor.planning.inspections.choose import Settings
from watchfloor.planning.inspections.items import items, named
from watchfloor.planning.inspections.means import Table
from watchfloor.planning.inspections.plan import plan

WEIGHTS = load()
FACT = declare("test.fact", en="it weighs {mass} kg", fr="il pèse {mass} kg")
KEY = bytes(32)
GOODS = ("pigment intermediate, sample", "wool blanket", "1-boc-4-piperidone 10 kg")


def stream() -> evidence.Evidence:
    found = _items()
    said = evidence.signals({"declaration": found.lines}, evidence.references(KEY))
    return evidence.weighed(found, evidence.about(found, said), WEIGHTS, START, KEY)


def _items():  # type: ignore[no-untyped-def]
    some = [one | {"goods": goods} for one, goods in zip(declared(3), GOODS, strict=True)]
    return items(rows("declaration", some))


def test_quiet_items_have_the_odds_of_all_hypotheses_and_others_have_more() -> None:
    known = stream()
    priors = [WEIGHTS.hypotheses[name].prior for name in evidence.FINDS]
    assert 2**known.prior == pytest.approx(sum(2**one for one in priors))
    assert known.bits[1] == known.prior
    assert known.bits[0] > known.prior
    assert known.bits[2] > known.bits[0]
    assert set(known.lead) == {0, 2}


def test_the_contributions_of_rules_sum_to_the_bits() -> None:
    found = candidates.by_rules(_items(), stream())
    assert found.evident.tolist() == [True, False, True]
    for row in range(3):
        parts = picks.contributions(found, row, None, WEIGHTS, "en")
        assert found.prior + sum(part["bits"] for part in parts) == pytest.approx(found.bits[row], abs=1e-9)


@pytest.mark.parametrize(
    ("model", "rules", "shares"),
    [
        (2.0, 3.0, (1 / 3, 1)),
        (3.0, 2.0, (1, 1 / 3)),
        (-1.0, 2.0, (1, 1)),
        (2.0, 0.0, (1, 1)),
        (2.0, 2.0, (1, 1 / 3)),
    ],
)
def test_what_both_know_counts_once(model: float, rules: float, shares: tuple[float, float]) -> None:
    assert candidates._shares(np.array([model]), np.array([rules]))[0].tolist() == pytest.approx(shares)


def test_no_jump_where_one_overtakes_the_other() -> None:
    both = [
        candidates._shares(np.array([2.0]), np.array([2.0 + e])) @ [2.0, 2.0 + e] for e in (-1e-9, 0.0, 1e-9)
    ]
    assert np.ptp(both) < 1e-8


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> object:
    """A model that finds the second item likeliest, for its mass."""
    bits = np.array([-3.0, 0.8, 0.5])
    told = [Explained(0.0, -2.0, (Part("mass", one, reason(FACT, mass=1.0)),), (), ()) for one in bits]
    chance = 1 / (1 + np.exp2(2.0 - bits))
    monkeypatch.setattr(models, "score", lambda _, lines: Scores(chance, np.full(lines.num_rows, 0.3)))
    monkeypatch.setattr(models, "explain", lambda _, lines, rows, below=None: [told[row] for row in rows])
    return object()


def test_a_model_and_rules_sum_to_the_bits_and_the_odds_start_at_the_models(fitted: object) -> None:
    found = candidates.by_model(_items(), stream(), fitted)  # type: ignore[arg-type]
    assert found.prior == -2.0
    assert found.bits[1] == pytest.approx(-1.2)
    for row, told in enumerate(found.explained(np.arange(3), 0.0)):
        parts = picks.contributions(found, row, told, WEIGHTS, "fr")
        assert found.prior + sum(part["bits"] for part in parts) == pytest.approx(found.bits[row], abs=1e-9)
        assert abs(parts[0]["bits"]) == max(abs(part["bits"]) for part in parts)


def test_picks_tell_facts_and_not_the_score(fitted: object) -> None:
    found = candidates.by_model(_items(), stream(), fitted)  # type: ignore[arg-type]
    made = plan(found, Settings(2, 0, 0), Table(), date(2026, 11, 20), opens=np.ones(3, np.bool_))
    table = picks.table(made, WEIGHTS, {}, "en")
    assert table.schema.names == picks.SCHEMA.names
    assert b"not a clearance" in table.schema.metadata[b"no_clearance"]
    first, second = table.to_pylist()
    assert (first["subject"], second["subject"]) == ("parcel:hawb:H2", "parcel:hawb:H1")
    assert second["grounds"] == []
    assert all("piperidone" in fact for fact in first["grounds"])
    assert not [
        fact for row in (first, second) for fact in row["grounds"] if "probab" in fact or "weighs" in fact
    ]
    assert any("piperidone" in said for said in first["cleared"])
    assert second["marking"] == "PB//TLP:AMBER"
    assert first["scheme"] == made.settings.digest
    assert table["propensity"].to_pylist() == [1.0, 1.0]


def test_a_rule_that_repeats_the_model_is_left_out_and_a_signal_speaks_of_each_item() -> None:
    found = _items()
    said = evidence.signals({"declaration": found.lines}, evidence.references(KEY)).slice(0, 1)
    both = pa.array([["parcel:hawb:H0", "company:x:1", "parcel:hawb:H2"]])
    at = said.schema.get_field_index("subjects")
    table = said.set_column(at, said.schema.field(at), both)
    assert evidence.about(found, table)["subjects"].to_pylist() == [["parcel:hawb:H0"], ["parcel:hawb:H2"]]
    assert evidence.about(found, table, (said["rule"][0].as_py(),)).num_rows == 0


def test_what_a_laboratory_has_identified_is_known_and_no_presumption_is() -> None:
    found = _items()
    said = evidence.signals({"declaration": found.lines}, evidence.references(KEY)).slice(0, 1)
    row = said.to_pylist()[0]
    cases = (
        ("controlled-precursor", "identified", "parcel:hawb:H0"),
        ("controlled-substance", "identified", "parcel:hawb:H1"),
        ("controlled-substance", "presumptive-strong", "parcel:hawb:H2"),
        ("new-substance", "presumptive", "parcel:hawb:H2"),
    )
    table = pa.Table.from_pylist(
        [row | {"rule": rule, "strength": how, "subjects": [item]} for rule, how, item in cases], said.schema
    )
    assert evidence.identified(table).to_pylist() == ["parcel:hawb:H0", "parcel:hawb:H1"]
    assert evidence.identified(said).to_pylist() == []


def test_the_lines_of_an_item_are_one_and_parties_name_it() -> None:
    some = [*declared(2), *declared(1, goods="tea", consignee="person:test:1", marking="PB//TLP:RED")]
    found = items(rows("declaration", some))
    assert found.subject == ["parcel:hawb:H0", "parcel:hawb:H1"]
    values, lines = found.most(np.array([0.1, 0.5, 0.3]))
    assert (values.tolist(), lines.tolist()) == ([0.3, 0.5], [2, 1])
    assert named(found, ["person:test:1", "parcel:hawb:H1", "parcel:hawb:H0"]).tolist() == [0, 1]
    assert found.markings(np.array([0])) == {0: {"PB//TLP:AMBER", "PB//TLP:RED"}}
    assert items(rows("declaration", [])).subject == []
