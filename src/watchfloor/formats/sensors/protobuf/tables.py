"""Field tables of Protocol Buffers messages, read from a text in which a line is a field.

    message Location  a point
    1 x double !  longitude or easting
    one of datum !
      2 datum Datum
    enum Datum DATUM_
    0 UNSPECIFIED, 1 WGS84_E

A line gives number, name, type, marks (`!` mandatory, `*` repeated, `=` absent is the same as empty or zero)
and what it means. The first message is the outermost.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

VARINTS: Final = frozenset({"int32", "int64", "uint32", "uint64", "bool"})
FIXED: Final = {"double": 8, "float": 4}
TEXTS: Final = frozenset({"string", "ulid", "uuid"})
SCALARS: Final = VARINTS | frozenset(FIXED) | TEXTS | {"bytes"}

VARINT, I64, LEN, I32 = 0, 1, 2, 5
"""Wire types: <https://protobuf.dev/programming-guides/encoding>."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message.

    Attributes:
        number: on the wire.
        name: as the standard has it.
        of: a scalar type (`ulid` and `uuid` are strings that are checked), an enum or a message.
        mandatory: whether a message without it is invalid.
        repeated: whether it may stand several times.
        implicit: whether absent and empty or zero are the same.
        group: name of its `oneof`, or empty.
    """

    number: int
    name: str
    of: str
    mandatory: bool = False
    repeated: bool = False
    implicit: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Fields by number in ascending order, and of each `oneof` whether one of it must be there."""

    name: str
    fields: Mapping[int, Field]
    groups: Mapping[str, bool]


@dataclass(frozen=True)
class Schema:
    """Messages, and enums as names by number; the root is the message that stands by itself."""

    messages: Mapping[str, Message]
    enums: Mapping[str, Mapping[int, str]]

    @property
    def root(self) -> str:
        """Name of the outermost message."""
        return next(iter(self.messages))

    def wire(self, field: Field) -> int:
        """Wire type of one value of a field."""
        if field.of in FIXED:
            return I64 if FIXED[field.of] == 8 else I32
        return VARINT if field.of in VARINTS or field.of in self.enums else LEN

    @cached_property
    def named(self) -> Mapping[str, Mapping[str, Field]]:
        """Fields by name, by message."""
        return {name: {f.name: f for f in m.fields.values()} for name, m in self.messages.items()}

    @cached_property
    def camels(self) -> Mapping[str, Mapping[str, str]]:
        """Names by the form that JSON gives them, by message."""
        return {name: {camel(field): field for field in fields} for name, fields in self.named.items()}

    @cached_property
    def rivals(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Of each field of a `oneof`, the others of it, by message."""
        return {name: _rivals(message) for name, message in self.messages.items()}

    @cached_property
    def numbers(self) -> Mapping[str, Mapping[str, int]]:
        """Numbers by name, by enum."""
        return {of: {name: number for number, name in values.items()} for of, values in self.enums.items()}


def camel(name: str) -> str:
    """A name of the field tables as JSON has it."""
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def _rivals(message: Message) -> dict[str, tuple[str, ...]]:
    grouped = [field for field in message.fields.values() if field.group]
    return {
        one.name: tuple(f.name for f in grouped if f.group == one.group and f is not one) for one in grouped
    }


_FIELD: Final = re.compile(r"( *)(\d+) (\w+) ([\w.]+)(?: ([!*=]+))?(?:  .*)?")
_GROUP: Final = re.compile(r"one of (\w+)( !)?")
_VALUE: Final = re.compile(r"(\d+) (\w+)")


def read(text: str) -> Schema:
    """The schema of a text in the notation above. Raises `ValueError` for an unknown line or type."""
    messages: dict[str, Message] = {}
    enums: dict[str, dict[int, str]] = {}
    for head, lines in _blocks(text):
        what, name, *rest = head.split("  ")[0].split(" ")
        if what == "message":
            messages[name] = _message(name, lines)
        elif what == "enum":
            values = _VALUE.findall(" ".join(lines))
            enums[name] = {int(number): rest[0] + value for number, value in values}
        else:
            raise ValueError(f"{head!r} begins neither a message nor an enum")
    schema = Schema(messages, enums)
    for message in messages.values():
        for field in message.fields.values():
            if field.of not in SCALARS and field.of not in messages and field.of not in enums:
                raise ValueError(f"{message.name}.{field.name} has an unknown type, {field.of}")
    return schema


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each block's first line, and its others; comments and blank lines apart."""
    block: list[str] = []
    for line in (*text.splitlines(), ""):
        if line.strip() and not line.startswith("#"):
            block.append(line)
        elif block and not line.strip():
            yield block[0], block[1:]
            block = []


def _message(name: str, lines: list[str]) -> Message:
    fields: dict[int, Field] = {}
    groups: dict[str, bool] = {}
    group = ""
    for line in lines:
        if opened := _GROUP.fullmatch(line):
            group = opened[1]
            groups[group] = bool(opened[2])
            continue
        found = _FIELD.fullmatch(line)
        if not found:
            raise ValueError(f"{line!r} of {name} is no field")
        indent, number, field, of, marks = found.groups(default="")
        inside = group if indent else ""
        fields[int(number)] = Field(int(number), field, of, "!" in marks, "*" in marks, "=" in marks, inside)
    return Message(name, dict(sorted(fields.items())), groups)
