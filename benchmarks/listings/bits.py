"""What each strength of the listings desk is worth, in bits, from the benchmark's own questions.

    ./dev bench listings.bits

Prints for each strength how often a listed entity's name, written otherwise, reaches it; how often the name
of somebody who is not listed does; and the logarithm of the ratio.
`src/watchfloor/cell/weighing/weights.toml` holds these figures of the development half.
"""

from collections import Counter
from math import log2

from rich.console import Console
from rich.table import Table

from benchmarks.listings.__main__ import FULL, load, public_lists
from benchmarks.listings.perturb import CHANGES
from benchmarks.listings.questions import HALVES, Question, latin_only, questions
from watchfloor.desks.listings.desk import band
from watchfloor.desks.listings.screener import Query, Screener

STRENGTHS = ("exact", "match", "corroborate", "none")
NOBODY = ("unrelated", "namesake")


def reached(screener: Screener, question: Question) -> str:
    """The best strength that the true entity reaches, or that anybody does where nobody is listed."""
    hits = screener.screen(Query("", question.name, schema=question.schema), 20)
    fitting = [hit for hit in hits if question.truth in (None, hit.entity_id)]
    return min((band(question.name, hit) for hit in fitting), key=STRENGTHS.index, default="none")


def shares(screener: Screener, asked: list[Question]) -> tuple[int, Counter[str]]:
    return len(asked), Counter(reached(screener, question) for question in asked)


def main() -> None:
    published = load(public_lists())
    screener = Screener.build(latin_only(published))
    asked = questions(published, **FULL)
    console = Console(width=100)
    for half in HALVES:
        mine = [q for q in asked if q.half == half and not q.birth_date]
        listed = shares(screener, [q for q in mine if q.group in CHANGES])
        others = shares(screener, [q for q in mine if q.group in NOBODY])
        table = Table(title=f"{half}: {listed[0]:,} names of listed entities, {others[0]:,} of others")
        for column in ("strength", "listed", "not listed", "bits"):
            table.add_column(column)
        for strength in STRENGTHS:
            one, other = ((count[strength] + 0.5) / (total + 1) for total, count in (listed, others))
            table.add_row(strength, f"{one:.2%}", f"{other:.3%}", f"{log2(one / other):+.2f}")
        console.print(table)


if __name__ == "__main__":
    main()
