"""A task that is typed in reaches the SAPIENT node of its asset, and what that answers stands in the log.

The node is written with `sapient-proto`, and the live floor runs as processes.
"""

import json
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.feeds.live.floors import floor_of, port
from tests.formats.sapient.made import raw, registration
from tests.planning.world import asset
from typer.testing import CliRunner

from watchfloor.casework.live_worker import Clerk, Orders, Worker
from watchfloor.cli import app
from watchfloor.feeds.live.ingestion import Rolls
from watchfloor.feeds.live.outbox import ANSWERS, FOLDER
from watchfloor.formats.sensors.sapient.ids import node_of, ulid_of
from watchfloor.store import Actor

pb = pytest.importorskip("sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2")

RUNNER = CliRunner()
ACTOR = Actor("anna", "watch", "RCMP Act s. 18")
LAW = ("--authority", "RCMP Act s. 18")


def until(true, seconds=60.0):
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)
    return found


class Node:
    """A sensor that talks SAPIENT by another's codec."""

    def __init__(self, number, name):
        self.id = node_of(name)
        self._socket = until(lambda: connected(number))
        self._socket.settimeout(30)

    def say(self, **content):
        message = pb.SapientMessage(node_id=self.id)
        message.timestamp.GetCurrentTime()
        for name, value in content.items():
            getattr(message, name).CopyFrom(value)
        data = message.SerializeToString()
        self._socket.sendall(len(data).to_bytes(4, "little") + data)

    def hear(self):
        size = int.from_bytes(self._exactly(4), "little")
        message = pb.SapientMessage()
        message.ParseFromString(self._exactly(size))
        return message

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            assert more, "the connection has ended"
            data += more
        return data

    def close(self):
        self._socket.close()

    def register(self, *commands):
        message = pb.SapientMessage()
        message.ParseFromString(raw(registration(self.id, commands)))
        self.say(registration=message.registration)
        assert self.hear().registration_ack.acceptance

    def answer(self, task, status, *reasons):
        ack = pb.SapientMessage().task_ack
        ack.task_id = task.task_id
        ack.task_status = getattr(type(ack), status)
        ack.reason.extend(reasons)
        self.say(task_ack=ack)


def connected(number):
    try:
        return socket.create_connection(("127.0.0.1", number), 5)
    except ConnectionRefusedError:
        return None


@pytest.fixture
def floor(tmp_path, monkeypatch):
    number = port()
    made = floor_of(
        tmp_path / "floor",
        ceiling="PB//TLP:RED",
        towers=(f"tcp-listen://127.0.0.1:{number}", {"decode": "sapient"}),
    )
    text = asset("tower", more='slew_deg_s = 30\nnode = "tower-7"')
    (made.root / "assets.toml").write_text(text, "utf-8")
    monkeypatch.setenv("WATCHFLOOR_FLOOR", str(made.root))
    monkeypatch.setenv("WATCHFLOOR_USER", "keeper")
    worker = Worker(Orders(made.root, Actor("keeper", "watch", "RCMP Act s. 18"), Rolls(seconds=1), {}))
    yield made, number
    worker.stop()


def issue(*words):
    by_when = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%MZ}"
    given = [
        "cases",
        "task",
        "issue",
        "--unit",
        "rcmp-operations",
        "--instruction",
        "Look there",
        "--asset",
        "tower",
    ]
    given += ["--subject", "track:surveillance:1", "--place", "45.03,-73.34,50", "--deadline", by_when]
    result = RUNNER.invoke(app, [*given, *LAW, "--json", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[0])["task"]


def shown(task):
    result = RUNNER.invoke(app, ["cases", "task", "show", task, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[0])


def test_a_task_goes_to_its_node_and_its_answers_come_back_into_the_log(floor):
    made, number = floor
    first = issue()
    waits = made.root / FOLDER / f"{first}.sapient"
    assert waits.exists()
    node = Node(number, "tower-7")
    node.register("COMMAND_TYPE_LOOK_AT")
    heard = node.hear()
    assert heard.destination_id == node.id
    assert heard.task.task_id == ulid_of(f"{made.settings.id}\n{first}")
    place = heard.task.command.look_at.location_list.locations[0]
    assert (place.y, place.x) == pytest.approx((45.03, -73.34))
    until(lambda: not waits.exists())
    assert (made.root / FOLDER / "sent" / waits.name).exists()
    node.answer(heard.task, "TASK_STATUS_ACCEPTED")
    until(lambda: shown(first)["state"] == "accepted")
    node.answer(heard.task, "TASK_STATUS_COMPLETED", "nobody there")
    task = until(lambda: (one := shown(first)) and one["state"] == "done" and one)
    assert [row["state"] for row in task["history"]] == ["issued", "accepted", "done"]
    assert task["history"][2]["why"] == f"SAPIENT node {node.id}: completed: nobody there"
    second = issue()  # while it is connected
    heard = node.hear()
    node.answer(heard.task, "TASK_STATUS_REJECTED", "it turns for another")
    task = until(lambda: (one := shown(second)) and one["state"] == "refused" and one)
    assert task["history"][-1]["why"].endswith("rejected: it turns for another")
    node.answer(heard.task, "TASK_STATUS_COMPLETED")  # cannot follow
    until(lambda: list((made.root / ANSWERS / "unused").glob("*")))
    node.close()
    states = ["off", "gone"]
    reader = made.reader("keeper", "watch")
    until(lambda: made.read("coverage", reader)["state"].to_pylist() == states)


def test_a_node_that_does_not_take_such_a_command_is_not_asked_and_the_task_is_refused(floor):
    made, number = floor
    node = Node(number, "tower-7")
    node.register("COMMAND_TYPE_REQUEST")
    task = issue()
    told = until(lambda: (one := shown(task)) and one["state"] == "refused" and one)
    assert "it was not sent" in told["history"][-1]["why"]
    assert (made.root / FOLDER / "refused" / f"{task}.sapient").exists()
    node.close()


def test_an_answer_to_no_task_of_ours_changes_nothing(tmp_path):
    made = floor_of(tmp_path / "floor")
    folder = made.root / ANSWERS
    folder.mkdir(parents=True)
    (folder / "1.json").write_text('{"task": "abc", "node": "n", "status": "TASK_STATUS_ACCEPTED"}')
    (folder / "2.json").write_text("nonsense")
    assert Clerk(made.root, ACTOR).look() == 0
    assert sorted(path.name for path in folder.glob("*")) == ["2.json", "unused"]
