"""A spectrum, whatever file it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """One spectrum as a file states it, in the order of its abscissa.

    Attributes:
        name: its title, or the file's name where it states none.
        technique: a word of `formats.tabular.fields.METHODS`, or empty where the file does not say.
        x: abscissa, ascending, in `x_unit`; float64 of shape (n,).
        y: ordinate, as many; in `y_unit`. Neither holds NaN nor infinity.
        x_unit: `m/z`, `cm-1`, `nm`, `ppm`, `ms`, or as the file writes it.
        y_unit: such as `relative intensity`, `absorbance`, `transmittance`, or as the file writes it.
        centroid: whether the points are peaks, and not samples of a curve.
        locator: where in the file it stands: `line 17`, `block 3`, `scan 12`.
        cas: CAS registry number, where stated and its check digit is right.
        inchikey: where stated.
        formula: molecular formula, where stated.
        precursor: m/z of the precursor ion.
        voltage: of the cone, orifice or collision, in volts (or electronvolts of a singly charged ion).
        said: whatever else the file says of it, by the label it uses.
        results: what its instrument found beside it, as `core.kinds.RESULT` has it.
        place: latitude and longitude of where it was taken, degrees.
        doubts: what is wrong with it that did not stop it from being read, a sentence each.
    """

    name: str
    technique: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    x_unit: str
    y_unit: str
    centroid: bool
    locator: str
    cas: str | None = None
    inchikey: str | None = None
    formula: str | None = None
    precursor: float | None = None
    voltage: float | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    results: tuple[Mapping[str, Any], ...] = ()
    place: tuple[float, float] | None = None
