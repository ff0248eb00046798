"""Galactic SPC, against files written here from the layout of `spc.h`: both forms, every way of ordinates."""

import struct
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.lab.spectra import spc
from watchfloor.formats.lab.spectra.base import Spectrum

WHOLE = st.lists(st.integers(-(2**30), 2**30), min_size=2, max_size=30)


def subhead(order, exponent, points=0, number=0, z=0.0):
    return struct.pack(order + "BbHfffIIf4s", 0, exponent, number, z, 0, 0, points, 0, 0, b"")


def file(
    subs,
    flags=0,
    exponent=20,
    order="<",
    count=None,
    spectra=None,
    x=(1, 400.0, 4000.0),
    y=2,
    log=b"",
    common=None,
):
    """A new-form file of subspectra `(exponent, abscissas or None, whole ordinates or floats)`."""
    version = {"<": 0x4B, ">": 0x4C}[order]
    count = len(subs[0][2]) if count is None else count
    spectra = len(subs) if spectra is None else spectra
    date = 2026 << 20 | 7 << 16 | 14 << 11 | 9 << 6 | 30
    head = struct.pack(
        order + "BBBbIddIBBBBI9s9sH8f130s30sII",
        *(flags, version, 0, exponent, count, x[1], x[2], spectra, x[0], y, 0, 0, date, b"4", b"scope", 0),
        *[0.0] * 8,
        *(b"Powder 7\0", b"", 0, 0),
    ).ljust(512, b"\0")
    body = b"" if common is None else np.array(common, order + "f4").tobytes()
    for number, (one, xs, ys) in enumerate(subs):
        body += subhead(order, one, len(ys), number, float(number))
        body += b"" if xs is None else np.array(xs, order + "f4").tobytes()
        kind = "f4" if one == -128 or (not flags & 4 and exponent == -128) else "i2" if flags & 1 else "i4"
        body += np.array(ys, order + kind).tobytes()
    if log:
        at = 512 + len(body)
        head = head[:248] + struct.pack(order + "I", at) + head[252:]
        body += struct.pack(order + "5I44s", 64 + len(log), 4096, 64, 0, 0, b"") + log
    return head + body


def read(data, name="made.spc"):
    return list(spc.read(BytesIO(data), name))


@pytest.mark.parametrize("order", ["<", ">"])
@given(values=WHOLE, exponent=st.integers(-20, 40))
def test_whole_ordinates_have_an_exponent(order, values, exponent):
    (found,) = read(file([(0, None, values)], exponent=exponent, order=order))
    assert found.y.tolist() == [value * 2.0 ** (exponent - 32) for value in values]
    assert found.x[[0, -1]].tolist() == pytest.approx([400, 4000], rel=1e-12)


def test_a_header_says_what_it_is():
    (found,) = read(
        file([(0, None, [1, 2, 3])], log=b"SERIAL=77-12\r\nOPERATOR = 4711\r\nA remark of nobody\r\n\0")
    )
    assert (found.name, found.technique, found.x_unit, found.y_unit) == (
        "Powder 7",
        "ftir",
        "cm-1",
        "absorbance",
    )
    assert found.said["date"] == "2026-07-14T09:30:00"
    assert (found.said["SERIAL"], found.said["OPERATOR"]) == ("77-12", "4711")
    assert found.said["log"] == "A remark of nobody"


def test_sixteen_bits_and_floats():
    (short,) = read(file([(0, None, [100, -200, 300])], flags=1, exponent=10))
    assert short.y.tolist() == [value * 2.0**-6 for value in (100, -200, 300)]
    (floats,) = read(file([(0, None, [0.5, -1.25, 3.0])], exponent=-128))
    assert floats.y.tolist() == [0.5, -1.25, 3.0]


def test_many_spectra_have_exponents_of_their_own_negative_ones_too():
    found = read(file([(0, None, [2**20, 0]), (-2, None, [2**20, 0]), (-128, None, [1.5, 2.0])], flags=4))
    assert [one.y[0] for one in found] == [2.0**-12, 2.0**-14, 1.5]
    assert [one.locator for one in found] == ["spectrum 1", "spectrum 2", "spectrum 3"]
    assert found[1].said["z"] == "1"


def test_abscissas_may_be_common_or_each_its_own():
    common = read(file([(0, None, [1, 2, 3])] * 2, flags=4 | 0x80, common=[400, 500, 900]))
    assert [one.x.tolist() for one in common] == [[400, 500, 900]] * 2
    subs = [(-128, [41, 43, 57.5], [10.0, 20, 5]), (-128, [91], [7.0])]
    own = read(file(subs, flags=4 | 0x40 | 0x80, count=0, x=(9, 0, 0), y=4))
    assert [one.x.tolist() for one in own] == [[41, 43, 57.5], [91]]
    assert {(one.technique, one.x_unit, one.centroid) for one in own} == {("ms", "m/z", True)}


def old(values, flags=0, exponent=20, x=(1, 400.0, 4000.0)):
    head = struct.pack(
        "<BBhfffBBH4B", flags, 0x4D, exponent, len(values[0]), x[1], x[2], x[0], 2, 92, 5, 14, 20, 19
    )
    head = head.ljust(64, b"\0") + b"An old one".ljust(130, b"\0")
    head = head.ljust(224, b"\0")
    body = b""
    for number, row in enumerate(values):
        body += subhead("<", exponent, 0, number)
        whole = np.array(row, "<i4").view("<u2").reshape(-1, 2)[:, ::-1]  # the high word first
        body += np.array(row, "<i2").tobytes() if flags & 1 else whole.tobytes()
    return head + body


@given(values=WHOLE)
def test_the_old_form_has_its_words_the_other_way_round(values):
    (found,) = read(old([values]))
    assert found.y.tolist() == [value * 2.0**-12 for value in values]
    assert (found.name, found.said["date"]) == ("An old one", "1992-05-14T20:19:00")


def test_the_old_form_does_not_say_how_many_it_holds():
    found = read(old([[1, 2, 3], [4, 5, 6]], flags=4))
    assert [one.y[0] * 2**12 for one in found] == [1, 4]


def test_a_count_that_lies_is_said_and_nothing_is_allocated_by_it():
    (found,) = read(file([(0, None, [1, 2, 3])], count=2**31))
    assert "says that it has 2,147,483,648 points; 3 are there" in found.doubts[0]
    few, missing = read(file([(0, None, [1, 2, 3])], flags=4, spectra=2**31))
    assert isinstance(few, Spectrum)
    assert isinstance(missing, Fault)
    assert missing.rest
    assert "2,147,483,648 spectra" in missing.reason


def test_abscissas_or_ordinates_beyond_the_end_are_missing():
    beyond = file([(0, None, [1, 2, 3])], flags=0x80, count=2**30, common=[1])
    assert [type(one) for one in read(beyond)] == [Fault]
    own = file([(-128, [41, 43], [10.0, 20])], flags=0x40, x=(9, 0, 0))
    assert isinstance(read(own[:-12])[0], Fault)
    assert "no point" in read(own[:-12])[0].reason


def test_what_is_no_number_is_left_out():
    signalling = np.array([0x7FA00000, 0x3F800000, 0x40000000], "<u4").view("<f4")
    (found,) = read(file([(-128, None, signalling)], exponent=-128))
    assert found.y.tolist() == [1, 2]
    assert found.doubts == ("1 point without a finite number left out",)


def test_what_is_no_spc_is_told_so():
    with pytest.raises(FormatError, match="no head of an SPC"):
        read(b"MZ not one")
    assert spc.sniff(Head("x", b"MM" + b"text" * 200)) == 0.0
    good = file([(0, None, [1, 2, 3])])
    assert spc.sniff(Head("x", good)) > 0.8
    assert spc.sniff(Head("x", old([[1, 2, 3]]))) > 0.8


@settings(max_examples=draws(150))
@given(data=st.data())
def test_damage_gives_spectra_faults_or_a_format_error(data):
    good = [
        file([(0, None, list(range(20)))]),
        file([(-128, [1.0, 2.0], [3.0, 4.0])] * 3, flags=4 | 0x40, x=(9, 0, 0)),
        file([(0, None, [1, 2, 3])] * 2, flags=4 | 0x80, common=[4, 5, 6], order=">"),
        old([[1, 2, 3], [4, 5, 6]], flags=4),
    ]
    damaged = bytearray(data.draw(st.sampled_from(good)))
    for _ in range(data.draw(st.integers(0, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    spc.sniff(Head("x", cut))
    try:
        found = read(cut)
    except FormatError:
        return
    for one in found:
        assert isinstance(one, Fault) or (len(one.x) == len(one.y) > 0 and np.isfinite(one.y).all())
