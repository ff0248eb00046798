"""The floor's policy, for its supervisors: what is in force, what is proposed, and approving it.

A supervisor reads what a proposed policy says otherwise, line by line, before they put it in force; the form
names that very text by its digest. Putting an approved policy back is for the command line: while the file is
another, nobody is let in here.
"""

from datetime import datetime
from difflib import unified_diff
from typing import Annotated, Final

import msgspec

from watchfloor.cell.acting import policies
from watchfloor.cell.acting.acts import refuse
from watchfloor.console.endpoint import Asker, Done, Endpoint, NotHere, Nothing
from watchfloor.console.pages.accounts import proved
from watchfloor.release import terms
from watchfloor.release.terms import Terms
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


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which proposed policy, by its whole digest."""

    digest: Annotated[str, msgspec.Meta(min_length=64, max_length=64)]


class Confirming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings that were shown, by the digest that the page has of them."""

    settings: Annotated[str, msgspec.Meta(min_length=64, max_length=64)]


class Proposing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole text of another policy (TOML)."""

    text: Annotated[str, msgspec.Meta(max_length=MOST)]


def page(asker: Asker, _: Nothing) -> PolicyPage:
    """The policy in force, what is proposed in its place, and settings that wait for a confirmation."""
    if terms.load(asker.floor.root) is None:
        return PolicyPage("", False, [], [], "", asker.session.fresh)
    present = _supervised(asker)
    proposed = {policies.digest_of(act): act for act in asker.floor.proposed_policies()}
    asker.log_query("policies", shown=sorted(proposed))
    text = (asker.floor.root / terms.NAME).read_text("utf-8")
    found = [_proposal(asker, digest, act, present, text) for digest, act in proposed.items()]
    settings = policies.settings_digest(governing.digests(asker.floor.root))
    changed = [one.name for one in asker.floor.changed_settings()]
    alone = policies.alone(present, asker.name)
    return PolicyPage(text, alone, found, changed, settings, asker.session.fresh)


def propose(asker: Asker, ask: Proposing) -> Done:
    """Propose another policy, which a second supervisor puts in force; the only one does so alone."""
    _supervised(asker)
    done = policies.propose(asker.floor, asker.actor, ask.text.replace("\r\n", "\n"))
    return Done(asker.t("policy.in_force" if done.in_force else "policy.proposed"), done.position)


def approve(asker: Asker, ask: Approval) -> Done:
    """Put a policy in force that another supervisor has proposed."""
    _supervised(asker)
    done = policies.approve(asker.floor, asker.actor, ask.digest)
    return Done(asker.t("policy.in_force"), done.position)


def confirm(asker: Asker, ask: Confirming) -> Done:
    """Confirm settings and rights of accounts as the page had them; the second supervisor's word counts."""
    _supervised(asker)
    done = policies.confirm(asker.floor, asker.actor, ask.settings)
    return Done(asker.t("policy.confirmed" if done.in_force else "policy.confirmed_first"), done.position)


def _supervised(asker: Asker) -> Terms:
    """Return the policy for a supervisor. Raises `NotHere` for others, `Refused` where there is none."""
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


ENDPOINTS: Final = (
    Endpoint("policy", "GET", "/policy", Nothing, PolicyPage, page, "policy.html"),
    Endpoint("policy.propose", "POST", "/policy", Proposing, Done, proved(propose), within="policy"),
    Endpoint("policy.approve", "POST", "/policy/approve", Approval, Done, proved(approve), within="policy"),
    Endpoint("policy.confirm", "POST", "/policy/confirm", Confirming, Done, proved(confirm), within="policy"),
)
