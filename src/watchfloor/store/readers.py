"""Who reads and who writes: what a floor's policy says of a user, asked on every path."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from watchfloor.core.marking import Marking, MarkingError, parse
from watchfloor.formats.settings import nearest
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader
from watchfloor.policy.terms import Terms
from watchfloor.store.errors import WrongCall
from watchfloor.store.log import Act, Actor
from watchfloor.store.settings import Settings

LOOKING: Final = frozenset(
    {"query", "replay", "checkpoint", "cosigned", "exported", "hit", "near", "delivered"}
    | {"signed-in", "signed-out", "sign-in-refused", "password-changed", "second-factor", "sessions-ended"}
)
"""Acts of somebody who changes nothing, and of the floor: what was looked at, by whom, and who is to know."""


class NotPermitted(WrongCall):
    """The floor's policy does not let this user do that."""


def known(root: Path, reader: Reader, received: Iterable[Act], *, held: bool) -> Reader:
    """A reader as the floor's policy has it, by name; without a policy, as it is.

    What is past its marking's last day is read by nobody, although it lies here until `expire` takes it away
    or because something keeps it. Under a legal hold it is kept to be read: by counsel.

    Args:
        root: the floor's folder.
        reader: name and purpose, and of the node organisation and country.
        received: acts by which others sent this node something; what they control may be read here.
        held: whether a legal hold stands.

    Raises:
        NotPermitted: the policy names no such user, or no such purpose.
        SettingsError: the policy cannot be used.
    """
    policy = terms.load(root)
    if policy is not None:
        _refuse_unnamed(policy, root, reader.name)
        _refuse_unstatable(policy, root, reader.name, "purposes", reader.purpose)
        reader = policy.reader(reader)
        if held and policy.readers[reader.name].role == "counsel":
            reader = replace(reader, today=None)
    return replace(reader, consents=frozenset(owner for act in received for owner in _owners(act)))


def role(root: Path, name: str) -> terms.Role | None:
    """A user's role in the floor's policy; None without one. `NotPermitted` where it names no such user."""
    policy = terms.load(root)
    if policy is None:
        return None
    _refuse_unnamed(policy, root, name)
    return policy.readers[name].role


def level(root: Path, actor: Actor, here: Settings) -> str | None:
    """Return a marking that nobody may see from whom something is kept that a person may see.

    It is what the person is cleared for, and for whom alone: their country, organisation and purpose. So it
    tells nothing of what the floor holds. None for one whom the policy does not name, such as the floor.
    """
    policy = terms.load(root)
    one = Reader(actor.name, here.country, here.name, purpose=actor.purpose)
    if policy is not None:
        if actor.name not in policy.readers:
            return None
        one = policy.reader(one)
    purposes = frozenset({one.purpose}) if policy and policy.purposes else None
    made = Marking(
        one.protected,
        one.classified,
        one.tlp,
        release=frozenset({one.country}),
        originators=frozenset({one.organisation}),
        compartments=one.compartments,
        purposes=purposes,
    )
    try:
        return str(made) if parse(str(made)) == made else None
    except MarkingError:  # a name that a marking cannot hold
        return None


def refuse_writing(root: Path, name: str) -> None:
    """Raise `NotPermitted` where the floor's policy lets this user write nothing."""
    if (has := role(root, name)) in terms.READS_ONLY:
        raise NotPermitted(
            f"{name} is a {has} on this floor, who looks at everything within the clearance and changes "
            "nothing; somebody with another role can do this"
        )


def refuse_authority(root: Path, actor: Actor) -> None:
    """Raise `NotPermitted` where the floor's policy lets this user not act under this authority."""
    if (policy := terms.load(root)) is not None:
        _refuse_unnamed(policy, root, actor.name)
        _refuse_unstatable(policy, root, actor.name, "authorities", actor.authority)


def _owners(act: Act) -> set[str]:
    """Whose originator-controlled rows an act brought: the sender's, and of those who consented to it."""
    said = act.detail or {}
    return {str(owner) for owner in (*said.get("originators", ()), said.get("from")) if owner}


def _refuse_unnamed(policy: Terms, root: Path, name: str) -> None:
    if name not in policy.readers:
        raise NotPermitted(
            f"{root / terms.NAME} names no reader {name!r}. Who keeps the policy can add you; "
            "WATCHFLOOR_USER says who you are, where the login does not"
        )


def _refuse_unstatable(
    policy: Terms, root: Path, name: str, what: Literal["purposes", "authorities"], said: str
) -> None:
    may = policy.statable(what, name)
    if getattr(policy, what) and said not in may:
        word = "purpose" if what == "purposes" else "authority"
        raise NotPermitted(
            f"{root / terms.NAME} does not let {name} state the {word} {said!r}; state one with --{word}"
            f"{nearest(said, may) if may else ''}"
        )
