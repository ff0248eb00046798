"""What `watchfloor target` tells: the picks, how they were chosen, and that a release is no clearance."""

from collections import Counter
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Final

import typer

from watchfloor.cli.common import err, print_json, print_table

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.messages.catalogue import Catalogue
    from watchfloor.planning.inspections.plan import Plan
    from watchfloor.planning.inspections.streams import Stream
    from watchfloor.records.messages import Language, Reason

HEADS: Final = {
    "en": ("", "item", "by", "find", "chosen", "means", "what is known of it"),
    "fr": ("", "article", "par", "trouvaille", "choisi", "moyen", "ce qu’on en sait"),
}
TITLE: Final = {"en": "what to examine, {day}", "fr": "à examiner, {day}"}
NOTHING: Final = {"en": "nothing is chosen", "fr": "rien n’est choisi"}
TOP: Final = 20
"""Picks that a terminal shows; the file and --json have all."""
SPEAKING: Final = 2
"""Contributions that it shows of a pick of which no rule says anything."""
AUDIBLE: Final = 0.1
"""Bits from which one is worth showing: a tenth moves odds by 7 %."""
GOODS: Final = 80
"""Characters of declared goods that it shows."""


def tell(
    made: "Plan",
    picks: "pa.Table",
    notes: "list[Reason]",
    stream: "Stream",
    output: Path | None,
    lang: "Language",
    as_json: bool,
) -> None:
    """Print a plan: JSON lines, of which the first sums up, or a table with notes on standard error."""
    from watchfloor.messages.catalogue import Catalogue
    from watchfloor.planning.inspections.messages import MAIL, NO_CLEARANCE
    from watchfloor.records.messages import reason

    cautions = [reason(one).render(lang) for one in (NO_CLEARANCE, MAIL)]
    said = [note.render(lang) for note in notes]
    if as_json:
        print_json(_summary(made, picks, stream, output) | {"notes": said, "caution": " ".join(cautions)})
        for row in picks.to_pylist():
            print_json(row)
        return
    for line in said:
        err.print(line, highlight=False, markup=False)
    rows = picks.slice(0, TOP).to_pylist()
    title = TITLE[lang].format(day=stream.day)
    texts = Catalogue()
    print_table(title, HEADS[lang], (_line(row, lang, texts) for row in rows), NOTHING[lang])
    if picks.num_rows > TOP:
        typer.echo(f"… {picks.num_rows - TOP} more" if lang == "en" else f"… encore {picks.num_rows - TOP}")
    for caution in cautions:
        typer.echo(caution)
    if output is not None:
        err.print(f"-> {output}", highlight=False, markup=False)


def _summary(made: "Plan", picks: "pa.Table", stream: "Stream", output: Path | None) -> dict[str, Any]:
    return {
        "picks": picks.num_rows,
        "items": len(made.candidates.items.subject),
        "day": stream.day,
        "budget": made.settings.budget,
        "rules_only": made.candidates.model is None,
        "chosen_by": dict(sorted(Counter(made.picks.chosen_by).items())),
        "means": dict(sorted(Counter(one or "" for one in made.means).items())),
        "left": [made.candidates.items.subject[row] for row in made.picks.left.tolist()],
        "scheme": made.settings.digest,
        "seed": made.settings.seed,
        "output": None if output is None else str(output),
    }


def _line(row: dict[str, Any], lang: "Language", texts: "Catalogue") -> tuple[object, ...]:
    return (
        row["rank"],
        row["document"] or row["subject"].partition(":")[2].partition(":")[2],
        texts.word("inspections.chosen_by_", row["chosen_by"], lang),
        f"{row['chance']:.2%}",
        f"{row['propensity']:.2%}",
        texts.word("inspections.means_", row["means"] or "", lang),
        " ".join(_known(row)),
    )


def _known(row: dict[str, Any]) -> list[str]:
    """Facts of an item, and who named it; where there are none, what speaks for it, else its goods."""
    named = [row["why"]] if row["chosen_by"] in ("lead", "lookout") else []
    speaking = [part["why"] for part in row["contributions"] if part["bits"] >= AUDIBLE][:SPEAKING]
    return [*row["grounds"], *named] or speaking or [f"“{shorten(row['goods'], GOODS, placeholder=' …')}”"]
