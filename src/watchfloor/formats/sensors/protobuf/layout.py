"""Field tables as arrays, in the form in which kernels read them.

Every field of every message has a slot. Slots of one message are in the order of their names, so rows that
are sorted by slot are sorted by key.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.formats.sensors.protobuf.tables import TEXTS, Field, Schema

Array = npt.NDArray[Any]

INT32, INT64, UINT32, BOOL, DOUBLE, FLOAT, TEXT, BYTES, MESSAGE = range(9)
"""What a slot holds. Enums are 32 bits wide, signed 64-bit integers share the form of unsigned ones."""

REPEATED, IMPLICIT, ULID, UUID, ENUM = 1, 2, 4, 8, 16
"""Flags of a slot."""

_KINDS: Final = {
    "int32": INT32,
    "int64": INT64,
    "uint64": INT64,
    "uint32": UINT32,
    "bool": BOOL,
    "double": DOUBLE,
    "float": FLOAT,
    "bytes": BYTES,
} | dict.fromkeys(TEXTS, TEXT)
_FLAGS: Final = {"ulid": ULID, "uuid": UUID}


@dataclass(frozen=True)
class Layout:
    """Arrays of a schema. Messages are numbered in its order, slots in that of messages and field names.

    Attributes:
        schema: the field tables.
        slots: message and field of each slot.
        lookup: slot by message and field number, -1 for none.
        kind: what each slot holds.
        flags: repeated, implicit, checked as ULID or UUID, enum.
        aux: of a slot that holds a message its number.
        bit: of a slot the bit in its message's mask.
        rivals: of a slot the bits of the others of its group.
        allowed: of a slot that holds an enum a bit for each number that has a name.
        need: of a message the bits of its mandatory fields.
    """

    schema: Schema
    slots: tuple[tuple[str, Field], ...]
    lookup: Array
    kind: Array
    flags: Array
    aux: Array
    bit: Array
    rivals: Array
    allowed: Array
    need: Array

    @cached_property
    def slot(self) -> dict[tuple[str, str], int]:
        """Slot by message and field name."""
        return {(message, field.name): i for i, (message, field) in enumerate(self.slots)}

    @cached_property
    def number(self) -> dict[str, int]:
        """Number by message."""
        return {name: i for i, name in enumerate(self.schema.messages)}

    @cached_property
    def groups(self) -> tuple[tuple[int, str, int], ...]:
        """Mandatory groups: message, name, and the bits of which one must be set."""
        return tuple(
            (self.number[name], group, self._bits(name, group))
            for name, message in self.schema.messages.items()
            for group, mandatory in message.groups.items()
            if mandatory
        )

    def _bits(self, message: str, group: str) -> int:
        fields = self.schema.messages[message].fields.values()
        return sum(1 << int(self.bit[self.slot[message, f.name]]) for f in fields if f.group == group)


def layout(schema: Schema) -> Layout:
    """The arrays of a schema."""
    messages = list(schema.messages.values())
    slots = tuple((m.name, f) for m in messages for f in sorted(m.fields.values(), key=lambda f: f.name))
    numbers = {m.name: i for i, m in enumerate(messages)}
    width = 1 + max(field.number for _, field in slots)
    lookup = np.full((len(messages), width), -1, np.int16)
    need = np.zeros(len(messages), np.uint64)
    bits = {(m.name, f.name): i for m in messages for i, f in enumerate(m.fields.values())}
    bit = np.array([bits[name, field.name] for name, field in slots], np.uint8)
    for i, (name, field) in enumerate(slots):
        lookup[numbers[name], field.number] = i
        need[numbers[name]] |= np.uint64(int(field.mandatory) << int(bit[i]))
    return Layout(
        schema,
        slots,
        lookup,
        kind=np.array([_kind(schema, field) for _, field in slots], np.uint8),
        flags=np.array([_flags(schema, field) for _, field in slots], np.uint8),
        aux=np.array([numbers.get(field.of, -1) for _, field in slots], np.int16),
        bit=bit,
        rivals=np.array(
            [
                sum(1 << bits[name, other] for other in schema.rivals[name].get(f.name, ()))
                for name, f in slots
            ],
            np.uint64,
        ),
        allowed=np.array(
            [sum(1 << number for number in schema.enums.get(field.of, ())) for _, field in slots], np.uint64
        ),
        need=need,
    )


def _kind(schema: Schema, field: Field) -> int:
    return MESSAGE if field.of in schema.messages else _KINDS.get(field.of, INT32)


def _flags(schema: Schema, field: Field) -> int:
    enum = ENUM if field.of in schema.enums else 0
    return field.repeated * REPEATED | field.implicit * IMPLICIT | _FLAGS.get(field.of, 0) | enum
