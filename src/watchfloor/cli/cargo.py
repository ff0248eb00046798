"""`watchfloor cargo`: models, rates, shares without data and rehearsals of the cargo desk."""

import typer

app = typer.Typer(
    help="Models, rates and rehearsals of cargo inspection; what to inspect today says `watchfloor target`.",
    no_args_is_help=True,
)
