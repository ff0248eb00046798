"""Check what Watchfloor has handed over, without Watchfloor.

    python verify.py PATH [--key KEY] [--since FILE]

This one file needs Python 3.10 or newer and nothing else: no network, no package, no part of Watchfloor. It
is meant to be read whole by whoever has to rely on it. PATH is what was handed over:

    a folder or .zip     an exported log, or a disclosure to the Crown
    a .tlog-proof        that one act is in a log (C2SP tlog-proof)
    a consistency file   that a log only grew (C2SP tlog-witness); --since is the older checkpoint
    a proof of a record  JSON, that one row of evidence stands in a log
    a note               a checkpoint or another signed text (C2SP signed-note)

--key is the signer's public key, `name+hash+base64`, which somebody you trust has read out to you. Without it
a log is checked under the key that it names itself, which shows that it is consistent, and not whose it is.
The exit code is 0 when all is well and 1 when anything is not; the first line that starts with FAILED says
what. Sources: RFC 6962 section 2.1 (trees), RFC 8032 (Ed25519), c2sp.org (notes, checkpoints, cosignatures).
"""

import base64
import json
import struct
import sys
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

Point = tuple[int, int, int, int]
Place = Any
"""A folder, or one within a .zip."""


class Failed(Exception):  # noqa: N818 - printed as it is called
    """What was handed over is not what it says it is; the message says which part."""


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
    raw = _base64(data, "the public key")
    if len(raw) != 33 or raw[0] not in (1, 4) or _key_hash(name, raw).hex() != hash_ or not good_key(raw[1:]):
        raise Failed(f"{text!r} is no Ed25519 public key, or is damaged; one looks like name+1a2b3c4d+AQ…")
    return name, raw[1:]


def _key_hash(name: str, typed: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + typed).digest()[:4]


def open_note(note: str, key: str) -> tuple[str, list[str]]:
    """The text of a note that this key has signed or cosigned, and who else says to have."""
    text, blank, lines = note.rpartition("\n\n")
    name, public = key_of(key)
    text, mine, others = f"{text}\n", 0, []
    for line in lines.splitlines() if blank else []:
        dash, said, data = [*line.split(" "), "", ""][:3]
        raw = _base64(data, f"the signature of {said}")
        if dash != "\u2014" or len(raw) < 5 or not lines.endswith("\n"):
            raise Failed(f"{line!r} is no signature line of a note")
        message = text.encode()
        if (said, raw[:4]) == (name, _key_hash(name, b"\4" + public)):
            moment = int.from_bytes(raw[4:12], "big")
            raw, message = raw[:4] + raw[12:], f"cosignature/v1\ntime {moment}\n{text}".encode()
        elif (said, raw[:4]) != (name, _key_hash(name, b"\1" + public)):
            others.append(said)
            continue
        if not signed(public, message, raw[4:]):
            raise Failed(f"the signature of {said} does not fit the text: one of them was changed")
        mine += 1
    if not mine:
        raise Failed(f"{name} has not signed this note; it is signed by {', '.join(others) or 'nobody'}")
    return text, others


def checkpoint_of(text: str) -> tuple[str, int, bytes]:
    """Origin, size and root of the log that a checkpoint's text speaks of."""
    origin, size, root = [*text.split("\n"), "", "", ""][:3]
    raw = _base64(root, "the root of the checkpoint")
    if not origin or not size.isascii() or not size.isdigit() or str(int(size)) != size or len(raw) != 32:
        raise Failed("this is no checkpoint: one is a line of origin, one of size and one of root")
    return origin, int(size), raw


def _base64(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Failed(f"{what} is not base64: {text[:80]!r}") from None


# --- A record: its row bytes (columns by ordinal, see the page on the log), its segment, the act, the log.


def decode(types: list[Any], data: bytes) -> dict[str, Any]:
    """The row that row bytes stand for; `types` names each column's type, by ordinal."""
    row, at = {}, 0
    while at < len(data):
        ordinal = int.from_bytes(data[at : at + 2], "little")
        name, kind = types[ordinal]
        row[name], at = _value(kind, data, at + 2)
    return row


def _value(kind: Any, data: bytes, at: int) -> tuple[object, int]:
    if isinstance(kind, dict) and "list" in kind:
        values, (count,) = [], struct.unpack_from("<I", data, at)
        at += 4
        for _ in range(count):
            value, at = _maybe(kind["list"], data, at)
            values.append(value)
        return values, at
    if isinstance(kind, dict):
        fields = {}
        for name, each in kind["struct"]:
            fields[name], at = _maybe(each, data, at)
        return fields, at
    if kind in ("text", "bytes"):
        (length,) = struct.unpack_from("<I", data, at)
        raw = data[at + 4 : at + 4 + length]
        if len(raw) != length:
            raise Failed("the row bytes end before a text does")
        return raw.decode() if kind == "text" else raw.hex(), at + 4 + length
    name, width = str(kind).split(":")
    raw = data[at : at + int(width)]
    if len(raw) != int(width):
        raise Failed("the row bytes end before a number does")
    return _fixed(name, raw), at + int(width)


def _fixed(name: str, raw: bytes) -> object:
    if name == "float":
        return struct.unpack("<d", raw)[0]
    if name == "binary":
        return raw.hex()
    number = int.from_bytes(raw, "little", signed=name != "unsigned")
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - moments are in UTC
    if name == "moment":
        return (epoch + timedelta(microseconds=number)).isoformat() + "+00:00"
    if name == "day":
        return (epoch + timedelta(days=number)).date().isoformat()
    if name.startswith("decimal."):
        return str(Decimal(number).scaleb(-int(name[8:])))
    return bool(number) if name == "bool" else number


def _maybe(kind: Any, data: bytes, at: int) -> tuple[object, int]:
    return _value(kind, data, at + 1) if data[at] else (None, at + 1)


def check_record(proof: dict[str, Any], root: bytes) -> dict[str, Any]:
    """The row of a record's proof that leads to this root of the log, or `Failed`."""
    part = {name: _base64(proof[name], name) for name in ("row", "salt", "manifest", "act", "act_salt")}
    paths = {name: [_base64(e, name) for e in proof[name]] for name in ("segment_path", "log_path")}
    manifest, act = json.loads(part["manifest"]), json.loads(part["act"])
    leaf = leaf_hash(part["salt"] + part["row"])
    segment_root = bytes.fromhex(manifest["root"])
    if not included(leaf, proof["leaf"], manifest["rows"], paths["segment_path"], segment_root):
        raise Failed("the row is not in its segment")
    named = {"segment": manifest["segment"], "manifest": sha256(part["manifest"]).hexdigest()}
    if not any(named.items() <= each.items() for each in act["detail"].get("segments", [])):
        raise Failed("the act does not name the segment")
    leaf = leaf_hash(part["act_salt"] + part["act"])
    if not included(leaf, proof["position"] - 1, proof["size"], paths["log_path"], root):
        raise Failed("the act is not in the log of that root")
    types = proof.get("types")
    if types is not None and [name for name, _ in types] != manifest["columns"]:
        raise Failed("the types are not of the columns that the log names")
    return decode(types, part["row"]) if types else {}


# --- What was handed over: files, an exported log, a case.


def check_act(proof: dict[str, Any], root: bytes) -> dict[str, Any]:
    """What an act says whose proof leads to this root of the log, or `Failed`."""
    salt, body = _base64(proof["act_salt"], "act_salt"), _base64(proof["act"], "act")
    path = [_base64(each, "log_path") for each in proof["log_path"]]
    if not included(leaf_hash(salt + body), proof["position"] - 1, proof["size"], path, root):
        raise Failed(f"the act at position {proof['position']} is not in the log of that root")
    return dict(json.loads(body))


def check_proof_file(text: str, key: str) -> str:
    """One act of a log: a C2SP tlog-proof, whose extra data are the act's salt (16 bytes) and content."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    extra = _base64(lines.pop(1)[6:], "the extra data") if lines[1].startswith("extra ") else b""
    index, path = int(lines[1].removeprefix("index ")), [_base64(each, "a hash") for each in lines[2:]]
    origin, size, root = checkpoint_of(open_note(note, key)[0])
    leaf = extra if len(extra) == 32 else leaf_hash(extra)
    if not included(leaf, index, size, path, root):
        raise Failed(f"this act does not stand at position {index + 1} of the {size} acts of {origin}")
    said = "its content was erased or kept back" if len(extra) == 32 else extra[16:].decode()
    return f"position {index + 1} of the {size} acts of {origin}: {said}"


def check_growth(text: str, old_note: str, key: str) -> str:
    """That a log only grew since an older checkpoint: a C2SP add-checkpoint request."""
    head, _, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    origin, size, root = checkpoint_of(open_note(note, key)[0])
    was, old, old_root = checkpoint_of(open_note(old_note, key)[0])
    if was != origin or first != f"old {old}":
        raise Failed(
            f"the proof is from {first!r} of {origin}, and the older checkpoint is of {old} acts of {was}"
        )
    if not consistent(old, size, [_base64(each, "a hash") for each in lines], old_root, root):
        raise Failed(f"the {size} acts of {origin} do not start with the {old} that were signed before")
    return f"{origin} has {size} acts; the first {old} are those that were signed before"


def check_log(folder: Place, key: str) -> list[str]:
    """An exported log: acts against leaves, leaves against the checkpoint and what was witnessed."""
    leaves, without, last = [], 0, ""
    for at, line in enumerate((folder / "log.jsonl").read_text(encoding="utf-8").splitlines(), 1):
        act = json.loads(line)
        leaves.append(bytes.fromhex(act["leaf"]))
        if act["position"] != at:
            raise Failed(f"position {at} of the log is missing")
        if act.get("body") is None:
            without += 1
            continue
        said = json.loads(act["body"])
        if leaf_hash(bytes.fromhex(act["salt"]) + act["body"].encode()) != leaves[-1]:
            raise Failed(f"position {at} does not hash to its leaf: its content was changed")
        if said["position"] != at or said["at"] < last:
            raise Failed(f"position {at} says that it stands elsewhere, or is older than the one before")
        last = said["at"]
    origin, size, root = checkpoint_of(open_note((folder / "checkpoint").read_text(encoding="utf-8"), key)[0])
    if size != len(leaves) or root_of(leaves) != root:
        raise Failed(
            f"the checkpoint is of {size} acts, and the {len(leaves)} acts here do not hash to its root"
        )
    told = [f"{size} acts of {origin} hash to the root of its checkpoint; {without} of them without content"]
    for file in sorted((folder / "cosigned").iterdir(), key=str) if (folder / "cosigned").is_dir() else []:
        _, size, root = checkpoint_of(file.read_text(encoding="utf-8").rpartition("\n\n")[0])
        if size > len(leaves) or root_of(leaves[:size]) != root:
            raise Failed(f"{file.name}: the first {size} acts are not those that were witnessed")
        told.append(f"{file.name}: the first {size} acts are those that it speaks of")
    return told


def check_case(folder: Place, key: str) -> list[str]:
    """A disclosure: the signed list, every file against it, and every proof against the checkpoint in it."""
    text, _ = open_note((folder / "case.note").read_text(encoding="utf-8"), key)
    case = json.loads(text.split("\n", 1)[1])
    origin, size, root = checkpoint_of(open_note(case["checkpoint"], key)[0])
    listed = {item["file"]: item for item in case["items"]}
    there = {f"items/{file.name}" for file in (folder / "items").iterdir()} if listed else set()
    if there != set(listed):
        raise Failed(f"missing or added: {', '.join(sorted(there ^ set(listed)))}")
    for name, item in listed.items():
        data = folder.joinpath(*name.split("/")).read_bytes()
        if sha256(data).hexdigest() != item["sha256"]:
            raise Failed(f"{name} is not the file that was signed")
        try:
            _check_item(json.loads(data), size, root)
        except Failed as error:
            raise Failed(f"{name}: {error}") from None
    kept = f"{len(case['withheld'])} withheld, each with its ground"
    return [f"{len(listed)} items, each as signed and in the log of {origin} ({size} acts); {kept}"]


def _check_item(item: dict[str, Any], size: int, root: bytes) -> None:
    proof = item.get("proof")
    if proof is None:
        return  # worked out from the others for this disclosure; the signature is all there is
    if proof["size"] != size:
        raise Failed(f"its proof leads to {proof['size']} acts, the checkpoint is of {size}")
    if "row" in proof:
        if item["content"] != check_record(proof, root):
            raise Failed("what is shown is not what the log commits to")
        return
    said = check_act(proof, root)
    if "shown_salt" in proof:
        shown = leaf_hash(_base64(proof["shown_salt"], "shown_salt") + item["content"].encode()).hex()
        if said["detail"].get("content") != shown:
            raise Failed("what is shown is not what a person was shown")
    elif item["content"] != said:
        raise Failed("what is shown is not what the act says")


def check(path: str, keys: list[str], since: str | None) -> list[str]:
    """Whatever `path` is: what was found in order, a line each. Raises `Failed` for all that is not."""
    try:
        return _check(path, keys, since)
    except Failed:
        raise
    except Exception as error:
        raise Failed(f"{path} is damaged or not what it should be: {error!r}") from error


def _check(path: str, keys: list[str], since: str | None) -> list[str]:
    place = zipfile.Path(path) if path.endswith(".zip") else Path(path)
    if place.is_dir():
        named = place / "key.txt"
        told = (
            []
            if keys
            else ["the key is the one named in it: have it read out to you, and give it with --key"]
        )
        key = keys[0] if keys else named.read_text(encoding="utf-8").strip()
        case = (place / "case.note").exists()
        return [*(check_case if case else check_log)(place, key), f"signed by {key}", *told]
    text = place.read_text(encoding="utf-8")
    if not keys:
        raise Failed("--key is needed: the public key of whoever signed this")
    if text.startswith("{"):
        proof = json.loads(text)
        _, size, root = checkpoint_of(open_note(proof["checkpoint"], keys[0])[0])
        if size != proof["size"]:
            raise Failed("the proof leads to another size of the log than the checkpoint's")
        return [f"the row stands in the log: {json.dumps(check_record(proof, root), ensure_ascii=False)}"]
    if text.startswith("c2sp.org/tlog-proof@v1\n"):
        return [check_proof_file(text, keys[0])]
    if text.startswith("old "):
        if since is None:
            raise Failed("--since is needed: the older checkpoint that the log has grown from")
        return [check_growth(text, Path(since).read_text(encoding="utf-8"), keys[0])]
    return [
        line for key in keys for line in (f"signed by {key.strip()}:", open_note(text, key)[0].rstrip("\n"))
    ]


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
            print(f"ok      {line}")
    except Failed as error:
        print(f"FAILED  {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
