"""The command line: one module a command, all sharing `watchfloor.cli.common`.

Modules of the other rooms are imported inside the commands, so that `--help` answers at once.
"""

import io
import sys

import typer

from watchfloor.cli import (
    account,
    aia,
    audit,
    bundle,
    cargo,
    certificate,
    claims,
    concern,
    controlled,
    crown,
    custody,
    deconflict,
    exercise,
    fetch,
    finance,
    fintrac,
    gateway,
    hold,
    identify,
    index,
    letter,
    library,
    listed,
    live,
    log,
    marking,
    node,
    partnership,
    product,
    quarantine,
    reading,
    referral,
    register,
    seizure,
    statistics,
    task,
    watch,
    waybill,
)
from watchfloor.cli.backup import backup, restore
from watchfloor.cli.calibration import calibration
from watchfloor.cli.common import STORE, USAGE, err
from watchfloor.cli.compare import compare
from watchfloor.cli.cue import cue
from watchfloor.cli.decide import decide
from watchfloor.cli.demo import demo
from watchfloor.cli.devices import devices
from watchfloor.cli.doctor import doctor
from watchfloor.cli.erase import compact, erase, expire
from watchfloor.cli.ingest import ingest
from watchfloor.cli.init import init
from watchfloor.cli.leads import lead, leads
from watchfloor.cli.link import link
from watchfloor.cli.map import map_
from watchfloor.cli.mentions import confirm, mentions
from watchfloor.cli.merge import apart, merge, unmerge
from watchfloor.cli.migrate import migrate
from watchfloor.cli.outcome import outcome
from watchfloor.cli.record import record
from watchfloor.cli.refit import fits, refit
from watchfloor.cli.retention import retention
from watchfloor.cli.run import replay, run
from watchfloor.cli.scorecard import scorecard
from watchfloor.cli.screen import screen
from watchfloor.cli.search import search
from watchfloor.cli.serve import serve
from watchfloor.cli.target import target
from watchfloor.cli.track import track
from watchfloor.cli.upgrade import upgrade
from watchfloor.cli.verify import verify
from watchfloor.cli.warm import warm
from watchfloor.cli.weigh import weigh

app = typer.Typer(
    help="Feeds in, a short queue of explained leads out. A lead is an invitation to look, not a finding.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
)

COMMANDS = (
    *(demo, init, serve, ingest, run, leads, lead, decide),
    *(merge, apart, unmerge, link, compare),
    *(outcome, refit, fits, calibration),
    *(screen, track, cue, target, weigh, map_, record, devices),
    *(search, mentions, confirm),
    scorecard,
    *(verify, replay, erase, expire, retention, compact, backup, restore),
    *(upgrade, migrate, warm, doctor),
)
for command in COMMANDS:
    app.command(command.__name__.rstrip("_"))(command)
app.registered_commands += listed.app.registered_commands
app.registered_commands += controlled.app.registered_commands
app.registered_commands += identify.app.registered_commands
app.add_typer(library.app, name="library")
app.add_typer(fetch.app, name="fetch")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(reading.app, name="reading")
app.add_typer(exercise.app, name="exercise")
app.add_typer(task.app, name="task")
app.add_typer(product.app, name="product")
app.add_typer(watch.app, name="watch")
app.add_typer(gateway.app, name="gateway")
app.add_typer(letter.app, name="letter")
app.add_typer(audit.app, name="audit")
app.add_typer(index.app, name="index")
app.add_typer(marking.app, name="marking")
app.add_typer(log.app, name="log")
app.add_typer(live.app, name="live")
app.add_typer(node.app, name="node")
app.add_typer(bundle.app, name="bundle")
app.add_typer(partnership.app, name="partnership")
app.add_typer(finance.app, name="finance")
app.add_typer(fintrac.app, name="fintrac")
app.add_typer(cargo.app, name="cargo")
app.add_typer(waybill.app, name="waybill")
app.add_typer(concern.app, name="concern")
app.add_typer(crown.app, name="crown")
app.add_typer(custody.app, name="custody")
app.add_typer(seizure.app, name="seizure")
app.add_typer(referral.app, name="referral")
app.add_typer(register.app, name="register")
app.add_typer(deconflict.app, name="deconflict")
app.add_typer(hold.app, name="hold")
app.add_typer(certificate.app, name="certificate")
app.add_typer(account.app, name="account")
app.add_typer(aia.app, name="aia")
app.add_typer(claims.app, name="claims")
app.add_typer(statistics.app, name="statistics")


def main() -> None:
    """Run a command; what may go wrong is told in a sentence and an exit code, without a traceback."""
    _speak_utf8()
    try:
        app()
    except SystemExit:  # how a command ends; asking for the errors below would load every room
        raise
    except KeyboardInterrupt:
        err.print("stopped; nothing half-written was kept")
        raise SystemExit(130) from None
    except OSError as error:
        if error.strerror is None:  # not of the system
            raise
        where = f"{error.filename}: " if error.filename is not None else ""
        err.print(f"[bold red]watchfloor:[/] {_escaped(f'{where}{error.strerror}')}", highlight=False)
        raise SystemExit(USAGE) from None
    except _expected() as error:
        err.print(f"[bold red]watchfloor:[/] {_escaped(error)}", highlight=False)
        raise SystemExit(_code(error)) from None


def _speak_utf8() -> None:
    """Names are of every script; output into a file or pipe has the code page of Windows otherwise."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _expected() -> tuple[type[Exception], ...]:
    from watchfloor.cell.weights import WeightError
    from watchfloor.desks.base import DeskError
    from watchfloor.formats.base import FormatError
    from watchfloor.records.extras import MissingExtraError
    from watchfloor.records.marking import MarkingError
    from watchfloor.release.gateway_table import GatewayError
    from watchfloor.store.errors import StoreError
    from watchfloor.store.notes import NoteError

    return (
        *(StoreError, DeskError, FormatError, GatewayError, MarkingError, NoteError, WeightError),
        MissingExtraError,
    )


def _code(error: Exception) -> int:
    from watchfloor.store.errors import StoreError, WrongCall

    return STORE if isinstance(error, StoreError) and not isinstance(error, WrongCall) else USAGE


def _escaped(error: object) -> str:
    from rich.markup import escape

    return escape(str(error))
