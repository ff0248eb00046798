"""Queries of a client of TAXII: media types, filters and page tokens (OASIS TAXII 2.1, sections 1.6 and 3).

A token names the place after which a page begins, and is bound by a keyed hash to the partner, the collection
and the filters: one of another, one that was changed or cut, names no page.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from watchfloor.core.messages import Reason, declare, reason
from watchfloor.exchange.shelf import micros
from watchfloor.exchange.shelf_query import Match

TYPE: Final = "application/taxii+json"
MEDIA: Final = f"{TYPE};version=2.1"
STIX: Final = "application/stix+json;version="

PAGE: Final = 1_000
"""Objects of a page where the client names no limit."""
MOST: Final = 10_000
"""Objects of a page, whatever the client names."""
MOST_VALUES: Final = 100
"""Values of one filter."""

LIST: Final = ("id", "type", "version", "spec_version")
ONE: Final = ("version", "spec_version")
VERSIONS: Final = ("spec_version",)
"""Filters of objects and manifests, of one object, of its versions."""

_MAC: Final = 16


BAD_MOMENT: Final = declare("taxii.bad-moment", "name")
BAD_LIMIT: Final = declare("taxii.bad-limit", "most")
BAD_NEXT: Final = declare("taxii.bad-next")
TWICE: Final = declare("taxii.given-twice", "name")
MANY_VALUES: Final = declare("taxii.many-values", "name", "most")


class Wrong(Exception):  # noqa: N818 - an answer, no error
    """A request cannot be answered: the status of HTTP, why, and headers of the answer."""

    def __init__(self, status: int, why: Reason, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(why.message)
        self.status, self.reason, self.headers = status, why, headers or {}


@dataclass(frozen=True, slots=True)
class Query:
    """A page that is asked for.

    Attributes:
        match: what its objects must be.
        after: microseconds since 1970, exclusive; None: from the first.
        limit: of objects.
        token: of the page, where the client goes on; else None.
        filters: the filters as they came, to which tokens are bound.
    """

    match: Match
    after: int | None
    limit: int
    token: str | None
    filters: str


def query(parameters: Mapping[str, Sequence[str]], names: Iterable[str]) -> Query:
    """Read the parameters of a request.

    Args:
        parameters: values by name; of what no filter is named, nothing is made (section 3.4).
        names: of the match filters that the endpoint knows.

    Raises:
        Wrong: a value cannot be (400).
    """
    given = {name: f"match[{name}]" for name in names}
    chosen = {name: _values(key, parameters) for name, key in given.items() if key in parameters}
    versions = tuple(map(_version, chosen.get("version") or ("last",)))
    match = Match(
        tuple(chosen.get("id", ())),
        tuple(chosen.get("type", ())),
        tuple(chosen.get("spec_version", ())),
        versions,
    )
    after = parameters.get("added_after")
    return Query(
        match,
        moment("added_after", _one("added_after", after)) if after else None,
        _limit(parameters.get("limit")),
        _one("next", parameters["next"]) if "next" in parameters else None,
        "\x1f".join(f"{name}={','.join(sorted(values))}" for name, values in chosen.items() if values),
    )


def moment(name: str, text: str) -> int:
    """Read a timestamp of RFC 3339 in UTC, as the standard has it, in microseconds. Raises `Wrong`."""
    try:
        if text[-1:] not in ("Z", "z") or text[10:11] not in ("T", "t"):
            raise ValueError(text)
        return micros(text.upper())
    except ValueError:
        raise Wrong(400, reason(BAD_MOMENT, name=name)) from None


def _version(text: str) -> str | int:
    return text if text in ("first", "last", "all") else moment("match[version]", text)


def _values(name: str, parameters: Mapping[str, Sequence[str]]) -> list[str]:
    given = [one.strip() for value in parameters.get(name, ()) for one in value.split(",")]
    found = list(dict.fromkeys(filter(None, given)))
    if len(found) > MOST_VALUES:
        raise Wrong(400, reason(MANY_VALUES, name=name, most=MOST_VALUES))
    return found


def _one(name: str, values: Sequence[str]) -> str:
    if len(values) != 1:
        raise Wrong(400, reason(TWICE, name=name))
    return values[0]


def _limit(values: Sequence[str] | None) -> int:
    if values is None:
        return PAGE
    text = _one("limit", values)
    if not (text.isascii() and text.isdigit() and len(text) < 19) or int(text) < 1:
        raise Wrong(400, reason(BAD_LIMIT, most=MOST))
    return min(int(text), MOST)


class Scope(NamedTuple):
    """Partner, collection and filters to which a token is bound."""

    shelf: str
    collection: str
    filters: str


def token(key: bytes, scope: Scope, place: int) -> str:
    """Return the token of the page after a place."""
    at = place.to_bytes(8, "big")
    return base64.urlsafe_b64encode(at + _mac(key, scope, at)).decode().rstrip("=")


def place_of(key: bytes, scope: Scope, text: str) -> int:
    """Return the place after which a token's page begins. Raises `Wrong` for one of another scope."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = b""
    at, mac = data[:8], data[8:]
    if len(data) != 8 + _MAC or not hmac.compare_digest(mac, _mac(key, scope, at)):
        raise Wrong(400, reason(BAD_NEXT))
    return int.from_bytes(at, "big")


def _mac(key: bytes, scope: Scope, at: bytes) -> bytes:
    text = "\x1e".join(scope).encode() + b"\x1e" + at
    return blake2b(text, digest_size=_MAC, key=key[:64], person=b"taxii page").digest()


@lru_cache(maxsize=32)  # a client sends the same with each page
def accepts(header: str | None) -> bool:
    """Whether a client takes TAXII 2.1, by its `Accept`; one that says nothing takes anything (RFC 9110)."""
    if header is None:
        return True
    best: tuple[int, bool] = (-1, False)  # the most specific range decides
    for one in header.split(","):
        kind, parameters = _media(one)
        rank = {"*/*": 0, "application/*": 1, TYPE: 2}.get(kind, -1)
        version = parameters.get("version")
        if rank < 0 or version not in (None, "2.1"):
            continue
        best = max(best, (rank + (version is not None), _weight(parameters.get("q")) > 0))
    return best[1]


def carries(header: str | None) -> bool:
    """Whether a body is said to be TAXII 2.1."""
    kind, parameters = _media(header or "")
    return kind == TYPE and parameters.get("version") in (None, "2.1")


def _media(text: str) -> tuple[str, dict[str, str]]:
    kind, *rest = text.split(";")
    pairs = (one.partition("=") for one in rest)
    return kind.strip().lower(), {n.strip().lower(): value.strip().strip('"') for n, _, value in pairs}


def _weight(text: str | None) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
