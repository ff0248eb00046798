"""When a record may be marked anew: stricter at any time, less strict by its originator alone."""

from watchfloor.records.marking import Marking
from watchfloor.records.messages import Reason, declare, reason

SAME = declare(
    "release.remarked-same",
    en="it is marked {marking} already",
    fr="sa cote est déjà {marking}",
)
NOT_LOWER = declare(
    "release.remarked-not-lower",
    en="{new} is not below {old} in every respect: a downgrade makes nothing stricter. Take the stricter "
    "part with `watchfloor marking upgrade` first",
    fr="{new} n’est pas en tout point inférieur à {old} : un déclassement ne resserre rien. Relevez d’abord "
    "avec `watchfloor marking upgrade`",
)
NOT_HIGHER = declare(
    "release.remarked-not-higher",
    en="{new} is not above {old} in every respect; what shall be less strict needs its originator: "
    "`watchfloor marking downgrade`",
    fr="{new} n’est pas en tout point supérieur à {old}; ce qui doit être moins strict relève de l’auteur "
    "d’origine : `watchfloor marking downgrade`",
)
BY_LAW = declare(
    "release.remarked-by-law",
    en="authorities, purposes and the day of erasure come from the law under which it is held, and no "
    "originator can loosen them",
    fr="les autorisations, les fins et le jour d’effacement viennent de la loi qui régit sa conservation; "
    "aucun auteur d’origine ne peut les assouplir",
)
OTHERS = declare(
    "release.remarked-by-another",
    en="it is {owners}'s, and this is {organisation}: only the originator can mark it less strict; ask there",
    fr="l’auteur d’origine est {owners}, et non {organisation} : lui seul peut abaisser la cote; "
    "demandez-le-lui",
)


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
    """What of a marking the law says, whoever the originator is."""
    return Marking(
        authorities=marking.authorities, purposes=marking.purposes, retain_until=marking.retain_until
    )
