"""The bundle: a folder, or one file, that anybody can check without us.

It holds `case.note`, a list that the node has signed, a file for each item with its proof, and `verify.py`.
What is withheld is in the list with its ground. What is privileged is nowhere in it: the list of that is the
privilege holder's own.
"""

import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple
from uuid import uuid4

from watchfloor.core.marking import join
from watchfloor.exchange.crown.items import Item
from watchfloor.exchange.crown.withholding import Case, WithheldItem
from watchfloor.exchange.log import handover
from watchfloor.store.floor import Floor
from watchfloor.store.log import checkpoints, notes, standalone

STANDARD: Final = "R. v. Stinchcombe, [1991] 3 SCR 326: what is not clearly irrelevant"
HEAD: Final = "watchfloor.case/v1"
NOTE: Final = "case.note"


class Packed(NamedTuple):
    """Content of a bundle for the Crown.

    Attributes:
        case: its id.
        items: that are disclosed.
        against: those that speak against the case, were taken back, or say what else it may be.
        withheld: that are listed with their ground.
        root: of the log that the proofs lead to.
        marking: the join of the items'.
    """

    case: str
    items: int
    against: int
    withheld: int
    root: str
    marking: str


@contextmanager
def written(floor: Floor, case: Case, target: Path, about: Mapping[str, Any]) -> Iterator[Packed]:
    """A bundle, a new folder or a `.zip`: whole beside its place before the block, in it after.

    Where the block raises, nothing of it is left: the block logs the disclosure.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent) as home:
        made = Path(home) / "case"
        packed = _write(floor, case, made, about)
        if target.suffix == ".zip":
            made = _zip(made, Path(home) / "case.zip")
        yield packed
        made.rename(target)


@contextmanager
def secret(path: Path | None, text: str) -> Iterator[None]:
    """A new file for its owner alone: beside its place before the block, in it after; or nothing."""
    if path is None or not text:
        yield
        return
    beside = path.with_name(f"{path.name}.part")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        yield
        beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)


def check(path: Path, keys: Sequence[str]) -> list[str]:
    """Check a bundle, and return a line on each item in it. Raises `standalone.Failed`, saying why."""
    return [line.text for line in standalone.check(str(path), list(keys), None)]


def index(case: Case, holder: str) -> str:
    """The privilege holder's own list, JSON."""
    listed = [
        {"item": one.item.id, "what": one.item.what, "kind": one.item.kind, "at": one.item.at}
        | {"ground": one.stated.ground, "by": one.stated.by, "note": one.stated.note, "because": one.because}
        for one in case.privileged
    ]
    return json.dumps({"holder": holder, "privileged": listed}, ensure_ascii=False, indent=1) + "\n"


def commitment(text: str) -> tuple[str, str]:
    """A salt and a hash that fix a text without telling it, both in hexadecimal."""
    salt = os.urandom(16)
    return salt.hex(), sha256(salt + text.encode()).hexdigest()


def _write(floor: Floor, case: Case, folder: Path, about: Mapping[str, Any]) -> Packed:
    (folder / "items").mkdir(parents=True)
    listed = [_put(folder, number, item) for number, item in enumerate(case.items, 1)]
    root = floor.log_root(case.size)
    said = {
        "case": str(uuid4()),
        "node": floor.signer.verifier.name,
        **about,
        "standard": STANDARD,
        "marking": join(item.marking for item in case.items),
        "about": sorted(case.relevant.subjects),
        "checkpoint": checkpoints.signed(floor.signer, case.size, root),
        "items": listed,
        "withheld": [_withheld(number, one) for number, one in enumerate(case.withheld, 1)],
    }
    text = f"{HEAD}\n{json.dumps(said, ensure_ascii=False, indent=1)}\n"
    (folder / NOTE).write_text(notes.note(text, floor.signer), encoding="utf-8", newline="\n")
    (folder / handover.KEY).write_text(f"{floor.signer.verifier.text}\n", encoding="utf-8", newline="\n")
    (folder / "README.txt").write_text(README, encoding="utf-8", newline="\n")
    handover.put_verifier(folder)
    against = sum(one["speaks"] in ("against", "taken back", "alternative") for one in listed)
    return Packed(said["case"], len(listed), against, len(case.withheld), root.hex(), said["marking"])


def _put(folder: Path, number: int, item: Item) -> dict[str, Any]:
    name = f"items/{number:05}.json"
    (folder / name).write_bytes(item.file)
    shown = {"file": name, "sha256": sha256(item.file).hexdigest(), "what": item.what, "kind": item.kind}
    return shown | {"speaks": item.speaks, "at": item.at, "marking": item.marking}


def _withheld(number: int, one: WithheldItem) -> dict[str, str]:
    return {
        "number": f"W-{number}",
        "what": one.item.what,
        "ground": one.stated.ground,
        "by": one.stated.by,
        "note": one.stated.note,
        "because": one.because,
    }


def _zip(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder).as_posix())
    return target


README: Final = """\
Disclosure by a Watchfloor node. Check it on any machine with Python 3.10 or newer:

    python verify.py . --key KEY

KEY is the node's public key; have it read out to you, and compare it with key.txt. case.note is the signed
list: each item with its file, what it speaks for, and what is withheld on which ground. Each file in items/
holds what is disclosed and its proof. An item without a proof was worked out from the others for this
disclosure. Items that speak against the case are marked "against", "taken back" or "alternative".

Communication par un nœud Watchfloor. Vérifiez-la sur toute machine dotée de Python 3.10 ou plus :

    python verify.py . --key CLÉ

CLÉ est la clé publique du nœud; faites-vous la lire et comparez-la à key.txt. case.note est la liste signée :
chaque élément avec son fichier, ce en faveur de quoi il parle, et ce qui est retenu et pour quel motif.
Chaque fichier de items/ contient ce qui est communiqué et sa preuve. Un élément sans preuve a été établi à
partir des autres pour cette communication. Ce qui parle contre la thèse est marqué « against »,
« taken back » ou « alternative ».
"""
