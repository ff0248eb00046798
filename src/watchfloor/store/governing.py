"""Governing files held against the log: the policy, settings of feeds and gateways, accounts.

These lie in the floor's folder and are no evidence, so whoever can write there can change them. The log knows
the digest of each as it was approved: the act `policy` has the policy's text, and the first one digests of
the others; the acts `settings`, `mapping` and `account` have those that they changed. Only `settings`, which
two supervisors make, approves what was changed by hand. Nobody reads or writes under a policy that the log
does not know. To show them what the last approved one allows would be kinder, and would hide
that somebody has been at the folder.

Where the log knows nothing, as on floors of earlier versions and on those without a policy, nothing is
refused; but with a policy nothing is erased or shipped by a file of `UPKEEP` that no `settings` approved.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from watchfloor.formats.settings import SettingsError
from watchfloor.policy import terms
from watchfloor.store import files, log
from watchfloor.store.database import Database, read_only
from watchfloor.store.readers import NotPermitted

ACT: Final = "policy"
PROPOSED: Final = "policy-proposed"
UPKEEP: Final = ("schedule.toml", "standby.toml")
"""What the floor does by itself, and where all of it is shipped."""
FILES: Final = ("feeds.toml", "gateways.toml", "console.toml", *UPKEEP)
"""Settings beside the policy."""
BEFORE: Final = "digests_before"
"""In an act that changes one of them: its digest before, so that the act approves its own change alone."""
RIGHTS: Final = "rights of accounts"
"""The name of what `console.sqlite` says of who may sign in and who may administer."""

Digests = dict[str, str | None]
"""By name of a file, or `RIGHTS`; None: there is none."""


class Changed(NamedTuple):
    """Something that is not as the log knows it: its name, and the position of the act that knows it."""

    name: str
    position: int


def digests(root: Path) -> Digests:
    """Return the digests of what lies beside the policy of the floor in that folder."""
    return {name: _digest(root / name) for name in FILES} | {RIGHTS: rights(root)}


def rights(root: Path) -> str | None:
    """Return the digest of the rights of the console's accounts; None where it has none."""
    if not (root / files.CONSOLE).exists():
        return None
    with closing(read_only(root / files.CONSOLE)) as database:
        return rights_in(database)


def rights_in(database: sqlite3.Connection) -> str | None:
    """Return the same from an open file, with what its transaction has changed."""
    rows = database.execute(_RIGHTS).fetchall()
    return sha256(log.encode(rows)).hexdigest() if rows else None


_RIGHTS: Final = "SELECT name, administrator, disabled FROM accounts ORDER BY name"


def approved(text: str, root: Path) -> dict[str, Any]:
    """Return what the act says by which a policy is put in force."""
    return {"digest": sha256(text.encode()).hexdigest(), "text": text, "digests": digests(root)}


def in_force(database: Database) -> tuple[int, Mapping[str, Any]] | None:
    """Return position and detail of the act that put the policy in force; None where it has no text."""
    position = log.newest(database, [ACT])
    detail = next((act.detail for act in log.at(database, [position])), None)
    return (position, detail) if detail is not None and "text" in detail else None


def proposals(database: Database) -> Iterator[log.Act]:
    """Yield the policies that were proposed since the last was put in force, oldest first."""
    last = log.newest(database, [ACT])
    yield from (act for act in log.acts_named(database, [PROPOSED]) if act.position > last and act.detail)


def refuse_changed(root: Path, database: Database) -> None:
    """Raise `NotPermitted` where the policy is not the one that was approved."""
    known = in_force(database)
    if known is not None and _digest(root / terms.NAME) != known[1]["digest"]:
        raise NotPermitted(
            f"{root / terms.NAME} is not the policy that was approved, so nobody reads or writes here. Tell "
            "who keeps the floor: `watchfloor floor verify` names what differs, and `watchfloor floor "
            "marking restore` "
            "puts the approved one back"
        )


def changed(root: Path, database: Database) -> Iterator[Changed]:
    """Yield what is not as the log knows it."""
    known = in_force(database)
    if known is not None and _digest(root / terms.NAME) != known[1]["digest"]:
        yield Changed(terms.NAME, known[0])
    here = digests(root)
    for name, (position, digest) in sorted(_recorded(database).items()):
        if here.get(name) != digest:
            yield Changed(name, position)


def approved_text(root: Path, database: Database, name: str) -> str | None:
    """Return the text of a file of `UPKEEP`; None where there is none.

    Raises:
        NotPermitted: the floor has a policy, and two supervisors have not confirmed the file as it is.
        SettingsError: it is no UTF-8 text.
    """
    try:
        data = (root / name).read_bytes()
    except FileNotFoundError:
        return None
    if in_force(database) and sha256(data).hexdigest() != _recorded(database)[name][1]:
        raise NotPermitted(
            f"{root / name} is not as two supervisors have confirmed it, so nothing is done by it. They read "
            "it, and each says: watchfloor floor marking confirm"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{root / name} is no UTF-8 text; save it as one") from error


def _recorded(database: Database) -> dict[str, tuple[int, str | None]]:
    """Return the digest of each as it was approved, behind the position of the act that says so.

    Earlier versions named no file of `UPKEEP`: there the policy that was in force first had none.
    """
    last: dict[str, tuple[int, str | None]] = {}
    first = next(iter(log.acts_named(database, [ACT])), None)
    if first is not None:
        last |= dict.fromkeys(UPKEEP, (first.position, None))
    for act in log.acts_named(database, [ACT, "settings", "mapping", "account"]):
        said = act.detail or {}
        before: Digests = said.get(BEFORE, {})
        for name, digest in said.get("digests", {}).items():
            known = last[name][1] if name in last else None
            by_hand = act.act == ACT or before.get(name, known) != known  # changed before this act, not by it
            if name not in last or not by_hand:
                last[name] = act.position, digest
    return last


def differences(root: Path, database: Database) -> list[str]:
    """Return what the policy in the folder says otherwise than the approved one, by its keys."""
    known = in_force(database)
    if known is None:
        return []
    try:
        here = terms.load(root)
    except (SettingsError, OSError) as error:
        return [str(error)]
    return terms.differences(terms.read(known[1]["text"], terms.NAME), here or terms.Terms())


def _digest(path: Path) -> str | None:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
