"""A fusion node in conversation: registrations, acknowledgements, tasks, silence, two nodes with one id."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.sapient.made import (
    FUSION,
    MOMENT,
    NODE,
    OBJECT,
    OTHER,
    PLACE,
    POLAR,
    ULID,
    detection,
    frame,
    frames,
    message,
    registration,
    status,
)
from tests.thorough import draws

from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.sapient import messages, stream
from watchfloor.formats.sensors.sapient.schema import MAX_BYTES, SCHEMA
from watchfloor.formats.sensors.sapient.session import Fusion, Outcome, Refusal


def _fusion() -> Fusion:
    return Fusion(FUSION, draw=lambda size: bytes(range(size)))


def _split(data: bytes) -> list[dict]:
    found = stream.framed([data])
    return [
        codec.decode(SCHEMA, data[a:b])
        for a, b in zip(found.starts.tolist(), found.ends.tolist(), strict=True)
    ]


def _replies(out: Outcome) -> list[dict]:
    return _split(out.replies)


def _rows(*outs: Outcome) -> dict[str, list[dict]]:
    rows: dict[str, list[dict]] = {}
    for out in outs:
        for part in out.parts:
            rows.setdefault(part.kind.name, []).extend(part.rows.to_pylist())
    return rows


def test_a_node_registers_and_is_heard():
    session = _fusion().session()
    out = session.feed(frames(registration()), MOMENT)
    (ack,) = _replies(out)
    assert ack["registration_ack"] == {"acceptance": True}
    assert (ack["node_id"], ack["destination_id"]) == (FUSION, NODE)
    assert [event.what for event in out.events] == ["registered"]
    out = session.feed(frames(status(node_location=PLACE), detection()), MOMENT)
    assert (out.replies, out.faults, out.close) == (b"", [], False)
    rows = _rows(out)
    assert rows["detection"][0]["sensor"] == rows["coverage"][0]["sensor"] == NODE
    assert rows["detection"][0]["received_at"] == MOMENT
    assert out.passed == frames(status(node_location=PLACE), detection())


def test_nothing_is_heard_before_the_registration():
    session = _fusion().session()
    out = session.feed(frames(detection(), registration(), detection()), MOMENT)
    wrong, ack = _replies(out)
    said = f"node_id {NODE} has not registered on this connection; it must, before it says anything else"
    assert wrong["error"]["error_message"] == [said]
    assert wrong["error"]["packet"] == codec.encode(SCHEMA, detection())
    assert ack["registration_ack"]["acceptance"]
    assert len(_rows(out)["detection"]) == 1
    assert [fault.locator for fault in out.faults] == [f"bytes 0-{len(frames(detection()))}"]
    assert out.passed == frames(registration(), detection())


def test_an_invalid_message_is_answered_with_the_field():
    session = _fusion().session()
    session.feed(frames(registration()), MOMENT)
    out = session.feed(frames(detection(location=PLACE | {"y": 95.0}), detection(report="x")), MOMENT)
    first, second = (reply["error"]["error_message"] for reply in _replies(out))
    assert first == ["detection_report.location.y is 95, outside -90 to 90 degrees"]
    assert second[0].startswith("detection_report.report_id is 'x', which is no ULID")
    assert len(out.faults) == 2
    assert out.passed == b""


def test_an_error_is_never_answered_with_an_error():
    session = _fusion().session()
    out = session.feed(frames(message(error={"packet": b"x"})), MOMENT)
    assert (out.replies, len(out.faults)) == (b"", 1)


def test_ten_sensors_with_one_id():
    """The first has it; each other is refused with a sentence, and what it says is quarantined."""
    fusion = _fusion()
    first, *others = (fusion.session() for _ in range(10))
    assert _replies(first.feed(frames(registration()), MOMENT))[0]["registration_ack"]["acceptance"]
    for session in others:
        out = session.feed(frames(registration(), detection()), MOMENT)
        ack, wrong = _replies(out)
        assert not ack["registration_ack"]["acceptance"]
        assert "is registered on another connection. Two nodes cannot have one id" in str(
            ack["registration_ack"]
        )
        assert "only that may speak for it" in wrong["error"]["error_message"][0]
        assert (_rows(out), len(out.faults), out.passed) == ({}, 2, b"")
        assert [event.what for event in out.events] == ["refused"]
    out = first.feed(frames(detection()), MOMENT)
    assert len(_rows(out)["detection"]) == 1


def test_the_id_is_free_again_when_its_connection_has_ended():
    fusion = _fusion()
    first, second = fusion.session(), fusion.session()
    first.feed(frames(registration()), MOMENT)
    out = first.end(MOMENT)
    assert [row["state"] for row in _rows(out)["coverage"]] == ["gone"]
    assert out.events[0].said == {"why": "its connection has ended"}
    assert _replies(second.feed(frames(registration()), MOMENT))[0]["registration_ack"]["acceptance"]
    assert first.feed(frames(detection()), MOMENT) == Outcome()


def test_a_node_may_not_have_the_id_of_the_fusion_node():
    out = _fusion().session().feed(frames(registration(FUSION)), MOMENT)
    assert "that of the fusion node itself" in str(_replies(out)[0]["registration_ack"])


def test_several_nodes_behind_one_connection():
    session = _fusion().session()
    out = session.feed(frames(registration(), registration(OTHER), detection(OTHER), detection()), MOMENT)
    assert [row["sensor"] for row in _rows(out)["detection"]] == [OTHER, NODE]


def test_a_node_that_falls_silent_is_gone_and_must_register_again():
    session = _fusion().session()
    session.feed(frames(registration(), status(node_location=PLACE)), MOMENT)
    assert session.tick(MOMENT + timedelta(seconds=60)) == Outcome()
    session.feed(frames(detection()), MOMENT + timedelta(seconds=50))
    assert session.tick(MOMENT + timedelta(seconds=61)) == Outcome()
    out = session.tick(MOMENT + timedelta(seconds=111))
    (row,) = _rows(out)["coverage"]
    assert (row["state"], row["sensor"], row["latitude"]) == ("gone", NODE, 45.015)
    assert row["observed_at"] == MOMENT + timedelta(seconds=111)
    assert out.events[0].said == {"why": "it has said nothing for 60 seconds"}
    assert out.close


def test_a_node_that_reports_seldom_has_longer():
    said = registration()
    said["registration"]["status_definition"]["status_interval"] = {
        "units": "TIME_UNITS_MINUTES",
        "value": 5.0,
    }
    session = _fusion().session()
    session.feed(frames(said), MOMENT)
    assert session.tick(MOMENT + timedelta(minutes=14)).events == []
    assert [event.what for event in session.tick(MOMENT + timedelta(minutes=16)).events] == ["gone"]


def test_a_node_that_says_goodbye_is_gone_once():
    session = _fusion().session()
    out = session.feed(frames(registration(), status(system="SYSTEM_GOODBYE")), MOMENT)
    assert [row["state"] for row in _rows(out, session.end(MOMENT))["coverage"]] == ["off", "gone"]


def test_alerts_are_acknowledged():
    session = _fusion().session()
    session.feed(frames(registration()), MOMENT)
    out = session.feed(frames(message(alert={"alert_id": ULID, "location": PLACE})), MOMENT)
    assert _replies(out)[0]["alert_ack"] == {
        "alert_id": ULID,
        "alert_ack_status": "ALERT_ACK_STATUS_ACCEPTED",
    }
    assert [event.what for event in out.events] == ["alert"]


def test_a_task_goes_out_and_its_acknowledgement_comes_back():
    fusion = _fusion()
    session = fusion.session()
    session.feed(frames(registration(commands=("COMMAND_TYPE_LOOK_AT", "COMMAND_TYPE_FOLLOW"))), MOMENT)
    sent = fusion.task(
        NODE, messages.look_at(45.0, -74.7, 100.0), MOMENT, task_description="walkers at the line"
    )
    (said,) = _split(sent.data)
    assert sent.session is session
    assert said["destination_id"] == NODE
    assert said["task"]["task_id"] == sent.task
    assert said["task"]["command"]["look_at"]["location_list"]["locations"][0]["y"] == 45.0
    ack = {"task_id": sent.task, "task_status": "TASK_STATUS_REJECTED", "reason": ["occupied"]}
    out = session.feed(frames(message(task_ack=ack)), MOMENT)
    assert [(event.what, event.node, event.said) for event in out.events] == [("task", NODE, ack)]
    (stop,) = _split(fusion.stop(NODE, sent.task, MOMENT).data)
    assert stop["task"] == {"task_id": sent.task, "control": "CONTROL_STOP"}


@pytest.mark.parametrize(
    "command",
    [
        messages.look_along(350.0, 20.0, 2000.0),
        messages.move_to([messages.place(45.0, -74.0)]),
        messages.patrol([messages.place(45.0, -74.0), messages.place(45.1, -74.0)]),
        messages.follow(OBJECT),
        {"mode_change": "Scan"},
        {"request": "Registration"},
        {"detection_threshold": "DISCRETE_THRESHOLD_LOW"},
    ],
)
def test_every_command_is_a_valid_task(command):
    fusion = _fusion()
    fusion.session().feed(frames(registration(commands=tuple(messages.COMMANDS.values()))), MOMENT)
    (said,) = _split(fusion.task(NODE, command, MOMENT).data)
    assert next(iter(said["task"]["command"])) == next(iter(command))


def test_tasks_that_nobody_would_carry_out_are_refused():
    fusion = _fusion()
    with pytest.raises(Refusal, match="is not connected"):
        fusion.task(NODE, messages.follow(OBJECT), MOMENT)
    with pytest.raises(Refusal, match="is not connected"):
        fusion.stop(NODE, ULID, MOMENT)
    fusion.session().feed(frames(registration(commands=("COMMAND_TYPE_FOLLOW",))), MOMENT)
    with pytest.raises(Refusal, match="did not register the command look_at"):
        fusion.task(NODE, messages.look_at(45.0, -74.0), MOMENT)
    with pytest.raises(Refusal, match=r"the task cannot be sent: .*task_name: 3 is no string"):
        fusion.task(NODE, messages.follow(OBJECT), MOMENT, task_name=3)
    with pytest.raises(Refusal, match=r"region.region_id is missing"):
        fusion.task(NODE, messages.follow(OBJECT), MOMENT, region=[{"region_name": "x"}])


def test_what_a_fusion_node_says_is_not_read_by_one():
    session = _fusion().session()
    session.feed(frames(registration()), MOMENT)
    out = session.feed(frames(message(task={"task_id": ULID, "control": "CONTROL_START"})), MOMENT)
    assert "task is what a fusion node sends" in _replies(out)[0]["error"]["error_message"][0]


def test_a_stream_that_is_lost_is_closed():
    session = _fusion().session()
    session.feed(frames(registration()), MOMENT)
    out = session.feed(frames(detection()) + (MAX_BYTES + 1).to_bytes(4, "little") + b"x" * 90, MOMENT)
    assert len(_rows(out)["detection"]) == 1
    assert out.close
    assert out.faults[0].rest
    assert "no stream of SAPIENT messages" in _replies(out)[0]["error"]["error_message"][0]
    assert session.feed(frames(detection()), MOMENT) == Outcome()


SAID = [
    detection(),
    registration(),
    status(node_location=PLACE),
    detection(location=None, range_bearing=POLAR | {"azimuth": 3.0}),
    detection(OTHER),
    registration(OTHER),
    message(OTHER, alert={"alert_id": ULID, "description": "low battery"}),
    detection(OTHER, report="x"),
    message(task_ack={"task_id": ULID, "task_status": "TASK_STATUS_ACCEPTED"}),
    detection(OTHER, location=PLACE | {"y": -95.0}),
]
DATA = frames(*SAID)


def _summed(outs: list[Outcome]) -> tuple:
    faults = [(fault.locator, fault.reason) for out in outs for fault in out.faults]
    events = [event for out in outs for event in out.events]
    return (
        _rows(*outs),
        faults,
        b"".join(out.replies for out in outs),
        events,
        b"".join(out.passed for out in outs),
    )


WHOLE = _summed([_fusion().session().feed(DATA, MOMENT)])


@settings(max_examples=draws(25))
@given(st.lists(st.integers(0, len(DATA)), max_size=8))
def test_how_the_bytes_are_cut_does_not_matter(cuts):
    edges = [0, *sorted(cuts), len(DATA)]
    session = _fusion().session()
    outs = [session.feed(DATA[a:b], MOMENT) for a, b in pairwise(edges)]
    assert _summed(outs) == WHOLE


@settings(max_examples=draws(25))
@given(st.data())
def test_no_damage_stops_a_session(data):
    raw = bytearray(DATA)
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    fusion = _fusion()
    session = fusion.session()
    out = session.feed(bytes(raw), MOMENT)
    _split(out.replies)
    session.end(MOMENT)
    assert fusion.nodes == {}


def test_what_was_passed_reads_to_the_same_rows_from_a_log():
    from watchfloor.formats.sensors.wires.batch import Heard

    session = _fusion().session()
    out = session.feed(DATA, MOMENT)
    micros = int(MOMENT.timestamp()) * 1_000_000 + MOMENT.microsecond
    found = stream.read([Heard({}, [out.passed], [micros])])
    again = {read.kind.name: read.rows.drop_columns(["locator"]).to_pylist() for read in found.read}
    mine = {part.kind.name: part.rows.drop_columns(["locator"]).to_pylist() for part in out.parts}
    assert again == mine
    assert found.faults == []


async def _served(fusion: Fusion, outs: list[Outcome], tasks: asyncio.Queue):
    """A server of a few lines around sessions, as the live floor has it: rows first, replies then."""

    async def talk(reader, writer):
        session = fusion.session()

        async def send():
            while True:
                writer.write((await tasks.get())().data)
                await writer.drain()

        sender = asyncio.create_task(send())
        while data := await reader.read(1 << 16):
            out = session.feed(data, datetime.now(MOMENT.tzinfo))
            outs.append(out)
            writer.write(out.replies)
            await writer.drain()
            if out.close:
                break
        outs.append(session.end(datetime.now(MOMENT.tzinfo)))
        sender.cancel()
        writer.close()

    return await asyncio.start_server(talk, "127.0.0.1", 0)


def test_a_sensor_of_another_make_talks_to_us_over_tcp():
    """The sensor is written with `sapient-proto`: it registers, reports, takes a task and says goodbye."""
    pb = pytest.importorskip("sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2")
    fusion, outs = _fusion(), []
    asyncio.run(asyncio.wait_for(_talk(pb, fusion, outs), 20))
    rows = _rows(*outs)
    assert [row["state"] for row in rows["coverage"]] == ["off", "looking", "gone"]
    assert [row["class"] for row in rows["detection"]] == ["person"] * 50
    np.testing.assert_allclose([row["azimuth"] for row in rows["detection"]], np.arange(50.0))
    assert {row["sensor_latitude"] for row in rows["detection"]} == {45.015}
    events = [event for out in outs for event in out.events]
    assert [event.what for event in events] == ["registered", "task", "gone"]
    assert events[1].said["task_status"] == "TASK_STATUS_COMPLETED"
    assert fusion.nodes == {}


async def _talk(pb, fusion: Fusion, outs: list[Outcome]) -> None:
    tasks: asyncio.Queue = asyncio.Queue()
    server = await _served(fusion, outs, tasks)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())

    async def heard():
        size = int.from_bytes(await reader.readexactly(4), "little")
        return pb.SapientMessage.FromString(await reader.readexactly(size))

    def say(**content):
        said = pb.SapientMessage(node_id=NODE, **content)
        said.timestamp.GetCurrentTime()
        writer.write(frame(said.SerializeToString()))

    whole = registration(commands=("COMMAND_TYPE_LOOK_AT",))
    say(registration=pb.SapientMessage.FromString(codec.encode(SCHEMA, whole)).registration)
    assert (await heard()).registration_ack.acceptance
    place = pb.SapientMessage.FromString(codec.encode(SCHEMA, detection())).detection_report.location
    say(status_report={"report_id": ULID, "system": 1, "info": 1, "mode": "Default", "node_location": place})
    for i in range(50):
        bearing = {"azimuth": float(i), "range": 800.0, "coordinate_system": 1, "datum": 1}
        human = [{"type": "Human", "confidence": 0.7}]
        say(
            detection_report={
                "report_id": ULID,
                "object_id": OBJECT,
                "range_bearing": bearing,
                "classification": human,
            }
        )
    await writer.drain()
    while NODE not in fusion.nodes:
        await asyncio.sleep(0)
    await tasks.put(lambda: fusion.task(NODE, messages.look_along(10.0, 5.0), MOMENT))
    task = (await heard()).task
    assert task.command.look_at.range_bearing.azimuth == 10
    say(task_ack={"task_id": task.task_id, "task_status": 3})
    say(status_report={"report_id": ULID, "system": 5, "info": 1, "mode": "Default"})
    await writer.drain()
    writer.close()
    while not any(event.what == "gone" for out in outs for event in out.events):
        await asyncio.sleep(0.005)
    server.close()
    await server.wait_closed()
