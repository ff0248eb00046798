"""The gateway of each tier, and what the log says when something goes through it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from watchfloor.exchange.bundles.peers import Peer, me
from watchfloor.exchange.partnership.code import Code, basis
from watchfloor.policy.gateway_table import load, pick
from watchfloor.policy.gateways import Permit, Statement, admits, permits
from watchfloor.store.floor import Floor

GATEWAYS: Final[Mapping[str, str]] = {
    "pack": "partnership-pack",
    "counts": "partnership-counts",
    "cardinality": "partnership-cardinality",
    "match": "partnership-match",
}
"""The row of the table of gateways for each tier."""


def permit(floor: Floor, peer: Peer, tier: str, stated: Statement, on: date) -> Permit:
    """Return the permit for a tier to go to a peer on a day.

    Raises:
        watchfloor.policy.gateways.Refusal: the gateway does not stand, or not between these two, or the test
            is not stated.
    """
    row = pick(load(floor.root / "gateways.toml"), GATEWAYS[tier])
    return permits(row, me(floor), peer.party, stated, on)


def admit(floor: Floor, peer: Peer, tier: str, stated: Statement, on: date) -> None:
    """The same for what comes from a peer. Raises `watchfloor.policy.gateways.Refusal`."""
    row = pick(load(floor.root / "gateways.toml"), GATEWAYS[tier])
    admits(row, peer.party, me(floor), stated, on)


def statement(tier: str, test: str, by: str, purpose: str, code: Code | None = None) -> Statement:
    """Return a person's statement; under a code of practice that code is the basis."""
    return Statement(test, by, purpose, "", basis(code) if code is not None else f"partnership {tier}")


def disclosed(given: Permit, form: str, count: int, description: str, **about: Any) -> dict[str, Any]:
    """The detail of the act `disclosed`."""
    gateway, stated, to = given.gateway, given.statement, given.recipient
    return {
        "gateway": gateway.id,
        "law": gateway.law,
        "section": gateway.section,
        "to": to.name,
        "recipient": {"name": to.name, "institution": to.institution, "country": to.country},
        "purpose": stated.purpose,
        "test": stated.test_met,
        "stated_by": stated.by,
        "accuracy": stated.accuracy,
        "basis": stated.basis,
        "description": description,
        "forms": {form: count},
        "kinds": {},
        "offered": count,
        "rows": count,
        "withheld": [],
        "expires": gateway.expires.isoformat() if gateway.expires else None,
        **about,
    }
