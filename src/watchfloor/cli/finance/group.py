"""`watchfloor finance`: payments of a bank, without a floor: models, scores, patterns."""

import typer

from watchfloor.cli.finance.fit import fit
from watchfloor.cli.finance.indicators import indicators
from watchfloor.cli.finance.install import install
from watchfloor.cli.finance.join import join
from watchfloor.cli.finance.patterns import patterns
from watchfloor.cli.finance.score import score
from watchfloor.cli.finance.tell import tell_

app = typer.Typer(
    no_args_is_help=True,
    help="Payments of a bank: fit a model on labelled ones, score others, find patterns, without a floor; "
    "or install a model on one.",
)
app.command()(fit)
app.command()(score)
app.command("tell")(tell_)
app.command()(join)
app.command()(patterns)
app.command()(indicators)
app.command()(install)
