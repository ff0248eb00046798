"""Upkeep by schedule: what is due when, once; backups that are restored; one server at a time."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.console.served import served
from tests.store.rows import ingest
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.console.upkeep import schedule, tasks
from watchfloor.console.upkeep.schedule import ACT, TaskSettings, TaskStatus
from watchfloor.console.upkeep.scheduler import Running, Scheduler
from watchfloor.formats.settings import SettingsError
from watchfloor.store import backup
from watchfloor.store.errors import FloorBusy
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

ACTOR = Actor("operator", "upkeep", "none")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SETTINGS = st.builds(
    TaskSettings,
    st.lists(st.times().map("{:%H:%M}".format), min_size=1, max_size=4).map(tuple),
    st.lists(st.sampled_from(schedule.DAYS), max_size=3).map(tuple),
)


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", ACTOR)
    with made.writer(ACTOR) as writer:
        ingest(writer, range(50))
    (tmp_path / "backups").mkdir()
    return made


def scheduled(floor, text):
    (floor.root / schedule.NAME).write_text(text, "utf-8")
    return floor


def backed_up(floor, more=""):
    return scheduled(
        floor,
        f'account = "operator"\n[backup]\nat = "03:30"\nunencrypted = true\n{more}\n'
        f'to = {json.dumps(str(floor.root.parent / "backups"))}\n[expire]\nat = "02:00"\n',
    )


@given(SETTINGS, MOMENTS)
def test_last_and_next_moment_are_neighbours(settings, now):
    last, next_ = settings.last(now), settings.next(now)
    assert last <= now < next_ <= last + timedelta(days=7)
    assert settings.next(last) == next_
    assert settings.last(next_ - timedelta(microseconds=1)) == last


@given(SETTINGS, MOMENTS, st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_however_the_clock_jumps_a_moment_is_made_up_once(settings, now, jump):
    done = TaskStatus("backup", None, due=settings.last(now), state="done", attempts=1)
    assert schedule.due(done, settings, now, now) is None
    later = now + jump
    since = min(now, later)
    moment = schedule.due(done, settings, later, since)
    assert (moment is not None) == (settings.last(later) > settings.last(now))
    if moment is not None:
        done = TaskStatus("backup", None, due=moment, state="done", attempts=1)
        assert schedule.due(done, settings, later, since) is None
    assert schedule.due(done, settings, now, now) is None, "set right again"
    next_ = settings.next(now)
    assert schedule.due(done, settings, next_, now) == (None if done.due == next_ else next_)


def test_one_that_was_cut_off_begins_once_more():
    settings = TaskSettings("03:30")
    cut = TaskStatus("backup", None, due=settings.last(NOON), state="interrupted", attempts=1)
    assert schedule.due(cut, settings, NOON, NOON) == cut.due
    twice = TaskStatus("backup", None, due=cut.due, state="interrupted", attempts=2)
    assert schedule.due(twice, settings, NOON, NOON) is None
    assert schedule.due(twice, settings, NOON + timedelta(days=3), NOON) == cut.due + timedelta(days=3)


class Recorder(Running):
    """Stands for a process: notes what was begun, and has it done at once."""

    def __init__(self, floor):
        self.floor, self.begun = floor, []

    def __call__(self, root, task, due):
        self.begun.append((task, due))
        for state in ("begun", "done"):
            self.floor.act(ACTOR, ACT, {"task": task, "due": due.isoformat(), "state": state})
        return Running()


def test_a_clock_that_jumps_has_each_task_done_once(floor):
    now, begun = [NOON], Recorder(backed_up(floor))
    one = Scheduler(floor, begun, lambda: now[0])
    for jump in (timedelta(0), timedelta(hours=20), timedelta(days=400), timedelta(days=-399, hours=-20)):
        now[0] += jump
        before = len(begun.begun)
        for _ in range(6):
            one.look()
        new = begun.begun[before:]
        assert [task for task, _ in new] == (["expire", "backup"] if jump > timedelta(0) else []), jump
    now[0] += timedelta(days=1)
    one.look()
    assert begun.begun[-1] == ("expire", datetime(2026, 11, 27, 2, tzinfo=UTC)), "it goes on after both jumps"


def test_a_server_that_was_away_makes_up_what_it_missed_once(floor):
    now, begun = [NOON], Recorder(backed_up(floor))
    Scheduler(floor, begun, lambda: now[0]).look()
    assert begun.begun == [], "a new schedule begins with its next moment"
    now[0] += timedelta(days=1)
    one = Scheduler(floor, begun, lambda: now[0] - timedelta(days=1))
    one._clock = lambda: now[0]
    for _ in range(4):
        one.look()
    now[0] += timedelta(days=9)
    after = Scheduler(floor, begun, lambda: now[0])
    for _ in range(4):
        after.look()
    assert [task for task, _ in begun.begun] == ["expire", "backup"] * 2


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_backup_is_restored_and_compared_and_old_ones_go(floor, tmp_path, encrypted):
    from watchfloor.store.encryption import make_key

    backed_up(floor, "keep = 2")
    if encrypted:
        text = (floor.root / schedule.NAME).read_text("utf-8")
        recipient = make_key(tmp_path / "key")
        text = text.replace("unencrypted = true", f'recipients = ["{recipient}"]')
        (floor.root / schedule.NAME).write_text(text, "utf-8")
    for n in range(3):
        position = floor.position + 1
        status = tasks.perform(floor, "backup", ACTOR, NOON + timedelta(days=n))
        assert status.state == "done", status.detail
        assert status.drilled == status.succeeded
        assert status.detail["drill"] == {
            "acts": position,
            "rows": 50,
            "root": floor.log_root(position).hex(),
        }
        for old in (tmp_path / "backups").iterdir():  # the next second has another name
            old.rename(old.with_name(old.name.replace("T", f"T{n}", 1)) if "T9" not in old.name else old)
    left = sorted((tmp_path / "backups").iterdir())
    assert len(left) == 2
    key = tmp_path / "key" if encrypted else None
    assert backup.restore(left[-1], tmp_path / "again", ACTOR, key=key).position
    assert floor.acts()[-1].act == ACT, "the result is a leaf of the log"
    assert list(floor.verify()) == []


def test_a_backup_that_differs_from_its_floor_is_no_success(floor, monkeypatch):
    backed_up(floor)
    monkeypatch.setattr(tasks, "_sums", lambda one, upto: {1: (one.root,)})
    status = tasks.perform(floor, "backup", ACTOR, NOON)
    assert (status.state, status.drilled, status.succeeded) == ("failed", None, None)
    assert "differs" in status.detail["why"]
    assert tasks.perform(floor, "backup", ACTOR, NOON) is None, "that moment is over"


def test_a_folder_that_is_away_is_told(floor):
    scheduled(floor, '[backup]\nat = "03:30"\nunencrypted = true\nto = "/no/such/folder"\n')
    assert "/no/such/folder" in tasks.perform(floor, "backup", ACTOR, NOON).detail["why"]


def test_two_servers_do_a_task_once(floor):
    backed_up(floor)
    done, gate = [], threading.Barrier(4)

    def serve():
        gate.wait()
        try:
            done.append(tasks.perform(Floor.open(floor.root), "expire", ACTOR, NOON))
        except FloorBusy:
            done.append(None)

    threads = [threading.Thread(target=serve) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len([one for one in done if one is not None]) == 1
    assert [act.detail["state"] for act in floor.acts_of(ACT)] == ["begun", "done"]


def test_what_expired_goes(floor):
    backed_up(floor)
    with floor.writer(ACTOR) as writer:
        ingest(writer, range(60, 63), marking="PB//UNTIL:2020-01-01")
    assert tasks.perform(floor, "expire", ACTOR, NOON).detail["erased"]
    assert not tasks.perform(floor, "expire", ACTOR, NOON + timedelta(days=1)).detail["erased"]


@pytest.mark.parametrize(
    "text",
    [
        '[backup]\nat = "25:00"\nunencrypted = true\nto = "x"\n',
        '[backup]\nat = "03:00"\nto = "x"\n',
        '[backup]\nat = "03:00"\nunencrypted = true\n',
        "[expire]\nat = []\n",
        '[expire]\nat = "03:00"\ndays = ["someday"]\n',
        '[drill]\nat = "03:00"\n',
    ],
)
def test_a_schedule_that_cannot_be_followed_is_told(floor, text):
    scheduled(floor, text)
    with pytest.raises(SettingsError):
        schedule.load(floor)
    assert Scheduler(floor).metrics == ["watchfloor_schedule_broken 1"]


def test_operators_see_how_it_stands(floor):
    backed_up(floor)
    words = ["--floor", str(floor.root), "--json"]
    done = CliRunner().invoke(app, ["floor", "schedule", "run", "backup", *words])
    assert json.loads(done.stdout)["state"] == "done"
    (floor.root.parent / "backups").rename(floor.root.parent / "away")
    failed = CliRunner().invoke(app, ["floor", "schedule", "run", "backup", *words])
    listed = CliRunner().invoke(app, ["floor", "schedule", "list", *words])
    assert (done.exit_code, failed.exit_code, listed.exit_code) == (0, 1, 1)
    rows = {one["task"]: one for one in map(json.loads, listed.stdout.splitlines())}
    assert {name: one["state"] for name, one in rows.items()} == {"expire": "waiting", "backup": "failed"}
    lines = Scheduler(floor).metrics
    assert 'watchfloor_task_failed{task="backup"} 1' in lines
    assert any(one.startswith('watchfloor_task_drill_timestamp_seconds{task="backup"} ') for one in lines)


def test_the_page_shows_how_it_stands(floor, client):
    backed_up(floor)
    tasks.perform(floor, "expire", ACTOR, NOON)
    (floor.root.parent / "backups").rmdir()
    tasks.perform(floor, "backup", ACTOR, NOON)
    with served(floor) as console:
        for language, state in (("en", "failed"), ("fr", "échoué")):
            asks = client(console, console.token(language=language), accept="text/html")
            asks.cookies.set("watchfloor", console.token(language=language))
            page = asks.get("/upkeep")
            assert page.status_code == 200
            assert state in page.text
            assert "is no folder" in page.text
        (floor.root / schedule.NAME).write_text("[backup]", "utf-8")
        console.services.scheduler._known = None
        said = client(console, console.token()).get("/api/v1/upkeep").json()
        assert said["tasks"] == []
        assert schedule.NAME in said["problem"]
