"""Proofs of rows as JSON that `verify.py` checks and reads: with each column's type beside its bytes."""

import base64
from typing import Any

import msgspec
import pyarrow as pa

from watchfloor.store import standalone
from watchfloor.store.proofs import Proof
from watchfloor.store.segments import manifest_of

Type = str | dict[str, Any]
"""`text`, `bytes`, a name with its width in bytes such as `moment:8`, `{"list": …}` or `{"struct": …}`."""


def as_json(proof: Proof, schema: pa.Schema) -> dict[str, Any]:
    """A proof as plain JSON, bytes in base64.

    Args:
        proof: of a row.
        schema: of its kind; a column that it does not know, of an older layout, makes the row unreadable
            there, and the proof holds all the same.
    """
    plain: dict[str, Any] = msgspec.to_builtins(proof)
    columns = manifest_of(proof.manifest).columns
    known = set(schema.names)
    if known.issuperset(columns):
        plain["types"] = [[name, type_of(schema.field(name).type)] for name in columns]
    return plain


def content(proof: dict[str, Any]) -> dict[str, Any]:
    """What the row says, as whoever checks the proof will read it."""
    if "types" not in proof:
        return {}
    return standalone.decode(proof["types"], base64.b64decode(proof["row"]))


def type_of(kind: pa.DataType) -> Type:
    """How `records.canonical` writes values of an Arrow type."""
    if pa.types.is_dictionary(kind):
        return type_of(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return {"list": type_of(kind.value_type)}
    if pa.types.is_struct(kind):
        return {"struct": [[kind.field(i).name, type_of(kind.field(i).type)] for i in range(kind.num_fields)]}
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "bytes"
    if pa.types.is_boolean(kind):
        return "bool:1"
    if pa.types.is_floating(kind):
        return "float:8"
    return f"{_named(kind)}:{kind.bit_width // 8}"


def _named(kind: pa.DataType) -> str:
    if pa.types.is_fixed_size_binary(kind) and not pa.types.is_decimal(kind):
        return "binary"
    if pa.types.is_timestamp(kind) and kind.unit == "us":
        return "moment"
    if pa.types.is_date32(kind):
        return "day"
    if pa.types.is_decimal(kind):
        return f"decimal.{kind.scale}"
    if pa.types.is_integer(kind):
        return "unsigned" if pa.types.is_unsigned_integer(kind) else "signed"
    raise TypeError(f"a proof has no way to show {kind}")
