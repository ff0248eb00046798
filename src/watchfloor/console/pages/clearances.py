"""Clearances, for supervisors: who may see what, proposing another, and deciding what another proposed."""

from typing import Annotated, Any, Final, get_args

import msgspec

from watchfloor.actions import clearances as actions
from watchfloor.actions.base import Action
from watchfloor.actions.clearances import ClearanceView
from watchfloor.casework import clearances, policies
from watchfloor.casework.clearances import Clearance
from watchfloor.console.access.accounts import LONGEST_NAME
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.console.pages.policy import by_supervisor, supervised
from watchfloor.core.marking import CLASSIFIED, PROTECTED, TLP
from watchfloor.policy import terms
from watchfloor.policy.terms import Role

MOST: Final = 50
"""Decided clearances that are shown."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
Id = Annotated[str, msgspec.Meta(min_length=16, max_length=16)]
Text = Annotated[str, msgspec.Meta(max_length=500)]


class ReaderLine(msgspec.Struct, frozen=True):
    """A reader of the policy, and what it has of them; `own`: whether it is oneself."""

    name: str
    role: str
    protected: str
    classified: str
    tlp: str
    compartments: list[str]
    own: bool


class ClearancesAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The reader whom the form begins with, if anybody."""

    person: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)] = ""


class ClearancesPage(msgspec.Struct, frozen=True):
    """The clearances of a floor.

    Attributes:
        policy: whether the floor has a policy.
        alone: whether oneself is the only supervisor, so that nothing can be proposed.
        waiting: to be decided; `decided`: the last ones that were.
        readers: of the policy.
        chosen: with whom the form begins: as they are.
        roles, protected, classified, tlp, compartments: what the policy allows.
        fresh: whether one may act now, or must show first who one is.
    """

    policy: bool
    alone: bool
    waiting: list[ClearanceView]
    decided: list[ClearanceView]
    readers: list[ReaderLine]
    chosen: ReaderLine | None
    roles: list[str]
    protected: list[str]
    classified: list[str]
    tlp: list[str]
    compartments: list[str]
    fresh: bool
    marking: str = ""


class Proposing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose clearance, all that it would be, and why."""

    person: Name
    role: Role
    protected: Text = ""
    classified: Text = ""
    tlp: Text = TLP[-1]
    compartments: list[Text] = []
    why: Text = ""


class Giving(actions.OneClearance, frozen=True):
    """Which proposed clearance, by its whole id."""

    clearance: Id


class Refusing(actions.RefusedClearance, frozen=True):
    """Which proposed clearance, by its whole id, and why not."""

    clearance: Id
    why: Text = ""


def page(asker: Asker, ask: ClearancesAsk) -> ClearancesPage:
    """Every reader's clearance, those that wait to be decided, and those that were."""
    if terms.load(asker.floor.root) is None:
        return ClearancesPage(False, False, [], [], [], None, [], [], [], [], [], asker.session.fresh)
    present = supervised(asker)
    found = [actions.view(asker, one) for one in clearances.proposals(asker.floor)]
    waiting = [one for one in found if one.state == "waiting"]
    decided = [one for one in found if one.state != "waiting"][:MOST]
    asker.log_query("clearances", shown=[one.id for one in (*waiting, *decided)])
    lines = [_line(asker, name, clearances.of_person(one)) for name, one in sorted(present.readers.items())]
    chosen = next((one for one in lines if one.name == ask.person), None)
    if ask.person and chosen is None:
        chosen = _line(asker, ask.person, Clearance(tlp=TLP[0]))
    return ClearancesPage(
        True,
        policies.alone(present, asker.name),
        waiting,
        decided,
        lines,
        chosen,
        list(get_args(Role)),
        list(PROTECTED),
        list(CLASSIFIED),
        list(TLP),
        sorted(present.compartments),
        asker.session.fresh,
    )


def _line(asker: Asker, name: str, one: Clearance | None) -> ReaderLine:
    one = one or Clearance()
    levels = (one.role, one.protected, one.classified, one.tlp, list(one.compartments))
    return ReaderLine(name, *levels, own=name == asker.name)


def propose(asker: Asker, ask: Proposing) -> ClearanceView:
    """Propose a clearance or a role for another person; a second supervisor gives it."""
    wanted = Clearance(ask.role, ask.protected, ask.classified, ask.tlp, tuple(ask.compartments))
    made = clearances.propose(asker.floor, asker.actor, ask.person.strip(), wanted, ask.why)
    return actions.view(asker, made)


def _act(of: Action[Any, Any], name: str, asks: type[msgspec.Struct]) -> Endpoint:
    how = {"name": f"clearances.{name}", "asks": asks, "call": by_supervisor(of.run), "within": "clearances"}
    return Endpoint.for_action(of, f"/clearances/{name}", **how)


ENDPOINTS: Final = (
    Endpoint("clearances", "GET", "/clearances", ClearancesAsk, ClearancesPage, page, "clearances.html"),
    Endpoint(
        "clearances.propose",
        "POST",
        "/clearances",
        Proposing,
        ClearanceView,
        by_supervisor(propose),
        within="clearances",
        action=actions.propose,
    ),
    _act(actions.approve, "approve", Giving),
    _act(actions.refuse, "refuse", Refusing),
)
