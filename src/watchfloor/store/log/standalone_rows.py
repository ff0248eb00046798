"""Read rows and disclosures to the Crown, for verify.py, which lies beside this file.

A row is bytes: each column that is not null, by its ordinal and its value (see the page on the log). What the
columns are called, and what type each has, is in the manifest that the act of the log names by its SHA-256:
whoever hands a proof over cannot choose as what its bytes are read.
"""

import json
import struct
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from watchfloor.store.log import standalone as verify
else:
    import verify

_IDENTIFIER = {"struct": [["system", "text"], ["number", "text"], ["owner", "text"]]}
_NAME = {"struct": [["text", "text"], ["role", "text"], ["strength", "text"], ["lang", "text"]]}
_PORTION = {"struct": [["marking", "text"], ["page", "signed:4"], ["text", "text"]]}
_MENTION = {
    "struct": [
        ["subject", "text"],
        ["text", "text"],
        ["portion", "signed:4"],
        ["start", "signed:4"],
        ["how", "text"],
    ]
}
_COLUMNS: list[tuple[Any, str]] = [
    (
        "text",
        (
            "report_key source marking locator list_id entity_id version_id instrument title provision "
            "item schema name lang remarks subject role birth_date country context about verdict basis "
            "why decided_by author reliability credibility hypothesis text_from lead result task by form "
            "state unit instruction authority entry what text to product bundle node gateway desk rule "
            "strength message params payer payee currency means conductor branch memo method sample "
            "substance level importer consignee shipper goods hs origin office"
        ),
    ),
    ("binary:16", "record_id row_id"),
    ("binary:32", "delivery"),
    ("moment:8", "observed_at expires_at deadline starts due since until at"),
    ("day:4", "listed_on in_force ceased window_from window_until"),
    ("float:8", "chance latitude longitude radius score mass"),
    ("bool:1", "true retracted echo onward"),
    ("signed:4", "edition revision"),
    ("decimal.2:16", "amount value"),
    ({"list": "text"}, "origins birth_dates countries entities caveats subjects flags leads recipients"),
    ({"list": "binary:16"}, "evidence coverage"),
    ({"list": "float:8"}, "peaks intensity"),
    ({"list": _IDENTIFIER}, "identifiers references"),
    ({"list": _NAME}, "names"),
    ({"list": _PORTION}, "portions tear_line"),
    ({"list": _MENTION}, "mentions"),
    ({"struct": [["message", "text"], ["params", "text"]]}, "reason"),
]
BEFORE = {name: kind for kind, names in _COLUMNS for name in names.split()}
"""Each column's type in segments from before manifests named types, of any kind. Nothing is added to it."""


def row_of(manifest: bytes, row: bytes) -> dict[str, Any]:
    """The row that row bytes stand for, read by the types that the manifest commits to."""
    said = verify.signed_json(manifest)
    types = said.get("types", [BEFORE.get(name) for name in said["columns"]])
    if len(types) != len(said["columns"]):
        raise verify.Failed("the manifest has not one type a column")
    if None in types:
        return {"type not committed": row.hex()}
    return decode(list(zip(said["columns"], types, strict=True)), row)


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
            raise verify.Failed("the row bytes end before a text does")
        return raw.decode() if kind == "text" else raw.hex(), at + 4 + length
    name, width = str(kind).split(":")
    raw = data[at : at + int(width)]
    if len(raw) != int(width):
        raise verify.Failed("the row bytes end before a number does")
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
    part = {name: verify.unbase64(proof[name], name) for name in ("row", "manifest", "act")}
    paths = {name: [verify.unbase64(e, name) for e in proof[name]] for name in ("segment_path", "log_path")}
    manifest, act = (verify.signed_json(part[name]) for name in ("manifest", "act"))
    leaf = verify.salted_leaf(verify.unbase64(proof["salt"], "salt"), part["row"])
    segment_root = bytes.fromhex(manifest["root"])
    if not verify.included(leaf, proof["leaf"], manifest["rows"], paths["segment_path"], segment_root):
        raise verify.Failed("the row is not in its segment")
    named = {"segment": manifest["segment"], "manifest": sha256(part["manifest"]).hexdigest()}
    if not any(named.items() <= each.items() for each in act["detail"].get("segments", [])):
        raise verify.Failed("the act does not name the segment")
    leaf = verify.salted_leaf(verify.unbase64(proof["act_salt"], "act_salt"), part["act"])
    if not verify.included(leaf, proof["position"] - 1, proof["size"], paths["log_path"], root):
        raise verify.Failed("the act is not in the log of that root")
    return row_of(part["manifest"], part["row"])


def check_act(proof: dict[str, Any], root: bytes) -> dict[str, Any]:
    """Return the act whose proof leads to this root of the log. Raises `Failed` if it does not."""
    salt, body = verify.unbase64(proof["act_salt"], "act_salt"), verify.unbase64(proof["act"], "act")
    path = [verify.unbase64(each, "log_path") for each in proof["log_path"]]
    if not verify.included(verify.salted_leaf(salt, body), proof["position"] - 1, proof["size"], path, root):
        raise verify.Failed(f"the act at position {proof['position']} is not in the log of that root")
    return dict(verify.signed_json(body))


def check_row(text: str, keys: list[str]) -> str:
    """A record's proof with the checkpoint that it leads to, JSON."""
    proof = json.loads(text)
    _, size, root = verify.checkpoint_of(verify.open_note(proof["checkpoint"], *keys)[0])
    if size != proof["size"]:
        raise verify.Failed("the proof leads to another size of the log than the checkpoint's")
    return f"the row stands in the log: {json.dumps(check_record(proof, root), ensure_ascii=False)}"


def check_case(folder: verify.Place, keys: list[str]) -> list[verify.Line]:
    """A disclosure: the signed list, every file against it, and every proof against the checkpoint in it."""
    text, _ = verify.open_note((folder / "case.note").read_text(encoding="utf-8"), *keys)
    case = verify.signed_json(text.split("\n", 1)[1])
    origin, size, root = verify.checkpoint_of(verify.open_note(case["checkpoint"], *keys)[0])
    listed = {item["file"]: item for item in case["items"]}
    there = {f"items/{file.name}" for file in (folder / "items").iterdir()} if listed else set()
    if there != set(listed):
        raise verify.Failed(f"missing or added: {', '.join(sorted(there ^ set(listed)))}")
    for name, item in listed.items():
        data = folder.joinpath(*name.split("/")).read_bytes()
        if sha256(data).hexdigest() != item["sha256"]:
            raise verify.Failed(f"{name} is not the file that was signed")
        try:
            _check_item(json.loads(data), size, root)
        except verify.Failed as error:
            raise verify.Failed(f"{name}: {error}") from None
    kept = f"{len(case['withheld'])} withheld, each with its ground"
    told = f"{len(listed)} items, each as signed and in the log of {origin} ({size} acts); {kept}"
    return [verify.Line(told)]


def _check_item(item: dict[str, Any], size: int, root: bytes) -> None:
    proof = item.get("proof")
    if proof is None:
        return  # worked out from the others for this disclosure; the signature is all there is
    if proof["size"] != size:
        raise verify.Failed(f"its proof leads to {proof['size']} acts, the checkpoint is of {size}")
    if "row" in proof:
        if item["content"] != check_record(proof, root):
            raise verify.Failed("what is shown is not what the log commits to")
        return
    said = check_act(proof, root)
    if "shown_salt" in proof:
        salt = verify.unbase64(proof["shown_salt"], "shown_salt")
        if said["detail"].get("content") != verify.salted_leaf(salt, item["content"].encode()).hex():
            raise verify.Failed("what is shown is not what a person was shown")
    elif item["content"] != said:
        raise verify.Failed("what is shown is not what the act says")
