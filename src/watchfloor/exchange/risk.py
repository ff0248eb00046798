"""The risk that a disclosure abroad leads to mistreatment: what a person decided, as an act of the log."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from watchfloor.release.gateways import RiskCheck
from watchfloor.store.floor import Floor

ACT: Final = "risk-checked"


def risk_check(floor: Floor, partner: str) -> RiskCheck | None:
    """The last check of a partner; None where nobody has made one."""
    found = [one for one in checks(floor) if one.partner == partner]
    return found[-1] if found else None


def checks(floor: Floor) -> list[RiskCheck]:
    """Every check, oldest first."""
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


def _check(said: Any) -> RiskCheck:
    caveats: Iterable[str] = said["caveats"]
    return RiskCheck(
        said["partner"],
        said["country"],
        said["substantial_risk"],
        said["measures"],
        said["decided_by"],
        date.fromisoformat(said["on"]),
        frozenset(caveats),
    )
