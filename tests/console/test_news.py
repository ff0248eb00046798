"""The news: each clearance hears of what it may see, and nothing else moves anything that it hears."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from watchfloor.casework.watch import repository
from watchfloor.casework.watch.repository import About, Post
from watchfloor.console.graphs import Graphs
from watchfloor.console.live import news
from watchfloor.console.live.events import Events
from watchfloor.console.live.news import News
from watchfloor.console.pictures.picture_cache import Pictures
from watchfloor.store.backup import backup, restore
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

OPEN, HIDDEN, NEWER = "PA//TLP:AMBER", "PB//TLP:AMBER", "PA//TLP:GREEN"
POLICY = """
[readers.low]
protected = "PA"
[readers.high]
protected = "PB"
"""
NOW = datetime.now(UTC)
ACTOR = Actor("high", "tests", "law")


@pytest.fixture
def floor(tmp_path):
    """A floor whose policy names two readers, of whom `low` sees nothing that is Protected B."""
    made = Floor.create(tmp_path / "floor", Actor("high", "tests", "law"), ceiling="PB//TLP:RED")
    (made.root / "policy.toml").write_text(POLICY, encoding="utf-8")
    return made


class Told:
    """A console's news, as two readers hear them."""

    def __init__(self, floor):
        self.floor, self.events = floor, Events()
        self.news = News(floor, self.events)
        self.last = {name: self.head(name) for name in ("low", "high")}

    def head(self, name):
        return self.news.head(self.floor.reader(name, "tests"), NOW).id

    def heard(self, now=NOW):
        """What came since, by reader: kind and what it says."""
        self.news.look(now)
        found = {}
        for name, last in self.last.items():
            channel = self.news.channel(self.floor.reader(name, "tests"), now)
            found[name] = [(one.what, dict(one.said)) for one in self.events.since(channel, last)]
            self.last[name] = self.head(name)
        return found


def write(floor, what, *args, marking=OPEN):
    with floor.writer(Actor("high", "tests", "law")) as writer:
        post = Post(floor, floor.reader("high", "tests"), writer)
        return what(post, *args, About(None, marking)).row["entry"]


def test_a_hidden_line_makes_no_event_and_takes_no_number(floor):
    told = Told(floor)
    before = told.last["low"]
    entry = write(floor, repository.note, "not for everybody", marking=HIDDEN)
    assert told.heard() == {"low": [], "high": [("watch", {"ids": [entry], "count": 1})]}
    assert told.last["low"] == before
    entry = write(floor, repository.note, "for both")
    assert told.heard()["low"] == [("watch", {"ids": [entry], "count": 1})]
    assert told.last["low"].rpartition("-")[2] == "1"


def test_a_hidden_alert_is_in_no_count_of_who_may_not_see_it(floor):
    told = Told(floor)
    write(floor, repository.alert, "hidden", marking=HIDDEN)
    heard = told.heard()
    assert heard["low"] == []
    assert [what for what, _ in heard["high"]] == ["watch", "alerts"]
    assert heard["high"][1][1]["open"] == 1
    entry = write(floor, repository.alert, "open")
    (_, (_, alerts)) = told.heard()["low"]
    assert (alerts["open"], [one["entry"] for one in alerts["alerts"]]) == (1, [entry])


def test_an_event_says_no_words_of_a_row(floor):
    told = Told(floor)
    write(floor, repository.alert, "the words of it")
    assert "words" not in str(told.heard())


def test_the_clock_alone_sends_an_alert_up_the_chain_and_says_so_once(floor):
    told = Told(floor)
    write(floor, repository.alert, "nobody answers")
    (_, (_, alerts)) = told.heard()["low"]
    due = datetime.fromisoformat(alerts["alerts"][0]["due"])
    assert told.heard(due - timedelta(seconds=1))["low"] == []
    ((what, late),) = told.heard(due + timedelta(seconds=1))["low"]
    assert (what, late["late"]) == ("alerts", 1)
    assert datetime.fromisoformat(late["alerts"][0]["due"]) == due + timedelta(minutes=30)
    assert told.heard(due + timedelta(seconds=2))["low"] == []
    told.heard(due + timedelta(minutes=31))
    assert told.heard(due + timedelta(days=1))["low"] == []  # it is at the top, and stays there


def test_what_cannot_be_read_is_told_later_as_a_whole_and_once(floor):
    told = Told(floor)
    entry = write(floor, repository.note, "one")
    (floor.root / "watch.toml").write_text("roles = 1", encoding="utf-8")
    with pytest.raises(Exception, match=r"watch\.toml"):
        told.news.look(NOW)
    (floor.root / "watch.toml").unlink()
    assert told.heard()["low"] == [("watch", {"ids": [entry], "count": 1})]
    assert told.heard()["low"] == []


def test_readers_of_one_clearance_share_a_channel_and_a_purpose_makes_another(floor):
    told = Told(floor)
    with_policy = POLICY + '[readers.twin]\nprotected = "PA"\n'
    (floor.root / "policy.toml").write_text(with_policy, encoding="utf-8")
    low, twin = floor.reader("low", "tests"), floor.reader("twin", "tests")
    assert told.news.channel(low, NOW) == told.news.channel(twin, NOW)
    assert told.news.channel(floor.reader("low", "another"), NOW) != told.news.channel(low, NOW)


def test_channels_are_bounded_and_one_that_is_heard_stays(floor, monkeypatch):
    monkeypatch.setattr(news, "MOST", 3)
    told = Told(floor)
    kept = told.news.channel(floor.reader("low", "tests"), NOW)
    told.events.listen(kept, lambda: None)
    for n in range(6):
        told.news.channel(floor.reader("low", f"purpose {n}"), NOW)
    assert told.events.head(kept)
    assert told.news.channel(floor.reader("low", "tests"), NOW) == kept
    assert told.news.channel(floor.reader("high", "tests"), NOW) not in told.last["high"]


class Made:
    """A picture, as far as the news look at it."""

    def __init__(self, **leads):
        self.about = SimpleNamespace(digest=str(leads))
        self.ids = lambda: leads


def test_a_queue_is_told_to_who_has_its_view_from_the_first_change_on(floor):
    told = Told(floor)
    views = SimpleNamespace(view_of=lambda reader: f"view of {reader.protected}")
    low, first, second = f"view of {floor.reader('low', 'tests').protected}", Made(a=1), Made(a=2, b=1)
    told.news.queue(views, low, None, first, 1)
    assert told.heard()["low"] == []  # the page that waited for it has it
    late = told.news.channel(floor.reader("low", "another purpose"), NOW)
    told.news.queue(views, low, first, second, 2)
    said = {"number": 2, "changed": 2, "leads": ["a", "b"]}
    assert told.heard() == {"low": [("queue", said)], "high": []}
    assert [(one.what, one.said) for one in told.events.since(late, f"{late}-0")] == [("queue", said)]
    told.news.queue(views, low, second, second, 2)
    assert told.heard()["low"] == []


class AtOnce:
    """An executor that makes a picture while it is asked to."""

    def submit(self, work, *args):
        from concurrent.futures import Future

        done = Future()
        done.set_result(work(*args))
        return done


def test_a_picture_goes_on_where_a_hidden_row_of_a_new_marking_gives_the_view_another_key(floor):
    heard = []
    pictures = Pictures(floor, AtOnce(), lambda *said: heard.append(said))
    low = floor.reader("low", "tests")
    write(floor, repository.note, "for both")
    before, key = pictures.current(low, NOW), pictures.view_of(low)
    write(floor, repository.note, "not for everybody", marking=HIDDEN)
    assert pictures.view_of(low) != key
    after = pictures.current(low, NOW)
    assert after.picture is before.picture
    assert (after.number, len(heard)) == (before.number, 1)


@pytest.mark.parametrize("more", [0, 1, 9])
def test_a_backup_put_in_the_place_of_the_floor_makes_pictures_graphs_and_news_anew(floor, tmp_path, more):
    """Positions of the backup are lower than those that were looked at, and later equal or higher."""
    told, heard = Told(floor), []
    pictures, graphs = Pictures(floor, AtOnce(), lambda *said: heard.append(said)), Graphs(floor, AtOnce())
    low = floor.reader("low", "tests")
    write(floor, repository.note, "in the backup")
    backup(floor, tmp_path / "backup", ACTOR, to=())
    for number in range(4):
        write(floor, repository.note, f"gone {number}")
    floor.act(ACTOR, "received", {})  # it moves the queue, later than the backup's restore does
    before, past = pictures.current(low, NOW).picture, pictures.at(low, floor.position, NOW)
    drawn, then = graphs.current(low, NOW), graphs.past(low, floor.position, NOW)
    told.heard()
    floor.root.rename(tmp_path / "old")
    restore(tmp_path / "backup", floor.root, ACTOR)
    mine = [write(floor, repository.note, f"new {number}") for number in range(more)]
    now = pictures.current(low, NOW)
    assert now.fresh
    assert now.picture is not before
    assert now.picture.about.position == floor.position
    assert pictures.current(low, NOW).picture is now.picture
    assert pictures.at(low, floor.position, NOW) is not past
    assert graphs.current(low, NOW).graph is not drawn.graph
    assert graphs.past(low, floor.position, NOW) is not then
    (lines,) = [said["ids"] for what, said in told.heard()["low"] if what == "watch"]
    assert lines[1:] == mine
    write(floor, repository.note, "after it")
    assert [what for what, _ in told.heard()["low"]] == ["watch"]
