"""One lead on a terminal: its sum term by term, what would move it, and the records it rests on."""

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from watchfloor.cli.common import print_table, reader

if TYPE_CHECKING:
    from watchfloor.cell.leads import Contribution, Lead
    from watchfloor.records.messages import Language
    from watchfloor.store import Floor

SUREST: Final = 0.99
"""ICD 203 words go from 1 to 99 %; no figure is shown as surer than that."""

WORDS: Final = {
    "en": {
        "sum": "What it adds up to",
        "columns": ("rule", "strength", "bits", "why"),
        "prior": "prior",
        "total": "sum",
        "more": "{bits} more bits would lift it into the next band: a second, independent fact, or a "
        "decision (`watchfloor decide`).",
        "evidence": "Evidence (`watchfloor record ID --original` shows the bytes)",
        "records": ("kind", "record", "source", "observed", "where"),
        "hidden": "The evidence is not visible to this reader.",
    },
    "fr": {
        "sum": "Ce qui la compose",
        "columns": ("règle", "force", "bits", "pourquoi"),
        "prior": "a priori",
        "total": "somme",
        "more": "{bits} bits de plus la feraient passer à la bande suivante : un second fait indépendant, "
        "ou une décision (`watchfloor decide`).",
        "evidence": "Éléments de preuve (`watchfloor record ID --original` montre les octets)",
        "records": ("genre", "enregistrement", "source", "observé", "où"),
        "hidden": "Les éléments ne sont pas visibles pour ce lecteur.",
    },
}


def chance(one: "Lead") -> str:
    """The probability, no surer than the words for it."""
    if one.probability > SUREST:
        return "  >99%"
    return "   <1%" if one.probability < 1 - SUREST else f"{one.probability:6.0%}"


def explain(opened: "Floor", one: "Lead", lang: "Language", purpose: str) -> None:
    """Print a lead."""
    from watchfloor.cell.words import word

    words, console = WORDS[lang], Console()
    console.print(Text(f"{one.subject}   [{one.marking}]", style="bold"))
    console.print(f"{one.hypothesis}: {chance(one).strip()}, {word(one.probability, lang)}", highlight=False)
    terms = [
        (words["prior"], "", f"{one.prior:+.2f}", ""),
        *(_term(contribution, lang) for contribution in one.contributions),
        (words["total"], "", f"{one.bits:+.2f}", ""),
    ]
    print_table(str(words["sum"]), words["columns"], terms, "")
    if one.to_next_band is not None:
        console.print(str(words["more"]).format(bits=f"{one.to_next_band:.2f}"), highlight=False)
    print_table(
        str(words["evidence"]), words["records"], _records(opened, one, purpose), str(words["hidden"])
    )


def _term(one: "Contribution", lang: "Language") -> tuple[str, str, str, str]:
    note = f" ({one.note.render(lang)})" if one.note else ""
    return one.rule, one.strength, f"{one.bits:+.2f}", one.reason.render(lang) + note


def _records(opened: "Floor", one: "Lead", purpose: str) -> list[tuple[object, ...]]:
    from watchfloor.cell.evidence import cited
    from watchfloor.formats.listing_rows import UNDATED

    return [
        (
            row["kind"],
            row["record_id"].hex(),
            row["source"],
            "" if row["observed_at"] == UNDATED else row["observed_at"].date(),
            row["locator"],
        )
        for row in cited(opened, reader(purpose), one)
    ]
