"""One message of the Protocol Buffers wire format as a mapping of names, and back.

A mapping has the names of the field tables; a repeated field is a list, an enum its name (its number, where
the table has no name for it), a nested message a mapping. Fields that the table does not know are left out
(`tape` names them). What is written has its fields in the order of their numbers, as every encoder has.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final

from watchfloor.formats.sensors.protobuf.tables import (
    FIXED,
    I32,
    I64,
    LEN,
    TEXTS,
    VARINT,
    VARINTS,
    Field,
    Schema,
)

DEPTH: Final = 48
"""Messages within messages that are read; real ones stay below 12."""

_U64: Final = (1 << 64) - 1


class WireError(ValueError):
    """Bytes that are no such message, or a value that no such field can hold; the message names the field.

    Attributes:
        path: names of the fields that lead to it, the outermost first.
        wrong: what is wrong there.
    """

    def __init__(self, wrong: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(f"{'.'.join(path)}: {wrong}" if path else wrong)
        self.path, self.wrong = path, wrong


def decode(schema: Schema, data: bytes, message: str = "") -> dict[str, Any]:
    """The message in `data`, which is the schema's root unless another is named. Raises `WireError`."""
    return _decode(schema, memoryview(data), message or schema.root, DEPTH)


def encode(schema: Schema, value: Mapping[str, Any], message: str = "") -> bytes:
    """The bytes of a mapping.

    Raises:
        WireError: a field that the table does not have, or a value that it cannot hold.
    """
    return b"".join(_encode(schema, value, message or schema.root))


def varint(number: int) -> bytes:
    """An integer of up to 64 bits, seven bits a byte, the lowest first."""
    number &= _U64
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """The integer at a position, and where it ends. Raises `WireError` where it is cut short or too long."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise WireError("it is cut short")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & _U64, at
    raise WireError("a number has more than ten bytes")


def _decode(schema: Schema, data: memoryview, of: str, depth: int) -> dict[str, Any]:
    if not depth:
        raise WireError(f"there are more than {DEPTH} messages within each other")
    fields, out, at, name = schema.messages[of].fields, dict[str, Any](), 0, ""
    nested: dict[str, memoryview] = {}
    try:
        while at < len(data):
            key, at = read_varint(data, at)
            if key < 8:
                raise WireError("a field has the number 0, which none has")
            form = key & 7
            field = fields.get(key >> 3)
            name = field.name if field else ""
            raw, at = _raw(data, at, form)
            if field is not None:
                _put(schema, of, out, nested, field, raw, form, depth)
        for name, whole in nested.items():
            out[name] = _decode(schema, whole, schema.named[of][name].of, depth - 1)
    except WireError as error:
        raise _inside(name, error) from None
    return out


def _raw(data: memoryview, at: int, form: int) -> tuple[Any, int]:
    """A number or a piece of the bytes, and where it ends."""
    if form == VARINT:
        return read_varint(data, at)
    if form == LEN:
        size, at = read_varint(data, at)
    elif form in (I64, I32):
        size = 8 if form == I64 else 4
    else:
        raise WireError(f"wire type {form} is none that is used")
    if at + size > len(data):
        raise WireError("it is cut short")
    return data[at : at + size], at + size


def _put(
    schema: Schema,
    of: str,
    out: dict[str, Any],
    nested: dict[str, memoryview],
    field: Field,
    raw: Any,
    form: int,
    depth: int,
) -> None:
    """Set a field as the wire format merges: the last scalar, joined bytes of messages, one of a group."""
    wire = schema.wire(field)
    if field.repeated and wire == VARINT and form == LEN:
        out.setdefault(field.name, []).extend(_packed(schema, field, raw))
        return
    if form != wire:
        raise WireError(f"wire type {form} stands where {wire} belongs")
    for other in schema.rivals[of].get(field.name, ()):
        out.pop(other, None)
        nested.pop(other, None)
    if field.repeated:
        value = (
            _decode(schema, raw, field.of, depth - 1)
            if field.of in schema.messages
            else _scalar(schema, field, raw)
        )
        out.setdefault(field.name, []).append(value)
    elif field.of in schema.messages:
        before = nested.get(field.name)
        nested[field.name] = raw if before is None else memoryview(bytes(before) + bytes(raw))
    else:
        out[field.name] = _scalar(schema, field, raw)
        if field.implicit and out[field.name] in _NOTHING:
            del out[field.name]


def _packed(schema: Schema, field: Field, raw: memoryview) -> Iterator[Any]:
    at = 0
    while at < len(raw):
        number, at = read_varint(raw, at)
        yield _scalar(schema, field, number)


_NOTHING: Final = (0, "", b"")


def _scalar(schema: Schema, field: Field, raw: Any) -> Any:
    of = field.of
    if of in TEXTS:
        return _text(raw)
    if of in FIXED:
        return struct.unpack("<d" if of == "double" else "<f", raw)[0]
    if of == "bytes":
        return bytes(raw)
    if of == "bool":
        return bool(raw)
    if of.startswith("uint"):
        return raw if of == "uint64" else raw & 0xFFFFFFFF
    number = _signed(raw, 64) if of == "int64" else _signed(raw, 32)
    return number if of in VARINTS else schema.enums[of].get(number, number)


def _signed(number: int, bits: int) -> int:
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


def _text(raw: memoryview) -> str:
    try:
        return str(raw, "utf-8")
    except UnicodeDecodeError:
        raise WireError("its text is not UTF-8") from None


def _inside(name: str, error: WireError) -> WireError:
    """The same error, one field further out."""
    return WireError(error.wrong, (name, *error.path)) if name else error


def _encode(schema: Schema, value: Mapping[str, Any], of: str) -> Iterator[bytes]:
    fields = schema.named[of]
    if unknown := value.keys() - fields.keys():
        raise WireError(f"{of} has no field {min(unknown)}")
    for name, field in fields.items():
        held = value.get(name)
        if held is None or (field.implicit and held in _NOTHING):
            continue
        try:
            yield from _field(schema, field, held)
        except WireError as error:
            raise _inside(name, error) from None


def _field(schema: Schema, field: Field, held: Any) -> Iterator[bytes]:
    wire = schema.wire(field)
    key = varint(field.number << 3 | wire)
    if field.repeated and wire == VARINT:
        if held:
            packed = b"".join(_bytes(schema, field, one) for one in held)
            yield varint(field.number << 3 | LEN) + varint(len(packed)) + packed
        return
    for one in held if field.repeated else (held,):
        raw = _bytes(schema, field, one)
        yield key + varint(len(raw)) + raw if wire == LEN else key + raw


def _bytes(schema: Schema, field: Field, value: Any) -> bytes:
    of = field.of
    try:
        if of in schema.messages:
            return b"".join(_encode(schema, value, of))
        if of in TEXTS:
            return str.encode(value)
        if of in FIXED:
            return struct.pack("<d" if of == "double" else "<f", value)
        if of == "bytes":
            return bytes(memoryview(value))
        return varint(value if of in VARINTS else _number(schema, of, value))
    except (TypeError, AttributeError, UnicodeEncodeError, OverflowError, struct.error) as error:
        raise WireError(f"{value!r:.80} is no {of}") from error


def _number(schema: Schema, of: str, value: str | int) -> int:
    number = schema.numbers[of].get(value) if isinstance(value, str) else value
    if number is None:
        raise WireError(f"{value!r:.80} is no {of}; it has {', '.join(schema.numbers[of])}")
    return number
