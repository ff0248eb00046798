"""The matrix of a matter's evidence and hypotheses on a terminal, see `cell.matrix`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from watchfloor.cli.common import print_table

if TYPE_CHECKING:
    from watchfloor.cell.leads import Lead
    from watchfloor.cell.weights import Weights
    from watchfloor.records.messages import Language

WORDS: Final = {
    "en": ("Evidence by hypothesis, in bits", "evidence", "sum"),
    "fr": ("Les éléments par hypothèse, en bits", "élément", "somme"),
}


def matrix_rows(found: "Sequence[Lead]", chosen: "Lead") -> Iterator[dict[str, Any]]:
    """A row a signal: its rule, its strength and its bits under each hypothesis that it speaks to."""
    from watchfloor.cell.matrix import matrix, of_one_matter

    for one, bits in matrix(of_one_matter(found, chosen)):
        yield {"signal_id": one.signal_id, "rule": one.rule, "strength": one.strength, "bits": bits}


def show_matrix(found: "Sequence[Lead]", chosen: "Lead", table: "Weights", lang: "Language") -> None:
    """Print the matrix."""
    from watchfloor.cell.matrix import of_one_matter

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
