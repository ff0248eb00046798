"""Transfers are signed twice: by who gives and by who receives, each with an Ed25519 key of their own.

Both sign one text, which names the exhibit, its seal and mass, the act before it and the two of them, as a
signed note of C2SP (`store.log.notes`). The public keys are in the log, as acts `custody-key`, each with who
entered it and how it was compared; of giver and receiver neither may have entered the key of the other, and
no key stands for two people. A secret key lies in a file of its own that only its owner reads, as the floor's
own does. It is written as Go's note package writes one.
"""

import base64
import binascii
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.casework.custody.exhibits import Exhibit
from watchfloor.casework.custody.masses import written
from watchfloor.cell.acts import Row, nonempty, refuse, same_person
from watchfloor.core.messages import declare
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.log.notes import NoteError, Signer, Verifier, note, opened, signing_name, split

HEAD: Final = "watchfloor custody transfer/v1"
SECRET: Final = "PRIVATE+KEY"  # noqa: S105 - the first words of a file, no secret
REGISTERED, REMOVED = "custody-key", "custody-key-removed"

NO_KEY: Final = declare("custody.no-key", "name")
OTHER_KEY: Final = declare("custody.other-key", "name", "hash")
UNCHECKED: Final = declare("custody.unchecked", "name")
BAD_KEY: Final = declare("custody.bad-key", "problem")
BAD_SECRET: Final = declare("custody.bad-secret", "file", "problem")
NOT_THEIRS: Final = declare("custody.not-theirs", "key", "name")
GIVERS: Final = declare("custody.givers-key", "to", "giver")
RECEIVERS: Final = declare("custody.receivers-key", "giver", "to")
SHARED: Final = declare("custody.shared-key", "other", "name")
IS_THERE: Final = declare("custody.key-file", "file")
UNSIGNED: Final = declare("custody.unsigned", "name", "problem")
OTHER_TEXT: Final = declare("custody.other-text", "exhibit")


class Key(NamedTuple):
    """A person's public key, as it was entered.

    Attributes:
        verifier: the key and the name it signs with.
        entered_by: who entered it.
        checked: how it was compared, and with whom.
        since: position of the log where it was.
    """

    verifier: Verifier
    entered_by: str
    checked: str
    since: int


Keys = dict[str, Key]


def keys(floor: Floor, upto: int | None = None) -> Keys:
    """The keys that stand, by the name they sign with, as of a position of the log."""
    found: Keys = {}
    for act in floor.acts_of(REGISTERED, REMOVED, upto=upto):
        if act.detail is None or act.actor is None:  # its content was erased
            continue
        if act.act == REMOVED:
            found.pop(act.detail["name"], None)
        else:
            verifier = Verifier.parse(act.detail["key"])
            found[verifier.name] = Key(verifier, act.actor.name, act.detail["checked"], act.position)
    return found


def register(floor: Floor, actor: Actor, text: str, checked: str) -> Key:
    """Enter a person's public key. Raises `Refusal`."""
    try:
        verifier = Verifier.parse(text)
    except NoteError as error:
        refuse(BAD_KEY, problem=str(error))
    if not checked.strip():
        refuse(UNCHECKED, name=verifier.name)
    standing = keys(floor)
    for other in standing.values():
        if other.verifier.public == verifier.public and other.verifier.name != verifier.name:
            refuse(SHARED, name=verifier.name, other=other.verifier.name)
    before = standing.get(verifier.name)
    if before is not None and before.verifier != verifier:
        refuse(OTHER_KEY, name=verifier.name, hash=before.verifier.hash.hex())
    if before is None:
        floor.act(
            actor,
            REGISTERED,
            {"name": verifier.name, "key": verifier.text, "checked": checked.strip()},
        )
    return keys(floor)[verifier.name]


def remove(floor: Floor, actor: Actor, name: str, why: str) -> Key:
    """Let a person's key stand no longer; what was signed with it keeps its signature. Raises `Refusal`."""
    key = key_of(keys(floor), name)
    floor.act(actor, REMOVED, {"name": key.verifier.name, "why": nonempty(why, "why")})
    return key


def key_of(found: Keys, name: str) -> Key:
    """The key of a person. Refused where there is none."""
    key = found.get(signing_name(name))
    if key is None:
        refuse(NO_KEY, name=name)
    return key


def make(path: Path, name: str) -> Signer:
    """A new secret key in a new file that only its owner reads. Refused where the file is there."""
    signer = Signer(signing_name(name), os.urandom(32))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        refuse(IS_THERE, file=str(path))
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        secret = base64.b64encode(b"\x01" + signer.seed).decode()
        file.write(f"{SECRET}+{signer.name}+{signer.verifier.hash.hex()}+{secret}\n")
    return signer


def load(path: Path) -> Signer:
    """The key in such a file. Refused where it is none."""
    try:
        text = path.read_text(encoding="utf-8").strip()
        start, name, hash_, secret = (text[: len(SECRET)], *text[len(SECRET) + 1 :].split("+", 2))
        raw = base64.b64decode(secret, validate=True)
        signer = Signer(name, raw[1:])
        if start != SECRET or len(raw) != 33 or raw[0] != 1 or signer.verifier.hash.hex() != hash_:
            raise ValueError("it is damaged, or of another kind")
    except (ValueError, binascii.Error) as error:
        refuse(BAD_SECRET, file=str(path), problem=str(error))
    return signer


def statement(one: Exhibit, to: str, at: datetime, place: str | None, why: str | None) -> str:
    """Return the text that giver and receiver sign: which exhibit, in which state, from whom to whom."""
    lines = {
        "exhibit": one.id,
        "number": one.number,
        "edition": one.edition + 1,
        "previous": one.last["record_id"].hex(),
        "seal": one.seal or "none",
        "mass": written(one.mass),
        "from": one.holder,
        "to": to,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "place": place or "",
        "why": why or "",
    }
    body = "".join(f"{name}: {' '.join(str(value).split())}\n" for name, value in lines.items())
    return f"{HEAD}\n{_printable(body)}"


def sign(text: str, signer: Signer) -> str:
    """The line of a signature under a statement."""
    return note(text, signer).removeprefix(f"{text}\n").rstrip("\n")


def line_of(signed: str, name: str) -> str:
    """The line of a person's signature in a signed note. Refused where there is none."""
    try:
        _, found = split(signed)
    except NoteError as error:
        refuse(UNSIGNED, name=name, problem=str(error))
    if signing_name(name) not in {one.name for one in found}:
        refuse(UNSIGNED, name=name, problem="it is not there")
    lines = signed.rpartition("\n\n")[2].splitlines()
    return next(line for line, one in zip(lines, found, strict=True) if one.name == signing_name(name))


def check(one: Exhibit, row: Row, found: Keys) -> None:
    """Raise `Refusal` where the signature of a transfer does not hold.

    Args:
        one: the exhibit before the act.
        row: an act `offered` or `received`.
        found: the keys that stood then.
    """
    offered = row["act"] == "offered"
    signer = one.holder if offered else row["to"]
    key = key_of(found, signer)
    if offered:
        wanted = statement(one, row["to"], row["observed_at"], row["place"], row["why"])
        if same_person(key.entered_by, row["to"]):
            refuse(RECEIVERS, to=row["to"], giver=one.holder)
    else:
        wanted = one.offer["statement"] if one.offer else ""
        if same_person(key.entered_by, one.holder) and not same_person(row["to"], one.holder):
            refuse(GIVERS, to=row["to"], giver=one.holder)
    if row["statement"] != wanted:
        refuse(OTHER_TEXT, exhibit=one.id)
    _holds(row["statement"], row["signature"], signer, [key.verifier])


def _holds(text: str, line: str, name: str, verifiers: Iterable[Verifier]) -> None:
    try:
        opened(f"{text}\n{line}\n", verifiers)
    except NoteError as error:
        refuse(UNSIGNED, name=name, problem=str(error))


def _printable(text: str) -> str:
    """Control characters cannot stand in a note."""
    return "".join(char if char == "\n" or ord(char) >= 0x20 else "\ufffd" for char in text)
