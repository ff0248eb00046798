"""Alerts against what happened."""

from datetime import timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest

from watchfloor.exercise.alerts import FARTHEST, NEAR, SLACK, Alert, metres_apart, pairs, paths_of, worth
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.surveillance.truth import Happening, paths, storylines

PLACE = (45.0, -73.0)


def at(seconds):
    return DAY + timedelta(seconds=seconds)


def happening(rule="rendezvous", since=1_000, until=2_000, objects=(), place=PLACE):
    return Happening(rule, "", objects, at(since), at(until), *place)


def alert(rule="rendezvous", since=1_200, until=1_800, metres=0.0, radius=0.0):
    return Alert(rule, at(since), at(until), PLACE[0] + metres / 111_195, PLACE[1], radius)


@pytest.mark.parametrize(
    ("said", "so"),
    [
        (alert(), True),
        (alert(rule="loitering"), False),
        (alert(metres=NEAR - 5), True),
        (alert(metres=NEAR + 5), False),
        (alert(metres=NEAR + 500, radius=NEAR + 600), True),
        (alert(metres=FARTHEST + 5, radius=9_000), False),
        (alert(since=2_000 + SLACK, until=3_000), True),
        (alert(since=2_001 + SLACK, until=3_000), False),
        (alert(since=100, until=999 - SLACK), False),
    ],
)
def test_an_alert_is_of_what_was_there_and_then(said, so):
    one = happening()
    assert (metres_apart(said, one, {}) is not None) is so


def test_it_may_be_where_one_of_the_objects_was():
    """An event that moves is told at one place, and said at another."""
    path = np.array([(at(0).timestamp(), 44.0, -73.0), (at(1_500).timestamp(), 45.0, -73.0)])
    one = happening(objects=(7,), place=(44.0, -73.0))
    assert metres_apart(alert(since=1_500), one, {7: path}) == pytest.approx(0, abs=1)
    assert metres_apart(alert(since=1_200, until=1_300), one, {7: path}) is None


def test_what_is_foretold_is_so_when_it_comes():
    soon = alert(rule="predicted-crossing", since=0, until=200)
    one = happening(rule="border-crossing")
    assert metres_apart(soon, one, {}) == 0
    assert metres_apart(soon._replace(until=at(99)), one, {}) is None
    assert metres_apart(soon, happening(rule="predicted-crossing"), {}) is None
    assert worth([soon], [one], {})["predicted-crossing"].precision.value == 1


def test_of_several_the_nearest_counts():
    far, near = happening(place=(45.01, -73.0)), happening(place=(45.001, -73.0))
    assert pairs([[alert()]], [far, near], {}) == ({0: 1}, set())


def test_two_that_come_one_after_the_other_are_each_told():
    """The same place serves every car at a port: each alert is of the one of its own time."""
    cars = [happening(since=1_000, until=1_015), happening(since=1_200, until=1_215)]
    told = [[alert(since=1_190, until=1_220)], [alert(since=990, until=1_020)]]
    assert pairs(told, cars, {})[0] == {0: 1, 1: 0}


def test_as_many_as_possible_are_paired():
    """The nearest of each would leave one alert without any."""
    left, middle = happening(place=(45.012, -73.0)), happening(place=(45.0, -73.0))
    told = [[alert(metres=100)], [alert(metres=-1_000)]]
    assert pairs(told, [left, middle], {}) == ({0: 0, 1: 1}, set())


def test_what_was_told_already_is_a_repeat_and_no_hit():
    alerts = [alert(), alert(), alert(metres=9_000), alert(rule="loitering")]
    found = worth(alerts, [happening(), happening(place=(46.0, -73.0))], {})
    one = found["rendezvous"]
    assert (one.precision.value, one.recall.value, one.repeats) == (1 / 3, 1 / 2, 1)
    assert found["loitering"].precision.value == 0
    assert found["loitering"].recall.value is None


def test_paths_are_read_from_the_keys_table(told, day, tmp_path):
    pq.write_table(paths(day, storylines(day, told)), tmp_path / "paths.parquet")
    found = paths_of(pq.read_table(tmp_path / "paths.parquet"))
    assert len(found) == len(day.passages)
    for number, one in enumerate(day.passages):
        columns = np.array([(DAY.timestamp() + fix.seconds, *fix[1:3]) for fix in one.path])
        assert np.allclose(found[number], columns, atol=1e-6)
