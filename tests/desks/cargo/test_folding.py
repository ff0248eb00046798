"""A longer stream than the sample's: norms, hubs and ways do not depend on how it is cut."""

from random import Random

from tests.desks.cargo.cases import REFS, examined, line, tables

from watchfloor.desks.cargo.desk import DESK
from watchfloor.run import run
from watchfloor.run.order import arranged, clock
from watchfloor.testing import desks as contract
from watchfloor.testing.desks import Cut


def stream():
    """Six weeks: one seller's goods, a hub, a seller that moves, amendments, findings."""
    random = Random(4)
    rows = []
    for number in range(900):
        odd = number > 600 and number % 97 == 0
        rows.append(
            line(
                number,
                number * 1.2,
                hs=random.choice(["610910", "610990"]),
                value=9000 if odd else random.choice([8, 9, 10, 12, 15]),
                mass=random.choice([0.4, 0.5, 0.6]),
                report_key=f"d-{number - 5 if number % 31 == 0 else number}",
                consignee_address="1 Hub Way, Ottawa ON" if number % 3 else f"{number} Teal Road, Ottawa",
                consignee_phone=f"613-555-01{number % 90:02}" if number % 3 else None,
                shipper_phone=f"416-555-01{number % 40:02}",
                departure="USA" if number % 211 == 0 else "FRA",
                handler="YOW 1",
                direction="inbound",
                page=f"https://shop.example/{number % 50}",
            )
        )
    rows += [
        examined(n, n * 1.2 + 3, random.choice(["finding", "finding", "nothing"])) for n in range(40, 880, 70)
    ]
    return tables(rows)


STREAM = stream()
"""Shared: it is only read."""


def test_it_speaks_of_norms_ways_hubs_and_findings_and_forgets():
    said = {(one["rule"], one["strength"]) for one in run(DESK, STREAM, REFS)["signal"].to_pylist()}
    assert {
        ("value-for-goods", "high"),
        ("past-finding", "busy place"),
        ("past-finding", "phone, recent"),
    } <= said
    assert {rule for rule, _ in said} >= {"odd-route", "many-spellings", "page-reused", "new-party"}


def test_the_cut_does_not_matter_over_six_weeks():
    random = Random(1)
    cuts = [Cut(random.randrange(1, 900), random.random(), random.random() < 0.5) for _ in range(8)]
    contract.check_cuts(DESK, STREAM, REFS, cuts)


def test_what_was_held_does_not_depend_on_what_came_later():
    at = clock(DESK, arranged(DESK, STREAM))
    contract.check_causality(DESK, STREAM, REFS, int(at[700]))


def test_what_is_remembered_is_a_month_of_lines():
    state, rows = DESK.begin(REFS), arranged(DESK, STREAM)
    for start in range(0, rows.num_rows, 100):
        DESK.step(REFS, state, rows.slice(start, 100), rows["observed_at"][-1].as_py())
    assert state.fold.ledger.base > 0
    assert state.fold.ledger.count < 30 / 45 * 900 * 1.4
