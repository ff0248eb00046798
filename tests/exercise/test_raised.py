"""Signals as alerts, and alerts of one matter as one."""

from datetime import timedelta

import pyarrow as pa

from watchfloor.core.derived import SIGNAL
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.raised import matter_of, matters, raised


def at(seconds):
    return DAY + timedelta(seconds=seconds)


def signal(number, rule="loitering", score=0.5, strength="possible", since=0, track=1, **said):
    plain = dict.fromkeys(SIGNAL.names) | {
        "row_id": number.to_bytes(16, "big"),
        "revision": 0,
        "at": at(since + 60),
        "since": at(since),
        "until": at(since + 30),
        "retracted": False,
        "desk": "surveillance",
        "rule": rule,
        "subjects": [f"track:surveillance:{track}"],
        "strength": strength,
        "score": score,
        "reason": {"message": "none", "params": "{}"},
        "evidence": [],
        "coverage": [],
        "origins": [],
        "marking": "U",
        "latitude": 45.0,
        "longitude": -73.0,
        "radius": 20.0,
    }
    return plain | said


def told(*rows):
    return raised(pa.Table.from_pylist(list(rows), SIGNAL))


def test_an_alert_is_the_strongest_revision_even_of_what_was_taken_back():
    rows = [
        signal(1),
        signal(1, revision=1, score=0.8, strength="likely", latitude=46.0),
        signal(1, revision=2, score=0.0, strength="unlikely", retracted=True),
    ]
    (one,) = told(*rows)
    assert (one.strength, one.taken_back, one.alert.latitude) == ("likely", True, 46.0)


def test_what_is_unlikely_alerts_nobody():
    assert not told(signal(1, score=0.2, strength="unlikely"))
    assert len(told(signal(1, score=0.2, strength="unlikely"), signal(1, revision=1))) == 1


def test_what_goes_on_ends_when_it_was_known():
    (one,) = told(signal(1, until=None))
    assert one.alert.until == at(60)


def test_that_it_will_cross_and_that_it_did_is_one_matter():
    will, did = signal(1, "predicted-crossing"), signal(2, "border-crossing", since=500)
    ((first, second),) = matters(told(will, did))
    assert (first.alert.rule, second.alert.rule) == ("predicted-crossing", "border-crossing")
    assert len(list(matters(told(will, did | {"subjects": ["track:surveillance:2"]})))) == 2
    assert len(list(matters(told(will, signal(2, "border-crossing", since=2_000))))) == 2
    assert len(list(matters(told(will, did, signal(3, "loitering"))))) == 2


def test_a_track_that_took_up_another_is_one_object_with_it():
    both = {"subjects": ["track:surveillance:2", "track:surveillance:1"]}
    will, did = signal(1, "predicted-crossing"), signal(2, "border-crossing", since=500) | both
    assert len(list(matters(told(will, did)))) == 1
    met = signal(3, "rendezvous") | {"subjects": ["track:surveillance:1", "track:surveillance:9"]}
    other = signal(4, "border-crossing", since=550, track=9)
    assert len(list(matters(told(will, did, met, other)))) == 3


def test_there_and_back_are_two():
    ways = (signal(n, "border-crossing", since=300 * n) for n in range(2))
    assert len(list(matters(told(*ways)))) == 2
    assert matter_of("border-crossing") == matter_of("predicted-crossing") != matter_of("loitering")
