"""Figures of the cell, against the functions and the accounting that they are taken from."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.console.served import KEEPER, PURPOSE, exercise

from watchfloor.cell.learning import outcome_entry
from watchfloor.cell.learning.audit import draw
from watchfloor.cell.learning.calibration import calibration
from watchfloor.cell.learning.outcomes import known
from watchfloor.cell.queue import every, queue
from watchfloor.cell.weighing.weights import load
from watchfloor.core.proportions import jeffreys
from watchfloor.planning.inspections.fairness import groups
from watchfloor.planning.inspections.items import items
from watchfloor.planning.inspections.outcomes import outcomes
from watchfloor.policy.policy import Reader
from watchfloor.scorecard.cell.figures import NAMES, cell_figures, cell_marking
from watchfloor.store.floor import Floor

LOW = Reader("visitor", purpose=PURPOSE, protected=0, tlp=0)


@pytest.fixture(scope="module")
def played(made_once):
    return Floor.open(made_once("played", exercise) / "floor")


@pytest.fixture
def floor(played, tmp_path):
    shutil.copytree(played.root, tmp_path / "floor")
    return Floor.open(tmp_path / "floor")


def today():
    return datetime.now(UTC).date()


def figures(floor, reader=None, on=None):
    reader = reader or floor.reader("okafor", PURPOSE)
    return {one.name: one for one in cell_figures(floor, reader, on or today())}


def reported(floor, results):
    """Outcomes of the first leads of the queue, as an officer reports them."""
    reader, weights, now = floor.reader("okafor", PURPOSE), load(), datetime.now(UTC)
    leads = list(every(queue(floor, reader, weights, now)))
    about = known(floor, reader, weights, now)
    with floor.writer(KEEPER) as writer:
        for lead, result in zip(leads, results, strict=False):
            said = outcome_entry.reported(result, "looked", "okafor", writer.moment())
            outcome_entry.enter(floor, writer, about[lead.lead_id], said, weights)
    return leads


def test_without_a_floor_or_before_it_began_each_figure_says_so(floor):
    for found in (cell_figures(None, None, today()), cell_figures(floor, LOW, date(2025, 3, 4))):
        assert [one.name for one in found] == list(NAMES)
        assert all(one.value is None and one.interval is None for one in found)
        assert all(one.text.en.startswith("None") and one.text.fr.startswith("Aucun") for one in found)


def test_every_figure_has_sentences_and_an_interval_or_says_what_is_missing(floor):
    for one in figures(floor).values():
        assert one.title.en != one.title.fr
        assert one.text.en.endswith(".")
        assert one.text.fr.endswith(".")
        assert "{" not in one.text.en + one.text.fr


def test_precision_and_calibration_are_those_of_the_command(floor):
    assert figures(floor)["precision"].value is None
    assert "Missing" in figures(floor)["calibration"].text.en
    leads = reported(floor, ["seized", "unfounded", "seized", "cleared", "arrested"])
    found = figures(floor)
    reader = floor.reader("okafor", PURPOSE)
    peer = calibration(floor, reader, load(), datetime.now(UTC))
    assert found["precision"].value == peer.precision.value
    assert (found["precision"].interval.low, found["precision"].interval.high) == (
        peer.precision.low,
        peer.precision.high,
    )
    assert found["calibration"].value == pytest.approx(peer.brier.score)
    assert f"{peer.ece:.4f}" in found["calibration"].text.en
    assert found["queue"].value == len(leads) - 5
    assert "true or false: 5" in found["queue"].text.en
    earlier = figures(floor, on=today() - timedelta(days=400))
    assert earlier["precision"].value is None


def test_the_audit_sample_tells_what_was_drawn_and_what_it_found(floor):
    assert "no audit sample" in figures(floor)["audit"].text.en
    reader, now = floor.reader("okafor", PURPOSE), datetime.now(UTC)
    with floor.writer(KEEPER) as writer:
        drawn = draw(floor, writer, reader, load(), 4, "seed", now)
    about = known(floor, reader, load(), now)
    with floor.writer(KEEPER) as writer:
        for one, result in zip(drawn, ("seized", "unfounded", "unfounded"), strict=False):
            said = outcome_entry.reported(result, "looked", "okafor", writer.moment())
            outcome_entry.enter(floor, writer, about[one.lead.lead_id], said, load())
    found = figures(floor)["audit"]
    assert found.value == pytest.approx(1 / 3)
    assert (found.interval.low, found.interval.high) == jeffreys(1, 3)
    assert found.text.en.startswith("Drawn: 4 of ")
    assert "With a known truth: 3, of them true: 1" in found.text.en
    assert "This is of the whole queue: the audit drew" in figures(floor)["calibration"].text.en


def test_fairness_is_of_streams_and_offices_and_of_nothing_of_a_person(floor):
    found, reader = figures(floor), floor.reader("okafor", PURPOSE)
    assert {name for name in found if name.startswith("fairness")} == {"fairness-stream", "fairness-office"}
    lines = items(floor.read("declaration", reader, latest=True))
    every_group = groups(lines, outcomes(floor.read("inspection", reader)))
    for by in ("stream", "office"):
        mine = [one for one in every_group if one.by == by]
        assert f"more: {len(mine)}." in found[f"fairness-{by}"].text.en
        assert found[f"fairness-{by}"].value == sum(one.told == "more" for one in mine)
    countries = {word for word in lines.column("departure") if word}
    told = " ".join(one.text.en for one in found.values()).replace(",", " ").split()
    assert not countries & set(told)


def test_rates_say_between_what_they_lie_where_a_stream_was_not_looked_at(floor):
    found, reader = figures(floor)["rates"], floor.reader("okafor", PURPOSE)
    acts = outcomes(floor.read("inspection", reader))
    assert acts.known.any()
    assert (found.value is None, found.interval) == (True, None)
    assert "Not known for the whole" in found.text.en
    assert f"examined: {int(acts.known.sum())}" in found.text.en


def test_feeds_add_up_for_who_keeps_the_floor(floor):
    found = figures(floor)["feeds"]
    assert found.value == sum(one.received for one in floor.accounting().values())
    assert "unaccounted" not in found.text.en
    assert "= accepted" in found.text.en


def test_what_a_reader_may_not_see_plays_no_part(floor):
    reported(floor, ["seized", "unfounded"])
    found = figures(floor, LOW)
    assert found["precision"].value is None
    assert "No lead is open" in found["queue"].text.en
    assert found["rates"].value is None


def test_the_marking_is_of_what_the_figures_rest_on(floor):
    reader = floor.reader("okafor", PURPOSE)
    assert cell_marking(floor, LOW, today()) == ""
    assert cell_marking(floor, reader, today()).startswith("PB")
    assert cell_marking(floor, reader, date(2025, 3, 4)) == ""
