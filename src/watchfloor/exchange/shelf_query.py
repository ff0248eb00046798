"""Queries of a shelf: the objects after a moment that match, each stretch of them by one index."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

MOST_LANES: Final = 400
"""Lanes that one query merges; SQLite takes 500 (SQLITE_MAX_COMPOUND_SELECT)."""

NEWEST, OLDEST = 1, 2
AGES: Final = {"last": (NEWEST, NEWEST | OLDEST), "first": (OLDEST, NEWEST | OLDEST), "all": (0, 1, 2, 3)}
"""By the words of TAXII's `match[version]`, the ages of the versions that it names."""


@dataclass(frozen=True, slots=True)
class Match:
    """Conditions on the objects of a page; an empty field names everything.

    Attributes:
        ids, types, spec_versions: of the objects.
        versions: `last`, `first`, `all`, or moments in microseconds since 1970.
    """

    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    spec_versions: tuple[str, ...] = ()
    versions: tuple[str | int, ...] = ("last",)


_WHOLE: Final = "added, body, sha256, mark"
"""Columns of which a page is joined: what SQLite reads, it also copies."""

LAST: Final = Match()
ALL: Final = Match(versions=("all",))


def select(
    database: sqlite3.Connection,
    columns: str,
    collection: int,
    after: int,
    limit: int,
    match: Match,
    *,
    whole: bool = False,
) -> sqlite3.Cursor:
    """Return the first objects after a moment: those of each lane by its index, then merged.

    `whole`: the columns are aggregates of all of them, which see them in their order; of `_WHOLE` alone.
    """
    lanes = list(_lanes(database, collection, match))
    if not lanes:
        return database.execute("SELECT 0" if whole else "SELECT NULL LIMIT 0")
    one = "SELECT * FROM (SELECT added FROM objects WHERE {} AND added > ?1 ORDER BY added LIMIT ?2)"
    merged = f"{' UNION '.join(one.format(lane) for lane, _ in lanes)} ORDER BY added LIMIT ?2"
    found = "objects" if not whole else f"(SELECT {_WHOLE} FROM objects WHERE added IN ({{}}) ORDER BY added)"  # noqa: S608
    where = "" if whole else "WHERE added IN ({}) ORDER BY added"
    query = f"SELECT {columns} FROM {found} {where}".format(merged)  # noqa: S608
    values = [value for _, some in lanes for value in some]
    return database.execute(query, [after, limit, collection, *values])


_STRETCH: Final = (
    "SELECT *, (SELECT {where} FROM objects NOT INDEXED WHERE added > last ORDER BY added LIMIT 1) "
    "FROM (SELECT {columns} FROM (SELECT {whole} FROM objects NOT INDEXED WHERE added > ?1 AND {where} "
    "AND added <= ifnull((SELECT added FROM objects NOT INDEXED WHERE added > ?1 ORDER BY added "
    "LIMIT 1 OFFSET 2 * ?2), 9223372036854775807) ORDER BY added LIMIT ?2))"
)
"""A page of what lies one behind the other: no more than twice its objects are looked at."""


def stretch(
    database: sqlite3.Connection, columns: str, collection: int, after: int, limit: int, match: Match
) -> tuple[Any, ...] | None:
    """Return aggregates of the first objects after a moment, as `select` gives them, read without an index.

    An index names each object, which is then looked for. Where most of what lies behind a moment matches, to
    read on from there takes half the time. The last value says whether the next object on the shelf matches,
    None where there is none.

    Args:
        database, collection, after, limit, match: as of `select`.
        columns: aggregates, among them `last`, the last place.

    Returns:
        One row; None where objects have to be looked for, since too few lie close together.
    """
    if match.ids or match.types or match.spec_versions or not AGES.keys() >= set(match.versions):
        return None
    query = _stretch(columns, match.versions)
    row: tuple[Any, ...] = database.execute(query, (after, limit, collection)).fetchone()
    return row if row[0] == limit else None


@lru_cache(maxsize=16)
def _stretch(columns: str, versions: tuple[str | int, ...]) -> str:
    ages = _numbers(sorted({age for one in versions for age in AGES[str(one)]}))
    return _STRETCH.format(where=f"collection = ?3 AND age IN ({ages})", columns=columns, whole=_WHOLE)


def _lanes(
    database: sqlite3.Connection, collection: int, match: Match
) -> Iterator[tuple[str, Sequence[object]]]:
    """Yield conditions of which each names a stretch of one index, with their parameters."""
    ages = sorted({age for one in match.versions if isinstance(one, str) for age in AGES[one]})
    moments = [one for one in match.versions if isinstance(one, int)]
    kinds, kind_values = _among(("type", match.types), ("spec_version", match.spec_versions))
    start = "collection = ?3"
    if match.ids:
        ids, id_values = _among(("id", match.ids))
        at = f"(age IN ({_numbers(ages)}) OR version IN ({_numbers(moments)}))"
        yield f"{start}{ids}{kinds} AND {at}", [*id_values, *kind_values]
        return
    for moment in moments:
        yield f"{start} AND version = {moment:d}{kinds}", kind_values
    forms = _forms(database, collection, match) if kinds else None
    if forms is None or len(forms) * len(ages) > MOST_LANES:
        for age in ages:
            yield f"{start} AND age = {age:d}{kinds}", kind_values
    else:
        for form in forms:
            for age in ages:
                yield f"{start} AND type = ? AND spec_version = ? AND age = {age:d}", form


def _forms(database: sqlite3.Connection, collection: int, match: Match) -> list[tuple[str, str]]:
    query = "SELECT type, spec_version FROM forms WHERE collection = ?"
    wanted, values = _among(("type", match.types), ("spec_version", match.spec_versions))
    return database.execute(query + wanted, [collection, *values]).fetchall()


def _among(*columns: tuple[str, Collection[str]]) -> tuple[str, list[str]]:
    """Conditions that columns have one of some values; none where there are no values."""
    text = "".join(f" AND {name} IN ({','.join('?' * len(values))})" for name, values in columns if values)
    return text, [value for _, values in columns for value in values]


def _numbers(values: Iterable[int]) -> str:
    return ",".join(f"{value:d}" for value in values)
