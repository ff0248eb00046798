"""Our bytes in the hands of an independent codec (`sapient-proto`), and its bytes in ours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.sapient.made import drawn, registration
from tests.thorough import draws

from watchfloor.formats.sensors.protobuf import codec, lines
from watchfloor.formats.sensors.sapient import taking
from watchfloor.formats.sensors.sapient.schema import SCHEMA

pb = pytest.importorskip("sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2")
json_format = pytest.importorskip("google.protobuf.json_format")


def _taken(data: bytes) -> taking.Messages:
    return taking.take_apart(np.frombuffer(data, np.uint8), np.array([0]), np.array([len(data)]))


@settings(max_examples=draws(60))
@given(drawn())
def test_a_message_is_the_same_to_both(message):
    ours = codec.encode(SCHEMA, message)
    theirs = pb.SapientMessage.FromString(ours)
    assert codec.decode(SCHEMA, theirs.SerializeToString()) == message
    assert codec.encode(SCHEMA, lines.load(SCHEMA, json_format.MessageToJson(theirs))) == ours
    assert json_format.Parse(lines.dump(SCHEMA, message), pb.SapientMessage()) == theirs


@settings(max_examples=draws(60))
@given(drawn())
def test_a_message_that_the_standard_allows_is_valid_and_reads_as_it_is(message):
    taken = _taken(codec.encode(SCHEMA, message))
    assert taken.problems == {}
    assert codec.encode(
        SCHEMA, lines.message(SCHEMA, _bytes(taken.mappings(np.array([0]))[0]), "SapientMessage")
    )


def _bytes(said: dict) -> dict:
    """JSON of the tape has bytes as hexadecimal digits, that of the wire format as base 64."""
    if "error" in said:
        said["error"]["packet"] = ""
    return said


@settings(max_examples=draws(60))
@given(drawn(), st.data())
def test_a_damaged_message_is_broken_to_both_or_to_none(message, data):
    raw = bytearray(codec.encode(SCHEMA, message))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        if data.draw(st.booleans()):
            raw[at] = data.draw(st.integers(0, 255))
        else:
            del raw[at : at + data.draw(st.integers(1, 4))]
        if not raw:
            return
    taken = _taken(bytes(raw))
    try:
        theirs = pb.SapientMessage.FromString(bytes(raw))
    except Exception:
        theirs = None
    try:
        ours = codec.decode(SCHEMA, bytes(raw))
    except codec.WireError:
        ours = None
    if ours is None:
        assert taken.problems
        # Google's runtime also reads groups, which no SAPIENT message has, and less depth or more of it
    elif theirs is not None:
        assert pb.SapientMessage.FromString(codec.encode(SCHEMA, ours)).SerializeToString() == _known(theirs)
    if not taken.problems:
        assert ours is not None


def _known(message) -> bytes:
    message.DiscardUnknownFields()
    return message.SerializeToString()


def test_a_registration_reads_there():
    theirs = pb.SapientMessage.FromString(
        codec.encode(SCHEMA, registration(commands=("COMMAND_TYPE_LOOK_AT",)))
    )
    mode = theirs.registration.mode_definition[0]
    assert mode.task.command[0].type == 6
    assert theirs.registration.status_definition.status_interval.value == 10
