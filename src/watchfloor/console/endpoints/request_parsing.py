"""From what a browser or a program sends to the struct that an endpoint asks for, with usable errors."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, Final, NoReturn

import msgspec
from msgspec import inspect, structs

from watchfloor.actions.base import MAXIMUM, MINIMUM, annotation_of
from watchfloor.cell.acts import refuse
from watchfloor.cell.wording.dates import YEARS
from watchfloor.console.endpoints.endpoint import Endpoint
from watchfloor.console.endpoints.openapi import SURE
from watchfloor.core.messages import declare

UNREAD: Final = declare("console.unreadable", "field", "en_problem", "fr_problem")
UNKNOWN_FIELD: Final = declare("console.unknown-field", "field", "known")
NO_FIELDS: Final = declare("console.no-fields", "field")

_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "int": ("a whole number", "un nombre entier"),
    "float": ("a number", "un nombre"),
    "bool": ("true or false", "true ou false"),
    "str": ("a text", "un texte"),
    "null": ("nothing", "rien"),
    "array": ("a list", "une liste"),
    "object": ("an object", "un objet"),
    "datetime": ("a moment", "un moment"),
    "date": ("a day", "un jour"),
}
"""What a field takes, by msgspec's word for it."""

_PROBLEMS: Final[tuple[tuple[str, str, str], ...]] = (
    (r"Expected `(.+)`, got `(.+)`", "this is {1}; it takes {0}", "c’est {1}; il faut {0}"),
    (r"Expected `(.+)` (>=|<=|>|<) (.+)", "{0} {1} {2} belongs here", "il faut {0} {1} {2}"),
    (
        r"Expected `(.+)` of length (>=|<=|==|>|<) (\d+)",
        "{0} of a length {1} {2} belongs here",
        "il faut {0} d’une longueur {1} {2}",
    ),
    (
        r"Expected `(.+)` matching regex (.+)",
        "{0} that matches {1} belongs here",
        "il faut {0} conforme à {1}",
    ),
    (r"Object missing required field `(.+)`", "it is missing", "il manque"),
    (r"Invalid enum value (.+)", "there is no such choice as {0}", "le choix {0} n’existe pas"),
    (
        r"Invalid (?:RFC3339|ISO8601).*",
        "write a moment as 2026-11-24T08:00:00Z, a day as 2026-11-24",
        "écrivez un moment ainsi : 2026-11-24T08:00:00Z, un jour ainsi : 2026-11-24",
    ),
)
"""What msgspec says, and how it is told."""

_TEXT: Final = ("a text without the sign NUL belongs here", "il faut un texte sans le signe NUL")
_NUMBER: Final = (f"a number beyond ±{SURE}", f"un nombre au-delà de ±{SURE}")
_FINITE: Final = ("this is no number", "ce n’est pas un nombre")
_MOMENT: Final = (
    f"a day or a moment of the years {YEARS.start} to {YEARS.stop - 1} belongs here",
    f"il faut un jour ou un moment des années {YEARS.start} à {YEARS.stop - 1}",
)


def asked(endpoint: Endpoint, path: Mapping[str, Any], fields: Mapping[str, Sequence[str]]) -> Any:
    """The struct from path parameters and fields of a form or a query, all of them texts.

    An empty text counts as not given, since a form sends every field. A name with dots, `leads.3f2a.why`, is
    of a field of a struct in a mapping. Raises `Refusal`.
    """
    many = lists_of(endpoint.asks)
    given: dict[str, Any] = {}
    for name, values in fields.items():
        said = [value for value in values if value != ""]
        if said:
            _put(endpoint, given, name, said if name in many else said[-1])
        else:
            _refuse_unknown(endpoint, name.partition(".")[0])
    return convert(endpoint, given, path, strict=False)


def _put(endpoint: Endpoint, given: dict[str, Any], name: str, value: object) -> None:
    *above, last = name.split(".", 2)
    inner = given
    for part in above:
        found = inner.setdefault(part, {})
        if not isinstance(found, dict):
            _refuse_unknown(endpoint, name)
        inner = found
    inner[last] = value


def convert(
    endpoint: Endpoint, given: Mapping[str, Any], path: Mapping[str, Any] | None = None, *, strict: bool
) -> Any:
    """The struct that an endpoint asks for. Raises `Refusal`, which names the field.

    Args:
        endpoint: which.
        given: fields of a form, a query or a body.
        path: parameters of the path, texts; they go before fields of the same name.
        strict: whether a number must be one, and not a text that says it.
    """
    types = {one.encode_name: one.type for one in structs.fields(endpoint.asks)}
    for name in given:
        _refuse_unknown(endpoint, name)
    whole = dict(given)
    for name, value in (path or {}).items():
        whole[name] = _as(name, value, types[name], strict=False) if name in types else value
    found = _as("", whole, endpoint.asks, strict=strict)
    for one in structs.fields(endpoint.asks):
        _, meta = annotation_of(one.type)
        extra = (meta.extra if meta else None) or {}
        least, most = extra.get(MINIMUM, -math.inf), extra.get(MAXIMUM, math.inf)
        for value in _within(getattr(found, one.name)):
            if wrong := _wrong(value) or _outside(value, least, most):
                _unread(one.encode_name, wrong)
    return found


def _refuse_unknown(endpoint: Endpoint, name: str) -> None:
    known = sorted(one.encode_name for one in structs.fields(endpoint.asks))
    if name not in known:
        short = name[:60].replace("\0", " ")
        if not known:
            refuse(NO_FIELDS, field=short)
        refuse(UNKNOWN_FIELD, field=short, known=", ".join(get_close_matches(short, known, 3) or known))


def _as(name: str, value: Any, of: Any, *, strict: bool) -> Any:
    try:
        return msgspec.convert(value, of, strict=strict)
    except msgspec.ValidationError as error:
        said, _, at = str(error).partition(" - at ")
        missing = re.fullmatch(r"Object (?:missing required|contains unknown) field `(.+)`", said)
        inner = ".".join(filter(None, (at.strip("`$.").removesuffix("[...]"), missing[1] if missing else "")))
        _unread(name or inner or "?", _told(said))


def refuse_missing(field: str) -> NoReturn:
    """Raise `Refusal`: a field that a form must send is not there."""
    refuse(UNREAD, field=field, en_problem="it is missing", fr_problem="il manque")


def _unread(field: str, problem: tuple[str, str]) -> None:
    refuse(UNREAD, field=field[:200], en_problem=problem[0], fr_problem=problem[1])


def _told(said: str) -> tuple[str, str]:
    """Translate msgspec's message on a value into both languages."""
    for pattern, english, french in _PROBLEMS:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return english.format(*_named(found, 0)), french.format(*_named(found, 1))
    return said, f"valeur refusée ({said})"


def _named(found: re.Match[str], language: int) -> list[str]:
    """The parts of what msgspec says, its words for types put into ours."""
    or_ = (" or ", " ou ")[language]
    return [
        or_.join(_TYPES.get(word, (word, word))[language] for word in part[:100].split(" | "))
        for part in found.groups()
    ]


def _within(value: Any) -> Iterator[Any]:
    """Every value in what was asked. Without recursion: a program may nest deeply."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, msgspec.Struct):
            left += structs.astuple(one)
        elif isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            left += one
        else:
            yield one


def _wrong(value: Any) -> tuple[str, str] | None:
    """Return the fault of a value that the parts behind this could stumble over; None for most."""
    if isinstance(value, str):
        return _TEXT if "\0" in value else None
    if isinstance(value, int):
        return _NUMBER if abs(value) > SURE else None
    if isinstance(value, float):
        return None if math.isfinite(value) else _FINITE
    if isinstance(value, date):  # a moment is one too
        return None if value.year in YEARS else _MOMENT
    return None


def _outside(value: Any, least: float, most: float) -> tuple[str, str] | None:
    """Return the fault of a number beyond the bounds of its field."""
    if not isinstance(value, int | float) or least <= value <= most:
        return None
    sign, bound = (">=", least) if value < least else ("<=", most)
    return _told(f"Expected `{'int' if isinstance(value, int) else 'float'}` {sign} {bound}")


def lists_of(asks: type[msgspec.Struct]) -> frozenset[str]:
    """Names of the fields that take several values."""
    return frozenset(one.encode_name for one in structs.fields(asks) if _is_list(annotation_of(one.type)[0]))


def _is_list(of: Any) -> bool:
    found = inspect.type_info(of)
    several = found.types if isinstance(found, inspect.UnionType) else (found,)
    kinds = (inspect.ListType, inspect.VarTupleType, inspect.SetType, inspect.FrozenSetType)
    return any(isinstance(one, kinds) for one in several)
