"""Readers that are loaded late are those of their modules, and no file misses them."""

import pickle
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats import ais
from tests.formats.cargo import made as cargo
from tests.formats.cot.made import event
from tests.formats.edifact import made as edifact
from tests.formats.iso20022.made import message, mt103
from tests.formats.sapient.made import detection, frames
from tests.formats.x12 import made as x12

from watchfloor.formats.base import Head
from watchfloor.formats.lazy_import import Later, found
from watchfloor.formats.reader_options import OPTIONS, FileStatement, begun
from watchfloor.formats.registry import FORMATS, recognise
from watchfloor.formats.sensors.adsb import encode as adsb_encode
from watchfloor.formats.sensors.sapient.file import FORMAT as SAPIENT
from watchfloor.formats.sensors.wires.readers import WIRES, load

MODULES = {name: form.read.module for name, form in FORMATS.items() if isinstance(form.read, Later)}
SQUITTER = adsb_encode.message(0xC0FFEE, adsb_encode.airborne(45, -74, 1_000, odd=False))
JSON = b'{"timestamp": "2026-11-20T14:03:00Z", "nodeId": "x", "detectionReport": {"reportId": "y"}}\n'
SAMPLES = {
    "ais-nmea": [ais.log(ais.random_messages(1, 3)), ais.sentence(1).encode()],
    "adsb-avr": [
        *(f"{adsb_encode.avr(SQUITTER, stamp)}\n".encode() for stamp in ("", "1790000000")),
        b"2026-11-20T14:03:00Z," + SQUITTER.hex().encode() + b"\n",
    ],
    "adsb-beast": [adsb_encode.beast(SQUITTER)],
    "adsb-sbs": [
        b"MSG,3,1,1,C0FFEE,1" + b"," * 16 + b"\r\n",
        b"SEL,,1,1,C0FFEE,1\nMSG,3" + b"," * 20 + b"\n",
    ],
    "sapient": [frames(detection()), frames(detection(colour="x" * 100_000))[:65_536], JSON, b"\n " + JSON],
    "iso20022": [message([{}]), message([{}]).decode().replace("UTF-8", "UTF-16").encode("utf-16")],
    "mt103": [mt103()],
    "cargo-imp": [cargo.fwb(cargo.Doc()), cargo.ffm([cargo.Doc()])],
    "cargo-xml": [cargo.xfwb(cargo.Doc()), cargo.xffm([cargo.Doc()])],
    "edifact": [edifact.interchange(edifact.itmatt(edifact.item())), edifact.interchange(edifact.cuscar())],
    "x12-309": [x12.interchange(x12.manifest(x12.bill()))],
    "cot": [event(), b"<?xml version='1.0'?>\n<events>\n" + event()],
}
PIECES = [
    *(data[:300] for of in SAMPLES.values() for data in of),
    *(
        b"\xef\xbb\xbf",
        b"\n",
        b" ",
        b",",
        b";",
        b"{",
        b"<event ",
        b"\xbf",
        b"\x1a",
        b"\x05\x00\x00\x00",
        b"MSG,",
        b"*",
        b"<FIToFICstmrCdtTrf>",
        b"{1:F01BANKCAT2AXXX0000000000}{2:I103",
        b"\xff\xfe",
    ),
]


def own(name: str, data: bytes) -> float:
    """How sure the module's own format is."""
    return import_module(f"watchfloor.formats.{MODULES[name]}").FORMAT.sniff(Head("x", data))


@pytest.mark.parametrize("name", OPTIONS)
def test_what_a_person_says_of_files_gives_the_same_format(name):
    late = FORMATS[name]
    form = begun(late, FileStatement(base_time=datetime(2026, 11, 20, tzinfo=UTC)))
    assert (form.name, form.kinds) == (name, late.kinds)
    assert (form.write is None, form.piece is None) == (late.write is None, late.piece is None)


@pytest.mark.parametrize(
    "module",
    ["formats.registry", "formats.sensors.wires.readers", "feeds.config", "store"],
)
def test_what_every_command_loads_brings_no_compiler(module):
    code = f"import sys, watchfloor.{module}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("name", MODULES)
def test_a_format_is_that_of_its_module(name):
    late, form = FORMATS[name], import_module(f"watchfloor.formats.{MODULES[name]}").FORMAT
    assert (late.name, late.kinds) == (form.name, form.kinds)
    assert found(late.read) is form.read
    for one, other in ((late.write, form.write), (late.piece, form.piece)):
        assert (found(one) if isinstance(one, Later) else one) is other


@pytest.mark.parametrize(("name", "data"), [(name, data) for name, of in SAMPLES.items() for data in of])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_samples_are_as_sure_as_their_module_says(name, data, mark):
    assert own(name, data) > 0
    for each in MODULES:
        assert FORMATS[each].sniff(Head("x", mark + data)) == own(each, mark + data)
    assert recognise(Head("x", data)).name == name


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=8).map(b"".join))
def test_no_start_of_a_file_misses_its_format(data):
    for name in MODULES:
        assert FORMATS[name].sniff(Head("x", data)) == own(name, data)


def test_every_wire_has_all_its_readers():
    load()
    heard = {name for name in MODULES if "detection" in FORMATS[name].kinds}
    heard.remove("video")  # clips come as files alone
    assert {name for name, wire in WIRES.items() if isinstance(wire.read, Later)} == heard
    for wire in WIRES.values():
        state = wire.freeze(wire.begin())
        assert wire.freeze(wire.thaw(state)) == state


def test_a_reader_can_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(FORMATS["sapient"])).read.module == "sensors.sapient.file"
    assert found(pickle.loads(pickle.dumps(FORMATS["sapient"].write))) is SAPIENT.write
