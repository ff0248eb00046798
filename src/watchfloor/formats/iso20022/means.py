"""How money moved, by what a message says of its kind of payment."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.iso20022.columns import each, mask
from watchfloor.formats.iso20022.raw import Texted

WIRES: Final = ("pacs.008", "pacs.009", "mt103")
"""Messages by which banks send money to one another."""
REPORTS: Final = ("camt.053", "camt.054")
"""Messages that tell what was booked on one account."""

_FAMILIES: Final = {
    **dict.fromkeys(("RCDT", "ICDT", "RRCT", "IRCT", "RDDT", "IDDT"), "transfer"),
    **dict.fromkeys(("CCRD", "MCRD"), "card"),
    **dict.fromkeys(("RCHQ", "ICHQ", "DRFT"), "cheque"),
    "CNTR": "cash",
}
"""By the family of a bank transaction code (`BkTxCd/Domn/Fmly/Cd`, ISO 20022 external code set)."""
_METHODS: Final = {"TRF": "transfer", "CHK": "cheque", "TRA": "transfer"}
_BULK: Final = ("SEPA", "INST")


def means(texts: Texted) -> pa.Array:
    """How the money moved.

    pacs.008, pacs.009 and MT103 are `wire`, but for SEPA and instant payments (service level `SEPA`, local
    instrument `INST`, clearing channel `MPNS`, `RTNS` or `BOOK`), which are `transfer` as pain.001 is
    (`cheque` where that says so). A booked entry goes by the family of its bank transaction code: `XBCT` is
    `wire`, counter transactions are `cash`; others are `other`.
    """
    families = texts.families
    wire = pc.if_else(pc.is_in(families, pa.array(WIRES)), "wire", "transfer")
    for slot, codes in (("service", _BULK), ("local", _BULK), ("channel", ("MPNS", "RTNS", "BOOK"))):
        if texts.has(slot):
            wire = pc.if_else(pc.is_in(texts[slot], pa.array(codes)), "transfer", wire)
    if texts.has("method"):
        method = each(texts["method"], lambda text: _METHODS.get(text, "other"), pa.string())
        wire = pc.coalesce(method, wire)
    reports = pc.is_in(families, pa.array(REPORTS))
    if not mask(reports).any():
        return wire
    booked = each(texts["family"], lambda text: _FAMILIES.get(text, "other"), pa.string())
    across = pc.is_in(texts["subfamily"], pa.array(["XBCT"]))
    return pc.if_else(reports, pc.if_else(across, "wire", pc.fill_null(booked, "other")), wire)
