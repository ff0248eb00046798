"""When a record may be marked anew: stricter at any time, less strict by its originator alone."""

from watchfloor.core.marking import Marking
from watchfloor.core.messages import Reason, declare, reason

SAME = declare("release.remarked-same", "marking")
NOT_LOWER = declare("release.remarked-not-lower", "new", "old")
NOT_HIGHER = declare("release.remarked-not-higher", "new", "old")
BY_LAW = declare("release.remarked-by-law")
OTHERS = declare("release.remarked-by-another", "owners", "organisation")


def why_not_lower(old: Marking, new: Marking, organisation: str, sender: str | None) -> Reason | None:
    """Why `organisation` may not mark a record less strictly; None where it may.

    Args:
        old: as the record is marked.
        new: as it shall be.
        organisation: that acts.
        sender: who sent the record here, where it is not of this node.
    """
    if new == old:
        return reason(SAME, marking=str(old))
    owners = old.originators - {organisation} | {sender} - {None, organisation}
    if owners:
        return reason(OTHERS, owners=", ".join(sorted(map(str, owners))), organisation=organisation)
    if not new <= old:
        return reason(NOT_LOWER, old=str(old), new=str(new))
    if _bound(new) != _bound(old):
        return reason(BY_LAW)
    return None


def why_not_higher(old: Marking, new: Marking) -> Reason | None:
    """Why a record may not be marked more strictly so; None where it may."""
    if new == old:
        return reason(SAME, marking=str(old))
    return None if old <= new else reason(NOT_HIGHER, old=str(old), new=str(new))


def _bound(marking: Marking) -> Marking:
    """Return the part of a marking that the law sets, whoever the originator is."""
    return Marking(
        authorities=marking.authorities, purposes=marking.purposes, retain_until=marking.retain_until
    )
