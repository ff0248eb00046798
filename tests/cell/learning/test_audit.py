from shutil import copytree

import pytest
from tests.cell.toy import OFFICER, READER, TABLE, lead_of, make, now, report, run

from watchfloor.cell.learning.audit import _order, chances, draw, draws, eligible
from watchfloor.cell.learning.outcomes import standing
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

NAMES = [f"p{n:02}" for n in range(12)]
ALL = {name: [("scan", "odd")] for name in NAMES}


@pytest.fixture
def floor(tmp_path):
    return make(tmp_path / "floor", ALL)


def drawn(floor, count, seed="s", reader=READER):
    with floor.writer(OFFICER) as writer:
        return draw(floor, writer, reader, TABLE, count, seed, now())


def ids(found):
    return [one.lead.lead_id for one in found]


def test_the_same_seed_draws_the_same_leads_of_the_same_floor(floor, tmp_path):
    copy = tmp_path / "copy"
    copytree(floor.root, copy)
    assert ids(drawn(floor, 5)) == ids(drawn(Floor.open(copy), 5))
    (kept,) = draws(floor)
    assert (kept.seed, kept.taken, kept.stood, len(kept.chances)) == ("s", 5, 12, 5)


def test_another_seed_and_another_key_draw_others(tmp_path):
    found = []
    for folder, seed in (("a", "s"), ("a", "t"), ("b", "s")):
        path = tmp_path / f"{folder}{seed}"
        floor = make(path, ALL)
        names = [one.lead.subject for one in drawn(floor, 12, seed)]
        found.append(tuple(names))
    assert len(set(found)) == 3  # in the same order once in 12! = 479,001,600 draws


def test_each_lead_has_its_chance_and_the_log_keeps_it(floor):
    found = drawn(floor, 3)
    assert {one.chance for one in found} == {3 / 12}
    (act,) = [act for act in floor.acts() if act.act == "audit-draw"]
    assert act.detail["chances"] == {one.lead.lead_id: 0.25 for one in found}
    assert (act.actor.name, act.detail["seed"], act.detail["stood"]) == ("officer", "s", 12)


def test_leads_that_somebody_acted_on_or_that_were_drawn_are_not_drawn(floor):
    report(floor, "p00", "seized")
    report(floor, "p01", "not-acted-on")
    first = drawn(floor, 5)
    assert all(one.chance == pytest.approx(5 / 11) for one in first)
    rest = drawn(floor, 50)
    assert len(rest) == 6
    assert not {*ids(first), *ids(rest)} & {lead_of(floor, "p00").lead_id}
    assert drawn(floor, 1) == []
    assert len(draws(floor)) == 2


def test_a_later_draw_raises_the_chance_of_what_it_might_have_taken(floor):
    first = drawn(floor, 3)
    run(floor, ALL | {"new": [("scan", "odd")]})
    rest = drawn(floor, 10)
    found = chances(draws(floor))
    of_old = 1 - (1 - 3 / 12) * (1 - 10 / 10)
    assert found[first[0].lead.lead_id] == pytest.approx(of_old)
    assert found[lead_of(floor, "new").lead_id] == pytest.approx(1.0)
    assert len(rest) == 10


def test_who_came_later_was_not_passed_over_before(floor):
    drawn(floor, 6)
    run(floor, ALL | {"new": [("scan", "odd")]})
    second = drawn(floor, 6)  # of 7
    for one in second:
        passed = 1.0 if one.lead.subject.endswith(":new") else 6 / 12
        assert one.chance == pytest.approx(1 - passed * (1 - 6 / 7))


def test_an_outcome_of_a_drawn_lead_carries_its_chance(floor):
    (one,) = drawn(floor, 1)
    report(floor, one.lead.subject.split(":")[-1], "unfounded")
    (row,) = standing(floor, READER)
    assert row["chance"] == pytest.approx(1 / 12)


def test_leads_that_a_reader_may_not_see_are_not_drawn(floor):
    assert drawn(floor, 5, reader=Reader("public", protected=0)) == []
    assert eligible(floor, Reader("public", protected=0), TABLE, now()) == []


def test_every_lead_is_as_likely_to_be_drawn(floor):
    """Over 4,000 seeds each of 12 leads comes 3 in 12 times: chi-squared (11) below its 99.99 % point."""
    leads = [lead.lead_id for lead in eligible(floor, READER, TABLE, now())]
    count = dict.fromkeys(leads, 0)
    for seed in range(4_000):
        for lead in sorted(leads, key=lambda id_: _order(b"k" * 32, str(seed), id_))[:3]:
            count[lead] += 1
    expected = 4_000 * 3 / 12
    # Draws of 3 of 12 without replacement vary by (1 - 3/12) * 12/11 of what independent ones would.
    spread = sum((n - expected) ** 2 / expected for n in count.values()) / ((1 - 3 / 12) * 12 / 11)
    assert spread < 37.4
