"""A floor's policy: proposed by one supervisor, put in force by another; settings beside it confirmed by two.

Where the present policy names one supervisor alone, that one does it alone: else nobody could name a second.
"""

from hashlib import sha256
from typing import Final, NamedTuple

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.formats.settings import SettingsError
from watchfloor.policy import terms
from watchfloor.policy.terms import Terms
from watchfloor.store import governing, log
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act, Actor

NO_POLICY: Final = declare("policy.none")
NO_SUPERVISOR: Final = declare("policy.no-supervisor", "name", "role")
NOT_ONE: Final = declare("policy.not-one", "n", "digest")
ONES_OWN: Final = declare("policy.own-proposal")
WRONG: Final = declare("policy.wrong", "problem")

CHANGED: Final = declare("policy.settings-changed")


class Change(NamedTuple):
    """A change of a policy or of settings.

    Attributes:
        position: of the act in the log.
        in_force: whether it is; else another supervisor must say so too.
        proposed_by: who proposed what another has put in force; empty where nobody else did.
        digest: of the policy.
    """

    position: int
    in_force: bool
    proposed_by: str = ""
    digest: str = ""


def digest_of(act: Act) -> str:
    """Return the digest by which a proposed policy is known."""
    return str((act.detail or {})["digest"])


def supervised(floor: Floor, name: str) -> Terms:
    """Return the present policy, for a supervisor by that name. Raises `Refusal`."""
    present = terms.load(floor.root)
    if present is None:
        refuse(NO_POLICY)
    if (role := present.readers[name].role) != "supervisor":
        refuse(NO_SUPERVISOR, name=name, role=role)
    return present


def usable(text: str, setter: str, name: str = terms.NAME) -> Terms:
    """Return a policy under which a floor can be worked on, and which names who sets it. Raises `Refusal`."""
    try:
        made = terms.read(text, name)
        terms.check_usable(made, name, setter)
    except SettingsError as error:
        refuse(WRONG, problem=str(error))
    return made


def propose(floor: Floor, actor: Actor, text: str) -> Change:
    """Propose another policy; of the only supervisor it is put in force. Raises `Refusal`."""
    present = supervised(floor, actor.name)
    usable(text, actor.name)
    if alone(present, actor.name):
        return Change(install(floor, actor, text), in_force=True)
    detail = {"digest": sha256(text.encode()).hexdigest(), "text": text}
    return Change(floor.act(actor, governing.PROPOSED, detail), in_force=False, digest=detail["digest"])


def approve(floor: Floor, actor: Actor, digest: str) -> Change:
    """Put a policy in force that another supervisor has proposed.

    Args:
        floor: whose.
        actor: who approves.
        digest: of the proposed policy, or how that begins.

    Raises:
        Refusal: none or several are meant, or they proposed it, or it would shut them out.
    """
    supervised(floor, actor.name)
    found = {digest_of(act): act for act in floor.proposed_policies()}
    fitting = [key for key in found if digest and key.startswith(digest.lower())]
    if len(fitting) != 1:
        refuse(NOT_ONE, n=len(fitting), digest=digest)
    act = found[fitting[0]]
    if act.actor is None or act.actor.name == actor.name:
        refuse(ONES_OWN)
    text = str((act.detail or {})["text"])
    usable(text, actor.name)
    position = install(floor, actor, text, proposed_by=act.actor.name)
    return Change(position, True, act.actor.name, fitting[0])


def settings_digest(here: governing.Digests) -> str:
    """Return one digest of all settings beside the policy."""
    return sha256(log.encode(here)).hexdigest()


def confirm(floor: Floor, actor: Actor, seen: str | None = None) -> Change:
    """Confirm settings beside the policy, and rights of accounts, as they are now.

    Args:
        floor: whose.
        actor: who confirms.
        seen: digest of the settings that they were shown; None: they were shown none.

    Raises:
        Refusal: they are no supervisor, or the settings have changed since.
    """
    present = supervised(floor, actor.name)
    here = governing.digests(floor.root)
    if seen is not None and seen != settings_digest(here):
        refuse(CHANGED)
    last = floor.newest_act("settings", governing.ACT)
    other = next(
        (
            act.actor.name
            for act in floor.acts_of("settings-proposed")
            if act.position > last and act.actor and (act.detail or {}).get("digests") == here
            if act.actor.name != actor.name
        ),
        "",
    )
    done = bool(other) or alone(present, actor.name)
    detail = {"digests": here} | ({"proposed_by": other} if other else {})
    return Change(floor.act(actor, "settings" if done else "settings-proposed", detail), done, other)


def install(floor: Floor, actor: Actor, text: str, **more: str) -> int:
    """Log a checked policy and put it in place; gives the position in the log."""
    position = floor.act(actor, governing.ACT, governing.approved(text, floor.root) | more)
    put(floor, text)
    return position


def put(floor: Floor, text: str) -> None:
    """Write a policy that the log knows into the floor's folder."""
    part = floor.root / f"{terms.NAME}.part"
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(floor.root / terms.NAME)


def alone(policy: Terms, name: str) -> bool:
    """Return whether a policy names no other supervisor."""
    return all(one.role != "supervisor" for other, one in policy.readers.items() if other != name)
