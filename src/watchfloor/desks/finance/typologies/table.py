"""The indicators as the table of the documentation: `docs/finance-typologies.md` holds what this writes."""

import re
from collections.abc import Iterator

from watchfloor.desks.finance.typologies.typology import Indicator, catalogue

HEAD = (
    "| indicator | says | source | AMLTRIX | needs |",
    "|---|---|---|---|---|",
)
RATES = (
    "| indicator | planted, found | alarms, own bank | labelled sets: hits, alarms |",
    "|---|---|---|---|",
)
"""Alarms are of 10,000 accounts of a bank with nothing planted, and of 10,000 payments without a label."""


def table() -> str:
    """A row for each indicator, with the sentence whose numbers are names."""
    return "\n".join([*HEAD, *_rows()]) + "\n"


def rates() -> str:
    """A row for each indicator with what the benchmark measured."""
    return "\n".join([*RATES, *_rates()]) + "\n"


def _rates() -> Iterator[str]:
    for one in catalogue():
        own = one.planted
        found = f"{own.found} of {own.instances}" if own else "–"
        alarms = f"{1e4 * own.alarmed / own.accounts:.1f}" if own and own.accounts else "–"
        sets = "; ".join(
            f"{each.data} {each.hit_rate:.1%}, {1e4 * each.false_alarm_rate:.1f}" for each in one.measured
        )
        yield f"| `{one.id}` | {found} | {alarms} | {sets or '–'} |"


def _rows() -> Iterator[str]:
    for one in catalogue():
        says = re.sub(r"\{(\w+)\}", r"*\1*", one.sentence["en"])
        sources = ", ".join(dict.fromkeys(source.alert for source in one.source))
        yield f"| `{one.id}` | {says} | {sources} | {', '.join(one.amltrix)} | {_needs(one)} |"


def _needs(one: Indicator) -> str:
    needs = [f"`{name}`" for name in one.needs]
    return ", ".join([*needs, *(["the engine"] if one.engine else [])]) or "–"
