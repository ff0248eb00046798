"""Each piece of a matter's evidence under each of its hypotheses: what it says for one and against another.

The view is Heuer's matrix of competing hypotheses (Psychology of Intelligence Analysis, 1999, chapter 8) with
bits in its cells: evidence that is worth the same under every hypothesis decides between none of them.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from watchfloor.cli.common import print_table

if TYPE_CHECKING:
    from watchfloor.cell.leads import Contribution, Lead
    from watchfloor.cell.weights import Weights
    from watchfloor.records.messages import Language

WORDS: Final = {
    "en": ("Evidence by hypothesis, in bits", "evidence", "sum"),
    "fr": ("Les éléments par hypothèse, en bits", "élément", "somme"),
}


def of_one_matter(found: "Sequence[Lead]", chosen: "Lead") -> "list[Lead]":
    """The leads of the matter that `chosen` is of, its head first."""
    for head in found:
        if chosen.lead_id in {head.lead_id, *(other.lead_id for other in head.also)}:
            return [head, *head.also]
    return [chosen]


def matrix_rows(found: "Sequence[Lead]", chosen: "Lead") -> Iterator[dict[str, Any]]:
    """A row a signal: its rule, its strength and its bits under each hypothesis that it speaks to."""
    leads = of_one_matter(found, chosen)
    signals: dict[bytes, Contribution] = {}
    for lead in leads:
        for one in lead.contributions:
            signals.setdefault(one.signal_id, one)
    for signal_id, one in signals.items():
        bits = {
            lead.hypothesis: c.bits for lead in leads for c in lead.contributions if c.signal_id == signal_id
        }
        yield {"signal_id": signal_id, "rule": one.rule, "strength": one.strength, "bits": bits}


def show_matrix(found: "Sequence[Lead]", chosen: "Lead", table: "Weights", lang: "Language") -> None:
    """Print the matrix."""
    leads = of_one_matter(found, chosen)
    title, evidence, total = WORDS[lang]
    columns = [evidence, *(table.hypotheses[lead.hypothesis].called(lang) for lead in leads)]
    rows = [
        [
            f"{row['rule']}, {row['strength']}",
            *(
                f"{row['bits'][lead.hypothesis]:+.2f}" if lead.hypothesis in row["bits"] else ""
                for lead in leads
            ),
        ]
        for row in matrix_rows(found, chosen)
    ]
    rows.append([total, *(f"{lead.bits:+.2f}" for lead in leads)])
    print_table(title, columns, rows, "")
