"""The risk that a disclosure abroad leads to mistreatment: what a person decided, as an act of the log.

The Avoiding Complicity in Mistreatment by Foreign Entities Act and the directions under it forbid to disclose
where that would bring a substantial risk of mistreatment that cannot be mitigated. We have not been able to
read that Act's own text here; see docs/gateways.md.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from watchfloor.policy.gateways import RiskCheck
from watchfloor.store.floor import Floor

ACT: Final = "risk-checked"


def risk_check(floor: Floor, partner: str) -> RiskCheck | None:
    """The last check of a partner; None where nobody has made one."""
    return latest(floor).get(partner)


def latest(floor: Floor) -> dict[str, RiskCheck]:
    """The last check of each partner, by its name."""
    return {one.partner: one for one in checks(floor)}


def checks(floor: Floor) -> list[RiskCheck]:
    """Every check, oldest first; one whose content was erased is left out."""
    return [_check(act.detail) for act in floor.acts_of(ACT) if act.detail is not None]


def detail(check: RiskCheck) -> dict[str, Any]:
    """A check as the log keeps it."""
    return {
        "partner": check.partner,
        "country": check.country,
        "substantial_risk": check.risk,
        "measures": check.measures,
        "decided_by": check.by,
        "on": check.on.isoformat(),
        "caveats": sorted(check.caveats),
    }


def _check(said: Mapping[str, Any]) -> RiskCheck:
    return RiskCheck(
        said["partner"],
        said["country"],
        said["substantial_risk"],
        said["measures"],
        said["decided_by"],
        date.fromisoformat(said["on"]),
        frozenset(said["caveats"]),
    )
