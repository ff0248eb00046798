"""Rows as objects of STIX 2.1.

A signal is a note on what it is about, with its place as a location; a lead is a grouping; a named party is
an identity; a report is a report; other records are notes, and payments observed data. What STIX has no word
for stands in an extension, with all columns of the row, so that nothing is lost to who knows it. An object
of intelligence goes out as it came.

An object depends on its row alone, on when it is shared and on the marking of what names the same subject, so
that the same rows give the same bytes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.wording.titles import subject as called
from watchfloor.core.kinds import DISCLOSURE, KINDS
from watchfloor.core.marking import join
from watchfloor.core.messages import Reason
from watchfloor.core.subjects import TYPES, parts
from watchfloor.exchange.bundles.sent import row_names
from watchfloor.exchange.sharing import Shared
from watchfloor.exchange.stix import ids
from watchfloor.exchange.stix.markings import PUBLISHED, definitions, refs
from watchfloor.formats.intelligence.stix_markings import OWN_EXTENSION
from watchfloor.formats.intelligence.stix_rows import NAME

if TYPE_CHECKING:
    from watchfloor.cell.leads import Lead

Object = dict[str, Any]
"""An object of STIX, as JSON has it."""
Row = Mapping[str, Any]

ROWS: Final = 2048
"""Rows that are turned into Python values at a time."""
INTELLIGENCE: Final = "intelligence-object"
LEAD: Final = "lead"
PROPERTY: Final = "property-extension"
_OBSERVABLE: Final[Mapping[str, str]] = {
    "email": "email-addr",
    "domain": "domain-name",
    "ipv4": "ipv4-addr",
    "ipv6": "ipv6-addr",
    "url": "url",
}
"""Types of STIX whose `value` is the number of a key `address:SYSTEM:NUMBER`."""
_CLASSES: Final = {"person": "individual", "company": "organization"}
"""`identity_class` of a type of subject; of a thing it is unknown."""
_SCHEMAS: Final = {"Person": "individual", "Organization": "organization", "Company": "organization"}


def extension(kind: str) -> str:
    """Return the id of the extension that carries rows of a kind."""
    return ids.published("extension-definition", f"extension/{kind}")


PUBLISHER: Final = ids.published("identity", "identity/watchfloor")


@cache
def publisher() -> Object:
    """Return the identity in whose name the extensions are published."""
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": PUBLISHER,
        "created": PUBLISHED,
        "modified": PUBLISHED,
        "created_by_ref": PUBLISHER,
        "name": "Watchfloor",
        "identity_class": "system",
    }


@cache
def extension_definition(kind: str) -> Object:
    """Return the definition of the extension that carries markings (`marking`), leads or rows of a kind."""
    name, about, schema = _described(kind)
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": OWN_EXTENSION if kind == "marking" else extension(kind),
        "created": PUBLISHED,
        "modified": PUBLISHED,
        "created_by_ref": PUBLISHER,
        "name": name,
        "description": about,
        "schema": schema,
        "version": "1.0.0",
        "extension_types": [PROPERTY],
    }


def _described(kind: str) -> tuple[str, str, str]:
    if kind == "marking":
        how = (
            "marking: text such as PB//TLP:AMBER//REL:CAN,USA: levels, TLP, who may see it for what."
            " subjects: typed keys such as vessel:imo:9074729 of what the object is."
        )
        return "Watchfloor marking", "The whole marking of an object, of which TLP states the nearest.", how
    if kind == LEAD:
        how = "hypothesis, bits, probability; subjects: typed keys"
        return "Watchfloor lead", "What signals about one matter add up to, for a person to look at.", how
    fields = [one for one in KINDS[kind].schema if one.name != "record_id"]
    columns = "\n".join(
        f"{one.name} ({one.type}): {(one.metadata or {}).get(b'doc', b'').decode()}" for one in fields
    )
    how = f"kind, row: which row it is. subjects: typed keys. record: the columns of the row.\n{columns}"
    return f"Watchfloor {kind}", KINDS[kind].doc, how


@dataclass(frozen=True, slots=True)
class Renderer:
    """Rows of one sharing as objects.

    Attributes:
        shared: the rows.
        markings: of each subject the join of the markings of all rows that name it.
        names: of subjects whose party is shared too.
    """

    shared: Shared
    markings: Mapping[str, str]
    names: Mapping[str, str]
    _made: dict[str, Object] = field(default_factory=dict)

    @classmethod
    def make(cls, shared: Shared) -> "Renderer":
        """Look through the rows for what they name."""
        markings: dict[str, set[str]] = {}
        names: dict[str, str] = {}
        for kind, rows in shared.records.items():
            if kind == INTELLIGENCE:
                continue
            for row in chain.from_iterable(values for _, values in named_rows(kind, rows)):
                for key in _keys(kind, row):
                    markings.setdefault(key, set()).add(row["marking"])
                if kind == "party" and row.get("subject") and row.get("name"):
                    known = names.get(row["subject"])
                    names[row["subject"]] = min(known, row["name"]) if known else row["name"]
        for lead in shared.leads:
            for key in lead.subjects or (lead.subject,):
                markings.setdefault(key, set()).add(lead.marking)
        return cls(shared, {key: join(of) for key, of in markings.items()}, names)

    @property
    def node(self) -> str:
        """Id of the identity of who shares."""
        return ids.keyed(self.shared.key, "identity", "node", self.shared.node.name)

    def heads(self) -> Iterator[Object]:
        """Yield who shares, and the definitions of the extensions and markings that the rows need."""
        own = {
            kind: rows for kind, rows in self.shared.records.items() if kind != INTELLIGENCE and rows.num_rows
        }
        if own or self.shared.leads:
            yield publisher()
            for kind in ("marking", *own, *([LEAD] if self.shared.leads else [])):
                yield extension_definition(kind)
            yield {
                "type": "identity",
                "spec_version": "2.1",
                "id": self.node,
                "created": PUBLISHED,
                "modified": PUBLISHED,
                "created_by_ref": self.node,
                "name": self.shared.node.name,
                "description": f"{self.shared.node.institution}, {self.shared.node.country}",
                "identity_class": "organization",
            }
        texts = [text for rows in own.values() for text in pc.unique(rows["marking"]).to_pylist()]
        texts += [lead.marking for lead in self.shared.leads]
        yield from _distinct(
            each for text in sorted({*texts, *self.markings.values()}) for each in definitions(text)
        )

    def row(self, kind: str, name: str, row: Row) -> Iterator[Object]:
        """Yield the objects of a row: what it names, then itself."""
        if kind == INTELLIGENCE:
            if row.get("standard") == NAME and row.get("body"):
                yield msgspec.json.decode(row["body"])
            return
        about = [self._subject(key) for key in _keys(kind, row)]
        yield from about
        if (place := self._place(kind, name, row)) is not None:
            about.append(place)
            yield place
        yield from self._itself(kind, name, row, [one["id"] for one in about])

    def _itself(self, kind: str, name: str, row: Row, about: list[str]) -> Iterator[Object]:
        if kind == "party":
            yield from self._party(name, row, about)
        elif kind == "report":
            text = "\n\n".join(one["text"] for one in row.get("portions") or ())
            more = {
                "name": row.get("title") or f"report {name}",
                "published": self._time(row.get("observed_at")),
            }
            more |= {"report_types": ["observed-data"], "object_refs": about or [self.node]}
            yield self._made_of("report", kind, name, row, more | ({"description": text} if text else {}))
        elif kind == "payment" and (seen := [one for one in about if not one.startswith("identity--")]):
            at = self._time(row.get("observed_at"))
            more = {"first_observed": at, "last_observed": at, "number_observed": 1, "object_refs": seen}
            yield self._made_of("observed-data", kind, name, row, more)
        else:
            said = _sentence(row, self.shared) if kind == DISCLOSURE.name else _columns(kind, row)
            more = {"content": said, "object_refs": about or [self.node], "lang": self.shared.language}
            if kind == DISCLOSURE.name and row.get("rule"):
                more |= {"abstract": f"{row['desk']}: {row['rule']}", "labels": [row["desk"], row["rule"]]}
            yield self._made_of("note", kind, name, row, more)

    def _party(self, name: str, row: Row, about: list[str]) -> Iterator[Object]:
        """Yield an identity as it was delivered, and that it is of the subject."""
        schema = _SCHEMAS.get(row.get("schema") or "", "unknown")
        more = {"name": row.get("name") or f"party {name}", "identity_class": schema}
        more |= {"roles": [row["role"]]} if row.get("role") else {}
        one = self._made_of("identity", "party", name, row, more)
        yield one
        for subject in about:
            relation = {"relationship_type": "related-to", "source_ref": one["id"], "target_ref": subject}
            yield (
                self._marked("relationship", f"party/{name}/{subject}", row["marking"], self._born(row))
                | relation
            )

    def lead(self, lead: "Lead") -> Iterator[Object]:
        """Yield the objects of a lead: what it names, then a grouping of that and of its signals."""
        about = [self._subject(key) for key in dict.fromkeys((lead.subject, *lead.subjects))]
        yield from about
        rows = self.shared.records.get(DISCLOSURE.name)
        shared = {*row_names(DISCLOSURE.name, rows)} if rows is not None else set()
        signals = [one.signal_id.hex() for one in lead.signals if one.signal_id.hex() in shared]
        notes = [self._id("note", DISCLOSURE.name, one) for one in dict.fromkeys(signals)]
        first = called(lead.subject, {}, self.shared.language)
        said = {"hypothesis": lead.hypothesis, "bits": lead.bits, "probability": lead.probability}
        made = self._marked("grouping", f"{LEAD}/{lead.lead_id}", lead.marking, lead.at)
        made["extensions"][extension(LEAD)] = {
            "extension_type": PROPERTY,
            "subjects": [lead.subject, *(key for key in lead.subjects if key != lead.subject)],
            "record": said,
        }
        yield made | {
            "name": f"{lead.hypothesis}: {first}",
            "context": "unspecified",
            "confidence": round(100 * lead.probability),
            "object_refs": [*(one["id"] for one in about), *notes],
        }

    def _made_of(self, of: str, kind: str, name: str, row: Row, more: Mapping[str, Any]) -> Object:
        """Return an object for a row, with all its columns in the extension of its kind."""
        made = self._marked(of, f"{kind}/{name}", row["marking"], self._born(row))
        keys = _keys(kind, row)
        record = {
            column: _plain(value) for column, value in row.items() if _tells(value) and column != "marking"
        }
        made["extensions"][extension(kind)] = {
            "extension_type": PROPERTY,
            "kind": kind,
            "row": name,
            **({"subjects": keys} if keys else {}),
            **({"record": record} if record else {}),
        }
        if row.get("retracted"):
            made["revoked"] = True
        return {**made, **more}

    def _marked(self, of: str, name: str, marking: str, born: datetime | None) -> Object:
        """Return the beginning of an object of ours, under a marking."""
        at = self.shared.at
        created = min(born, at) if born else at
        return {
            "type": of,
            "spec_version": "2.1",
            "id": ids.keyed(self.shared.key, of, name),
            "created": stamp(created),
            "modified": stamp(at),
            "created_by_ref": self.node,
            "object_marking_refs": [*refs(marking)],
            "extensions": {OWN_EXTENSION: {"extension_type": PROPERTY, "marking": marking}},
        }

    def _id(self, of: str, kind: str, name: str) -> str:
        return ids.keyed(self.shared.key, of, f"{kind}/{name}")

    def _born(self, row: Row) -> datetime | None:
        born: datetime | None = row.get("observed_at") or row.get("since")
        return born

    def _time(self, at: datetime | None) -> str:
        return stamp(at or self.shared.at)

    def _place(self, kind: str, name: str, row: Row) -> Object | None:
        latitude, longitude = row.get("latitude"), row.get("longitude")
        if latitude is None or longitude is None:
            return None
        made = self._marked("location", f"{kind}/{name}", row["marking"], self._born(row))
        made |= {"latitude": latitude, "longitude": longitude, "name": f"{latitude:.5f}, {longitude:.5f}"}
        made |= {"precision": float(row["radius"])} if row.get("radius") else {}
        return made | {"region": _region(latitude, longitude)}

    def _subject(self, key: str) -> Object:
        """Return the object of a subject: an address or an account as what is observed, else an identity."""
        if key not in self._made:
            self._made[key] = self._new_subject(key)
        return self._made[key]

    def _new_subject(self, key: str) -> Object:
        type_, system, number = parts(key)
        marking = self.markings[key]
        own = {"extension_type": PROPERTY, "marking": marking, "subjects": [key]}
        common: Object = {"object_marking_refs": [*refs(marking)], "extensions": {OWN_EXTENSION: own}}
        if type_ == "address" and system in _OBSERVABLE:
            of, said = _OBSERVABLE[system], {"value": number}
        elif type_ in ("account", "phone"):
            of, said = (
                "user-account",
                {"account_type": "phone" if type_ == "phone" else system, "user_id": number},
            )
        else:
            made = self._marked("identity", f"subject/{key}", marking, None) | common
            made["created"] = min(PUBLISHED, made["modified"])
            name = self.names.get(key) or called(key, {}, self.shared.language)
            return made | {"name": name, "identity_class": _CLASSES.get(type_, "unknown")}
        return {"type": of, "spec_version": "2.1", "id": ids.observable(of, said), **said, **common}


def _region(latitude: float, longitude: float) -> str:
    """Return STIX's word for Canada, the United States and their waters; a profile asks for some word."""
    return "northern-america" if 24 <= latitude <= 84 and -170 <= longitude <= -50 else "unknown"


def _keys(kind: str, row: Row) -> list[str]:
    """Return the typed keys that a row names, each once, in the order of its columns."""
    found: dict[str, None] = {}
    for column, value in row.items():
        if column in _NO_KEYS:
            continue
        values: Iterable[Any] = (
            (value,) if isinstance(value, str) else value if isinstance(value, list) else ()
        )
        for one in values:
            text = one.get("subject") if isinstance(one, dict) and kind == "report" else one
            if isinstance(text, str) and _KEY.match(text):
                found[text] = None
    return [*found]


_KEY: Final = re.compile(rf"(?:{'|'.join(TYPES)}):[a-z0-9][a-z0-9._-]*:\S")
_NO_KEYS: Final = frozenset(
    "report_key origins marking message params content text name context memo branch".split()
)
"""Columns of prose or of others' numbers, in which what looks like a key is none."""


def _sentence(row: Row, shared: Shared) -> str:
    """Return why a desk asserts it, in words; of a sentence that is not known here its name."""
    message, params = row.get("message"), row.get("params")
    if not message:
        return ", ".join(called(key, {}, shared.language) for key in row.get("subjects") or ())
    try:
        return Reason(message, msgspec.json.decode(params or "{}")).render(shared.language)
    except (KeyError, ValueError, IndexError):
        return f"{message} {params or ''}".strip()


def _columns(kind: str, row: Row) -> str:
    """Return the columns of a record as lines."""
    told = {name: _plain(value) for name, value in row.items() if _tells(value) and name not in _UNTOLD}
    lines = (f"{name}: {_line(value)}" for name, value in told.items())
    return "\n".join((kind, *lines))


_UNTOLD: Final = frozenset(("report_key", "origins", "marking"))


def _line(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()


def _tells(value: Any) -> bool:
    return value is not None and value != []


def _plain(value: Any) -> Any:
    """Return a value of a column as JSON has it."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case Decimal():
            return str(value)
        case dict():
            return {name: _plain(each) for name, each in value.items() if each is not None}
        case list():
            return [_plain(each) for each in value]
    return value


def stamp(at: datetime) -> str:
    """Return a moment to the millisecond, as STIX wants it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _distinct(objects: Iterable[Object]) -> Iterator[Object]:
    seen: set[str] = set()
    for one in objects:
        if one["id"] not in seen:
            seen.add(one["id"])
            yield one


def named_rows(kind: str, rows: pa.Table) -> Iterator[tuple[Sequence[str], Sequence[Row]]]:
    """Yield the names and the values of a table's rows, some at a time."""
    for start in range(0, rows.num_rows, ROWS):
        part = rows.slice(start, ROWS)
        yield row_names(kind, part), part.to_pylist()
