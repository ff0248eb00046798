"""FollowTheMoney: shared rows as entities, one JSON object a line, as OpenAleph and yente read them.

Source: the model of followthemoney 4 (MIT). What has no schema there (a signal, a reading) is a `Note` about
the entities that it names. Somebody's own entities go as they came. An id is keyed by the floor: a subject is
one entity in every file of a node, and nobody can tell from it what a guess would have. Everything says its
marking: a thing in `notes`, a relation in `summary`.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b, sha1
from typing import Any, BinaryIO, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DISCLOSURE, INTELLIGENCE_OBJECT
from watchfloor.exchange.bundles.sent import row_names
from watchfloor.exchange.sharing import Shared, sentence

Entity = dict[str, Any]
Row = Mapping[str, Any]
Properties = Mapping[str, Sequence[str | None]]

ROWS: Final = 4096
"""Rows that are turned into entities at a time."""

SCHEMATA: Final[Mapping[str, str]] = {
    "person": "Person",
    "company": "Company",
    "organization": "Organization",
    "vessel": "Vessel",
    "aircraft": "Airplane",
    "vehicle": "Vehicle",
    "account": "BankAccount",
    "wallet": "CryptoWallet",
}
"""Schema of a subject by the type of its key; others are an `Asset`."""
NAMED: Final = frozenset(
    {"Person", "Organization", "Company", "LegalEntity", "PublicBody", "Vessel", "Airplane"}
)
"""Schemata that a party may be of."""
NUMBERS: Final[Mapping[tuple[str, str], str]] = {
    ("Vessel", "imo"): "imoNumber",
    ("Vessel", "mmsi"): "mmsi",
    ("BankAccount", "iban"): "iban",
    ("CryptoWallet", "address"): "publicKey",
    ("Person", "passport"): "passportNumber",
}
"""Property of a number by schema and by the system that numbers it."""
OF_KEY: Final[Mapping[str, str]] = {"phone": "phone", "address:email": "email"}

COLUMNS: Final = (
    *("canonical_id", "entity_id", "prop", "prop_type", "schema", "value", "dataset", "origin", "lang"),
    *("original_value", "external", "first_seen", "last_seen", "id"),
)
"""Of statements as CSV."""

_encode: Final = msgspec.json.Encoder(order="sorted").encode


def write(shared: Shared, stream: BinaryIO) -> int:
    """Write entities, one a line; return how many."""
    count = 0
    for one in entities(shared):
        stream.write(_encode(one) + b"\n")
        count += 1
    return count


def statements(shared: Shared, stream: BinaryIO) -> int:
    """Write the statements that make the entities, as CSV of followthemoney 4; return of how many entities.

    `prop_type` is left out: readers find it in the model.
    """
    count, at = 0, shared.at.astimezone(UTC).isoformat(timespec="seconds")
    text = io.TextIOWrapper(stream, "utf-8", newline="", write_through=True)
    lines = csv.writer(text, dialect=csv.unix_dialect)
    lines.writerow(COLUMNS)
    for one in entities(shared):
        id_, schema = one["id"], one["schema"]
        dataset = next(iter(one.get("datasets") or ()), shared.node.name)
        values = [(name, value) for name, all_ in one["properties"].items() for value in all_]
        for name, value in (("id", id_), *values):
            # The id of a statement is so in followthemoney 4; it is no secret, and protects nothing.
            key = sha1(f"{dataset}.{id_}.{name}.{value}".encode(), usedforsecurity=False).hexdigest()
            lines.writerow((id_, id_, name, "", schema, value, dataset, "", "", "", "f", at, at, key))
        count += 1
    text.detach()
    return count


def entities(shared: Shared) -> Iterator[Entity]:
    """Yield the entities of shared rows: first what rows say, then the subjects that are only named."""
    writer = _Writer(shared)
    for kind, rows in shared.records.items():
        for start in range(0, rows.num_rows, ROWS):
            some = rows.slice(start, ROWS)
            for name, row in zip(row_names(kind, some), some.to_pylist(), strict=True):
                yield from writer.row(kind, name, row)
    for lead in shared.leads:
        about = [lead.subject, *lead.subjects]
        yield from writer.note("lead", lead.lead_id, lead.marking, lead.hypothesis, "", about, lead.at)
    yield from writer.rest()


def fits(kind: str, rows: pa.Table) -> Any:
    """Return which rows are entities: of objects of intelligence those in FollowTheMoney."""
    if kind == INTELLIGENCE_OBJECT.name:
        return pc.fill_null(pc.equal(rows["standard"], "ftm"), False)
    return pa.repeat(pa.scalar(True), rows.num_rows)


class _Writer:
    """Entities of one sharing: which subjects were said, and which are only named yet."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._said: set[str] = set()
        self._named: dict[str, str] = {}

    def row(self, kind: str, name: str, row: Row) -> Iterator[Entity]:
        """Yield the entities of a row."""
        if kind == INTELLIGENCE_OBJECT.name:
            if row["standard"] == "ftm":
                yield msgspec.json.decode(row["body"])
        elif kind == "party":
            yield self._party(name, row)
        elif kind == "payment":
            yield self._payment(name, row)
        elif kind == "report":
            yield from self._report(name, row)
        elif kind == DISCLOSURE.name:
            head = " ".join(filter(None, (row["desk"], row["rule"], row["strength"]))) or row["form"]
            text = sentence(row, self._shared.language)
            yield from self.note(kind, name, row["marking"], head, text, row["subjects"], row["since"])
        else:
            about = [
                value
                for column in ("subject", "substance", "importer", "shipper")
                if (value := row.get(column))
            ]
            yield from self.note(kind, name, row["marking"], kind, _plain(row), about, row["observed_at"])

    def note(
        self,
        kind: str,
        name: str,
        marking: str,
        head: str,
        text: str,
        about: Iterable[str],
        at: datetime | None,
    ) -> Iterator[Entity]:
        """Yield a note about subjects."""
        subjects = list(dict.fromkeys(about or ()))
        said: Properties = {
            "name": [head],
            "description": [text],
            "entity": [self._subject(one, marking) for one in subjects],
            "keywords": subjects,
            "createdAt": [_moment(at)],
        }
        yield self._entity("Note", self._id(kind, name), marking, said)

    def rest(self) -> Iterator[Entity]:
        """Yield the subjects that rows name and no row describes."""
        for key, marking in self._named.items():
            if key not in self._said:
                yield self._of_key(key, marking)

    def _party(self, name: str, row: Row) -> Entity:
        schema = (
            row["schema"] if row["schema"] in NAMED else SCHEMATA.get(row["subject"].partition(":")[0], "")
        )
        if schema not in NAMED:
            schema = "LegalEntity"
        first = row["subject"] not in self._said
        self._said.add(row["subject"])
        said: dict[str, list[str | None]] = {
            # Several parties of one subject are one entity: readers join statements by their id.
            "name": [row["name"]] if first else [],
            "alias": [] if first else [row["name"]],
            "country": [row["country"]],
            "keywords": [row["subject"], row["role"], name],
            "birthDate": [row["birth_date"]] if schema == "Person" else [],
        }
        other = "idNumber" if schema == "Person" else "registrationNumber"
        for one in row["identifiers"] or ():
            said.setdefault(NUMBERS.get((schema, one["system"]), other), []).append(one["number"])
        return self._entity(schema, self._id("subject", row["subject"]), row["marking"], said)

    def _payment(self, name: str, row: Row) -> Entity:
        said: dict[str, list[str | None]] = {
            "amount": [str(row["amount"]) if row["amount"] is not None else None],
            "currency": [row["currency"]],
            "date": [_moment(row["observed_at"])],
            "purpose": [row["memo"]],
            "recordId": [name],
        }
        for side, of in (("payer", "payer"), ("payee", "beneficiary")):
            if row[side]:
                account = "Account" if row[side].startswith("account:") else ""
                said[f"{of}{account}"] = [self._subject(row[side], row["marking"])]
        return self._entity("Payment", self._id("payment", name), row["marking"], said)

    def _report(self, name: str, row: Row) -> Iterator[Entity]:
        document = self._id("report", name)
        said: Properties = {
            "title": [row["title"]],
            "author": [row["author"]],
            "date": [_moment(row["observed_at"])],
            "bodyText": [one["text"] for one in row["portions"] or ()],
        }
        yield self._entity("Article", document, row["marking"], said)
        for subject in dict.fromkeys(row["subjects"] or ()):
            link: Properties = {"document": [document], "entity": [self._subject(subject, row["marking"])]}
            yield self._entity(
                "Documentation", self._id("documentation", name, subject), row["marking"], link
            )

    def _of_key(self, key: str, marking: str) -> Entity:
        of, _, rest = key.partition(":")
        system, _, number = rest.partition(":")
        schema = SCHEMATA.get(of, "Asset")
        prop = NUMBERS.get((schema, system))
        said: Properties = {"name": [number or key], "keywords": [key], **({prop: [number]} if prop else {})}
        return self._entity(schema, self._id("subject", key), marking, said)

    def _subject(self, key: str, marking: str) -> str:
        """Return the id of a subject, which is written once."""
        self._named.setdefault(key, marking)
        return self._id("subject", key)

    def _id(self, *parts: str) -> str:
        return _keyed(self._shared.key, parts)

    def _entity(self, schema: str, id_: str, marking: str, properties: Properties) -> Entity:
        where = "summary" if schema in ("Payment", "Documentation") else "notes"
        own: Properties = {where: [marking], "publisher": [self._shared.node.name]}
        said = {name: [one for one in values if one] for name, values in (*properties.items(), *own.items())}
        kept = {name: values for name, values in said.items() if values}
        return {"id": id_, "schema": schema, "properties": kept, "datasets": [self._shared.node.name]}


@lru_cache(maxsize=1 << 16)
def _keyed(key: bytes, parts: tuple[str, ...]) -> str:
    return blake2b("\x1f".join(parts).encode(), digest_size=16, key=key[:64], person=b"ftm").hexdigest()


def _moment(at: datetime | None) -> str | None:
    """Return a moment as the model cleans it: in UTC, without an offset."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at else None


def _plain(row: Row) -> str:
    left = ("report_key", "origins", "marking", "source", "locator")
    return "; ".join(
        f"{name}: {value}" for name, value in row.items() if value not in (None, [], "") and name not in left
    )
