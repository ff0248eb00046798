"""What every wire keeps, whoever wrote it: the live floor and captures rest on it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import KINDS
from watchfloor.formats.sensors.wires.batch import Heard
from watchfloor.formats.sensors.wires.readers import WIRES

NAMES = sorted(WIRES)


@pytest.mark.parametrize("name", NAMES)
def test_a_new_connection_comes_back_from_its_frozen_state_and_nothing_is_nothing(name):
    wire = WIRES[name]
    frozen = wire.freeze(wire.begin())
    assert wire.freeze(wire.thaw(frozen)) == frozen
    assert wire.read([]).read == wire.read([Heard(wire.thaw(frozen), [], [])]).read == []
    assert wire.whole(b"") == 0
    assert set(wire.kinds) <= KINDS.keys()
    with pytest.raises(ValueError):
        wire.thaw(b"no state of any wire")


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=draws(25))
@given(data=st.data())
def test_junk_gives_faults_and_rows_that_have_all_their_columns(name, data):
    wire = WIRES[name]
    messages = data.draw(st.lists(st.binary(max_size=60), max_size=4))
    stamps = [1_795_183_380_000_000 + at for at in range(len(messages))]
    state = wire.begin()
    found = wire.read([Heard(state, messages, stamps), Heard(wire.begin(), messages, stamps)])
    for kind, rows, of in found.read:
        assert set(rows.schema.names) >= {*kind.body.names}
        assert rows["received_at"].null_count == 0
        assert len(of) == rows.num_rows
        assert set(of.tolist()) <= {0, 1}
    assert {of for of, _ in found.faults} <= {0, 1}
    assert all(fault.reason and isinstance(fault.raw, bytes) for _, fault in found.faults)
    assert wire.freeze(wire.thaw(wire.freeze(state))) == wire.freeze(state)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=draws(25))
@given(junk=st.binary(max_size=200))
def test_where_a_stream_ends_is_within_it_or_it_is_none(name, junk):
    try:
        end = WIRES[name].whole(junk)
    except ValueError:
        return
    assert 0 <= end <= len(junk)
    again = WIRES[name].whole(junk[:end])  # a torn frame is known to be torn by what follows it alone
    assert again <= end if name == "adsb-beast" else again == end
