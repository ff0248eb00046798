"""French names of the law's items: of the same number, unless the texts number siblings differently."""

import re
from collections.abc import Iterable
from dataclasses import replace

from design.law_rows import Row


def with_french(rows: list[Row], french: list[Row]) -> list[Row]:
    """With the names of the French text: of the same item, or of one with the same head name in English."""
    newest = {row.key: row for row in rows}
    by_key = {row.key: row for row in french}
    partner = {key: _partner(row, by_key) for key, row in newest.items() if key in by_key}
    by_name = {
        newest[key].names[0].casefold(): other.names
        for key, other in partner.items()
        if newest[key].names and other.names
    }
    return [_translated(row, newest[row.key], partner.get(row.key), by_name) for row in rows]


def _translated(row: Row, newest: Row, partner: Row | None, by_name: dict[str, tuple[str, ...]]) -> Row:
    if not row.names:
        return row
    if partner is not None and row.names[0] == newest.names[0]:
        other = "" if partner.key == row.key else partner.entry.item
        names = partner.names if row.names == newest.names else partner.names[:1]
        return replace(row, names_fr=names, item_fr=other)
    names = by_name.get(row.names[0].casefold(), ())
    return replace(row, names_fr=names if len(row.names) > 1 else names[:1])


def _partner(row: Row, french: dict[str, Row]) -> Row:
    """The French item of the same number, or the sibling that has the same code (JWH-251 is not JWH-302)."""
    same = french[row.key]
    if not codes(row.names) or not codes(same.names) or codes(row.names) == codes(same.names):
        return same
    siblings = [one for one in french.values() if one.under == row.under]
    return next((one for one in siblings if codes(one.names) == codes(row.names)), same)


def codes(names: Iterable[str]) -> frozenset[str]:
    """Laboratory codes among names, such as `JWH-251`: they are the same in every language."""
    return frozenset(one for one in names if re.fullmatch(r"[A-Z0-9]+[- ]\d[\d,]*|[A-Z0-9-]{4,}", one))
