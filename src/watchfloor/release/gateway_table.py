"""The table of gateways: `gateways.toml`, which counsel can read and edit, and a node's own file over it.

A node's `gateways.toml` beside its `floor.toml` adds rows, ends them or changes them.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from watchfloor.release.gateways import Gateway, nearest

PACKAGED: Final = "gateways.toml"
FORMS: Final = frozenset({"signal", "pointer", "evidence"})
NEEDS: Final = frozenset({"accuracy", "basis"})

_TABLES: Final = {"part_of", "law", "purpose", "fields", "record", "gateway"}


class GatewayError(ValueError):
    """A table that cannot be used, or a gateway that is not in it; the message names row and key."""


@dataclass(frozen=True, slots=True)
class Law:
    """An Act or a regulation.

    Attributes:
        name: as rows and citations write it, such as PCMLTFA.
        title: by language.
        country: whose law it is, ISO 3166-1 alpha-3.
        source: the file of Justice Laws that was read.
        read: the day that file is current to; None where nobody has read it.
    """

    name: str
    title: Mapping[str, str]
    country: str = "CAN"
    source: str = ""
    read: date | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table: laws, what purposes mean, and gateways by id."""

    laws: Mapping[str, Law]
    purposes: Mapping[str, Mapping[str, str]]
    gateways: Mapping[str, Gateway]


def load(own: Path | None = None) -> dict[str, Gateway]:
    """The gateways by id: the packaged table's, with what a node's own file adds, ends and changes.

    Args:
        own: the node's `gateways.toml`; one that is not there changes nothing.

    Raises:
        GatewayError: a row cannot be used; the message names file, row and key.
    """
    return dict(load_table(own).gateways)


def load_table(own: Path | None = None) -> Table:
    """The same with laws and purposes. Raises `GatewayError`."""
    packaged = (files(__package__) / PACKAGED).read_text("utf-8")
    if own is None or not own.exists():
        return parse((PACKAGED, packaged))
    return parse((PACKAGED, packaged), (str(own), own.read_text("utf-8")))


def parse(*texts: tuple[str, str]) -> Table:
    """A table from (name, text) of files, a later one's rows over an earlier one's. Raises `GatewayError`."""
    merged: dict[str, Any] = {}
    for name, text in texts:
        try:
            _merge(merged, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise GatewayError(f"{name}: {error}") from error
    laws = {name: _law(name, rows) for name, rows in merged.get("law", {}).items()}
    rows = merged.get("gateway", {})
    return Table(
        laws, merged.get("purpose", {}), {id_: _gateway(id_, row, merged, laws) for id_, row in rows.items()}
    )


def pick(gateways: Mapping[str, Gateway], id_: str) -> Gateway:
    """The gateway of an id. Raises `GatewayError` with the nearest id."""
    if id_ in gateways:
        return gateways[id_]
    raise GatewayError(
        f"there is no gateway {id_!r}{nearest(id_, gateways)}; `watchfloor gateway list` has all"
    )


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Tables of the same name are joined, all else is replaced."""
    for key, value in other.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = dict(value) if isinstance(value, Mapping) else value


def _law(name: str, row: Mapping[str, Any]) -> Law:
    return Law(name, row["title"], row.get("country", "CAN"), row.get("source", ""), row.get("read"))


def _gateway(id_: str, row: Mapping[str, Any], table: Mapping[str, Any], laws: Mapping[str, Law]) -> Gateway:
    sets = table.get("fields", {})
    parts = table.get("part_of", {})
    try:
        return Gateway(
            id=id_,
            law=row["law"],
            section=row["section"],
            also=tuple(row.get("also", ())),
            from_=_with_parts(row["from"], parts),
            to=_with_parts(row["to"], parts),
            purpose=row["purpose"],
            test=row["test"],
            fields=_joined(sets[name] for name in row["fields"]),
            forms=frozenset(row["forms"]),
            needs=frozenset(row.get("needs", ())),
            basis=row.get("basis", {}),
            records=tuple(row.get("records", ())),
            since=row["since"],
            expires=row.get("expires"),
            foreign=row.get("foreign", False),
            checked=row.get("checked", False),
            caveats=frozenset(row.get("caveats", ())),
            note=row.get("note", {}),
            country=laws[row["law"]].country,
        )
    except KeyError as error:
        raise GatewayError(f"gateway {id_!r}: {error.args[0]!r} is missing or unknown") from error


def _with_parts(institutions: Iterable[str], parts: Mapping[str, Iterable[str]]) -> frozenset[str]:
    named = frozenset(institutions)
    return named | {part for part, wholes in parts.items() if named & set(wholes)}


def _joined(sets: Iterable[Mapping[str, Iterable[str]]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for one in sets:
        for kind, columns in one.items():
            found[kind] = found.get(kind, frozenset()) | frozenset(columns)
    return found
