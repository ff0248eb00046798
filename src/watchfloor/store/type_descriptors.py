"""The types of columns in words that a segment's manifest keeps and `verify_rows.py` reads row bytes by."""

from typing import Any

import pyarrow as pa

Type = str | dict[str, Any]
"""`text`, `bytes`, a name with its width in bytes such as `moment:8`, `{"list": …}` or `{"struct": …}`."""


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
