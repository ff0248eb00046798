"""Full-text search over reports, as one reader sees them.

The index is made for each search of what this reader may see, in memory (SQLite FTS5), and is gone with the
answer. So nothing that is hidden has a part in counts, ranks or snippets, an erased report is in no index,
and there is none to keep up to date: a hundred thousand portions take two seconds on one core.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor

COLUMNS: Final = (
    "record_id",
    "source",
    "report_key",
    "observed_at",
    "marking",
    "title",
    "author",
    "portions",
)
SNIPPET: Final = 24
"""Words of a snippet."""

_TERM: Final = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Found:
    """A portion that holds the words.

    Attributes:
        report: the columns `COLUMNS` of its report, but for the text.
        portion: its number, from 1.
        page: it stands on, or None.
        snippet: its text around the words, which stand in 【brackets】.
    """

    report: dict[str, Any]
    portion: int
    page: int | None
    snippet: str


def search(
    floor: Floor, reader: Reader, words: str, top: int, as_of: int | datetime | None = None
) -> tuple[list[Found], int]:
    """The best portions of reports that hold all the words, and how many portions do.

    Case and accents do not matter. `"two words"` in quotes stand together, `word*` is the start of a word.

    Raises:
        ValueError: there is no word to look for.
    """
    query = fts(words)
    reports = floor.read("report", reader, as_of, list(COLUMNS), latest=True).to_pylist()
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(
            "CREATE VIRTUAL TABLE portions USING fts5(text, title, report UNINDEXED, portion UNINDEXED,"
            " tokenize = 'unicode61 remove_diacritics 2')"
        )
        database.executemany("INSERT INTO portions VALUES (?, ?, ?, ?)", _rows(reports))
        (count,) = database.execute(
            "SELECT count(*) FROM portions WHERE portions MATCH ?", (query,)
        ).fetchone()
        hits = database.execute(
            "SELECT report, portion, snippet(portions, 0, '【', '】', '…', ?) FROM portions"
            " WHERE portions MATCH ? ORDER BY bm25(portions), report, portion LIMIT ?",
            (SNIPPET, query, top),
        ).fetchall()
    return [_found(reports[report], portion, snippet) for report, portion, snippet in hits], count


def fts(words: str) -> str:
    """Words as a query of FTS5 in which nothing a person types is an operator. Raises `ValueError`."""
    terms = []
    for phrase, word in _TERM.findall(words):
        text = (phrase or word).replace('"', "").replace("\0", "")
        if any(char.isalnum() for char in text):
            start = not phrase and text.endswith("*")
            terms.append(f'"{text.rstrip("*") if start else text}"' + ("*" if start else ""))
    if not terms:
        raise ValueError(f"{words!r} holds no word to look for")
    return " AND ".join(terms)


def _rows(reports: list[dict[str, Any]]) -> Iterator[tuple[str, str, int, int]]:
    """A row for each portion; the title is found with the first."""
    for number, report in enumerate(reports):
        for portion, one in enumerate(report["portions"]):
            yield one["text"], "" if portion else report["title"] or "", number, portion


def _found(report: dict[str, Any], portion: int, snippet: str) -> Found:
    about = {name: report[name] for name in COLUMNS if name != "portions"}
    return Found(about, portion + 1, report["portions"][portion]["page"], " ".join(snippet.split()))
