"""The field tables, beside those of an independent implementation (`sapient-proto`)."""

import pytest

from watchfloor.formats.sensors.sapient.schema import SCHEMA

pb = pytest.importorskip("sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2")
options = pytest.importorskip("sapient_msg.proto_options_pb2")

_SCALARS = {1: "double", 2: "float", 3: "int64", 5: "int32", 8: "bool", 9: "string", 12: "bytes"}


def _short(name: str) -> str:
    return name.removeprefix("sapient_msg.bsi_flex_335_v2_0.").removeprefix("google.protobuf.")


def _reach(descriptor, found: dict) -> dict:
    if descriptor.full_name not in found:
        found[descriptor.full_name] = descriptor
        for field in descriptor.fields:
            if field.message_type:
                _reach(field.message_type, found)
    return found


MESSAGES = {_short(name): one for name, one in _reach(pb.SapientMessage.DESCRIPTOR, {}).items()}


def test_the_messages_are_the_same():
    assert set(MESSAGES) == set(SCHEMA.messages)


@pytest.mark.parametrize("name", MESSAGES)
def test_fields_have_the_same_numbers_names_types_and_rules(name):
    ours = SCHEMA.messages[name]
    assert {field.number for field in MESSAGES[name].fields} == set(ours.fields)
    for theirs in MESSAGES[name].fields:
        field, rules = ours.fields[theirs.number], theirs.GetOptions().Extensions[options.field_options]
        assert (field.name, field.repeated) == (theirs.name, theirs.is_repeated)
        assert (field.mandatory, field.of == "ulid", field.of == "uuid") == (
            rules.is_mandatory,
            rules.is_ulid,
            rules.is_uuid,
        )
        assert field.implicit == (not theirs.has_presence and not theirs.is_repeated)
        if theirs.message_type:
            assert field.of == _short(theirs.message_type.full_name)
        elif theirs.enum_type:
            assert field.of == _short(theirs.enum_type.full_name)
        else:
            assert {"ulid": "string", "uuid": "string"}.get(field.of, field.of) == _SCALARS[theirs.type]


@pytest.mark.parametrize("name", MESSAGES)
def test_groups_are_the_same(name):
    theirs = {one.name: one for one in MESSAGES[name].oneofs if not one.name.startswith("_")}
    mandatory = {
        key: one.GetOptions().Extensions[options.oneof_options].is_mandatory for key, one in theirs.items()
    }
    assert dict(SCHEMA.messages[name].groups) == mandatory
    for key, one in theirs.items():
        members = {field.number for field in SCHEMA.messages[name].fields.values() if field.group == key}
        assert members == {field.number for field in one.fields}


def test_enums_are_the_same_but_for_one_that_is_withdrawn():
    seen = {}
    for message in MESSAGES.values():
        for field in message.fields:
            if field.enum_type:
                seen[_short(field.enum_type.full_name)] = {v.number: v.name for v in field.enum_type.values}
    ours = {name: dict(values) for name, values in SCHEMA.enums.items()}
    assert ours["StatusReport.System"].pop(4) == "SYSTEM_TAMPER"
    assert ours == seen
