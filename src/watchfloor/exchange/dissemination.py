"""Dissemination of a report: by what right it goes to each recipient, what binds it, and the act `disclosed`.

Abroad it goes through a gateway, after a check of the risk of mistreatment, as a bundle does. At home the
stated authority carries it, or a gateway where one is stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from watchfloor.casework.reports.products import Part, Product
from watchfloor.casework.tasking.units import Unit
from watchfloor.cell.acts import Refusal, refuse
from watchfloor.cell.current_signals import signals
from watchfloor.cell.leads import leads
from watchfloor.cell.queue import NoLead, context, pick
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.marking import Marking, parse
from watchfloor.core.messages import declare
from watchfloor.exchange import handling_constraints
from watchfloor.exchange.bundles.offers import SIGNAL_FORM
from watchfloor.exchange.bundles.peers import me
from watchfloor.exchange.bundles.withholding import FORM
from watchfloor.exchange.handling_constraints import Piece
from watchfloor.exchange.risk import risk_check
from watchfloor.policy.gateways import Gateway, Party, Permit, Statement, permits
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

GATEWAY: Final = "product"
"""What the act `disclosed` of a report names in the place of a gateway, where none was stated."""

NO_GATEWAY: Final = declare("exchange.product-no-gateway", "name", "country")
LEAD_GONE: Final = declare("exchange.product-lead-gone", "lead", "product")


@dataclass(frozen=True, slots=True)
class Way:
    """By what right a report goes to a recipient.

    Attributes:
        recipient: to whom.
        purpose: what for: the gateway's word where there is one.
        permit: of the gateway; None where the stated authority alone carries it.
    """

    recipient: Party
    purpose: str
    permit: Permit | None

    @property
    def caveats(self) -> frozenset[str]:
        """Handling caveats that must go with it."""
        return self.permit.caveats if self.permit else frozenset()


def way(
    floor: Floor,
    name: str,
    unit: Unit,
    gateway: Gateway | None,
    statement: Statement,
    today: date,
) -> Way:
    """The way to a unit.

    Args:
        floor: who discloses.
        name: of the unit, which a risk check names as partner.
        unit: it.
        gateway: as stated; one that leads abroad is for recipients abroad alone.
        statement: what a person states; its purpose is the gateway's, or the person's where there is none.
        today: the day on which it goes.

    Raises:
        watchfloor.cell.acts.Refusal: it is abroad and no gateway was stated, or one that lets no
            signal through.
        watchfloor.policy.gateways.Refusal: the gateway does not permit it.
    """
    abroad = unit.country != floor.settings.country
    kind = unit.institution or ("foreign-partner" if abroad else "other-department")
    party = Party(name, kind, unit.country)
    if gateway is None and abroad:
        refuse(NO_GATEWAY, name=name, country=unit.country)
    if gateway is None or (gateway.foreign and not abroad):
        return Way(party, statement.purpose, None)
    if SIGNAL_FORM not in gateway.forms:
        refuse(FORM, gateway=gateway.id, forms=", ".join(sorted(gateway.forms)), form=SIGNAL_FORM)
    stated = Statement(statement.test_met, statement.by, gateway.purpose, statement.accuracy, statement.basis)
    permit = permits(gateway, me(floor), party, stated, today, risk_check=risk_check(floor, name))
    return Way(party, gateway.purpose, permit)


def pieces(floor: Floor, reader: Reader, weights: Weights, product: Product, now: datetime) -> list[Piece]:
    """Return the signals that a report rests on, as they stood when it was drafted and as they stand.

    Raises:
        Refusal: a lead cannot be looked up as it was, because its evidence was erased or is hidden.
    """
    first = product.history[0]
    return [
        *_beneath(floor, reader, weights, product, first["observed_at"], first["position"]),
        *_beneath(floor, reader, weights, product, now, None),
    ]


def refuse_bound(floor: Floor, reader: Reader, rests_on: list[Piece], to: Way, today: date) -> None:
    """Raise `Refusal` where what a report rests on wants somebody's consent, or is for another purpose."""
    for bond in handling_constraints.bonds(
        floor, reader, rests_on, to.recipient.name, to.purpose, today
    ).values():
        raise Refusal(bond.why)


def owners(rests_on: list[Piece]) -> frozenset[str]:
    """Who controls what a report rests on; once `refuse_bound` has passed, all of them have consented."""
    return frozenset().union(*(parse(one.marking).originators for one in rests_on))


def marked(product: Product, part: Part, caveats: frozenset[str]) -> str:
    """The marking of a part as it goes."""
    text = product.text
    own = text.marking if part == "whole" else text.below_marking
    return str(parse(own) | Marking(caveats=caveats))


def disclosed(
    product: Product,
    part: Part,
    to: Way,
    page: str,
    by: str,
    authority: str,
) -> dict[str, Any]:
    """The act as every disclosure has it, see docs/design/nodes.md; without a tear-line: it is no bundle."""
    permit, party = to.permit, to.recipient
    stated = permit.statement if permit else None
    return {
        "bundle": product.id,
        "edition": product.edition,
        "part": part,
        "gateway": permit.gateway.id if permit else GATEWAY,
        "law": permit.gateway.law if permit else authority,
        "section": permit.gateway.section if permit else "",
        "to": party.name,
        "recipient": {"name": party.name, "institution": party.institution, "country": party.country},
        "purpose": to.purpose,
        "test": stated.test_met if stated else "",
        "stated_by": by,
        "accuracy": stated.accuracy if stated else "",
        "basis": stated.basis if stated else "",
        "description": f"report {product.id}, edition {product.edition}: {part}",
        "leads": list(product.text.leads),
        "forms": {"report": 1},
        "kinds": {},
        "fields": [],
        "offered": 1,
        "rows": 1,
        "withheld": [],
        "root": sha256(page.encode()).hexdigest(),
        "marking": marked(product, part, to.caveats),
        "caveats": sorted(to.caveats),
    }


def _beneath(
    floor: Floor, reader: Reader, weights: Weights, product: Product, now: datetime, as_of: int | None
) -> list[Piece]:
    """The signals of a report's leads at a position; of now, of those leads that there still are."""
    stand = signals(floor, reader, as_of)
    found = leads(stand, weights, now, floor.key, context(floor, reader, stand, now, as_of))
    cited: set[bytes] = set()
    for lead in product.text.leads:
        try:
            cited |= {one.signal_id for one in pick(found, lead).contributions}
        except NoLead:
            if as_of is not None:
                refuse(LEAD_GONE, lead=lead, product=product.id)
    rows: list[Mapping[str, Any]] = stand.to_pylist()
    return [handling_constraints.of_signal(row) for row in rows if row["row_id"] in cited]
