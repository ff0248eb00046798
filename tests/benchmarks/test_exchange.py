"""The benchmark of messages and events: everybody reads and writes the same, whatever it takes them."""

import pytest

for name in ("sapient_msg", "takproto"):
    pytest.importorskip(name)

exchange = pytest.importorskip("benchmarks.surveillance.exchange", exc_type=ImportError)


def test_everybody_counts_the_same_messages():
    told = exchange.traffic(200)
    calls = exchange.sapient_calls(told)
    assert {name: call() for name, call in calls.items()} == dict.fromkeys(calls, 200)
    assert exchange.stored(told, 1)[0] == 200


def test_everybody_counts_the_same_events():
    table = exchange.tracks(30)
    for calls in (exchange.out_calls(table, None), exchange.in_calls(table, None)):
        assert {name: call() for name, call in calls.items()} == dict.fromkeys(calls, 30)


def test_ratios_are_to_the_first():
    found = exchange.rows("task", {"peer": (10, 2.0), "ours": (10, 0.5)}, {"peer": "1.0"})
    assert [(row.version, row.rate, row.ratio) for row in found] == [
        ("1.0", 5.0, 1.0),
        ("watchfloor", 20.0, 4.0),
    ]
