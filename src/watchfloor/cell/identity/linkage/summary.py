"""Lines that sum up a linkage: columns and what they were taken for, notes, rules, and what came of it."""

from collections.abc import Iterator
from typing import Final

from watchfloor.cell.identity.linkage.columns import EMPTY, OTHER, POLICY, SECOND, UNKNOWN
from watchfloor.cell.identity.linkage.linkage import Linkage
from watchfloor.core.messages import Language, declare, reason
from watchfloor.messages import number

TAKEN: Final = declare("linkage.taken", "table", "columns")
LEFT_OUT: Final = {
    why: declare(f"linkage.left-out-{why}", "columns") for why in (POLICY, OTHER, UNKNOWN, SECOND, EMPTY)
}
NOTES: Final = {
    what: declare(f"linkage.{what}", "table", "what")
    for what in ("ids-by-row", "ids-missing", "ids-double", "dates", "mixed-dates", "repeated")
}
NOTHING: Final = declare("linkage.nothing-shared")
COMPARED: Final = declare("linkage.compared", "pairs", "rules", "rows")
DONE: Final = declare("linkage.done", "pairs", "precision", "seconds", "output")


def summary(found: Linkage, output: str, seconds: float, lang: Language) -> Iterator[str]:
    """Yield the lines that tell what was done."""
    for table in found.tables:
        taken = ", ".join(f"{one.name} = {one.field}" for one in table.columns if one.field)
        yield reason(TAKEN, table=table.name, columns=taken or "–").render(lang)
        for why, message in LEFT_OUT.items():
            if names := ", ".join(one.name for one in table.columns if not one.field and one.why == why):
                yield "  " + reason(message, columns=names).render(lang)
    for what, name, detail in found.records.notes:
        yield reason(NOTES[what], table=name, what=detail).render(lang)
    if not found.rules:
        yield reason(NOTHING).render(lang)
    else:
        rules = "; ".join(" + ".join(one.keys) for one in found.rules)
        yield reason(COMPARED, pairs=found.looked_at, rules=rules, rows=len(found.records)).render(lang)
    yield reason(
        DONE,
        pairs=len(found.one),
        precision=number(100 * found.precision, lang, 2),
        seconds=number(seconds, lang, 1),
        output=output,
    ).render(lang)
