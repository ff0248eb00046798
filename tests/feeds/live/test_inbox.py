import time

from watchfloor.feeds.live import address
from watchfloor.feeds.live.inbox import COST, Clock, Inbox, Recent
from watchfloor.feeds.live.jetstream import TakenRanges
from watchfloor.feeds.live.source import FIRST, LONGEST, pause


def inbox(limit=1 << 20):
    woken = []
    return Inbox(Clock(), limit, lambda: woken.append(1)), woken


def test_moments_rise_whatever_the_clock_does(monkeypatch):
    clock = Clock()
    first = clock.now()
    monkeypatch.setattr(time, "time_ns", lambda: (first - 3_600_000_000) * 1000)
    monkeypatch.setattr(time, "time", lambda: first / 1e6 - 3600)
    assert [clock.now(), clock.now()] == [first + 1, first + 2]
    assert round(clock.behind) == 3600


def test_messages_are_taken_by_connection_in_their_order_up_to_one_moment():
    box, woken = inbox()
    for channel, data in ((1, b"a"), (2, b"b"), (1, b"c"), (2, b"d")):
        box.put(data, channel, token=data, cursor=data)
    box.close(1, b"rest")
    assert len(woken) == 1
    limit = box.horizon(2 * (COST + 1))
    part = box.drain(limit)
    assert {channel: one.messages for channel, one in part.channels.items()} == {1: [b"a", b"c"], 2: [b"b"]}
    assert part.channels[1].cursor == b"c"
    assert part.tokens == [b"a", b"b", b"c"]
    assert part.closed == {}
    rest = box.drain()
    assert rest.channels[2].messages == [b"d"]
    assert rest.closed == {1: b"rest"}
    assert box.empty
    assert box.waiting == 0


def test_what_was_lost_or_came_twice_is_told_once_even_where_nothing_else_came():
    box, _ = inbox()
    box.lose(3)
    box.repeat()
    (one,) = box.drain().channels.values()
    assert (one.messages, one.repeated, one.lost) == ([], 1, 3)
    assert box.empty
    assert (box.lost, box.repeated) == (3, 1)


def test_who_waits_for_room_is_called_when_there_is_some():
    box, _ = inbox(limit=100)
    called = []
    box.put(bytes(200))
    assert box.full
    box.on_room(lambda: called.append(1))
    box.drain()
    assert called == [1]
    assert not box.full


def test_a_message_is_known_again_for_a_while_and_no_more_than_some_are_remembered():
    recent = Recent(within=100, most=3)
    assert [recent.again(b"a", 0), recent.again(b"a", 50), recent.again(b"a", 200)] == [False, True, False]
    for at, one in enumerate(b"bcde"):
        recent.again(bytes([one]), 200 + at)
    assert not recent.again(b"b", 205)


def test_numbers_of_a_stream_are_taken_once_in_whatever_order():
    taken = TakenRanges()
    assert [taken.add(one) for one in (5, 6, 9, 7, 8, 5, 1, 9, 2)] == [True] * 5 + [False, True, False, True]
    assert taken.ranges == [(1, 2), (5, 9)]


def test_waits_grow_and_are_never_all_the_same():
    assert FIRST / 2 <= pause(0) <= FIRST * 1.5
    assert LONGEST / 2 <= pause(50) <= LONGEST * 1.5
    assert len({pause(3) for _ in range(9)}) > 1


def test_addresses_say_what_is_wrong_with_them():
    good = {
        "tcp://10.0.0.1:5000": "tcp://10.0.0.1:5000",
        "serial+tcp://[::1]:4001": "serial+tcp://[::1]:4001",
        "mqtt://ann@broker/towers/+/detections": "mqtt://broker:1883/towers/+/detections",
        "nats://server/STREAM/towers.>": "nats://server:4222/STREAM/towers.>",
        "file:/var/log/ais.txt": "file:/var/log/ais.txt",
    }
    assert {url: address.parse(url).shown for url in good} == good
    assert address.parse("mqtt://ann@broker/t").user == "ann"
    for url in ("", "http://x", "tcp://x", "udp://:5", "tcp://x:99999", "mqtt://b", "nats://s/S", "file:"):
        assert "write" in _problem(url)
    assert "password_env" in _problem("mqtt://ann:secret@broker/t")


def _problem(url):
    try:
        address.parse(url)
    except ValueError as error:
        return str(error)
    raise AssertionError(url)
