"""From what a browser or a program sends to the struct that an endpoint asks for, with usable errors."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_origin

import msgspec
from msgspec import inspect, structs

from watchfloor.cell.acting.acts import refuse
from watchfloor.console.endpoint import Endpoint
from watchfloor.formats.settings import nearest
from watchfloor.records.messages import declare

UNREAD: Final = declare(
    "console.unreadable",
    en="{field}: {problem}",
    fr="{field} : {problem}",
)
UNKNOWN_FIELD: Final = declare(
    "console.unknown-field",
    en="there is no {field!r} here{near}",
    fr="il n’y a pas de {field!r} ici{near}",
)


def asked(endpoint: Endpoint, path: Mapping[str, Any], fields: Mapping[str, Sequence[str]]) -> Any:
    """The struct from path parameters and fields of a form or a query, all of them texts.

    An empty text counts as not given, since a form sends every field. Raises `Refused`.
    """
    many = lists_of(endpoint.asks)
    given: dict[str, Any] = {}
    for name, values in fields.items():
        said = [value for value in values if value != ""]
        if said:
            given[name] = said if name in many else said[-1]
    return convert(endpoint, {**given, **path}, strict=False)


def convert(endpoint: Endpoint, given: Mapping[str, Any], *, strict: bool) -> Any:
    """The struct that an endpoint asks for. Raises `Refused`, which names the field."""
    known = {one.encode_name for one in structs.fields(endpoint.asks)}
    for name in given:
        if name not in known:
            refuse(UNKNOWN_FIELD, field=name, near=nearest(name, known) if known else "")
    try:
        return msgspec.convert(dict(given), endpoint.asks, strict=strict)
    except msgspec.ValidationError as error:
        said, _, at = str(error).partition(" - at ")
        refuse(UNREAD, field=at.strip("`$.") or said.partition("`")[2].partition("`")[0] or "?", problem=said)


def lists_of(asks: type[msgspec.Struct]) -> frozenset[str]:
    """Names of the fields that take several values."""
    return frozenset(
        one.encode_name
        for one in structs.fields(asks)
        if (get_origin(one.type) or one.type) in (list, tuple, set, frozenset) or _is_list(one.type)
    )


def _is_list(of: Any) -> bool:
    found = inspect.type_info(of)
    several = found.types if isinstance(found, inspect.UnionType) else (found,)
    kinds = (inspect.ListType, inspect.VarTupleType, inspect.SetType, inspect.FrozenSetType)
    return any(isinstance(one, kinds) for one in several)
