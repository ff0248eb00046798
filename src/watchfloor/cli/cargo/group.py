"""`watchfloor cargo`: models, rates, shares without data and rehearsals of the cargo desk."""

import typer

from watchfloor.cli.cargo.blind import blind
from watchfloor.cli.cargo.fairness import fairness
from watchfloor.cli.cargo.fit import drift, fit, score
from watchfloor.cli.cargo.install import install
from watchfloor.cli.cargo.rates import rates
from watchfloor.cli.cargo.year import year

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
