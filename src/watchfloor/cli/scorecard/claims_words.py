"""Findings about claims, and the rows under them, as the terminal shows them."""

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

from watchfloor.cli.common import fail, print_table
from watchfloor.messages import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchfloor.records.messages import Language
    from watchfloor.scorecard.evidence import Evidence
    from watchfloor.scorecard.findings import Figure, Finding, Line

MOST: Final = 40
"""Rows that the terminal shows; `-o` writes all."""

HEADS: Final = {
    "en": {
        "definitions": ("definition", "in words", "figure", "95 %", "as claimed"),
        "rows": ("month", "cell", "measure", "value", "vintage", "record"),
        "lines": ("line", "verdict", "says", "announced / delivered / in service", "what is known"),
    },
    "fr": {
        "definitions": ("définition", "en mots", "chiffre", "95 %", "comme affirmé"),
        "rows": ("mois", "cellule", "mesure", "valeur", "édition", "enregistrement"),
        "lines": ("ligne", "verdict", "dit", "annoncé / livré / en service", "ce qu’on sait"),
    },
}
"""Heads of the tables: definitions, rows under a figure, lines of the register."""
WORDS: Final = {
    "en": {
        "from": "As known on {day}, from {evidence}.",
        "said": "Said on {day} by {by}:",
        "verdict": "Verdict: {verdict}. {why}",
        "sure": "How sure: {sure}",
        "at-least": "or wider",
        "also": "also",
        "control": "Beside the control, {label}: {ours} here, {theirs} there; difference {difference} points",
        "warning": "Caution: {text}",
        "tried": "Search: {text}",
        "note": "Note: {text}",
        "season": "Season: {text}",
        "interrupted": "Interrupted time series: {text}",
        "nowcast": "Months to come: {text}",
        "none": "no claims",
        "rows": "{count} {count:number|numbers} of {label}: {shown}",
        "more": "… and {count} more; -o FILE.csv writes all of them",
        "written": "{count} rows written to {path}",
        "no-rows": "It rests on no row: its numbers are cited from a document.",
    },
    "fr": {
        "from": "Tel que connu le {day}, d’après {evidence}.",
        "said": "Dit le {day} par {by} :",
        "verdict": "Verdict : {verdict}. {why}",
        "sure": "Certitude : {sure}",
        "at-least": "ou plus large",
        "also": "aussi",
        "control": "À côté du témoin, {label} : {ours} ici, {theirs} là; écart de {difference} points",
        "warning": "Prudence : {text}",
        "tried": "Recherche : {text}",
        "note": "Note : {text}",
        "season": "Saison : {text}",
        "interrupted": "Série chronologique interrompue : {text}",
        "nowcast": "Mois à venir : {text}",
        "none": "aucune affirmation",
        "rows": "{count} {count:chiffre|chiffres} de {label} : {shown}",
        "more": "… et {count} de plus; -o FICHIER.csv les écrit tous",
        "written": "{count} lignes écrites dans {path}",
        "no-rows": "Il ne repose sur aucune ligne : ses chiffres sont cités d’un document.",
    },
}


def tell(found: "Sequence[Finding]", evidence: "Evidence", on: date, lang: "Language") -> None:
    """Print findings, one after another."""
    from watchfloor.scorecard.said import day

    words = WORDS[lang]
    _say(words["from"].format(day=day(on)[lang], evidence=evidence.said[lang]))
    if not found:
        _say(words["none"])
    for one in found:
        _tell(one, lang)


def _tell(one: "Finding", lang: "Language") -> None:
    from watchfloor.scorecard.page.words import in_words
    from watchfloor.scorecard.said import day, number, percent

    words = WORDS[lang]
    _say("")
    _say(f"{one.title[lang]} ({one.claim})", bold=True)
    _say(f"  {words['said'].format(day=day(one.said_on)[lang], by=one.by[lang])} {one.words[lang]}")
    verdict = in_words(one.verdict)[lang]
    _say("  " + words["verdict"].format(verdict=verdict, why=one.why[lang]), bold=True)
    _say("  " + words["sure"].format(sure=one.sure[lang]))
    lines = [_line(figure, lang, judged=True) for figure in one.figures]
    lines += [_line(figure, lang, judged=False) for figure in one.also]
    print_table("", HEADS[lang]["definitions"], lines, "")
    for each in one.compared:
        parts = {
            "label": each.label[lang],
            "ours": percent(-each.ours)[lang],
            "theirs": percent(-each.theirs)[lang],
            "difference": number(-100 * each.difference, 1)[lang],
        }
        _say("  " + words["control"].format(**parts))
    for kind, text in _sentences(one):
        _say("  " + words[kind].format(text=text[lang]))


def _sentences(one: "Finding") -> "list[tuple[str, Any]]":
    return [
        *(("warning", each.text) for each in one.warnings),
        *([("tried", one.tried)] if one.tried else []),
        *([("season", one.seasonal)] if one.seasonal else []),
        *([("interrupted", one.interrupted)] if one.interrupted else []),
        *([("nowcast", one.nowcast)] if one.nowcast else []),
        *(("note", each) for each in one.notes),
    ]


def _line(one: "Figure", lang: "Language", *, judged: bool) -> tuple[str, ...]:
    from watchfloor.scorecard.page.values import held
    from watchfloor.scorecard.page.words import of

    holds = of("holds", held(one))[lang]
    return (
        one.name,
        one.label[lang],
        one.shown[lang],
        _interval(one, lang),
        holds if judged else WORDS[lang]["also"],
    )


def _interval(one: "Figure", lang: "Language") -> str:
    from watchfloor.scorecard.claims.doubt import at_least, told
    from watchfloor.scorecard.said import number, percent

    around = told(one)
    if around is None:
        return ""
    ends = (around.low, around.high)
    total = one.measure == "total"
    text = " – ".join((number(end) if total else percent(end, 2))[lang] for end in ends)
    return f"{text} {WORDS[lang]['at-least']}" if at_least(around) else text


def tell_lines(found: "Sequence[Line]", lang: "Language") -> None:
    """Print lines of the register, each with its verdict and what may be said of it."""
    from watchfloor.scorecard.page.words import in_words

    rows = (
        (
            one.id,
            in_words(one.verdict)[lang],
            one.says[lang],
            _quantities(one, lang),
            one.found[lang] if one.found else "",
        )
        for one in found
    )
    if found:
        _say("")
        print_table("", HEADS[lang]["lines"], rows, "")


def _quantities(one: "Line", lang: "Language") -> str:
    """How many were announced, delivered and are in service; a dash for what nobody has said."""
    from watchfloor.scorecard.said import number

    if one.kind != "commitment" or one.announced is None:
        return ""
    parts = (one.announced, one.delivered, one.in_service)
    return " / ".join("–" if part is None else number(part)[lang] for part in parts)


def tell_rows(figure: "Figure", found: list[dict[str, Any]], lang: "Language") -> None:
    """Print the rows of a figure, the first of them where there are many."""
    words = WORDS[lang]
    if not found:
        _say(words["no-rows"])
        return
    title = chosen(words["rows"], lang, {"count": len(found)})
    title = title.format(count=len(found), label=figure.label[lang], shown=figure.shown[lang])
    print_table(title, HEADS[lang]["rows"], (_row(row, lang) for row in found[:MOST]), "")
    if len(found) > MOST:
        _say(words["more"].format(count=len(found) - MOST))


def write_rows(path: Path, found: list[dict[str, Any]], lang: "Language" = "en") -> None:
    """Write rows as CSV, a column a dimension. Ends the command where the file cannot be written."""
    dimensions = sorted({name for row in found for name in row["cell"]})
    others = [name for name in dict.fromkeys(name for row in found for name in row) if name != "cell"]
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, [*others, *dimensions], restval="")
            writer.writeheader()
            writer.writerows(
                {**{k: v for k, v in row.items() if k != "cell"}, **row["cell"]} for row in found
            )
    except OSError as error:
        fail(f"-o {path}: {error.strerror}")
    _say(WORDS[lang]["written"].format(count=len(found), path=path))


def _row(row: dict[str, Any], lang: "Language") -> tuple[str, ...]:
    from watchfloor.scorecard.said import number

    cell = ", ".join(f"{value}" for value in row["cell"].values())
    value = f"{number(row['value'], 2 if row['unit'] else 0)[lang]} {row['unit']}".strip()
    return row["month"], cell, row["measure"], value, row["vintage"], row.get("record", "")[:12]


def _say(text: str, *, bold: bool = False) -> None:
    style = "bold" if bold else None
    Console(soft_wrap=True, emoji=False).print(text, style=style, markup=False, highlight=False)
