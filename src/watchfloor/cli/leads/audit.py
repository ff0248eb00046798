"""`watchfloor leads audit`: a random sample of the leads that nobody acted on."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import WeightsOption, writing
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    busy,
    err,
    print_rows,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.cell.learning.audit import Drawn

app = typer.Typer(
    help="A random sample of the leads that nobody acted on, which keeps `refit` honest.",
    no_args_is_help=True,
)

DRAWN: Final = {
    "en": ("lead", "hypothesis", "subject", "chance", "outcome"),
    "fr": ("piste", "hypothèse", "sujet", "chance", "résultat"),
}
EMPTY: Final = {
    "en": "No lead was drawn yet: watchfloor leads audit draw 50",
    "fr": "Aucune piste n’a encore été tirée : watchfloor leads audit draw 50",
}
UNDRAWN: Final = {
    "en": "No lead is drawn: every lead was acted on or drawn before, or there is none (watchfloor leads).",
    "fr": "Aucune piste n’est tirée : toutes ont eu une suite ou l’ont déjà été, ou il n’y en a pas "
    "(watchfloor leads).",
}


@app.command()
def draw(
    count: Annotated[int, typer.Argument(min=1, metavar="N", help="How many leads to draw.")],
    floor: FloorOption = DEFAULT_FLOOR,
    seed: Annotated[
        str | None,
        typer.Option("--seed", help="Draws the same leads of the same floor again; else its log position."),
    ] = None,
    lang: LangOption = "en",
    weights: WeightsOption = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Draw leads that nobody acted on, for somebody to look at; each one's chance goes into the log.

    Their probabilities are not shown, so that who looks is not led. Report what came of each with
    `watchfloor leads outcome`.

    Example: watchfloor leads audit draw 50 --floor floor
    """
    from watchfloor.cell.learning import audit
    from watchfloor.cell.weights import load
    from watchfloor.desks.registry import declare_messages
    from watchfloor.store.floor import Floor

    declare_messages()
    opened, table = Floor.open(floor), load(weights)
    with writing(opened, purpose, authority) as writer, busy("drawing"):
        sown = seed or str(opened.position)
        drawn = audit.draw(opened, writer, reader(opened, purpose), table, count, sown, datetime.now(UTC))
    if 0 < len(drawn) < count:
        err.print(f"there are no more than {len(drawn)} that nobody acted on", highlight=False)
    if as_json:
        print_rows((_drawn_row(one, sown) for one in drawn), "drawn")
        return
    shown = ((d.lead.lead_id, d.lead.hypothesis, d.lead.subject, f"{d.chance:.4g}") for d in drawn)
    print_table("", DRAWN[lang][:-1], shown, UNDRAWN[lang])


def _drawn_row(one: "Drawn", seed: str) -> dict[str, Any]:
    lead = one.lead
    about = {"lead_id": lead.lead_id, "hypothesis": lead.hypothesis, "subject": lead.subject}
    return about | {"chance": one.chance, "seed": seed, "marking": lead.marking}


@app.command(name="list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """The audit sample: each lead with the chance of having been drawn by now, and what came of it.

    Example: watchfloor leads audit list --floor floor
    """
    from watchfloor.cell.learning.acted import kept
    from watchfloor.cell.learning.audit import chances, draws
    from watchfloor.cell.learning.outcomes import standing
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    seen = kept(opened, reader(opened, purpose))
    results: dict[str, str] = {}
    for row in standing(opened, reader(opened, purpose)):
        results[row["lead"]] = row["result"]
    known = chances(draws(opened, reader(opened, purpose)))
    mine = {lead: chance for lead, chance in known.items() if lead in seen}
    detail = {"what": "audit", "leads": len(mine), "shown": list(mine)}
    opened.act(acting(purpose, authority), "query", detail)
    rows = [
        {
            "lead_id": lead,
            "hypothesis": seen[lead][0][1].hypothesis,
            "subject": seen[lead][0][1].subject or seen[lead][0][1].subjects[0],
            "chance": chance,
            "outcome": results.get(lead),
        }
        for lead, chance in mine.items()
    ]
    if as_json:
        print_rows(rows, "drawn")
    else:
        plain = (row | {"chance": f"{row['chance']:.4g}"} for row in rows)
        print_table("", DRAWN[lang], (row.values() for row in plain), EMPTY[lang])
