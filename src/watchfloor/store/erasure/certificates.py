"""Certificates of erasure: a signed note that says what went and what stayed, and nothing of the content.

    watchfloor erasure certificate
    {"body": {…}, "log": {…}}

The body is computed from the erasure's act and the leaves that stay, so a certificate can be issued again at
any time; its digest is in the act. The log part proves that the act is in the log of that size and root. Who
has the node's public key can check a certificate without the floor; with the floor, also that the act
says so and that the log still grows from there.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from watchfloor.store import catalogue, log, settings
from watchfloor.store.database import Database
from watchfloor.store.errors import UnknownRecord, WrongCall
from watchfloor.store.log import merkle
from watchfloor.store.log.notes import NoteError, Signer, Verifier, note, opened, signed_json
from watchfloor.store.segments import compaction

HEAD: Final = "watchfloor erasure certificate"


class CertificateError(WrongCall):
    """A file that is no certificate, or one that does not hold; the message says why."""


class Certificate(NamedTuple):
    """A certificate that was checked.

    Attributes:
        body: what went and what stayed.
        log: position of the erasure, size and root of the log, and the proof between them.
        signed_by: names of the keys that signed it.
        on_floor: whether a floor's own log was found to say the same; None where none was asked.
    """

    body: Mapping[str, Any]
    log: Mapping[str, Any]
    signed_by: tuple[str, ...]
    on_floor: bool | None


def body_of(root: Path, database: Database, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a certificate's body from the detail of an erasure's act; its reason stays in the log."""
    return {
        "category": said["category"],
        "records": said["kinds"],
        "derived": said["derived"],
        "deliveries": said["deliveries"],
        "quarantined": len(said["quarantined"]),
        "shown": len(said["shown"]),
        "acts": len(said["acts"]),
        "models": said["models"],
        "disclosed": said["disclosed"],
        "leaves": _leaves(root, database, said["rows"]),
        "stays": {**STAYS, "acts": said["stays"]},
    }


STAYS: Final[Mapping[str, Any]] = {
    "leaves": "salted hashes, so that proofs made before still hold; nothing can be read from them",
    "identities": "keyed hashes of the records, so that the next delivery does not bring them back",
    "digests": "SHA-256 of the deliveries that held them, as the accounting of the feeds has it",
    "log": "that there were acts, when and by whom, also who was shown which record's id; what they said of "
    "the person is gone",
    "beyond": "backups made before, what recipients got, files that people saved; of a floor on a server "
    "also its write-ahead log and the archive of it, replicas and dumps: out of the floor's reach",
}
"""What an erasure leaves, and why."""


def issue(root: Path, signer: Signer, position: int) -> str:
    """The certificate of the erasure at a position of the log, as a signed note.

    Raises:
        UnknownRecord: no erasure is there, or it is one of a version without certificates.
    """
    with catalogue.snapshot(root) as database:
        act = _act(database, position)
        said = act.detail or {}
        made = {
            "body": body_of(root, database, said) | _who(act),
            "log": _proof(database, position, act.leaf) | {"floor": settings.read(root).id},
        }
    return note(f"{HEAD}\n{msgspec.json.format(log.encode(made), indent=1).decode()}\n", signer)


def check(text: str, verifiers: Iterable[Verifier], root: Path | None = None) -> Certificate:
    """Read a certificate and check its signature, its proof, and with a floor's folder what its log says.

    Raises:
        CertificateError: it is none, was changed, or does not hold.
    """
    try:
        said, keys = opened(text, verifiers)
    except NoteError as error:
        raise CertificateError(f"{error}. Name the node's public key with --key, or its floor") from error
    head, _, rest = said.partition("\n")
    try:
        made = signed_json(rest, dict[str, dict[str, Any]])
        body, proof = made["body"], made["log"]
        path = [bytes.fromhex(one) for one in proof["path"]]
        proven = merkle.verify_inclusion(
            bytes.fromhex(proof["leaf"]),
            proof["position"] - 1,
            proof["size"],
            path,
            bytes.fromhex(proof["root"]),
        )
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise CertificateError(f"this is no certificate of an erasure: {error}") from error
    if head != HEAD:
        raise CertificateError(f"this is a signed note of another kind: {head}")
    if not proven:
        raise CertificateError("its proof does not lead from the erasure to the root that it names")
    agreed = None if root is None else _agrees(root, body, proof)
    return Certificate(body, proof, tuple(key.name for key in keys), agreed)


def _agrees(root: Path, body: Mapping[str, Any], proof: Mapping[str, Any]) -> bool:
    """Raises `CertificateError` where the floor's log says something else."""
    floor = settings.read(root)
    if proof["floor"] != floor.id:
        raise CertificateError(f"it is of another floor ({proof['floor']}), not of {floor.name}")
    with catalogue.snapshot(root) as database:
        act = _act(database, proof["position"])
        own = {name: value for name, value in body.items() if name not in _who(act)}
        if (act.detail or {})["certificate"] != digest_of(own):
            raise CertificateError(f"the erasure at position {act.position} of the log says something else")
        size, _ = log.head(database)
        if size < proof["size"] or log.root(database, proof["size"]).hex() != proof["root"]:
            raise CertificateError("the floor's log does not grow from the root that it names")
    return True


def digest_of(body: Mapping[str, Any]) -> str:
    """SHA-256 of a certificate's body, as the act of its erasure has it."""
    return log.digest_of(log.encode(body))


def _act(database: Database, position: int) -> log.Act:
    for act in log.read(database, position, position):
        if act.act == "erasure" and act.detail and "certificate" in act.detail:
            return act
    raise UnknownRecord(f"no erasure with a certificate is at position {position} of the log")


def _who(act: log.Act) -> dict[str, Any]:
    actor = act.actor
    return {
        "at": act.at.isoformat(timespec="seconds"),
        "by": actor.name if actor else "",
        "authority": actor.authority if actor else "",
    }


def _proof(database: Database, position: int, leaf: bytes) -> dict[str, Any]:
    size, _ = log.head(database)
    return {
        "position": position,
        "size": size,
        "root": log.root(database, size).hex(),
        "leaf": leaf.hex(),
        "path": [one.hex() for one in log.inclusion(database, position, size)],
    }


def _leaves(root: Path, database: Database, rows: Iterable[list[int]]) -> list[list[Any]]:
    """Segment, leaf and leaf hash of each row; the hash is what stays."""
    joined: dict[int, bytes] = {}
    found: list[list[Any]] = []
    for segment, leaf in sorted(map(tuple, rows)):
        if segment not in joined:
            row = database.execute(
                "SELECT id, rows, payload, leaves, start FROM segments WHERE id = ?", (segment,)
            ).fetchone()
            joined[segment] = compaction.leaves_of(root, database, compaction.Lying(*row))
        at = leaf * merkle.HASH_SIZE
        found.append([segment, leaf, joined[segment][at : at + merkle.HASH_SIZE].hex()])
    return found
