"""Leads as a table: sums that are exact, every subject and signal in its place, in any order of rows."""

from math import fsum, log2

import numpy as np
import pyarrow as pa
import pytest
from benchmarks.cell.draw import draw
from benchmarks.cell.manners import MANNERS

from watchfloor.cell.bulk.bulk_scoring import LEADS, weigh
from watchfloor.cell.bulk.input_signals import read, with_types
from watchfloor.cell.linking import Rules
from watchfloor.cell.nearby import Reach

DRAWN = draw(31, 0.3, MANNERS["paraphrase"], 1_500).signals


def row(id_, subjects, bits, **more):
    base = {"signal_id": id_, "desk": "d", "subjects": subjects, "bits": bits, "origin": None, "source": "s"}
    return base | more


def weighed(rows, prior=0.03, **options):
    given = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows)
    return weigh(read(with_types(given, "f")), prior, **options)


def leads(rows, **options):
    return weighed(rows, **options).leads.to_pylist()


def test_contributions_sum_exactly_and_probabilities_follow():
    for lead in leads(DRAWN, prior=0.1):
        assert fsum(part["bits"] for part in lead["contributions"]) == lead["bits"]
        assert lead["probability"] == pytest.approx(
            1 / (1 + 2 ** -(lead["bits"] + log2(0.1 / 0.9))), abs=1e-12
        )


def test_each_subject_is_in_one_lead_and_each_signal_is_accounted_for():
    found = leads(DRAWN)
    subjects = [subject for lead in found for subject in lead["subjects"]]
    assert sorted(subjects) == sorted({row[0] for row in DRAWN["subjects"].to_pylist()})
    signals = [part["signal_id"] for lead in found for part in lead["contributions"]]
    assert sorted(signals) == sorted(DRAWN["signal_id"].to_pylist())


def test_the_order_of_rows_is_of_no_account():
    order = pa.array(np.random.default_rng(6).permutation(len(DRAWN)))
    assert weighed(DRAWN).leads.equals(weighed(DRAWN.take(order)).leads)


def test_the_likeliest_come_first():
    bits = weighed(DRAWN).leads["bits"].to_numpy()
    assert (np.diff(bits) <= 0).all()


def test_repeats_and_dependents_say_what_counts_in_their_place():
    parts = leads(
        [
            row("a", ["person:x:1"], 3.0, group="g", rho=0.5),
            row("b", ["person:x:1"], 3.0, origin="a", group="g", rho=0.5),
            row("c", ["person:x:1"], 2.0, origin="c", group="g", rho=0.5),
        ]
    )[0]["contributions"]
    assert [part["bits"] for part in parts] == pytest.approx([3.0, 0.0, 2.0 / 3], abs=1e-12)
    assert parts[0]["note"] is None
    assert "a" in parts[1]["note"].split()
    assert "33 %" in parts[2]["note"]


def test_records_count_once():
    rows = [
        row("a", ["person:x:1"], 3.0, records=["r1", "r2"]),
        row("b", ["person:x:1"], 2.0, records=["r2"]),
    ]
    assert leads(rows)[0]["bits"] == 3.0


def test_a_lead_of_several_subjects_pays_for_its_chances():
    (lead,) = leads([row("a", ["person:x:1", "phone:e164:1", "person:x:2", "person:x:3"], 5.0)])
    assert lead["bits"] == 3.0
    assert lead["contributions"][-1] == {
        "signal_id": None,
        "bits_given": None,
        "bits": -2.0,
        "note": "any of 4 subjects could have raised this lead: log2 of their number is subtracted",
    }


def test_a_hub_is_there_with_its_reason_and_no_bits_of_others():
    rows = [row(f"s{n}", [f"person:x:{n}", "address:x:bank"], 2.0) for n in range(300)]
    found = leads(rows)
    assert len(found) == 301
    hub = next(lead for lead in found if lead["subjects"] == ["address:x:bank"])
    assert hub["bits"] == 0.0
    assert "joins nobody" in hub["contributions"][0]["note"]


def test_a_signal_without_a_subject_is_a_lead_unless_place_joins_it():
    there = {"latitude": 45.5, "longitude": -73.6, "radius": 100.0}
    rows = [row("a", [], 2.0, at=0, **there), row("b", ["vessel:x:1"], 3.0, at=60, **there)]
    rng = np.random.default_rng(7)
    rows += [
        row(
            f"o{n}",
            [f"vessel:y:{n}"],
            0.5,
            at=float(rng.random() * 2.6e6),
            latitude=float(45 + 3 * rng.random()),
        )
        | {"longitude": float(-75 + 5 * rng.random()), "radius": 100.0}
        for n in range(500)
    ]
    alone = weighed(rows)
    assert alone.nameless == 1
    assert [] in alone.leads["subjects"].to_pylist()
    joined = leads(rows, reach=Reach())
    assert next(lead for lead in joined if lead["subjects"] == ["vessel:x:1"])["bits"] == 5.0
    assert [] not in [lead["subjects"] for lead in joined]


def test_rules_can_be_given():
    rows = [row("a", ["person:x:1", "person:x:2"], 1.0)]
    assert len(leads(rows, rules=Rules(most=1))) == 2


def test_french_notes():
    rows = [row("a", ["person:x:1"], 3.0), row("b", ["person:x:1"], 2.0, origin="a")]
    assert "déjà" not in str(leads(rows, language="fr"))
    assert leads(rows, language="fr")[0]["contributions"][1]["note"].startswith("repose sur")


def test_the_schema_holds_without_hubs_repeats_or_subjects():
    given = pa.Table.from_pylist([row("a", ["person:x:1"], 3.0)])
    assert weighed(given).leads.schema.equals(LEADS)
    empty = pa.array([[]], pa.list_(pa.string()))
    assert weighed(given.set_column(2, "subjects", empty)).leads.to_pylist()[0]["subjects"] == []


def test_a_lead_is_marked_as_strictly_as_its_signals():
    rows = [
        row("a", ["person:x:1"], 1.0, marking="U//TLP:CLEAR"),
        row("b", ["person:x:1"], 2.0, marking="PB//TLP:AMBER"),
        row("c", ["person:x:2"], 1.0, marking="U//TLP:CLEAR"),
    ]
    assert [lead["marking"] for lead in leads(rows)] == ["PB//TLP:AMBER", "U//TLP:CLEAR"]
