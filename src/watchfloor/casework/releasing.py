"""Why a text may not go to somebody: the first limit of its marking that the recipient does not meet.

`policy.policy.allowed` says yes or no; this says why not, and agrees with it.
"""

from watchfloor.core.marking import CLASSIFIED, PROTECTED, TLP, Marking
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.policy.policy import Reader

LEVEL = declare("cell.release-level", "level", "clearance")
COUNTRY = declare("cell.release-country", "countries", "country")
OWNER = declare("cell.release-owner", "owners")
COMPARTMENT = declare("cell.release-compartment", "compartments")
PURPOSE = declare("cell.release-purpose", "purposes", "purpose")
EXPIRED = declare("cell.release-expired", "day")


def why_not(reader: Reader, marking: Marking) -> Reason | None:
    """The first limit that `reader` does not meet; None where it may see a text so marked."""
    level = _level(marking.protected, marking.classified, marking.tlp)
    if (
        marking.protected > reader.protected
        or marking.classified > reader.classified
        or marking.tlp > reader.tlp
    ):
        clearance = _level(reader.protected, reader.classified, reader.tlp)
        return reason(LEVEL, level=level, clearance=clearance)
    if marking.release is not None and reader.country not in marking.release:
        return reason(COUNTRY, countries=_names(marking.release), country=reader.country)
    if owners := marking.originators - {reader.organisation} - reader.consents:
        return reason(OWNER, owners=_names(owners))
    if missing := marking.compartments - reader.compartments:
        return reason(COMPARTMENT, compartments=_names(missing))
    if marking.purposes is not None and reader.purpose not in marking.purposes:
        return reason(PURPOSE, purposes=_names(marking.purposes), purpose=reader.purpose)
    if marking.retain_until and reader.today and reader.today > marking.retain_until:
        return reason(EXPIRED, day=marking.retain_until.isoformat())
    return None


def _level(protected: int, classified: int, tlp: int) -> str:
    names = [name for name in (PROTECTED[protected], CLASSIFIED[classified]) if name]
    return "//".join([*(names or ["U"]), f"TLP:{TLP[tlp]}"])


def _names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "–"
