"""Phonetic codes of tokens: one alphabet for Latin and Arabic spellings, and costs of confusing two sounds.

Arabic is written without its short vowels, and one of its consonants reaches Latin by several conventions
(q, k, g, c). So a token is coded as a row of sounds, digraphs first, and two codings are compared by an
edit distance whose costs say how usual a confusion is: 0 is the same sound, 1 has nothing in common. The
costs are ours, read off the romanisation tables (ISO 233, ALA-LC, BGN/PCGN) and the French habits of the
Maghreb and the Levant.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

WIDTH: Final = 24
"""Letters and sounds of a token that are compared."""

ARABIC: Final = 64
"""Sounds from this code on are Arabic letters; below are Latin ones; 0 is padding."""

Codes = npt.NDArray[np.uint8]
Costs = npt.NDArray[np.float32]

_LATIN_SOUNDS: Final = "abcdefghijklmnopqrstuvwxyz0123456789SCJXGTDZUIAEO"
_ARABIC_SOUNDS: Final = "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءپچژگ"
_CODE: Final = {sound: code for code, sound in enumerate(_LATIN_SOUNDS, 1)} | {
    sound: code for code, sound in enumerate(_ARABIC_SOUNDS, ARABIC)
}
_OTHER: Final = len(_LATIN_SOUNDS) + 1
_SIZE: Final = 128

# Capitals are single sounds: S sh, C ch, J zh, X kh, G gh, T th, D dh, Z ts, U ou, I ee, A aa, E ei, O au.
_DIGRAPHS: Final = (
    *(
        ("tsch", "C"),
        ("tch", "C"),
        ("sch", "S"),
        ("dzh", "j"),
        ("sh", "S"),
        ("ch", "C"),
        ("zh", "J"),
        ("kh", "X"),
    ),
    *(("gh", "G"), ("th", "T"), ("dh", "D"), ("ph", "f"), ("dj", "j"), ("ck", "k"), ("tz", "Z"), ("ts", "Z")),
    *(("x", "ks"), ("ou", "U"), ("oo", "U"), ("uu", "U"), ("ee", "I"), ("ii", "I"), ("ie", "I"), ("aa", "A")),
    *(("ei", "E"), ("ai", "E"), ("ay", "E"), ("ey", "E"), ("au", "O"), ("aw", "O"), ("ao", "O"), ("ow", "O")),
)
_DOUBLE: Final = re.compile(r"([b-df-hj-np-tv-z])\1+")

# sound: what it is confused with, each with a cost in hundredths.
_CONFUSED: Final = """
o: u15 w40           e: i15 a25 y20 o50 u60   i: y10 a50 u70 j40       a: o40 u60
U: u5 o10 w20 O30    I: i5 e15 y10 E15        A: a5 e30                E: e10 i25 a45 y25
O: o10 a20 w40 u30   u: w20                   b: p40 v40               c: k10 q15 s30 C30 Z30
C: S20 k40 j30 Z40   d: t40 D10               D: z20 T30 t50           T: t10 s35
f: v30               g: k40 q25 G5 j30        G: k50 q40 X40           h: X20
k: q5 X25            j: J15 y30 z40           J: z20 S40               m: n50
s: S35 z25 Z30       z: Z20                   v: w15                   l: r60
ا: a0 A0 e5 i15 E15 O15 o20 u20 U20 I20 y50 ع40
ب: b0 p10 v35        ت: t0 T20 d40 ط30        ث: T0 s10 t10 س40        ج: j0 g10 J10 C25 G30 y50
ح: h0 X35 k60 ه40    خ: X0 k20 h20 C40        د: d0 D20 t35 ض40        ذ: D0 z10 d10 T25 ز30
ر: r0                ز: z0 s35 Z40 J50        س: s0 c15 z35 S50 ص30    ش: S0 C10 s30
ص: s0 c20 z40 S50    ض: d0 D5 z20 T50 ظ30     ط: t0 T25 d40            ظ: z0 D5 d20 T30
غ: G0 g5 q40 k50     ف: f0 v10 p50            ق: q0 k5 g10 c10 G25 X50 ك40
ك: k0 c5 q15 g30 C50 ل: l0                    م: m0 n50                ن: n0 m50
ه: h0 a20 e20 X60 ة10
ع: a0 A0 e5 i5 o5 u5 I5 U5 O5 E10 y40         ء: a0 A0 e5 i5 o5 u5 I5 U5 O5 E10 y40 ع30 ا20
و: w0 u0 o0 U0 O5 v10                         ي: y0 i0 I0 E5 e10 j30 a80 ى5
ى: a0 A0 e10 i5 y10 I10 ا10                   ة: a0 A0 e0 h5 t10 E20
پ: p0 b30 f40 ب30    چ: C0 S30 j40 ج40        ژ: J0 j10 z30 ز30        گ: g0 G20 k30 j50 ك20
"""
# What leaving a sound out costs, within a script and between scripts; 100 where nothing is said.
_DROPPED_SAME: Final = "a50 e50 i50 o50 u50 y45 h35 w60 U55 I55 A55 E55 O55 ا50 و70 ي70 ى30 ة30 ء20 ع70"
_DROPPED_ACROSS: Final = "a3 e3 i3 o6 u6 y35 w35 h35 U30 I25 A12 E30 O20 ا25 و40 ي40 ى10 ة5 ء5 ع5 ه40 ح70"

# Consonants that romanisations exchange freely are one class; vowels, h, w and y come and go and have none.
_CLASSES: Final = (
    "bpبپ",
    "fvف",
    "tdTDتطدضذث",
    "szZصسزظ",
    "SCشچ",
    "gGjJجغگ",
    "kqcXقكخ",
    "lل",
    "rر",
    "mم",
    "nن",
)
_CLASS_BITS: Final = 4


def _sizes(text: str) -> dict[int, float]:
    return {_CODE[item[0]]: int(item[1:]) / 100 for item in text.split()}


def _substitution() -> Costs:
    costs = np.ones((_SIZE, _SIZE), np.float32)
    vowels = [_CODE[sound] for sound in "aeiouyUIAEO"]
    costs[np.ix_(vowels, vowels)] = 0.8
    np.fill_diagonal(costs, 0)
    for sound, others in re.findall(r"(\S): ((?:\S\d+ ?)+)", _CONFUSED):
        for code, cost in _sizes(others).items():
            costs[_CODE[sound], code] = costs[code, _CODE[sound]] = cost
    return costs


def _dropping(text: str) -> Costs:
    costs = np.ones(_SIZE, np.float32)
    for code, cost in _sizes(text).items():
        costs[code] = cost
    return costs


def _classes() -> npt.NDArray[np.int8]:
    classes = np.full(_SIZE, -1, np.int8)
    for number, sounds in enumerate(_CLASSES):
        classes[[_CODE[sound] for sound in sounds]] = number * _CLASS_BITS
    return classes


SUBSTITUTION: Final = _substitution()
"""Cost of reading one sound for another, (128, 128), symmetric."""

DROPPING: Final = np.stack([_dropping(_DROPPED_SAME), _dropping(_DROPPED_ACROSS)])
"""Cost of a sound that the other spelling lacks, (2, 128): within a script, and between scripts."""

CLASS_BIT: Final = _classes()
"""First bit of a sound's consonant class in a skeleton, -1 for sounds that have none."""


class _ToCode(dict[int, str]):
    def __missing__(self, _: int) -> str:
        return chr(_OTHER)


_TO_CODE: Final = _ToCode({ord(sound): chr(code) for sound, code in _CODE.items()} | {10: "\xff"})


def code(tokens: Sequence[str]) -> tuple[Codes, Codes]:
    """Sounds of tokens, (n, `WIDTH`), padded with 0, and how many each has."""
    text = _DOUBLE.sub(r"\1", "\n".join(tokens))
    for letters, sound in _DIGRAPHS:
        text = text.replace(letters, sound)
    return _rows((text + "\n").translate(_TO_CODE).encode("latin-1"), np.uint8, 255, len(tokens))


def letters(tokens: Sequence[str]) -> tuple[npt.NDArray[np.uint16], Codes]:
    """Letters of tokens as UTF-16 units, (n, `WIDTH`), padded with 0, and how many each has."""
    return _rows(("\n".join(tokens) + "\n").encode("utf-16-le"), np.uint16, 10, len(tokens))


def _rows(text: bytes, unit: Any, end: int, count: int) -> tuple[npt.NDArray[Any], Codes]:
    flat = np.frombuffer(text, unit)
    if count == 1:  # as a query asks: a few microseconds instead of many
        length = min(len(flat) - 1, WIDTH)
        row = np.zeros((1, WIDTH), unit)
        row[0, :length] = flat[:length]
        return row, np.array([length], np.uint8)
    stops = np.flatnonzero(flat == end)
    starts = np.concatenate(([0], stops[:-1] + 1))
    lengths = np.minimum(stops - starts, WIDTH)
    rows = np.zeros((len(stops), WIDTH), flat.dtype)
    inside = np.arange(WIDTH) < lengths[:, None]
    rows[inside] = flat[(starts[:, None] + np.arange(WIDTH))[inside]]
    return rows, lengths.astype(np.uint8)
