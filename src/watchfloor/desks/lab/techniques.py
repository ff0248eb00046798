"""Techniques: their categories after ASTM E2329, and which of them together identify a substance.

Category A tells a substance's structure, B a property that separates it from most others, C a class (ASTM
E2329, as SWGDRUG Recommendations 7.1, part III B, list them). A scheme identifies where a technique of
category A and another of A, B or C, which uses another property, agree; or without A, three different ones
of which two are of B. Chromatography that ends in mass spectrometry counts as both where the results of
each are used.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, Literal

Category = Literal["A", "B", "C"]

METHODS: Final[Mapping[str, tuple[tuple[str, Category], ...]]] = {
    "gc-ms": (("mass spectrometry", "A"), ("gas chromatography", "B")),
    "lc-ms": (("mass spectrometry", "A"), ("liquid chromatography", "B")),
    "gc": (("gas chromatography", "B"),),
    "lc": (("liquid chromatography", "B"),),
    "ms": (("mass spectrometry", "A"),),
    "dart-ms": (("mass spectrometry", "A"),),
    "nmr": (("nuclear magnetic resonance", "A"),),
    "ftir": (("infrared spectroscopy", "A"),),
    "raman": (("Raman spectroscopy", "A"),),
    "uv-vis": (("ultraviolet and visible spectroscopy", "B"),),
    "ims": (("ion mobility spectrometry", "B"),),
    "immunoassay": (("immunoassay", "C"),),
    "colour-test": (("colour test", "C"),),
}
"""Techniques that each method of `tabular.fields.METHODS` uses. A dog, a scale and an image use none."""

SEPARATES: Final = ("gc-ms", "lc-ms")
"""Methods that take a mixture apart before they look: what they do not find was looked for well."""

_ORDER: Final = "ABC"


def category(method: str, stated: str | None = None) -> str | None:
    """The category of a method's best technique; of it and the stated one the lesser. None: it has none."""
    own = [one for _, one in METHODS.get(method, ())]
    if not own:
        return None
    return max(min(own), stated) if stated in ("A", "B", "C") else min(own)


def used(method: str, stated: str | None = None) -> dict[str, str]:
    """The techniques of a method with the category that each counts as, none better than the stated one."""
    least = stated if stated in ("A", "B", "C") else "A"
    return {name: max(one, least) for name, one in METHODS.get(method, ())}


def identifies(readings: Iterable[tuple[str, str | None]]) -> bool:
    """Whether methods, each with its stated category, that all found a substance make a scheme of E2329."""
    return _identifies(frozenset(readings))


@lru_cache(maxsize=1024)
def _identifies(readings: frozenset[tuple[str, str | None]]) -> bool:
    found: dict[str, str] = {}
    for method, stated in readings:
        for name, one in used(method, stated).items():
            found[name] = min(one, found.get(name, "C"))
    counts = {one: list(found.values()).count(one) for one in _ORDER}
    return (counts["A"] > 0 and len(found) > 1) or (len(found) > 2 and counts["B"] > 1)
