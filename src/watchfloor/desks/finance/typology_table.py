"""The indicators as the table of the documentation: `docs/finance-typologies.md` holds what this writes."""

import re
from collections.abc import Iterator

from watchfloor.desks.finance.typology import Indicator, catalogue

HEAD = (
    "| indicator | says | source | AMLTRIX | needs |",
    "|---|---|---|---|---|",
)


def table() -> str:
    """A row for each indicator, with the sentence whose numbers are names."""
    return "\n".join([*HEAD, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    for one in catalogue():
        says = re.sub(r"\{(\w+)\}", r"*\1*", one.sentence["en"])
        sources = ", ".join(dict.fromkeys(source.alert for source in one.source))
        yield f"| `{one.id}` | {says} | {sources} | {', '.join(one.amltrix)} | {_needs(one)} |"


def _needs(one: Indicator) -> str:
    needs = [f"`{name}`" for name in one.needs]
    return ", ".join([*needs, *(["the engine"] if one.engine else [])]) or "–"
