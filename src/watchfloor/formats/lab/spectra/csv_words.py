"""Words by which tables of instruments name their axes and techniques."""

import re
from collections.abc import Sequence
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
    (r"uv[-/ ]?vis|ultraviolet", "uv-vis"),
    (r"\bnmr\b|\brmn\b", "nmr"),
    (r"mass spectr|spectrom[ée]trie de masse", "ms"),
)
_PAIR: Final = re.compile(r"\s*[\"']?([^:=,;\t\"']{1,60}?)[\"']?\s*[:=,;\t]\s*[\"']?(.*?)[\"']?[,;\t\s]*")
_NUMBERED: Final = re.compile(r"pixel|index|\bno\.?\b|\bpoint", re.IGNORECASE)
"""A column that counts the points."""
_SHIFT: Final = re.compile(r"raman\s*shift|d[ée]calage", re.IGNORECASE)
MAX_TEXT: Final = 4096


def roles(titles: Sequence[str], filled: Sequence[int]) -> tuple[int, list[int]]:
    """Which of the filled columns is the abscissa, and which are ordinates.

    A Raman shift goes before a wavelength of the same points; columns of other axes, of the points' numbers,
    and relative heights beside absolute ones are no spectra.
    """
    axes = [column for column in filled if axis(titles[column]) and not units("", titles[column])[1]]
    shift = [column for column in axes if _SHIFT.search(titles[column])]
    x = (shift or axes or list(filled) or [0])[0]
    others = [one for one in filled if one != x and one not in axes and not _NUMBERED.search(titles[one])]
    relative = [one for one in others if "relat" in titles[one].lower()]
    absolute = [
        one for one in others if "intensit" in titles[one].lower() or "abundance" in titles[one].lower()
    ]
    doubled = relative if len(relative) < len(absolute) else []
    return x, [one for one in others if one not in doubled]


def label_values(lines: Sequence[str]) -> dict[str, str]:
    """Labels and values of the lines above a table; what is no pair is a comment."""
    found: dict[str, str] = {}
    for line in lines:
        bare = line.strip().lstrip("#%;/").strip()
        match = _PAIR.fullmatch(bare)
        if match and match[1].strip() and match[2].strip():
            found.setdefault(match[1].strip(), match[2].strip()[:MAX_TEXT])
        elif bare:
            found["comment"] = (
                f"{found['comment']}; {bare}"[:MAX_TEXT] if "comment" in found else bare[:MAX_TEXT]
            )
    return found


def axis(text: str) -> str:
    """The unit of the abscissa that a text names, or empty."""
    lower = text.lower()
    return next((unit for pattern, unit in _X if re.search(pattern, lower)), "")


def units(x_title: str, y_title: str) -> tuple[str, str]:
    """Units of both axes, from the names of their columns."""
    lower = y_title.lower()
    return axis(x_title), next((unit for pattern, unit in _Y if re.search(pattern, lower)), "")


def technique(above: str, x_unit: str, y_unit: str) -> str:
    """A word of `tabular.fields.METHODS` that the lines above a table name, or that follows from an axis."""
    lower = above.lower()
    named = next((method for pattern, method in _TECHNIQUES if re.search(pattern, lower)), "")
    if named or x_unit == "m/z":
        return named or "ms"
    return "ftir" if x_unit == "cm-1" and y_unit in ("absorbance", "transmittance", "reflectance") else ""
