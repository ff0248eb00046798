"""`watchfloor cargo`: models, rates, shares without data and rehearsals of the cargo desk."""

import typer

from watchfloor.cli.cargo_blind import blind
from watchfloor.cli.cargo_fairness import fairness
from watchfloor.cli.cargo_fit import drift, fit, score
from watchfloor.cli.cargo_install import install
from watchfloor.cli.cargo_rates import rates
from watchfloor.cli.cargo_year import year

app = typer.Typer(
    help="Models, rates and rehearsals of cargo inspection; `target` says what to inspect.",
    no_args_is_help=True,
)
app.command("blind")(blind)
app.command("year")(year)
app.command("rates")(rates)
app.command("fairness")(fairness)
app.command("fit")(fit)
app.command("score")(score)
app.command("drift")(drift)
app.command("install")(install)
