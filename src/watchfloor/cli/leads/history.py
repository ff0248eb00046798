"""What people did about a lead and what was taken back from it, on a terminal and as JSON."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from watchfloor.cli.common import print_table
from watchfloor.cli.leads.explain import texts

if TYPE_CHECKING:
    from watchfloor.casework.watch.sitrep import Sentence
    from watchfloor.cell.history import TakenBack
    from watchfloor.records.messages import Language


def show_taken_back(back: "list[TakenBack]", lang: "Language") -> None:
    """A table of what was taken back, where anything was."""
    say = texts(lang)
    rows = [
        (one.rule, one.at.date(), one.reason.render(lang), ", ".join(r.hex() for r in one.told_by))
        for one in back
    ]
    if rows:
        heads = map(say, ("lead.rule", "lead.on", "lead.why", "lead.told_by"))
        print_table(f"{say('lead.back')} (`watchfloor record ID`)", heads, rows, "")


def show_told(told: "list[Sentence]", lang: "Language") -> None:
    """What people did, a sentence each with the start of its record's id, where anything was done."""
    console = Console(emoji=False, soft_wrap=True)
    if told:
        console.print(
            f"{texts(lang)('lead.told')} (`watchfloor record ID`):", style="italic", highlight=False
        )
    for one in told:
        line = f"  {one.text(lang)} [{one.record_id.hex()[:12]}]"
        console.print(line, highlight=False, markup=False)


def told_rows(told: "list[Sentence]", lang: "Language") -> list[dict[str, Any]]:
    """The same as JSON."""
    return [
        {
            "at": one.at,
            "by": one.by,
            "said": one.text(lang),
            "record_id": one.record_id,
            "marking": one.marking,
        }
        for one in told
    ]


def show_closed(back: "list[TakenBack]", lang: "Language") -> None:
    """A lead that is gone: that it is, and why."""
    Console(emoji=False).print(Text(back[0].subject, style="bold"))
    Console(emoji=False).print(texts(lang)("lead.closed"))
    show_taken_back(back, lang)


def taken_back_rows(back: "list[TakenBack]", lang: "Language") -> list[dict[str, Any]]:
    """The same as JSON."""
    return [
        {
            "rule": one.rule,
            "since": one.since,
            "at": one.at,
            "reason": one.reason.render(lang),
            "evidence": [record_id.hex() for record_id in one.evidence],
            "coverage": [record_id.hex() for record_id in one.coverage],
        }
        for one in back
    ]
