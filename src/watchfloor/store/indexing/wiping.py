"""Taking erased rows out of the index file, byte by byte.

Deleting is not enough: an R*Tree node keeps the bytes of a cell that it shortened, a text index keeps the
start of a word as the separator of its pages, and a page keeps copies of rows that were moved from it, until
`watchfloor.store.database.rewrite` writes the file anew.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Final

from watchfloor.store.indexing import filling
from watchfloor.store.indexing.file import OVERWRITES, TOKENS

_NODE_HEAD: Final = 4
_CELL: Final = 8 + 4 * 8
"""Bytes of a node's head, and of a cell: its number and eight sides, as SQLite's R*Tree lays them out."""


def wipe(index: sqlite3.Connection, key: bytes, ids: Iterable[int]) -> None:
    """Take rows out within the caller's transaction, and what their words and places would leave."""
    texts = filling.remove(index, key, ids)
    filling.settle_markings(index)
    _wipe_nodes(index)
    if not OVERWRITES or _separates(index, texts):
        index.execute("INSERT INTO texts (texts) VALUES ('optimize')")  # writes every page anew


def _wipe_nodes(index: sqlite3.Connection) -> None:
    for number, data in index.execute("SELECT nodeno, data FROM places_node").fetchall():
        used = _NODE_HEAD + _CELL * int.from_bytes(data[2:4], "big")
        clean = data[:used].ljust(len(data), b"\0")
        if clean != data:
            index.execute("UPDATE places_node SET data = ? WHERE nodeno = ?", (clean, number))


def _separates(index: sqlite3.Connection, texts: Iterable[str]) -> bool:
    """Whether the start of an erased word, and of no other, still parts two pages of the text index."""
    starts = {b"0" + word[:length] for word in _words(texts) for length in range(1, len(word) + 1)}
    found = {term for (term,) in index.execute("SELECT term FROM texts_idx")} & starts
    index.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.living USING fts5vocab (main, texts, row)")
    return any(not _living(index, term[1:]) for term in found)


def _living(index: sqlite3.Connection, start: bytes) -> bool:
    """Whether a word that is left starts so."""
    text = start.decode("utf-8", "ignore")  # a separator may end within a letter
    query = "SELECT term FROM temp.living WHERE term >= ? LIMIT 1"
    return any(term.startswith(text) for (term,) in index.execute(query, (text,)))


def _words(texts: Iterable[str]) -> set[bytes]:
    """The words of some texts, as the text index has them."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE t USING fts5 (text, tokenize = {TOKENS})")
        database.executemany("INSERT INTO t VALUES (?)", [(text,) for text in texts])
        database.execute("CREATE VIRTUAL TABLE words USING fts5vocab (t, row)")
        return {word.encode() for (word,) in database.execute("SELECT term FROM words")}
