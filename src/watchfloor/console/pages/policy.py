"""The floor's policy, for its supervisors: what is in force, what is proposed, and approving it.

A supervisor reads what a proposed policy says otherwise, line by line, before they put it in force; the form
names that very text by its digest. Putting an approved policy back is for the command line: while the file is
another, nobody is let in here.
"""

from datetime import datetime
from difflib import unified_diff
from functools import wraps
from typing import Annotated, Any, Final

import msgspec

from watchfloor.actions import markings
from watchfloor.actions.base import Action
from watchfloor.casework import policies
from watchfloor.cell.acts import refuse
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Nothing
from watchfloor.console.endpoints.failures import NotHere
from watchfloor.console.pages.accounts import Call, proved
from watchfloor.policy import terms
from watchfloor.policy.terms import Terms
from watchfloor.store import governing, readers
from watchfloor.store.log import Act

MOST: Final = 200_000
"""Characters of a policy."""


class Proposal(msgspec.Struct, frozen=True):
    """A policy that waits for a second supervisor.

    Attributes:
        digest: by which it is approved.
        by: who proposed it.
        at: when.
        own: whether that is oneself: somebody else approves it.
        differs: keys that it has otherwise than the present one.
        lines: the difference of the texts, as unified lines.
    """

    digest: str
    by: str
    at: datetime
    own: bool
    differs: list[str]
    lines: list[str]


class PolicyPage(msgspec.Struct, frozen=True):
    """The policy of the floor.

    Attributes:
        text: that is in force; empty where the floor has none: whoever keeps it gives it the first.
        alone: whether oneself is the only supervisor, whose word is enough.
        proposals: that wait.
        changed: settings beside the policy that the log does not know so, to be confirmed by two.
        settings: digest of all settings as they are now, which a confirmation names.
        fresh: whether one may act now, or must show first who one is.
    """

    text: str
    alone: bool
    proposals: list[Proposal]
    changed: list[str]
    settings: str
    fresh: bool
    marking: str = ""


class Approval(markings.ApprovePolicy, frozen=True):
    """Which proposed policy, by its whole digest."""

    digest: Annotated[str, msgspec.Meta(min_length=64, max_length=64)]


class Confirming(markings.ConfirmSettings, frozen=True):
    """The settings that were shown, by the digest that the page has of them."""

    settings: Annotated[str, msgspec.Meta(min_length=64, max_length=64)]


class Proposing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole text of another policy (TOML)."""

    text: Annotated[str, msgspec.Meta(max_length=MOST)]


def page(asker: Asker, _: Nothing) -> PolicyPage:
    """The policy in force, what is proposed in its place, and settings that wait for a confirmation."""
    if terms.load(asker.floor.root) is None:
        return PolicyPage("", False, [], [], "", asker.session.fresh)
    present = supervised(asker)
    proposed = {policies.digest_of(act): act for act in asker.floor.proposed_policies()}
    asker.log_query("policies", shown=sorted(proposed))
    text = (asker.floor.root / terms.NAME).read_text("utf-8")
    found = [_proposal(asker, digest, act, present, text) for digest, act in proposed.items()]
    settings = policies.settings_digest(governing.digests(asker.floor.root))
    changed = [one.name for one in asker.floor.changed_settings()]
    alone = policies.alone(present, asker.name)
    return PolicyPage(text, alone, found, changed, settings, asker.session.fresh)


def propose(asker: Asker, ask: Proposing) -> markings.PolicyChange:
    """Propose another policy, which a second supervisor puts in force; the only one does so alone."""
    return markings.propose(asker, ask.text.replace("\r\n", "\n"))


def by_supervisor(call: Call) -> Call:
    """Refuse an act of somebody who is no supervisor, or has not shown lately who they are."""

    @wraps(call)
    def checked(asker: Asker, ask: Any) -> Any:
        supervised(asker)
        return call(asker, ask)

    return proved(checked)


def supervised(asker: Asker) -> Terms:
    """Return the policy for a supervisor. Raises `NotHere` for others, `Refusal` where there is none."""
    if (role := readers.role(asker.floor.root, asker.name)) is None:
        refuse(policies.NO_POLICY)
    if role != "supervisor":
        raise NotHere("policy")
    asker.reader  # noqa: B018 - who may state their purpose and authority no longer is refused
    return policies.supervised(asker.floor, asker.name)


def _proposal(asker: Asker, digest: str, act: Act, present: Terms, text: str) -> Proposal:
    other = str((act.detail or {})["text"])
    by = act.actor.name if act.actor else ""
    lines = unified_diff(text.splitlines(), other.splitlines(), terms.NAME, digest[:12], lineterm="", n=2)
    differs = terms.differences(present, terms.read(other, terms.NAME))
    return Proposal(digest, by, act.at, by == asker.name, differs, list(lines))


def _act(of: Action[Any, Any], name: str, asks: type[msgspec.Struct]) -> Endpoint:
    how = {"name": f"policy.{name}", "asks": asks, "call": by_supervisor(of.run), "within": "policy"}
    return Endpoint.for_action(of, f"/policy/{name}", **how)


ENDPOINTS: Final = (
    Endpoint("policy", "GET", "/policy", Nothing, PolicyPage, page, "policy.html"),
    Endpoint(
        "policy.propose",
        "POST",
        "/policy",
        Proposing,
        markings.PolicyChange,
        by_supervisor(propose),
        within="policy",
        action=markings.set_,
    ),
    _act(markings.approve, "approve", Approval),
    _act(markings.confirm, "confirm", Confirming),
)
