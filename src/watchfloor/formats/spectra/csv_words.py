"""Words by which tables of instruments name their axes and techniques."""

import re
from typing import Final

_X: Final = (
    (r"m\s*/\s*z|\bmass[- ]?(?:to[- ]?charge|/charge)|\bmasse?s?\b", "m/z"),
    (
        r"raman\s*shift|d[ée]calage\s*raman|wave\s*numbers?|nombres?\s*d.onde|cm\s*\^?\(?[-−]1|1\s*/\s*cm|cm⁻¹",
        "cm-1",
    ),
    (r"drift\s*time|temps\s*de\s*d[ée]rive|\bms\b|millisec", "ms"),
    (r"wave\s*length|longueur\s*d.onde|\bnm\b", "nm"),
    (r"\bppm\b|chemical\s*shift", "ppm"),
)
_Y: Final = (
    (r"absorban[cz]e|\babs\b", "absorbance"),
    (r"transmit|%\s*t\b", "transmittance"),
    (r"reflect|%\s*r\b", "reflectance"),
    (r"counts?|coups", "counts"),
    (r"relative\s*(?:intensity|abundance)|abondance", "relative intensity"),
    (r"intensit|abundance|signal", "intensity"),
)
_TECHNIQUES: Final = (
    (r"raman", "raman"),
    (r"gc[-/ ]?ms", "gc-ms"),
    (r"lc[-/ ]?ms", "lc-ms"),
    (r"\bdart\b", "dart-ms"),
    (r"ft-?ir\b|infrared|infrarouge|\batr\b", "ftir"),
    (r"ion mobility|mobilit[ée] ionique|\bims\b", "ims"),
    (r"uv[-/ ]?vis", "uv-vis"),
    (r"\bnmr\b|\brmn\b", "nmr"),
    (r"mass spectr|spectrom[ée]trie de masse", "ms"),
)


def axis(text: str) -> str:
    """The unit of the abscissa that a text names, or empty."""
    lower = text.lower()
    return next((unit for pattern, unit in _X if re.search(pattern, lower)), "")


def units(x_title: str, y_title: str) -> tuple[str, str]:
    """Units of both axes, from the names of their columns."""
    lower = y_title.lower()
    return axis(x_title), next((unit for pattern, unit in _Y if re.search(pattern, lower)), "")


def technique(above: str, x_unit: str, y_unit: str) -> str:
    """A word of `formats.fields.METHODS` that the lines above a table name, or that follows from an axis."""
    lower = above.lower()
    named = next((method for pattern, method in _TECHNIQUES if re.search(pattern, lower)), "")
    if named or x_unit == "m/z":
        return named or "ms"
    return "ftir" if x_unit == "cm-1" and y_unit in ("absorbance", "transmittance", "reflectance") else ""
