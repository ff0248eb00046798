"""Codes of UN/EDIFACT directories that are read, by data element (UNTDID D.00A; the same in D.95B to D.16B).

A code that is not here is no guess: it is read past, or told where a row would need it.
"""

from collections.abc import Mapping
from typing import Final

ITEMS: Final = ("ITMATT", "CUSITM")
"""Messages of postal items and their contents."""
MANIFESTS: Final = ("CUSCAR",)
ANSWERS: Final = ("CUSRSP",)
MESSAGES: Final = (*ITEMS, *ANSWERS, *MANIFESTS)

SHIPPERS: Final = ("CZ", "OS", "EX", "SF")
"""3035: consignor, original shipper, exporter, ship from; the first of them that is named sends."""
CONSIGNEES: Final = ("CN", "UC", "DP")
"""3035: consignee, ultimate consignee, delivery party."""
IMPORTERS: Final = ("IM",)
DECLARANTS: Final = ("DT", "CB", "AE")
"""3035: declarant, customs broker, declarant's agent."""
ROLES: Final[Mapping[str, str]] = {
    **dict.fromkeys(SHIPPERS, "shipper"),
    **dict.fromkeys(CONSIGNEES, "consignee"),
    **dict.fromkeys(("N1", "N2", "NI"), "notify"),
    "IM": "importer",
    "FW": "forwarder",
}
"""What a party of 3035 is in a row of `party`."""

BILLS: Final[Mapping[str, str]] = {
    "XC": "ccn",
    "AAM": "ccn",
    "BH": "bol",
    "HWB": "hawb",
    "BM": "bol",
    "AWB": "awb",
}
"""1153: numbers that a consignment is known by, the most telling first, and the system of each as a key:
cargo control number, waybill number (highway), house bill, house waybill, bill of lading, air waybill."""
ABOVE: Final[Mapping[str, str]] = {"BH": "BM", "HWB": "AWB"}
"""1153: bills of which another one that is named beside them is the master, where no master is."""
MASTERS: Final = ("MB", "MWB", "XP")
"""1153: master bill of lading, master air waybill, previous cargo control number (a house bill's master)."""
PHONES: Final = ("TE", "AL", "AM", "AJ")
"""3155: telephones."""
PAGES: Final = ("AO", "AH")
"""3155: addresses in the World Wide Web."""

LOADING: Final = ("113", "35", "9", "76", "80", "5", "88")
"""3227: country of despatch and of export, then places of loading, original loading, despatch, departure,
receipt."""
DISCHARGE: Final = ("28", "36", "20", "7", "8", "11")
"""3227: country and country of ultimate destination, then places of ultimate destination, delivery,
destination, discharge."""
ROUTE: Final = ("88", "80", "76", "9", "13", "11", "8", "7", "20")
"""3227: places that goods pass, in order."""
OFFICES: Final = ("22", "41", "42", "118", "122", "60")
"""3227: customs offices of clearance, entry, exit, departure, destination; place of arrival."""
ORIGIN: Final = "27"
"""3227: country of origin."""

GROSS: Final = ("AAB", "AAE", "AAD", "AAG", "G", "")
"""6313: gross masses of a unit, an item, in total, at item level; and what no code says to be another."""
NET: Final = ("AAA", "AAC", "AAF", "AAL", "N")
"""6313: net masses."""
MASSES: Final = ("WT", "AAE", "AAI", "AAX", "AAY")
"""6311: measurements that can be masses; they are where their unit is one."""

VALUES: Final = ("40", "43", "203", "66", "38")
"""5025: customs value, declared total customs value, line item, goods item total, invoice item amount."""
PACKAGES: Final = ("11", "58", "8")
"""6069: totals of packages and of pieces of a consignment, by CNT; the first that is there counts."""
TOTAL_GROSS: Final = "7"
"""6069: total gross weight of a consignment."""
CONTAINER: Final = "CN"
"""8053: equipment that is a container."""

MODES: Final[Mapping[str, str]] = {
    "1": "vessel",
    "2": "rail",
    "3": "vehicle",
    "4": "air-cargo",
    "5": "post",
    "8": "vessel",
}
"""8067, Recommendation 19; maritime goods in a container are `marine-container`."""

MOVES: Final[Mapping[str, str]] = {
    "22": "outbound",
    "23": "inbound",
    "24": "in-transit",
    "28": "in-transit",
}
"""7365: export, import, transit, transhipment, for the customs that the message is sent to."""

ANSWER: Final[Mapping[str, str]] = {
    "1": "accepted",
    "2": "rejected",
    "3": "rejected",
    "4": "release",
    "5": "examine",
    "6": "refer-information",
    "7": "hold",
    "9": "accepted",
    "32": "accepted",
    "33": "rejected",
}
"""7365, the same codes in D.93A and D.18B: content accepted, rejected, goods released, to be examined,
documents to be produced, detained, declaration accepted, transaction accepted, rejected."""

CATEGORY: Final[Mapping[str, str]] = {
    "11": "sale",
    "21": "return",
    "31": "gift",
    "32": "sample",
    "91": "documents",
    "99": "other",
}
"""Nature of transaction of postal items, in this profile a GIS or GEI that names another code list than
UN/EDIFACT's. checked = "memory": the UPU's code list is not public."""

CANCELLING: Final[Mapping[str, str]] = {"1": "cancels", "3": "deletes"}
"""1225: functions of a message that declares nothing."""

AMENDING: Final = ("4", "5")
"""1225: change, replace."""

PASSED: Final = frozenset(
    "BGM AJT ALI ATT AUT CPI CTA DIM DOC ERC ERP EQA EQN GIN GIR HAN IMD LIN PCI QTY RNG SEL TCC TMD "
    "TMP TOD TPL TSR UNS".split()
)
"""Segments that are known, and of which nothing is a column."""
