"""Alerts against what happened."""

from datetime import timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest

from watchfloor.exercise.alerts import NEAR, SLACK, Alert, happened, paths_of, worth
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
        (alert(since=2_000 + SLACK, until=3_000), True),
        (alert(since=2_001 + SLACK, until=3_000), False),
        (alert(since=100, until=999 - SLACK), False),
    ],
)
def test_an_alert_is_of_what_was_there_and_then(said, so):
    one = happening()
    assert (happened(said, [one], {}) is one) is so


def test_it_may_be_where_one_of_the_objects_was():
    """An event that moves is told at one place, and said at another."""
    path = np.array([(at(0).timestamp(), 44.0, -73.0), (at(1_500).timestamp(), 45.0, -73.0)])
    one = happening(objects=(7,), place=(44.0, -73.0))
    assert happened(alert(since=1_500), [one], {7: path}) is one
    assert happened(alert(since=1_200, until=1_300), [one], {7: path}) is None


def test_what_is_foretold_is_so_when_it_comes():
    soon = alert(rule="predicted-crossing", since=0, until=200)
    assert happened(soon, [one := happening(rule="border-crossing")], {}) is one
    assert happened(soon._replace(until=at(99)), [one], {}) is None
    assert happened(soon, [happening(rule="predicted-crossing")], {}) is None
    assert worth([soon], [one], {})["predicted-crossing"].precision.value == 1


def test_of_several_the_nearest_counts():
    far, near = happening(place=(45.01, -73.0)), happening(place=(45.001, -73.0))
    assert happened(alert(), [far, near], {}) is near


def test_precision_and_recall_by_rule():
    alerts = [alert(), alert(), alert(metres=9_000), alert(rule="loitering")]
    found = worth(alerts, [happening(), happening(place=(46.0, -73.0))], {})
    assert (found["rendezvous"].precision.value, found["rendezvous"].recall.value) == (2 / 3, 1 / 2)
    assert found["loitering"].precision.value == 0
    assert found["loitering"].recall.value is None


def test_paths_are_read_from_the_keys_table(told, day, tmp_path):
    pq.write_table(paths(day, storylines(day, told)), tmp_path / "paths.parquet")
    found = paths_of(pq.read_table(tmp_path / "paths.parquet"))
    assert len(found) == len(day.passages)
    for number, one in enumerate(day.passages):
        columns = np.array([(DAY.timestamp() + fix.seconds, *fix[1:3]) for fix in one.path])
        assert np.allclose(found[number], columns, atol=1e-6)
