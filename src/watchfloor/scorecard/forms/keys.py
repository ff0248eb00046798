"""Keys that departments sign their forms with: acts of the log, entered by who compared them.

A department has one key at a time. Whoever entered it may not approve what is signed with it: with both, one
person could speak for a department that never heard of it.
"""

from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.casework.custody import signing
from watchfloor.cell.acts import Refusal, nonempty, refuse
from watchfloor.scorecard.departments import departments
from watchfloor.scorecard.forms import refusals
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.log.notes import NoteError, Signer, Verifier

TRUSTED, REMOVED = "department-key", "department-key-removed"


class Key(NamedTuple):
    """A department's public key.

    Attributes:
        department: whose, by its code.
        verifier: the key, with the name it signs with, which is that code.
        checked: how it was compared, and with whom.
        entered_by: who entered it.
        since: when.
        removed: when it was revoked; None while it stands.
        why: it was.
    """

    department: str
    verifier: Verifier
    checked: str
    entered_by: str
    since: datetime
    removed: datetime | None = None
    why: str = ""


Keys = dict[str, Key]
"""Keys by the code of the department; a revoked one too, until there is another."""

MADE: Final = "watchfloor scorecard register key"


def known(floor: Floor, upto: int | None = None) -> Keys:
    """The last key of each department, as of a position of the log."""
    found: Keys = {}
    for act in floor.acts_of(TRUSTED, REMOVED, upto=upto):
        if act.detail is None or act.actor is None:  # its content was erased
            continue
        name = act.detail["department"]
        if act.act == TRUSTED:
            verifier = Verifier.parse(act.detail["key"])
            found[name] = Key(name, verifier, act.detail["checked"], act.actor.name, act.at)
        elif name in found:
            found[name] = found[name]._replace(removed=act.at, why=act.detail["why"])
    return found


def entered_by(floor: Floor, key: str) -> set[str]:
    """Who ever entered a key, as its text writes it."""
    acts = floor.acts_of(TRUSTED)
    return {act.actor.name for act in acts if act.actor and act.detail and act.detail["key"] == key}


def trust(floor: Floor, actor: Actor, department: str, key: str, checked: str) -> Key:
    """Enter the key of a department. Raises `Refusal`."""
    code = code_of(department)
    try:
        verifier = Verifier.parse(key)
    except NoteError as error:
        refuse(refusals.BAD_KEY, problem=str(error), command=MADE)
    if not checked.strip():
        refuse(refusals.UNCHECKED, department=code)
    if verifier.name != code:
        refuse(refusals.OTHER_NAME, signer=verifier.name, department=code, command=MADE)
    before = known(floor)
    for other in before.values():
        if other.verifier.public == verifier.public and other.department != code:
            refuse(refusals.SHARED, department=code, other=other.department)
    last = before.get(code)
    if last and last.removed is None and last.verifier != verifier:
        refuse(refusals.OTHER_KEY, department=code, hash=last.verifier.hash.hex())
    if last and last.removed and revoked(floor, verifier):
        refuse(refusals.REVOKED_BEFORE, department=code, hash=verifier.hash.hex())
    if last is None or last.removed:
        detail = {"department": code, "key": verifier.text, "checked": checked.strip()}
        floor.act(actor, TRUSTED, detail)
    return known(floor)[code]


def distrust(floor: Floor, actor: Actor, department: str, why: str) -> Key:
    """Revoke the key of a department; what was received before stays. Raises `Refusal`."""
    key = key_of(known(floor), code_of(department))
    floor.act(
        actor, REMOVED, {"department": key.department, "key": key.verifier.text, "why": nonempty(why, "why")}
    )
    return known(floor)[key.department]


def revoked(floor: Floor, verifier: Verifier) -> bool:
    """Whether a key was ever revoked here: it signs nothing any more."""
    return any(act.detail and act.detail["key"] == verifier.text for act in floor.acts_of(REMOVED))


def key_of(keys: Keys, department: str) -> Key:
    """The key of a department that stands. Raises `Refusal`."""
    key = keys.get(department)
    if key is None:
        refuse(refusals.NO_KEY, department=department)
    if key.removed is not None:
        refuse(refusals.REVOKED, department=department, day=f"{key.removed:%Y-%m-%d}", why=key.why)
    return key


def code_of(department: str) -> str:
    """The code of a department, however its letters are typed. Raises `Refusal` for none that is known."""
    found = {code.casefold(): code for code in departments()}
    code = found.get(department.strip().casefold())
    if code is None:
        refuse(refusals.NO_DEPARTMENT, department=department, known=", ".join(departments()))
    return code


def make(path: Path, department: str) -> Signer:
    """A new secret key of a department, in a new file that only its owner reads. Raises `Refusal`."""
    return signing.make(path, code_of(department))


def load(path: Path) -> Signer:
    """The key in such a file. Raises `Refusal`."""
    try:
        return signing.load(path)
    except Refusal as error:
        problem = str(error.reason.params["problem"])
        refuse(refusals.BAD_SECRET, file=str(path), problem=problem, command=MADE)
