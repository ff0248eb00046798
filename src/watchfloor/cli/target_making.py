"""What `watchfloor target` makes a plan from: files, a model, the stream, the means, the budget."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from watchfloor.cli.common import err, fail, reader

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.cell.weights import Weights
    from watchfloor.desks.cargo.model import Model
    from watchfloor.feeds.files import Files
    from watchfloor.planning.inspections.choose import Settings
    from watchfloor.planning.inspections.means import Table
    from watchfloor.planning.inspections.plan import Plan
    from watchfloor.planning.inspections.streams import Stream
    from watchfloor.records.messages import Language, Reason
    from watchfloor.store.floor import Floor

UNCERTAIN_PART: Final = 2 / 3
"""Share of what `--explore` says that goes to the uncertain; the rest is drawn at random."""


def files(paths: list[Path], say: Any) -> "Files":
    """What some files hold; ends the command where a path is given and nothing of it can be read."""
    from watchfloor.feeds.files import read
    from watchfloor.planning.inspections.streams import WANTED

    found = read(paths, WANTED, say)
    for line in found.told:
        err.print(line, highlight=False, markup=False)
    if paths and not found.tables and found.aside:
        fail(f"none of {', '.join(path.name for path in paths)} holds declarations or inspections")
    return found


def model(
    path: Path | None, past: "Files", given: "Files", seed: int | None, say: Any
) -> "tuple[Model | None, list[Reason]]":
    """The model of a file, or one of the history."""
    from watchfloor.desks.cargo import model as models
    from watchfloor.planning.inspections.streams import learned

    if path is not None:
        try:
            return models.load(path.read_bytes()), []
        except models.FitError as error:
            fail(f"{path.name}: {error}")
    if not past.tables:
        return None, []
    say("fitting a model on the history")
    return learned(past, given, seed or 0)


def of_files(
    given: "Files", past: "Files", fitted: "Model | None", table: "Weights", on: date | None, say: Any
) -> "Stream":
    """The stream of files."""
    from watchfloor.planning.inspections.streams import from_files

    return from_files(given, past, fitted, table, on, say)


def of_floor(
    opened: "Floor",
    fitted: "Model | None",
    table: "Weights",
    on: date | None,
    purpose: str,
    lang: "Language",
    say: Any,
) -> "Stream":
    """The stream of a floor, as this reader may see it now."""
    from watchfloor.planning.inspections.streams import from_floor

    return from_floor(opened, reader(opened, purpose), fitted, table, datetime.now(UTC), on, lang, say)


def means(path: Path | None, opened: "Floor | None") -> "Table":
    """The means of a file, else of the floor; none where there is neither."""
    from watchfloor.planning.inspections.means import NAME, Table, load

    if path is not None:
        return load(path)
    return load(opened.root / NAME) if opened is not None else Table()


def settings(
    budget: int,
    explore: float | None,
    can: "Table",
    seed: int | None,
    stream: "Stream",
    opened: "Floor | None",
) -> "Settings":
    """How the budget is spent: the shares to learn by as asked, else as the means say; the seed, else a
    fixed one."""
    from watchfloor.feeds.files import KEY
    from watchfloor.planning.inspections.choose import Settings
    from watchfloor.planning.inspections.seeding import seed_of

    shares = can.learning
    uncertain, at_random = shares.uncertain, shares.at_random
    if explore is not None:
        uncertain, at_random = explore * UNCERTAIN_PART, explore * (1 - UNCERTAIN_PART)
    drawn = (
        seed_of(stream.candidates.items, stream.day, opened.key if opened else KEY) if seed is None else seed
    )
    return Settings(budget, uncertain, at_random, shares.least, drawn)


def plan(
    stream: "Stream",
    can: "Table",
    spent: "Settings",
    table: "Weights",
    opened: "Floor | None",
    lang: "Language",
) -> "tuple[Plan, pa.Table]":
    """The plan and its picks, under a floor's own table of powers where it has one."""
    from watchfloor.cell.referrals import powers
    from watchfloor.planning.inspections import picks
    from watchfloor.planning.inspections import plan as plans

    law = powers.load(opened.root if opened else None)
    opens = plans.may_open(stream.candidates.items, stream.day, law, stream.grounds)
    first, used = stream.first, stream.used
    made = plans.plan(stream.candidates, spent, can, stream.day, opens=opens, first=first, used=used)
    units = {name: one.unit for name, one in can.means.items()}
    return made, picks.table(made, table, units, lang)
