"""What compiles the kernels of the receivers' wires runs each of them, with one sort of arguments."""

from importlib import import_module

import pytest

from watchfloor.formats.wire_samples import KERNELS

ENTRIES = {
    "ais_sentences": ("sentences",),
    "ais_groups": ("join", "about"),
    "ais_bits": ("_unpack",),
    "ais_clock": ("_tell", "_instants"),
    "wire_arrow": ("_copied",),
    "adsb_frames": ("_of_lines", "_of_beast"),
    "adsb_traffic": ("_follow",),
    "adsb_stream": ("_times",),
    "adsb_sbs": ("_survey",),
}
"""Kernels that Python calls; those that they call are compiled with them."""


@pytest.fixture(scope="module", autouse=True)
def compiled():
    for kernel in KERNELS:
        kernel()


@pytest.mark.parametrize(("name", "entry"), [(name, one) for name, ones in ENTRIES.items() for one in ones])
def test_every_kernel_is_compiled_once(name, entry):
    assert len(getattr(import_module(f"watchfloor.formats.{name}"), entry).signatures) == 1
