"""Detectors of several kinds: hit rates by their tests, readiness, capacity, and what is refused."""

import numpy as np
import pytest
from tests.planning.detectors.test_plan import ROWS, ids, notes, ports, write

from watchfloor.cell.acts import Unusable
from watchfloor.planning.detectors.kinds import ready_kinds
from watchfloor.planning.detectors.plan import plan
from watchfloor.planning.detectors.record import Terms, summary

COLUMNS = "detector,kind,confirmed,missed,refuted,cleared,capacity,ready,at"
TEAM = [
    "Rex,dog,12,3,4,196,6000,,Spokane",
    "Bella,dog,0,2,0,50,6000,yes,",
    "Luna,dog,9,3,2,80,6000,certification ended,",
    "IMS-1,ion scanner,40,10,30,900,20000,,",
    "X-1,imaging,,,,,,,",
]


def table(folder, *rows, head=COLUMNS):
    path = folder / "detectors.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def refusal(path, **terms):
    with pytest.raises(Unusable) as refused:
        plan(
            write(path.parent, ROWS),
            Terms(**({"teams": None, "season": "FY2025", "detectors": path} | terms)),
        )
    assert refused.value.reason.render("fr")
    return refused.value.reason.message


def test_a_hit_rate_is_drawn_towards_that_of_its_kind(tmp_path):
    kinds, told = ready_kinds(table(tmp_path, *TEAM), 0.5)
    assert [one.kind for one in kinds] == ["ion scanner", "dog", "imaging"]
    dogs = next(one for one in kinds if one.kind == "dog")
    usual = 21.5 / 30  # 21 of 29, Jeffreys
    each = [(12 + 10 * usual) / 25, 10 * usual / 12]
    assert dogs.hit == pytest.approx(np.mean(each))
    assert dogs.detectors == ("Rex", "Bella")
    assert dogs.false == pytest.approx(6 / 332)
    assert {one.message for one in told} == {
        "detectors.not-ready",
        "detectors.never-by-chance",
        "detectors.untested",
    }


def test_a_detector_that_never_found_in_many_tests_is_seen_to(tmp_path):
    rows = ["A,dog,20,5,,,,,", "B,dog,0,25,,,,,", "C,dog,0,1,,,,,"]
    _, told = ready_kinds(table(tmp_path, *rows), 0.5)
    assert {one.params["detector"]: one.message for one in told} == {
        "B": "detectors.never-found",
        "C": "detectors.never-by-chance",
    }


def test_more_flow_than_a_detector_can_examine_lowers_its_hit_rate(tmp_path):
    (kind,), _ = ready_kinds(table(tmp_path, "D,dog,8,2,,,1000,,"), 0.5)
    hits = kind.hits(np.array([500.0, 1000, 4000, np.nan]))
    np.testing.assert_allclose(hits / kind.hit, [1, 1, 0.25, 1])
    (free,), _ = ready_kinds(table(tmp_path, "D,dog,8,2,,,,,"), 0.5)
    np.testing.assert_allclose(free.hits(np.array([500.0, 4000])), free.hit)


def test_a_plan_of_kinds_places_each_and_says_what_is_where(tmp_path):
    where = ports(
        tmp_path, "Blaine,West,90000,", "Spokane,West,5000,", "Québec,East,,", "Buffalo,East,20000,"
    )
    record = plan(
        write(tmp_path, ROWS),
        Terms(None, "FY2025", ports=where, detectors=table(tmp_path, *TEAM), least=1, explore=0.0),
    )
    assert record.teams == 4 == sum(record.placement.values())
    assert {one.kind: sum(one.placement.values()) for one in record.kinds} == {
        "ion scanner": 1,
        "dog": 2,
        "imaging": 1,
    }
    for port in record.ports:
        assert sum(port.kinds.values()) == port.teams
        assert ("detectors.kinds" in ids(record, port.area)) == bool(port.teams)
    assert all(one.teams >= 1 for one in record.regions)
    assert "detectors.not-ready" in notes(record)
    alarms = {one.kind: one.false_alarms for one in record.kinds}
    assert alarms["imaging"] is None
    assert 0 < alarms["dog"] <= 2 * 6000 * 6 / 332 + 1e-9
    assert record.moves is not None
    for language in ("en", "fr"):
        assert all(one.render(language) for one in (*summary(record), *record.notes))


def test_more_dependence_makes_two_detectors_at_one_place_find_less(tmp_path):
    path, detectors = write(tmp_path, ["Emerson,2020,30"]), table(tmp_path, *TEAM)
    found = [
        plan(path, Terms(None, "2021", detectors=detectors, dependence=share)).expected
        for share in (0.0, 0.5, 1.0)
    ]
    assert found[0] > found[1] > found[2]
    best = ready_kinds(detectors, 0.5)[0][0].hit
    assert found[2] == pytest.approx(best)


@pytest.mark.parametrize(
    ("rows", "terms", "message"),
    [
        (TEAM, {"teams": 3}, "detectors.teams-or-detectors"),
        (TEAM, {"detectors": None}, "detectors.teams-or-detectors"),
        ([], {}, "table.empty"),
        ([",dog,,,,,,,"], {}, "detectors.no-detector"),
        (["Rex,,,,,,,,"], {}, "detectors.no-detector"),
        ([*TEAM, "REX,dog,,,,,,,"], {}, "detectors.twice-detector"),
        (["Rex,dog,-1,,,,,,"], {}, "detectors.bad-count"),
        (["Rex,dog,,,,,,in repair,"], {}, "detectors.none-ready"),
        (TEAM, {"dependence": 1.5}, "detectors.bad-share"),
        ([f"D{number},dog,,,,,,," for number in range(1001)], {}, "detectors.no-teams"),
    ],
)
def test_detectors_that_cannot_be_used_are_refused(tmp_path, rows, terms, message):
    assert refusal(table(tmp_path, *rows), **terms) == message


def test_the_table_of_devices_is_read_by_its_own_names(tmp_path):
    head, rows = "serial,instrument,confirmed,missed,refuted,cleared", ["1234,FirstDefender,5,1,0,9"]
    (kind,), _ = ready_kinds(table(tmp_path, *rows, head=head), 0.5)
    assert (kind.kind, kind.detectors, kind.tests) == ("FirstDefender", ("1234",), 6)


STATEMENT = """[[readiness]]
asset = "{}"
of = "{}"
at = 2026-11-01T08:00:00Z
source = "file 7"
{}
"""


def test_readiness_is_evidence_with_its_source(tmp_path):
    stated = tmp_path / "ready.toml"
    rows = (
        ("rex", "certification", "until = 2026-11-30T00:00:00Z"),
        ("Bella", "rest", "until = 2026-12-01T06:00:00Z"),
        ("IMS-1", "calibration", "until = 2027-06-01T00:00:00Z"),
    )
    stated.write_text("".join(STATEMENT.format(*one) for one in rows), "utf-8")

    def placed(at):
        terms = Terms(None, "FY2025", detectors=table(tmp_path, *TEAM), readiness=stated, on=at)
        found = plan(write(tmp_path, ROWS), terms)
        return {name for one in found.kinds for name in one.detectors}, notes(found)

    before, told = placed("2026-11-20")
    assert before == {"Rex", "IMS-1", "X-1"}, "Bella rests, Luna is not ready"
    assert "readiness.rests" in told
    assert "readiness.certification-out" not in told
    assert "detectors.readiness-unstated" in told
    after, told = placed("2026-12-02")
    assert after == {"Bella", "IMS-1", "X-1"}
    assert "readiness.certification-out" in told
    gone, told = placed("2027-07-01")
    assert "IMS-1" not in gone
    assert "readiness.calibration-out" in told
    assert (
        refusal(tmp_path / "x.csv", teams=9, detectors=None, readiness=stated) == "detectors.readiness-alone"
    )
