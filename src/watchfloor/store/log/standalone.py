"""Check what Watchfloor has handed over, without Watchfloor.

    python verify.py PATH [--key KEY]... [--since FILE]

This file, and verify_rows.py beside it for rows and cases, need Python 3.10 or newer and nothing else: no
network, no package, no part of Watchfloor. They are meant to be read whole by whoever has to rely on them.
PATH is what was handed over:

    a folder or .zip     an exported log, or a disclosure to the Crown
    a .tlog-proof        that one act is in a log (C2SP tlog-proof)
    a consistency file   that a log only grew (C2SP tlog-witness); --since is the older checkpoint
    a proof of a record  JSON, that one row of evidence stands in a log
    a note               a checkpoint or another signed text (C2SP signed-note)

--key is a public key, `name+hash+base64`, which somebody you trust has read out to you: first the one of the
node whose log it is, then those of its witnesses. Each of them must have signed. Without any, a folder is
checked under the key that it names itself, which shows that it is consistent, and not whose it is.
A line that starts with ok was checked; one that starts with -- was not, and says what is missing. The exit
code is 0 when nothing is wrong that was checked, and 1 when anything is; the line that starts with FAILED
says what. Sources: RFC 6962 section 2.1 (trees), RFC 8032 (Ed25519), c2sp.org (notes, cosignatures).
"""

import base64
import importlib
import json
import sys
import zipfile
from datetime import datetime, timezone
from functools import lru_cache
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any, NamedTuple

Point = tuple[int, int, int, int]
Place = Any
"""A folder, or one within a .zip."""


class Failed(Exception):  # noqa: N818 - printed as it is called
    """The material is not what it says it is; the message says which part."""


def signed_json(text: str | bytes) -> Any:
    """The values of JSON that was signed, or `Failed` where a key stands twice: who reads it takes either."""
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for n, (key, _) in enumerate(pairs) if key in dict(pairs[:n]))
        raise Failed(f"the key {twice[:80]!r} stands twice in what was signed")
    return found


class Line(NamedTuple):
    """A line on one thing, and whether it was checked."""

    text: str
    checked: bool = True


class Note(NamedTuple):
    """A note's text, each key that signed it with its moment where it cosigned, and who else says to have."""

    text: str
    made: list[tuple[str, str]]
    others: list[str]


# --- Ed25519, RFC 8032 section 5.1. The strict rule: a scalar S not below L, a point that is not written in
# its one way, and a key or R of small order are refused, so that nobody can change a signature that holds and
# no key fits every message.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
NEUTRAL = (0, 1, 1, 0)


def _plus(a: Point, b: Point) -> Point:
    """The sum of two points in extended coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z."""
    m = (a[1] - a[0]) * (b[1] - b[0]) % P
    n = (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, z - t, z + t, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    total = NEUTRAL
    while scalar:
        if scalar & 1:
            total = _plus(total, point)
        point, scalar = _plus(point, point), scalar >> 1
    return total


def _is_neutral(point: Point) -> bool:
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0


def _point(data: bytes) -> Point | None:
    """The point that 32 bytes write; None for what is no point, or is not written in the one way."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if len(data) != 32 or y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


_BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@lru_cache(maxsize=4096)  # a list of peers is read with each act
def good_key(public: bytes) -> bool:
    """Whether 32 bytes are a public key to trust anything with: a point, and not of small order."""
    point = _point(public)
    return point is not None and not _is_neutral(_times(8, point))


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature of 64 bytes is this key's over the message."""
    a, r, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or _BASE is None or len(signature) != 64 or s >= L:
        return False
    if _is_neutral(_times(8, a)) or _is_neutral(_times(8, r)):
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % L
    minus_r = (P - r[0], r[1], 1, P - r[3])
    minus_a = (P - a[0], a[1], 1, P - a[3])
    return _is_neutral(_plus(_plus(_times(s, _BASE), _times(k, minus_a)), minus_r))


# --- Merkle trees, RFC 6962 section 2.1.


def leaf_hash(content: bytes) -> bytes:
    """Hash of a leaf."""
    return sha256(b"\0" + content).digest()


def salted_leaf(salt: bytes, content: bytes) -> bytes:
    """Hash of a salted leaf. Raises `Failed` for a salt that has taken bytes of the content, or lost some."""
    if len(salt) != 16:
        raise Failed("a salt has not its 16 bytes: part of the content was moved into it, or the reverse")
    return leaf_hash(salt + content)


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """Root over the hashes of leaves."""
    if not leaves:
        return sha256(b"").digest()
    while len(leaves) > 1:  # an odd one out goes up a level as it is
        pairs = [_node(leaves[i], leaves[i + 1]) for i in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(leaves) - len(leaves) % 2 :]
    return leaves[0]


def included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Whether the leaf stands at `index`, from 0, of the tree of that size and root."""
    if not 0 <= index < size or any(len(each) != 32 for each in (leaf, root, *path)):
        return False
    last, at, left = size - 1, leaf, list(path)
    while last:
        if index & 1 or index < last:  # where it has a sibling on this level
            if not left:
                return False
            sibling = left.pop(0)
            at = _node(sibling, at) if index & 1 else _node(at, sibling)
        index, last = index >> 1, last >> 1
    return not left and at == root


def consistent(old: int, new: int, path: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree of `new` leaves starts with that of `old`; an empty old tree shows nothing."""
    if old == new > 0:
        return not path and old_root == new_root
    if not 0 < old < new or any(len(each) != 32 for each in (old_root, new_root, *path)):
        return False
    index, last, left = old - 1, new - 1, list(path)
    while index & 1:
        index, last = index >> 1, last >> 1
    if index and not left:
        return False
    then = now = left.pop(0) if index else old_root
    while last:
        if index & 1 or index < last:
            if not left:
                return False
            sibling = left.pop(0)
            then = _node(sibling, then) if index & 1 else then
            now = _node(sibling, now) if index & 1 else _node(now, sibling)
        index, last = index >> 1, last >> 1
    return not left and then == old_root and now == new_root


# --- Signed notes, checkpoints and cosignatures, c2sp.org.


def key_of(text: str) -> tuple[str, bytes]:
    """Name and public key from `name+hash+base64`."""
    name, _, rest = text.strip().partition("+")
    hash_, _, data = rest.partition("+")
    raw = unbase64(data, "the public key")
    if len(raw) != 33 or raw[0] not in (1, 4) or _key_hash(name, raw).hex() != hash_ or not good_key(raw[1:]):
        raise Failed(f"{text!r} is no Ed25519 public key, or is damaged; one looks like name+1a2b3c4d+AQ…")
    return name, raw[1:]


def _key_hash(name: str, typed: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + typed).digest()[:4]


def signatures(note: str, keys: list[str]) -> Note:
    """A note's signatures, those of these keys checked. Raises `Failed` where one of them does not fit."""
    text, blank, lines = note.rpartition("\n\n")
    text, made, others = f"{text}\n", [], []
    known: dict[tuple[str, bytes], tuple[str, bytes, bytes]] = {}
    for key in keys:
        name, public = key_of(key)
        known |= {(name, _key_hash(name, kind + public)): (key, public, kind) for kind in (b"\1", b"\4")}
    for line in lines.splitlines() if blank else []:
        dash, said, data = [*line.split(" "), "", ""][:3]
        raw = unbase64(data, f"the signature of {said}")
        if dash != "\u2014" or len(raw) < 5 or not lines.endswith("\n"):
            raise Failed(f"{line!r} is no signature line of a note")
        if (said, raw[:4]) not in known:
            others.append(said)
            continue
        key, public, kind = known[said, raw[:4]]
        message, signature, moment = text.encode(), raw[4:], ""
        if kind == b"\4":  # a cosignature: eight bytes of seconds, then the signature over them and the text
            seconds, signature = int.from_bytes(raw[4:12], "big"), raw[12:]
            message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
        if not signed(public, message, signature):
            raise Failed(f"the signature of {said} does not fit the text: one of them was changed")
        if kind == b"\4":
            moment = f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"  # noqa: UP017 - Python 3.10
        made.append((key, moment))
    return Note(text, made, others)


def open_note(note: str, *keys: str) -> tuple[str, list[str]]:
    """The text of a note that each of these keys has signed or cosigned, and who else says to have."""
    text, made, others = signatures(note, list(keys))
    for key in keys:
        if key not in [one for one, _ in made]:
            by = ", ".join([*others, *(key_of(one)[0] for one, _ in made)])
            raise Failed(f"{key_of(key)[0]} has not signed this note; it is signed by {by or 'nobody'}")
    return text, others


def checkpoint_of(text: str) -> tuple[str, int, bytes]:
    """Origin, size and root of the log that a checkpoint's text speaks of."""
    origin, size, root = [*text.split("\n"), "", "", ""][:3]
    raw = unbase64(root, "the root of the checkpoint")
    if not origin or not size.isascii() or not size.isdigit() or str(int(size)) != size or len(raw) != 32:
        raise Failed("this is no checkpoint: one is a line of origin, one of size and one of root")
    return origin, int(size), raw


def unbase64(text: str, what: str) -> bytes:
    """Bytes from base64; `what` it is, for who reads that it is not."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Failed(f"{what} is not base64: {text[:80]!r}") from None


# --- What was handed over: files, an exported log.


def check_proof_file(text: str, keys: list[str]) -> str:
    """One act of a log: a C2SP tlog-proof, whose extra data are the act's salt (16 bytes) and content."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    extra = unbase64(lines.pop(1)[6:], "the extra data") if lines[1].startswith("extra ") else b""
    index, path = int(lines[1].removeprefix("index ")), [unbase64(each, "a hash") for each in lines[2:]]
    origin, size, root = checkpoint_of(open_note(note, *keys)[0])
    leaf = extra if len(extra) == 32 else leaf_hash(extra)
    if not included(leaf, index, size, path, root):
        raise Failed(f"this act does not stand at position {index + 1} of the {size} acts of {origin}")
    said = "its content was erased or kept back" if len(extra) == 32 else extra[16:].decode()
    return f"position {index + 1} of the {size} acts of {origin}: {said}"


def check_growth(text: str, old_note: str, keys: list[str]) -> str:
    """That a log only grew since an older checkpoint: a C2SP add-checkpoint request."""
    head, _, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    origin, size, root = checkpoint_of(open_note(note, *keys)[0])
    was, old, old_root = checkpoint_of(open_note(old_note, keys[0])[0])
    if was != origin or first != f"old {old}":
        raise Failed(
            f"the proof is from {first!r} of {origin}, and the older checkpoint is of {old} acts of {was}"
        )
    if not consistent(old, size, [unbase64(each, "a hash") for each in lines], old_root, root):
        raise Failed(f"the {size} acts of {origin} do not start with the {old} that were signed before")
    return f"{origin} has {size} acts; the first {old} are those that were signed before"


def check_log(folder: Place, keys: list[str]) -> list[Line]:
    """An exported log: acts against leaves, leaves against the checkpoint and what was witnessed."""
    leaves, without, last = [], 0, ""
    for at, line in enumerate((folder / "log.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n"), 1):
        act = json.loads(line)
        leaves.append(bytes.fromhex(act["leaf"]))
        if act["position"] != at:
            raise Failed(f"position {at} of the log is missing")
        if act.get("body") is None:
            without += 1
            continue
        said = signed_json(act["body"])
        if salted_leaf(bytes.fromhex(act["salt"]), act["body"].encode()) != leaves[-1]:
            raise Failed(f"position {at} does not hash to its leaf: its content was changed")
        if said["position"] != at or said["at"] < last:
            raise Failed(f"position {at} says that it stands elsewhere, or is older than the one before")
        last = said["at"]
    note = (folder / "checkpoint").read_text(encoding="utf-8")
    origin, size, root = checkpoint_of(open_note(note, keys[0])[0])
    if size != len(leaves) or root_of(leaves) != root:
        raise Failed(
            f"the checkpoint is of {size} acts, and the {len(leaves)} acts here do not hash to its root"
        )
    whole = f"{size} acts of {origin} hash to the root of its checkpoint; {without} of them without content"
    return [Line(whole), *_cosigned(folder / "cosigned", origin, leaves, keys)]


def _cosigned(folder: Place, origin: str, leaves: list[bytes], keys: list[str]) -> list[Line]:
    """Check the cosignatures of a log; each key after the first must have cosigned something."""
    told, missing = [], keys[1:]
    for file in sorted(folder.iterdir(), key=str) if folder.is_dir() else []:
        note = signatures(file.read_text(encoding="utf-8"), keys)
        of, size, root = checkpoint_of(note.text)
        if of != origin or size > len(leaves) or root_of(leaves[:size]) != root:
            raise Failed(f"{file.name}: the first {size} acts are not those that were witnessed")
        mine = [(key, at) for key, at in note.made if at]
        if not mine and not note.others:
            raise Failed(f"{file.name}: nobody has cosigned it")
        told += [
            Line(f"{file.name}: {key_of(key)[0]} cosigned the first {size} acts at {at}") for key, at in mine
        ]
        told += [_unchecked(name, f"{file.name}: ") for name in note.others]
        missing = [key for key in missing if key not in [one for one, _ in mine]]
    if missing:
        raise Failed(f"no cosignature of {missing[0]} is here: have its owner look for it, or leave it out")
    return told


def _unchecked(name: str, where: str = "") -> Line:
    return Line(f"{where}signature not checked: {name}; give its key with --key", checked=False)


def check(path: str, keys: list[str], since: str | None) -> list[Line]:
    """Whatever `path` is: what was found in order, a line each. Raises `Failed` for all that is not."""
    try:
        return _check(path, [key.strip() for key in keys], since)
    except Failed:
        raise
    except Exception as error:
        raise Failed(f"{path} is damaged or not what it should be: {error!r}") from error


def _check(path: str, keys: list[str], since: str | None) -> list[Line]:
    place = zipfile.Path(path) if path.endswith(".zip") else Path(path)
    if place.is_dir():
        named = "not checked whose it is: the key is the one named in it; have it read out, and use --key"
        told = [] if keys else [Line(named, checked=False)]
        keys = keys or [(place / "key.txt").read_text(encoding="utf-8").strip()]
        case = (place / "case.note").exists()
        found = _rows().check_case(place, keys) if case else check_log(place, keys)
        return [*found, Line(f"signed by {keys[0]}"), *told]
    text = place.read_text(encoding="utf-8")
    if not keys:
        raise Failed("--key is needed: the public key of whoever signed this")
    if text.startswith("{"):
        return [Line(_rows().check_row(text, keys))]
    if text.startswith("c2sp.org/tlog-proof@v1\n"):
        return [Line(check_proof_file(text, keys))]
    if text.startswith("old "):
        if since is None:
            raise Failed("--since is needed: the older checkpoint that the log has grown from")
        return [Line(check_growth(text, Path(since).read_text(encoding="utf-8"), keys))]
    said, others = open_note(text, *keys)
    return [Line(f"signed by {', '.join(keys)}:\n{said.rstrip()}"), *map(_unchecked, others)]


def _rows() -> Any:
    """verify_rows.py beside this file: it reads rows and cases."""
    try:
        return importlib.import_module(f"{__package__}.standalone_rows" if __package__ else "verify_rows")
    except ModuleNotFoundError:
        raise Failed("verify_rows.py must lie beside verify.py to read rows and cases") from None


def _shown(mark: str, text: str) -> str:
    """A line; what came with the files starts no line of its own and moves no cursor."""
    safe = (c if c.isprintable() else "\n" + 8 * " " if c == "\n" else ascii(c)[1:-1] for c in text)
    return f"{mark:8}{''.join(safe)}"


def main(arguments: list[str]) -> int:
    """Print what was found; 0 when all is well, 1 when not, 2 when it was called in another way."""
    paths, keys, since = [], [], None
    rest = iter(arguments)
    for each in rest:
        if each == "--key":
            keys.append(next(rest, ""))
        elif each == "--since":
            since = next(rest, "")
        else:
            paths.append(each)
    if len(paths) != 1 or paths[0].startswith("-"):
        print(__doc__)
        return 2
    try:
        for line in check(paths[0], keys, since):
            print(_shown("ok" if line.checked else "--", line.text))
    except Failed as error:
        print(_shown("FAILED", str(error)))
        return 1
    return 0


if __name__ == "__main__":
    sys.modules["verify"] = sys.modules["__main__"]  # what verify_rows.py imports is this, not a second one
    sys.path.append(str(Path(__file__).resolve().parent))  # which python -I leaves out
    sys.exit(main(sys.argv[1:]))
