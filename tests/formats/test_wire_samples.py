"""What compiles the kernels of the receivers' wires runs each of them, with one sort of arguments."""

from importlib import import_module
from io import BytesIO

import pytest
from tests.formats.ais import sentence, tagged

from watchfloor.formats.base import Fault
from watchfloor.formats.sensors.ais import nmea as ais_nmea
from watchfloor.formats.sensors.wires.samples import KERNELS

ENTRIES = {
    "sensors.ais.sentences": ("sentences",),
    "sensors.ais.groups": ("join", "about"),
    "sensors.ais.bits": ("_unpack",),
    "sensors.ais.nmea": ("_tell", "_instants"),
    "sensors.wires.arrow_columns": ("_copied",),
    "sensors.adsb.mode_s": ("_of_lines", "_of_beast"),
    "sensors.adsb.traffic": ("_follow",),
    "sensors.adsb.stream": ("_times",),
    "sensors.adsb.sbs": ("_survey",),
}
"""Kernels that Python calls; those that they call are compiled with them."""


@pytest.fixture(scope="module", autouse=True)
def compiled():
    for kernel in KERNELS:
        kernel()


@pytest.mark.parametrize(("name", "entry"), [(name, one) for name, ones in ENTRIES.items() for one in ones])
def test_every_kernel_is_compiled_once(name, entry):
    assert len(getattr(import_module(f"watchfloor.formats.{name}"), entry).signatures) == 1


def test_a_message_that_cannot_be_read_compiles_nothing_more():
    good, bad = (tagged(line, "c:1790000000") for line in (sentence(1), "!AIVDM,1,1,,A,1,0*17"))
    data = f"{good}\n{bad}\n{good}\n".encode()
    found = list(ais_nmea.FORMAT.read(BytesIO(data), "x"))
    assert [fault.raw for fault in found if isinstance(fault, Fault) and not fault.partly]
    for name in (name for name in ENTRIES if name.startswith("sensors.ais.")):
        for entry in ENTRIES[name]:
            assert len(getattr(import_module(f"watchfloor.formats.{name}"), entry).signatures) == 1, entry
