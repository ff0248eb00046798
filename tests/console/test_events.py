"""The stream's memory: no interleaving of publishing and coming back loses or repeats an event."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.console.live import events
from watchfloor.console.live.events import Events

STEPS = st.lists(st.one_of(st.just("publish"), st.integers(0, 2)), max_size=60)
"""Something is published, or one of three clients comes back."""


@given(STEPS, st.integers(1, 8))
def test_a_client_that_comes_back_gets_exactly_what_it_missed_or_is_told_to_begin_anew(steps, kept):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "KEPT", kept)
        told, published = Events(), []
        channel = told.open({})
        at = dict.fromkeys(range(3), told.head(channel).id)
        had = dict.fromkeys(range(3), 0)
        for step in steps:
            if step == "publish":
                published.append(len(published))
                told.publish(channel, "queue", {"n": published[-1]})
                continue
            found = told.since(channel, at[step])
            missed = published[had[step] :]
            if len(missed) > kept:
                assert found is None
                at[step] = told.head(channel).id
            else:
                assert [one.said["n"] for one in found] == missed
                at[step] = found[-1].id if found else at[step]
            had[step] = len(published)
            assert at[step] == told.head(channel).id


@pytest.mark.parametrize(
    "last", ["", "x", "-", "-0", "other-1", "{}-2", "{}-", "{}--1", "{}-²", "{}-" + "9" * 30]
)
def test_an_id_that_is_none_of_this_channel_is_never_taken_for_one(last):
    told = Events()
    channel = told.open({})
    told.publish(channel, "queue", {})
    assert told.since(channel, last.format(channel)) is None
    assert [one.what for one in told.since(channel, f"{channel}-0")] == ["queue"]


def test_a_number_of_one_channel_says_nothing_in_another():
    told = Events()
    one, other = told.open({}), told.open({})
    told.publish(one, "queue", {})
    told.publish(other, "watch", {})
    assert told.since(other, told.head(one).id) is None
    assert [event.what for event in told.since(other, f"{other}-0")] == ["watch"]


def test_the_head_has_what_each_kind_said_last():
    told = Events()
    channel = told.open({"alerts": {"open": 0}})
    told.publish(channel, "queue", {"number": 1})
    told.publish(channel, "queue", {"number": 2})
    assert told.head(channel).last == {"alerts": {"open": 0}, "queue": {"number": 2}}


def test_many_threads_publish_and_a_listener_has_each_event_once_in_order():
    told, wake = Events(), threading.Semaphore(0)
    channel = told.open({})
    stop = told.listen(channel, wake.release)
    last, had = told.head(channel).id, []

    def publish(by):
        for n in range(50):
            told.publish(channel, "queue", {"by": by, "n": n})

    threads = [threading.Thread(target=publish, args=(by,)) for by in range(4)]
    for thread in threads:
        thread.start()
    while len(had) < 200:
        assert wake.acquire(timeout=10)
        for one in told.since(channel, last):
            had.append(one)
            last = one.id
    for thread in threads:
        thread.join()
    assert [one.id for one in had] == [f"{channel}-{n}" for n in range(1, 201)]
    for by in range(4):
        assert [one.said["n"] for one in had if one.said["by"] == by] == list(range(50))
    stop()
    told.publish(channel, "queue", {})
    assert told.drop(channel)


def test_a_channel_that_somebody_hears_is_not_let_go_of():
    told = Events()
    channel = told.open({})
    stop = told.listen(channel, lambda: None)
    assert not told.drop(channel)
    stop()
    assert told.drop(channel)
    told.publish(channel, "queue", {})  # nobody is there, and nothing goes wrong
    with pytest.raises(KeyError):
        told.head(channel)


def test_closing_wakes_everybody():
    told, woken = Events(), []
    told.listen(told.open({}), lambda: woken.append("one"))
    told.listen(told.open({}), lambda: woken.append("other"))
    told.close()
    assert told.closed
    assert sorted(woken) == ["one", "other"]
