"""Ask whether substances are controlled: one, or a column of them.

controlled("fentanyl", date(2026, 6, 10)).outcome
controlled_table("declared.txt")                       # or texts, or a table with a column `query`
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TextIO, get_args

from watchfloor.reference.law.items import Item
from watchfloor.reference.substances.answer import LONGEST, ask
from watchfloor.reference.substances.bilingual import citation_of, name_of
from watchfloor.reference.substances.outcome import Answer, Lang, QueryError, Taken

LINES: Final = 10_000_000
"""Of a file or of standard input at most, each of `LONGEST` characters at most."""


def controlled(query: str, on: date | None = None, taken: Taken | None = None) -> Answer:
    """Say whether a substance is controlled on a day; it is no legal advice.

    Args:
        query: a name, a CAS number, a SMILES or InChI, an InChIKey, or an HS code.
        on: the day; today.
        taken: how the query is to be read; without it, by what it looks like.

    Raises:
        QueryError: the query is empty, too long, or not what `taken` says.
        MissingExtraError: it is a structure, and rdkit is not installed.
    """
    if taken is not None and taken not in get_args(Taken):
        raise QueryError(f"taken={taken!r}: a query is read as {', '.join(get_args(Taken))}")
    return ask(query, on or datetime.now(UTC).date(), taken)


def answers(
    queries: Iterable[str], on: date, taken: Taken | None
) -> Iterator[tuple[str, Answer | QueryError]]:
    """Yield each query with its answer, or why it cannot be read."""
    for query in queries:
        try:
            yield query, ask(query, on, taken)
        except QueryError as error:
            yield query, error


def lines(stream: TextIO) -> Iterator[str]:
    """Yield the queries of a stream, a line each; blank lines are none."""
    for _ in range(LINES):
        line = stream.readline(LONGEST + 2)
        if not line:
            return
        if line.strip():
            yield line.strip()


def lines_of(path: Path) -> Iterator[str]:
    """Yield the queries of a file, a line each."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        yield from lines(stream)


def plain(answer: Answer, language: Lang) -> dict[str, Any]:
    """Return an answer as plain values, as `watchfloor controlled --json` has them."""
    return {
        "query": answer.query,
        "taken": answer.taken,
        "on": answer.on,
        "outcome": answer.outcome,
        "person": answer.person,
        "reason": answer.reason(language),
        "clauses": [_clause(item, language) for item in answer.clauses],
        "sites": [{"what": site.said.render(language), "atoms": site.atoms} for site in answer.sites],
        "near": [
            {"name": one.name, "item": one.key, "score": one.score, "same_scaffold": one.scaffold}
            for one in answer.near
        ],
        "spelled": answer.spelled,
        "tried": answer.tried,
        "inchikey": answer.inchikey,
        "numbers": {
            "cas": answer.numbers.cas,
            "salts": dict(answer.numbers.salts),
            "unii": answer.numbers.unii,
            "un": answer.numbers.un,
        },
        "lines": [
            {"code": one.code, "edition": one.edition, "title": one.title, "residual": one.residual}
            for one in answer.lines
        ],
        "limits": [
            {"item": one.key, "quantity": one.quantity, "citation": one.cited(language)}
            for one in answer.limits
        ],
        "elsewhere": [
            {
                "jurisdiction": one.jurisdiction,
                "list": one.list,
                "since": one.since,
                "until": one.until,
                "in_force": one.on(answer.on),
                "citation": one.citation,
                "checked": one.checked,
            }
            for one in answer.elsewhere
        ],
        "parts": [plain(part, language) for part in answer.parts],
    }


def _clause(item: Item, language: Lang) -> dict[str, Any]:
    return {
        "item": item.key,
        "name": name_of(item)._asdict()[language],
        "citation": citation_of(item)._asdict()[language],
        "covers": sorted(item.covers),
        "since": item.since,
        "until": item.until,
        "temporary": item.temporary,
        "ended": item.ended,
    }
