"""Queries of a client of OGC API Features (17-069r4, section 7.15; 18-058r1, section 6.2), and page tokens.

A token names the feature before the page, and is bound by a keyed hash to who asks, the collection and the
filters: one of another, one that was changed or cut, names no page.
"""

import base64
import binascii
import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

import pyarrow as pa
import shapely

from watchfloor.core.messages import declare, reason
from watchfloor.exchange.ogc import systems
from watchfloor.exchange.ogc.snapshot import Filter
from watchfloor.exchange.ogc.systems import CRS84
from watchfloor.exchange.taxii.queries import Wrong

PAGE: Final = 100
MOST: Final = 10_000
"""Features of a page where the client names no limit, and whatever it names."""
FARTHEST: Final = 1e8
"""Metres from the origin of a plane: PROJ takes a turn around the earth at a time off what is farther."""
FORMS: Final = ("json", "geojson")

BAD_BOX: Final = declare("ogc.bad-box")
BAD_TIME: Final = declare("ogc.bad-time")
BAD_LIMIT: Final = declare("ogc.bad-limit", "most")
BAD_SYSTEM: Final = declare("ogc.bad-system", "name")
BAD_NEXT: Final = declare("ogc.bad-next")
BAD_FORM: Final = declare("ogc.bad-form")
BAD_VALUE: Final = declare("ogc.bad-value", "name")
TWICE: Final = declare("ogc.given-twice", "name")
UNKNOWN: Final = declare("ogc.unknown-parameter", "name")

_MAC: Final = 16
_END: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Query:
    """A page that is asked for.

    Attributes:
        chosen: what its features must be.
        crs: URI of the system in which they are given.
        limit: of features.
        token: of the page, where the client goes on; else None.
    """

    chosen: Filter
    crs: str
    limit: int
    token: str | None


def of_items(parameters: Mapping[str, Sequence[str]], columns: Mapping[str, pa.Array]) -> Query:
    """Read the parameters of a page of items; those beside the standard's are properties. Raises `Wrong`."""
    given = _once(parameters)
    crs = system(given, "crs")
    areas = _areas(given)
    since, until = _times(given.pop("datetime")) if "datetime" in given else (None, None)
    limit = _limit(given.pop("limit", None))
    token = given.pop("next", None)
    _form(given)
    values = []
    for name, value in given.items():
        if name not in columns:
            raise Wrong(400, reason(UNKNOWN, name=name[:80]))
        values.append((name, _checked(name, value, columns[name].type)))
    return Query(Filter(areas, since, until, tuple(sorted(values))), crs, limit, token)


def of_item(parameters: Mapping[str, Sequence[str]]) -> str:
    """Read the parameters of one feature; gives the URI of its system. Raises `Wrong`."""
    given = _once(parameters)
    crs = system(given, "crs")
    none(given)
    return crs


def none(parameters: Mapping[str, Sequence[str] | str]) -> None:
    """Refuse what no document takes. Raises `Wrong`."""
    given = {name: value if isinstance(value, str) else value[0] for name, value in parameters.items()}
    _form(given)
    for name in given:
        raise Wrong(400, reason(UNKNOWN, name=name[:80]))


def _once(parameters: Mapping[str, Sequence[str]]) -> dict[str, str]:
    for name, values in parameters.items():
        if len(values) != 1:
            raise Wrong(400, reason(TWICE, name=name[:80]))
    return {name: values[0] for name, values in parameters.items()}


def _form(given: dict[str, str]) -> None:
    if given.pop("f", "json") not in FORMS:
        raise Wrong(400, reason(BAD_FORM))


def system(given: dict[str, str], name: str) -> str:
    """Read the URI of a system, which is one of those offered."""
    uri = given.pop(name, CRS84)
    if uri.startswith("[") and uri.endswith("]"):  # a safe CURIE, as 18-058r1 names them
        authority, _, code = uri[1:-1].partition(":")
        uri = CRS84 if code == "CRS84" else f"{systems.EPSG}{code}" if authority == "EPSG" else uri
    if uri not in systems.offered():
        raise Wrong(400, reason(BAD_SYSTEM, name=name))
    return uri


def _areas(given: dict[str, str]) -> tuple[shapely.Polygon, ...] | None:
    uri = system(given, "bbox-crs")
    if "bbox" not in given:
        return None
    try:
        numbers = [float(one) for one in given.pop("bbox").split(",")]
    except ValueError:
        raise Wrong(400, reason(BAD_BOX)) from None
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise Wrong(400, reason(BAD_BOX))
    half = len(numbers) // 2  # heights are left out of account: features need not have any
    (a, b), (c, d) = numbers[:2], numbers[half : half + 2]
    x, y = ((b, d), (a, c)) if uri == systems.GEODETIC else ((a, c), (b, d))
    over = uri in (CRS84, systems.GEODETIC)
    if y[0] > y[1] or (x[0] > x[1] and not over) or (over and (abs(y[0]) > 90 or abs(y[1]) > 90)):
        raise Wrong(400, reason(BAD_BOX))
    if not over and max(map(abs, (a, b, c, d))) > FARTHEST:
        raise Wrong(400, reason(BAD_BOX))
    try:
        return tuple(systems.box((a, b, c, d), uri))
    except ValueError:
        raise Wrong(400, reason(BAD_BOX)) from None


def _times(text: str) -> tuple[int, int]:
    """Read an instant or an interval, whose ends may be open: `..` or nothing."""
    start, slash, end = text.partition("/")
    if not slash:
        at = _moment(start)
        return at, at
    since = -_END if start in ("", "..") else _moment(start)
    until = _END if end in ("", "..") else _moment(end)
    if since > until or (since == -_END and until == _END):
        raise Wrong(400, reason(BAD_TIME))
    return since, until


def _moment(text: str) -> int:
    try:
        if text[10:11] not in ("T", "t"):
            raise ValueError(text)
        at = datetime.fromisoformat(text.upper().replace(" ", "+"))
        if at.tzinfo is None:
            raise ValueError(text)
        gone = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Wrong(400, reason(BAD_TIME)) from None
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 19) or int(text) < 1:
        raise Wrong(400, reason(BAD_LIMIT, most=MOST))
    return min(int(text), MOST)


def _checked(name: str, value: str, of: pa.DataType) -> str:
    if pa.types.is_integer(of) or pa.types.is_floating(of):
        try:
            float(value)
        except ValueError:
            raise Wrong(400, reason(BAD_VALUE, name=name)) from None
    return value


def token(key: bytes, scope: Sequence[str], name: str) -> str:
    """Return the token of the page after a feature."""
    at = name.encode()
    return base64.urlsafe_b64encode(_mac(key, scope, at) + at).decode().rstrip("=")


def place_of(key: bytes, scope: Sequence[str], text: str) -> str:
    """Return the name of the feature before the page that a token names. Raises `Wrong`."""
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        at = whole[_MAC:]
        if not hmac.compare_digest(whole[:_MAC], _mac(key, scope, at)):
            raise ValueError(text)
        return at.decode()
    except (ValueError, binascii.Error):
        raise Wrong(400, reason(BAD_NEXT)) from None


def _mac(key: bytes, scope: Sequence[str], at: bytes) -> bytes:
    said = "\x1e".join(scope).encode() + b"\x1e" + at
    return blake2b(said, digest_size=_MAC, key=key[:64], person=b"ogc page").digest()
