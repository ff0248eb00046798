"""Code 128 barcodes (ISO/IEC 15417): a text to the widths of its bars and spaces.

Code set C, two digits a symbol, is used where a text is digits alone and even in number; else code set B,
which has the printable characters of ASCII. A QR code would need a library that is not here.
"""

from typing import Final

START_B, START_C, STOP, MODULUS = 104, 105, 106, 103

PATTERNS: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 "
    "122231 "
    "113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 "
    "322211 "
    "212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 "
    "132131 "
    "113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 "
    "332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 "
    "142211 "
    "241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 "
    "212141 "
    "214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 "
    "211232 2331112"
).split()
"""Widths of bars and spaces of each symbol, by its value; a bar first."""


class BarcodeError(ValueError):
    """A text that code set B cannot write."""


def values(text: str) -> list[int]:
    """The symbols of a text: a start, its characters, the check symbol and the stop.

    Raises:
        BarcodeError: it is empty or holds a character that is no printable ASCII.
    """
    if not text or not all(" " <= char <= "~" for char in text):
        raise BarcodeError(f"{text!r} cannot be written in Code 128 B: printable ASCII is needed")
    if text.isdigit() and len(text) % 2 == 0:
        start, data = START_C, [int(text[n : n + 2]) for n in range(0, len(text), 2)]
    else:
        start, data = START_B, [ord(char) - 32 for char in text]
    return [start, *data, check([start, *data]), STOP]


def check(symbols: list[int]) -> int:
    """The check symbol: the start and each symbol times its place, modulo 103."""
    return (symbols[0] + sum(place * each for place, each in enumerate(symbols[1:], 1))) % MODULUS


def widths(text: str) -> list[int]:
    """Widths in modules of bars and spaces in turn, a bar first, without the quiet zones of ten modules."""
    return [int(width) for value in values(text) for width in PATTERNS[value]]
