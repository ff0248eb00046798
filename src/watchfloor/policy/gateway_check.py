"""Checks of gateway files: unknown words, impossible days, columns that cannot go."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from watchfloor.core.countries import COUNTRIES, no_country
from watchfloor.core.kinds import KINDS
from watchfloor.formats.settings import SettingsError
from watchfloor.policy.gateway_rows import ROWS, Files, GatewayRow, Keys, Problem, converted, joined
from watchfloor.policy.gateways import CARRIED, nearest
from watchfloor.policy.institutions import INSTITUTIONS

SIGNAL_COLUMNS: Final = frozenset({"desk", "rule", "subjects", "strength", "message", "params"})
"""Columns that no signal can be without."""

FREE_TEXT: Final = frozenset({"memo", "context", "portions", "title", "mentions", "body", "properties"})
"""Columns of prose, in which a reporting entity might say that it made a report."""


def tells_of_report(word: str) -> bool:
    """Whether a name, such as a rule's or a column's, says that a suspicious transaction report exists."""
    parts = re.findall(r"[a-zà-ÿ0-9]+", word.casefold())
    pairs = set(pairwise(parts))
    return bool({"str", "strs", "dod"} & set(parts) or pairs & _TELLING)


_TELLING: Final = {
    *(("suspicious", "transaction"), ("suspicious", "report"), ("suspicious", "activity")),
    *(("opération", "douteuse"), ("operation", "douteuse"), ("opérations", "douteuses")),
}


def problems(given: Files) -> Iterator[Problem]:
    """All that is wrong, by file, line and key; what hangs on a wrong table or type is looked at later."""
    for check in (_wrong_tables, _wrong_types, _wrong_content):
        found = list(check(given))
        yield from found
        if found:
            return


def _wrong_tables(given: Files) -> Iterator[Problem]:
    for table in given.merged:
        if not isinstance(given.merged[table], dict):
            yield given.wrong((table,), "is no table; rows stand under [table.name]")
        elif table not in ROWS:
            yield given.wrong((table,), f"there is no table {table!r}{nearest(table, ROWS)}")


def _wrong_types(given: Files) -> Iterator[Problem]:
    for table, of in ROWS.items():
        for name, row in given.rows(table).items():
            try:
                given.source_of((table, name)).convert(row, of, (table, name))  # type: ignore[arg-type]
            except SettingsError as error:
                yield Problem(str(error))


def _wrong_content(given: Files) -> Iterator[Problem]:
    for check in (
        *(_telling_names, _wrong_parts, _wrong_countries),
        *(_wrong_fields, _wrong_records, _wrong_gateways),
    ):
        yield from check(given)


def _telling_names(given: Files) -> Iterator[Problem]:
    for table in ROWS:
        for name in given.rows(table):
            if tells_of_report(name):
                yield given.wrong((table, name), _TELLS)


def _wrong_parts(given: Files) -> Iterator[Problem]:
    for part, wholes in converted(given, "part_of"):
        for one in (part, *wholes):
            if one not in INSTITUTIONS:
                yield given.wrong(("part_of", part), _unknown("kind of institution", one, INSTITUTIONS))


def _wrong_countries(given: Files) -> Iterator[Problem]:
    for country, row in converted(given, "country"):
        if country not in COUNTRIES:
            yield given.wrong(("country", country), no_country(country))
        yield from _wrong_caveats(given, ("country", country, "caveats"), row.caveats)


def _wrong_caveats(given: Files, keys: Keys, caveats: Iterable[str]) -> Iterator[Problem]:
    for one in caveats:
        if not one.strip() or one != one.strip() or set(one) & set(",/:"):
            yield given.wrong(keys, f"{one!r} cannot stand in a marking: no comma, slash, colon or blank")
        if tells_of_report(one):
            yield given.wrong(keys, f"{one!r}: {_TELLS}")


def _wrong_fields(given: Files) -> Iterator[Problem]:
    for name, kinds in converted(given, "fields"):
        for kind, columns in kinds.items():
            keys = ("fields", name, kind)
            if tells_of_report(kind):
                yield given.wrong(keys, _TELLS)
            elif kind not in KINDS:
                yield given.wrong(keys, _unknown("kind", kind, KINDS))
            else:
                yield from _wrong_columns(given, keys, columns)


_TELLS: Final = (
    "this would say that a suspicious transaction report exists, which never goes through a gateway; "
    "take it out"
)


def _wrong_columns(given: Files, keys: Keys, columns: Iterable[str]) -> Iterator[Problem]:
    known = KINDS[keys[-1]].schema.names
    for column in columns:
        if tells_of_report(column):
            yield given.wrong(keys, f"{column!r}: {_TELLS}")
        elif column not in known:
            yield given.wrong(keys, _unknown(f"column of {keys[-1]}", column, known))
        elif column in CARRIED:
            yield given.wrong(keys, f"{column!r} always goes and is not listed")


def _wrong_records(given: Files) -> Iterator[Problem]:
    laws = given.rows("law")
    for name, row in converted(given, "record"):
        if row.law not in laws:
            yield given.wrong(("record", name, "law"), _unknown("law", row.law, laws))
        if row.due and not re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", row.due):
            yield given.wrong(("record", name, "due"), f"{row.due!r} is no day; write one such as 01-30")


def _wrong_gateways(given: Files) -> Iterator[Problem]:
    sets = dict(converted(given, "fields"))
    for id_, row in converted(given, "gateway"):
        yield from _wrong_words(given, id_, row)
        yield from _wrong_ways(given, id_, row)
        if all(name in sets for name in row.fields):
            yield from _wrong_goods(given, id_, row, joined(sets[name] for name in row.fields))


def _wrong_words(given: Files, id_: str, row: GatewayRow) -> Iterator[Problem]:
    """Words that the table does not know."""
    at = ("gateway", id_)
    words: tuple[tuple[str, str, Iterable[str], Iterable[str]], ...] = (
        ("law", "law", (row.law,), given.rows("law")),
        ("purpose", "purpose", (row.purpose,), given.rows("purpose")),
        ("from", "kind of institution", row.from_, INSTITUTIONS),
        ("to", "kind of institution", row.to, INSTITUTIONS),
        ("fields", "set of fields", row.fields, given.rows("fields")),
        ("records", "record", row.records, given.rows("record")),
    )
    for key, what, found, known in words:
        for word in found:
            if word not in known:
                yield given.wrong((*at, key), _unknown(what, word, known))
    yield from _wrong_caveats(given, (*at, "caveats"), row.caveats)
    for key, named in (("from", row.from_), ("to", row.to), ("forms", row.forms)):
        if not named:
            yield given.wrong((*at, key), "is empty, so nothing could go; end the row with expires instead")


def _wrong_ways(given: Files, id_: str, row: GatewayRow) -> Iterator[Problem]:
    """Days and directions that contradict one another."""
    at = ("gateway", id_)
    if row.expires is not None and row.expires < row.since:
        yield given.wrong((*at, "expires"), f"{row.expires} is before since, {row.since}: it never stands")
    if "foreign-state" in row.to:
        yield given.wrong(
            (*at, "to"),
            "nothing goes to a state that is no partner by itself: see watchfloor share letter draft",
        )
    abroad = [one for one in row.to if one in INSTITUTIONS and INSTITUTIONS[one].abroad]
    if "foreign-partner" in abroad and not row.foreign:
        yield given.wrong((*at, "to"), "leads abroad: say foreign = true, which wants a risk check")
    if row.foreign and "foreign-partner" not in row.from_ and len(abroad) < len(row.to):
        yield given.wrong((*at, "foreign"), "leads abroad and to institutions at home: make two rows of it")
    if "basis" in row.needs and row.basis is None:
        yield given.wrong((*at, "needs"), "wants a basis and does not say which: add basis.en and basis.fr")


def _wrong_goods(
    given: Files, id_: str, row: GatewayRow, fields: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    """Columns that cannot go, or without which nothing can."""
    keys = ("gateway", id_, "fields")
    evidence = {kind: columns for kind, columns in fields.items() if kind != "disclosure"}
    if "signal" in row.forms and (missing := SIGNAL_COLUMNS - fields.get("disclosure", frozenset())):
        yield given.wrong(keys, f"a signal cannot be without {', '.join(sorted(missing))}")
    if "evidence" in row.forms and not evidence:
        yield given.wrong(keys, "evidence may go, and no kind has columns: add a set, or take the form out")
    for kind, columns in evidence.items() if "evidence" in row.forms else []:
        if kind in KINDS and (lacking := _needed(kind) - columns - CARRIED):
            yield given.wrong(keys, f"a {kind} cannot be without {', '.join(sorted(lacking))}")
    if "reporting-entity" in row.from_ and row.to != ("financial-intelligence-unit",):
        for kind, columns in fields.items():
            if prose := columns & FREE_TEXT:
                yield given.wrong(
                    keys,
                    f"{kind}.{min(prose)} is prose of a reporting entity, which may say that it made a "
                    "report; it goes to the financial intelligence unit alone",
                )


def _needed(kind: str) -> frozenset[str]:
    return frozenset(field.name for field in KINDS[kind].schema if not field.nullable)


def _unknown(what: str, word: str, known: Iterable[str]) -> str:
    return f"{word!r} is no {what}{nearest(word, known)}"
