"""Codes of the Galactic SPC format for axes and techniques, as `spc.h` (Galactic, 1997) has them."""

from typing import Final

X_UNITS: Final = {
    1: "cm-1",
    2: "um",
    3: "nm",
    4: "s",
    5: "min",
    6: "Hz",
    7: "kHz",
    8: "MHz",
    9: "m/z",
    10: "ppm",
    11: "days",
    12: "years",
    13: "cm-1",
    14: "eV",
    16: "diode",
    17: "channel",
    18: "degrees",
    19: "degrees Fahrenheit",
    20: "degrees Celsius",
    21: "kelvin",
    22: "points",
    23: "ms",
    24: "us",
    25: "ns",
    26: "GHz",
    27: "cm",
    28: "m",
    29: "mm",
    30: "hours",
}
RAMAN_SHIFT: Final = 13
Y_UNITS: Final = {
    1: "interferogram",
    2: "absorbance",
    3: "Kubelka-Munk",
    4: "counts",
    5: "volts",
    6: "degrees",
    7: "milliamperes",
    8: "millimetres",
    9: "millivolts",
    10: "log(1/R)",
    11: "percent",
    12: "intensity",
    13: "relative intensity",
    14: "energy",
    16: "decibel",
    22: "index of refraction",
    23: "extinction coefficient",
    24: "real",
    25: "imaginary",
    26: "complex",
    128: "transmittance",
    129: "reflectance",
    130: "single beam",
    131: "emission",
}
EXPERIMENTS: Final = {5: "ftir", 7: "uv-vis", 9: "ms", 10: "nmr", 11: "raman"}
"""Technique by code; 4 is any Fourier transform, which the axis tells apart."""
FOURIER: Final = 4
ABSORBS: Final = (2, 10, 11, 128, 129)


def technique(experiment: int, x: int, y: int) -> str:
    """A word of `formats.fields.METHODS`, or empty where the file leaves it open."""
    if x == RAMAN_SHIFT:
        return "raman"
    if experiment in EXPERIMENTS:
        return EXPERIMENTS[experiment]
    if x in (9, 10):
        return "ms" if x == 9 else "nmr"
    return "ftir" if x == 1 and (experiment == FOURIER or y in ABSORBS) else ""
