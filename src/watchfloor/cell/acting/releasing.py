"""Why a text may not go to somebody: the first limit of its marking that the recipient does not meet.

`release.policy.allowed` says yes or no; this says why not, and agrees with it.
"""

from watchfloor.records.marking import CLASSIFIED, PROTECTED, TLP, Marking
from watchfloor.records.messages import Reason, declare, reason
from watchfloor.release.policy import Reader

LEVEL = declare(
    "cell.release-level",
    en="it is {level} and the recipient's clearance is {clearance}",
    fr="la cote est {level} et l’habilitation du destinataire est {clearance}",
)
COUNTRY = declare(
    "cell.release-country",
    en="it may go to {countries} only, and the recipient is in {country}",
    fr="la diffusion est limitée à {countries}, et le destinataire est dans {country}",
)
OWNER = declare(
    "cell.release-owner",
    en="its originator must consent first: {owners}",
    fr="l’auteur d’origine doit d’abord consentir : {owners}",
)
COMPARTMENT = declare(
    "cell.release-compartment",
    en="the recipient is not in its compartments: {compartments}",
    fr="le destinataire n’est pas dans ses compartiments : {compartments}",
)
PURPOSE = declare(
    "cell.release-purpose",
    en="it may be used for {purposes} only, not for {purpose}",
    fr="l’usage est limité à {purposes}, non à {purpose}",
)
EXPIRED = declare(
    "cell.release-expired",
    en="it could be kept until {day} only",
    fr="la conservation n’était permise que jusqu’au {day}",
)


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
