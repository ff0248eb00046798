"""`watchfloor scorecard statistics`: series of published numbers, their vintages and revisions."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_PURPOSE,
    MISSING,
    REFUSED,
    AuthorityOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    fail,
    print_rows,
    print_table,
)
from watchfloor.cli.scorecard.claims_evidence import (
    OnOption,
    OptionalFloor,
    StatisticsOption,
    day_of,
    known,
    unanswerable,
)

if TYPE_CHECKING:
    from datetime import date

    from watchfloor.cli.scorecard.claims_evidence import Known
    from watchfloor.records.messages import Language
    from watchfloor.scorecard.facts import Series
    from watchfloor.scorecard.vintages import Revision

app = typer.Typer(help="Series of published numbers, their vintages and revisions.", no_args_is_help=True)

HEADS: Final = {
    "en": ("series", "vintage", "day is", "first month", "last month", "numbers", "publisher"),
    "fr": ("série", "édition", "jour", "premier mois", "dernier mois", "chiffres", "éditeur"),
}
REVISED: Final = {
    "en": ("month", "measure", "cell", "was", "is", "change"),
    "fr": ("mois", "mesure", "cellule", "était", "est", "variation"),
}
SUMMARY: Final = {
    "en": "{series}, {old} to {new}: changed {changed}; new {new_cells}; gone {gone}; in {months} months.",
    "fr": "{series}, du {old} au {new} : changés {changed}; nouveaux {new_cells}; disparus {gone}; "
    "sur {months} mois.",
}
WITHHELD: Final = {
    "en": "{series} is a series of {department}’s own: its numbers appear figure by figure, as {department} "
    "agrees to them; `watchfloor claims rows` has those of a figure",
    "fr": "{series} est une série propre au ministère ({department}) : ses nombres paraissent chiffre par "
    "chiffre, à mesure qu’il les approuve; `watchfloor claims rows` donne ceux d’un chiffre",
}
NOTHING: Final = {"en": "nothing", "fr": "aucun"}
DATED: Final = {"inferred": {"en": "inferred", "fr": "déduit"}, "stated": {"en": "stated", "fr": "déclaré"}}


@app.command("list")
def list_(
    on: OnOption = None,
    statistics: StatisticsOption = None,
    floor: OptionalFloor = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """The series that are held, each with its vintages.

    Example: watchfloor scorecard statistics list --statistics ../shared/data/statistics
    """
    from watchfloor.scorecard.periods import written
    from watchfloor.scorecard.vintages import vintages

    day, have = day_of(on), known(floor, statistics, purpose)
    rows = [
        {
            "series": name,
            "vintage": each.day,
            "dated": DATED.get(each.dated, DATED["stated"])[lang],
            "first": written(each.first),
            "last": written(each.last),
            "numbers": each.numbers,
            "publisher": one.rows["publisher"][0].as_py() or "",
        }
        for name, one in sorted(have.evidence.facts.series.items())
        for each in vintages(one)
        if each.day <= day
    ]
    _asked(have, "series of statistics", [str(row["series"]) for row in rows], purpose, authority)
    if as_json:
        print_rows(rows, "vintages")
        return
    print_table("", HEADS[lang], (row.values() for row in rows), NOTHING[lang])


@app.command()
def revisions(
    series: Annotated[
        str, typer.Argument(help="Name of a series; `watchfloor scorecard statistics list` has them.")
    ],
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The older vintage; that before the newest.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The newer one; the newest.")
    ] = None,
    statistics: StatisticsOption = None,
    floor: OptionalFloor = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """What a vintage of a series has otherwise than an older one, number by number.

    Example: watchfloor scorecard statistics revisions cbp-drug-seizures --statistics
    ../shared/data/statistics
    """
    from watchfloor.scorecard.periods import written
    from watchfloor.scorecard.vintages import newest_pair
    from watchfloor.scorecard.vintages import revisions as changed

    have = known(floor, statistics, purpose)
    if own := have.evidence.facts.owner(series):
        fail(WITHHELD[lang].format(series=series, department=own), REFUSED)
    with unanswerable(lang):
        one = have.evidence.facts[series]
        old, new = _pair(one, since, until) if since or until else newest_pair(one)
        found = changed(one, old, new)
    _asked(have, "revisions of statistics", [series], purpose, authority)
    rows = [
        {
            "month": written(each.month),
            "measure": each.measure,
            "cell": dict(each.cell),
            "was": each.old,
            "is": each.new,
        }
        for each in found
    ]
    if as_json:
        print_rows(rows, "revisions")
        return
    Console(soft_wrap=True).print(_summary(one.name, old, new, found, lang), markup=False, highlight=False)
    if rows:
        print_table("", REVISED[lang], (_line(row, lang) for row in rows), NOTHING[lang])


def _pair(one: "Series", since: str | None, until: str | None) -> "tuple[date, date]":
    """The two vintages that were named, or the nearest on the other side."""
    from watchfloor.cli.moments import day

    new = day(until, "--to") if until else one.vintages[-1]
    if since:
        return day(since, "--from"), new
    older = [each for each in one.vintages if each < new]
    if not older:
        fail(f"--to: {one.name} has no vintage before {new}", MISSING)
    return older[-1], new


def _summary(name: str, old: "date", new: "date", found: "list[Revision]", lang: "Language") -> str:
    parts = {
        "changed": [each for each in found if each.old is not None and each.new is not None],
        "new_cells": [each for each in found if each.old is None],
        "gone": [each for each in found if each.new is None],
    }
    counts = {part: _counts(some, lang) for part, some in parts.items()}
    months = len({each.month for each in found})
    return SUMMARY[lang].format(series=name, old=old, new=new, months=months, **counts)


def _counts(some: "list[Revision]", lang: "Language") -> str:
    counts = Counter(each.measure for each in some)
    return ", ".join(f"{count} {measure}" for measure, count in sorted(counts.items())) or NOTHING[lang]


def _line(row: dict[str, Any], lang: "Language") -> tuple[str, ...]:
    old, new = row["was"], row["is"]
    change = (new or 0.0) - (old or 0.0)
    cell = ", ".join(row["cell"].values())
    return row["month"], row["measure"], cell, _number(old, lang), _number(new, lang), _signed(change, lang)


def _number(value: float | None, lang: "Language") -> str:
    from watchfloor.scorecard.said import number

    return "–" if value is None else number(value, 0 if value.is_integer() else 2)[lang]


def _signed(change: float, lang: "Language") -> str:
    return ("+" if change > 0 else "") + _number(change, lang)


def _asked(have: "Known", what: str, shown: list[str], purpose: str, authority: str) -> None:
    if have.floor:
        have.floor.act(acting(purpose, authority), "query", {"what": what, "shown": sorted(set(shown))})
