"""The log handed over: acts, checkpoint, cosignatures, and the program that checks them without us."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from watchfloor.exchange.fintrac.acts import tells
from watchfloor.exchange.log.access import Access
from watchfloor.store import log
from watchfloor.store.errors import NotEmpty
from watchfloor.store.floor import Floor
from watchfloor.store.log import Entry, checkpoints, standalone, standalone_rows, witnesses

VERIFIER = {"verify.py": Path(standalone.__file__), "verify_rows.py": Path(standalone_rows.__file__)}
"""Files of the stand-alone verifier, and where each is kept here."""
KEY, CHECKPOINT, LOG, COSIGNED = "key.txt", "checkpoint", "log.jsonl", "cosigned"


class Exported(NamedTuple):
    """Content of an export.

    Attributes:
        size: acts of the log.
        content: those that are there with their content.
        erased: those whose content was erased.
        kept_back: those whose content is not for this reader.
        cosigned: checkpoints of the same log that witnesses have signed.
        root: of the log.
    """

    size: int
    content: int
    erased: int
    kept_back: int
    cosigned: int
    root: bytes


def export(floor: Floor, folder: Path, access: Access) -> Exported:
    """Write the log into a new folder, so that `python verify.py FOLDER` checks it on any machine.

    Acts that are not for this reader, erased ones, and those that tell of a report under PCMLTFA s. 7 or 7.1
    have only their leaf in it.

    Raises:
        NotEmpty: something is in the folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotEmpty(f"{folder} is not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    size = floor.position
    root = floor.log_root(size)
    counts = _write_log(floor, folder / LOG, size, access)
    (folder / CHECKPOINT).write_text(checkpoints.signed(floor.signer, size, root), encoding="utf-8")
    (folder / KEY).write_text(f"{floor.signer.verifier.text}\n", encoding="utf-8")
    put_verifier(folder)
    return Exported(size, *counts, _write_cosigned(floor, folder / COSIGNED), root)


def put_verifier(folder: Path) -> None:
    """Lay the stand-alone verifier beside what it checks."""
    for name, path in VERIFIER.items():
        (folder / name).write_bytes(path.read_bytes())


def verifier_digest() -> dict[str, str]:
    """SHA-256 of each of the verifier's files, so that who is handed them can tell whether they are ours."""
    return {name: sha256(path.read_bytes()).hexdigest() for name, path in VERIFIER.items()}


def _write_log(floor: Floor, path: Path, size: int, access: Access) -> tuple[int, int, int]:
    content = erased = kept_back = 0
    mine = {one.position for one in floor.acts(1, size) if access.sees(one) and not tells(one)}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for one in log.entries(floor.root, size):
            erased += one.body is None
            kept_back += one.body is not None and one.position not in mine
            content += one.position in mine
            file.write(json.dumps(_line(one, open_=one.position in mine), ensure_ascii=False) + "\n")
    return content, erased, kept_back


def _line(one: Entry, *, open_: bool) -> dict[str, Any]:
    line: dict[str, Any] = {"position": one.position, "leaf": one.leaf.hex()}
    if open_ and one.body is not None and one.salt is not None:
        line |= {"salt": one.salt.hex(), "body": one.body.decode()}
    return line


def _write_cosigned(floor: Floor, folder: Path) -> int:
    received = floor.acts_of(witnesses.RECEIVED)
    for act in received:
        detail = act.detail or {}
        folder.mkdir(exist_ok=True)
        name = f"{detail['size']}-{detail['witness'].partition('+')[0].replace('/', '_')}-{act.position}.note"
        (folder / name).write_text(detail["note"], encoding="utf-8")
    return len(received)
