"""MISP: events of the core format, answers of its API with several, and the manifest of a feed.

Source: the MISP core format (draft-dulaunoy-misp-core-format). An event, each attribute and each object of it
becomes an object of intelligence, kept whole: the event without what is in rows of its own, which it points
at. A new `timestamp` is a new version; what is `deleted` is revoked. Tags of TLP and of our own marking are
the marking, those of an event for all that is in it. A manifest tells which events a feed has.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, NamedTuple
from uuid import UUID

import msgspec

from watchfloor.core.marking import TLP, MarkingError, join, parse
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.intelligence import subject_keys as keys
from watchfloor.formats.intelligence.object_rows import ObjectRow, batch
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.tabular.table import grouped
from watchfloor.formats.xml_limits import head_text

MOST: Final = 64 << 20
"""Bytes of a file: an event is read whole."""
ROWS: Final = 4096
LONGEST: Final = 400
"""Characters of a name."""
RAW: Final = 1 << 16
PARTS: Final = ("Attribute", "Object")
"""Members of an event and of an object that are rows of their own."""
OWN: Final = re.compile(r'watchfloor:marking="(.*)"')

_EVENT: Final = re.compile(r'\A\s*(?:\{\s*"response"\s*:\s*)?\[?\s*\{\s*"Event"\s*:\s*\{')
_MANIFEST: Final = re.compile(r'\A\s*\{\s*"[0-9a-fA-F-]{36}"\s*:\s*\{[^{}]*"(?:Orgc|info|timestamp)"\s*:')
_encode: Final = msgspec.json.Encoder(order="sorted").encode


def _address(value: str) -> str | None:
    return keys.of_ipv4(value) or keys.of_ipv6(value)


KEYS: Final[Mapping[str, Callable[[str], str | None]]] = {
    **dict.fromkeys(("email", "email-src", "email-dst", "email-reply-to", "target-email"), keys.of_email),
    **dict.fromkeys(("domain", "hostname"), keys.of_domain),
    **dict.fromkeys(("ip-src", "ip-dst", "ip"), _address),
    **dict.fromkeys(("url", "uri", "link"), keys.of_url),
    "phone-number": keys.of_phone,
    "iban": lambda value: keys.of_own(f"account:iban:{value.replace(' ', '').upper()}"),
    "text": keys.of_own,
}
"""Key of a value by the type of its attribute; of a pair such as `domain|ip` each half has its type's."""


def sniff(head: Head) -> float:
    """Sure of an event, or of the head of a manifest."""
    text = head_text(head)
    return 0.9 if _EVENT.match(text) or _MANIFEST.match(text) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `intelligence-object`. Raises `FormatError` for what is neither an event nor a manifest."""
    data = stream.read(MOST + 1)
    if len(data) > MOST:
        raise FormatError(f"{name} is longer than {MOST >> 20} MiB: export its events one by one")
    try:
        told = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"{name} is no whole file of MISP: {error}") from error
    events = list(_events(told))
    if not events and not (isinstance(told, dict) and told):
        raise FormatError(f"{name} has no event of MISP")
    found = _of_events(events) if events else _of_manifest(told)
    return grouped(_once(found), ROWS, lambda some: [batch(some)], in_order=True)


def _events(told: Any) -> Iterator[Any]:
    listed = told.get("response", [told]) if isinstance(told, dict) else told
    for one in listed if isinstance(listed, list) else [listed]:
        if isinstance(one, dict) and "Event" in one:
            yield one["Event"]


def _once(found: Iterable[ObjectRow | Fault]) -> Iterator[ObjectRow | Fault]:
    """Yield rows, and of those that say otherwise under the same id and version the first."""
    seen: dict[str, int] = {}
    for one in found:
        if not isinstance(one, Fault):
            said = seen.setdefault(one.report_key, hash(one.body))
            if said != hash(one.body):
                why = f"{one.report_key} stands in this file with other content; the first is kept"
                yield Fault(one.locator, why, one.body.encode()[:RAW])
                continue
        yield one


def _of_events(events: Iterable[Any]) -> Iterator[ObjectRow | Fault]:
    for number, event in enumerate(events, 1):
        where = f"event {number}"
        if not isinstance(event, dict):
            yield Fault(where, "this event is no object", b"")
            continue
        author = _mapping(event.get("Orgc")).get("uuid")
        inner, tags = list(_parts(event, where, [event.get("uuid")])), _tags(event)
        unknown = {word for each in (event, *(part.one for part in inner)) for word in _unknown(each)}
        if unknown:
            why = f"no level of TLP known here: {', '.join(sorted(unknown))[:200]}; the feed's marking stands"
            yield Fault(where, why, b"", partly=True)
        yield _row("event", where, event, [part.one.get("uuid") for part in inner], tags, author)
        for part in inner:
            yield _row(part.of, part.locator, part.one, part.refs, [*tags, *_tags(part.one)], author)


class _Part(NamedTuple):
    """An attribute or object of an event: where it stands, all of it, and what it points at."""

    of: str
    locator: str
    one: Mapping[str, Any]
    refs: list[Any]


def _parts(whole: Mapping[str, Any], where: str, above: list[Any]) -> Iterator[_Part]:
    """Yield attributes and objects, with what each points at beside its event."""
    for member in PARTS:
        for number, one in enumerate(_list(whole.get(member)), 1):
            at = f"{where}, {member} {number}"
            if not isinstance(one, dict):
                one = {"value": one}
            refs = [_mapping(each).get("referenced_uuid") for each in _list(one.get("ObjectReference"))]
            inner = list(_parts(one, at, [one.get("uuid")])) if member == "Object" else []
            yield _Part(member.lower(), at, one, [*above, *refs, *(each.one.get("uuid") for each in inner)])
            yield from inner


def _of_manifest(told: Mapping[str, Any]) -> Iterator[ObjectRow | Fault]:
    for number, (uuid, entry) in enumerate(told.items(), 1):
        if not isinstance(entry, dict):
            yield Fault(f"entry {number}", "this entry of a manifest is no object", _encode(entry)[:RAW])
            continue
        author = _mapping(entry.get("Orgc")).get("uuid")
        one = _row("manifest-entry", f"entry {number}", {"uuid": uuid, **entry}, [uuid], _tags(entry), author)
        yield one if isinstance(one, Fault) else one._replace(report_key=f"manifest/{one.report_key}")


def _row(
    of: str, where: str, one: Mapping[str, Any], refs: Iterable[Any], tags: Iterable[str], author: Any
) -> ObjectRow | Fault:
    id_, version = _uuid(one.get("uuid")), one.get("timestamp")
    inner = {name for name in PARTS if isinstance(one.get(name), list)}
    body = _encode({name: value for name, value in one.items() if name not in inner})
    if id_ is None:
        return Fault(where, f"this {of} has no UUID", body[:RAW])
    at, version = _moment(version), str(version) if isinstance(version, (str, int)) else None
    name = next((text for key in ("info", "value", "name") if isinstance(text := one.get(key), str)), None)
    return ObjectRow(
        report_key=f"{id_}/{version}" if version else id_,
        locator=where,
        observed_at=at or UNDATED,
        standard="misp",
        object_id=id_,
        object_type=of,
        version=version,
        name=name[:LONGEST].replace("\0", "") if name else None,
        object_refs=[ref for each in dict.fromkeys(map(_uuid, refs)) if (ref := each) and ref != id_],
        subjects=list(dict.fromkeys(filter(None, _subjects(one)))) if of == "attribute" else [],
        body=body.decode(),
        modified=at,
        revoked=one.get("deleted") in (True, 1, "1"),
        created_by=_uuid(author),
        marking=join(["U", *tags]),
    )


def _subjects(one: Mapping[str, Any]) -> Iterator[str | None]:
    """Yield keys of a value, and those that `share misp` says in the comment."""
    type_, value, comment = (
        text if isinstance(text := one.get(key), str) else "" for key in ("type", "value", "comment")
    )
    for of, half in zip(type_.split("|"), value.split("|"), strict=False):
        if of in KEYS:
            yield KEYS[of](half)
    yield from map(keys.of_own, comment.split(", "))


def _tags(one: Mapping[str, Any]) -> list[str]:
    """Return the markings that tags of something state.

    Beside a whole marking of ours the level of TLP is for those who know TLP alone, and may be stricter.
    """
    words = _names(one)
    whole = [word for word in words if OWN.fullmatch(word) and _marking(word)]
    return [marking for word in whole or words if (marking := _marking(word)) is not None]


def _unknown(one: Mapping[str, Any]) -> list[str]:
    ours = [word for word in _names(one) if word.lower().startswith(("tlp:", "watchfloor:marking="))]
    return [word for word in ours if _marking(word) is None]


def _names(one: Mapping[str, Any]) -> list[str]:
    return [name for each in _list(one.get("Tag")) if isinstance(name := _mapping(each).get("name"), str)]


def _marking(word: str) -> str | None:
    if own := OWN.fullmatch(word):
        try:
            return str(parse(own[1]))
        except MarkingError:
            return None
    level = word.upper().removeprefix("TLP:")
    level = "CLEAR" if level == "WHITE" else level
    return f"U//TLP:{level}" if word.lower().startswith("tlp:") and level in TLP else None


def _uuid(text: Any) -> str | None:
    try:
        return str(UUID(text)) if isinstance(text, str) else None
    except ValueError:
        return None


def _moment(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if isinstance(seconds, (str, int)) else None
    except (ValueError, OverflowError, OSError):
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


FORMAT: Final = Format("misp", ("intelligence-object",), sniff, read)
