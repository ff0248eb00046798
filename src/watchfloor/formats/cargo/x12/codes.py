"""Codes of X12 309 that are read, by data element (releases 004010 to 006050)."""

from collections.abc import Mapping
from typing import Final

MODES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("A", "AC", "AE", "AF"), "air-cargo"),
    **dict.fromkeys(("J", "M", "I", "L", "LT", "MB", "MP", "FL", "E"), "vehicle"),
    "R": "rail",
    **dict.fromkeys(("O", "Q", "S", "SS", "VE", "B", "W"), "vessel"),
    "D": "post",
}
"""91: how goods travel; what a vessel carries in a container is `marine-container`, and so is code O."""
CONTAINERISED: Final = "O"

ROLES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("SH", "SF", "EX", "CZ"), "shipper"),
    **dict.fromkeys(("CN", "UC", "ST", "IC"), "consignee"),
    **dict.fromkeys(("N1", "NP", "NF", "N2"), "notify"),
    "IM": "importer",
    "FW": "forwarder",
}
"""98: what a party is. checked = "memory": SH, CN and N1 are those of the public guides of ACE and AMS."""

MASTERS: Final = ("MB", "OB", "MA")
"""128: master bill, ocean bill of lading, master air waybill. checked = "memory"."""

HARMONIZED: Final = ("A", "J")
"""23: commodity codes of schedules that begin with the Harmonized System's six digits."""

UNITS: Final[Mapping[str, str]] = dict(zip("KLEOST", ("K", "L", "TNE", "ONZ", "STN", "LTN"), strict=True))
"""188: kilograms, pounds, metric tons, ounces, short and long tons, as `manifests.KILOGRAMS` has them."""

WITHDRAWN: Final = frozenset({"D"})
"""580: M13 that deletes a bill. checked = "memory"."""

ADDED: Final = frozenset({"", "A"})
"""580: M13 that amends no earlier bill: it adds one. checked = "memory"."""

PASSED: Final = frozenset(
    "H1 H2 H3 K1 LH1 LH2 LH3 LH4 LH6 LHE LHR LHT LFH LS LE M7 M7A M12 MAN NM1 DMG DMA R4 V9 VC REF DTM N5 "
    "X1 X2 L3 SG V1 VEH CII NTE CM N7 NA IN2 PWK".split()
)
"""Segments that are known, and of which nothing is a column."""
