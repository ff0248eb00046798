"""`watchfloor floor replay`: each desk's last run again, held against what was kept."""

from typing import TYPE_CHECKING, Any

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    print_rows,
    print_table,
    reader,
)
from watchfloor.cli.run import OnOption, SharedOption, running

if TYPE_CHECKING:
    from watchfloor.run.floor import Replay


def replay(
    floor: FloorOption = DEFAULT_FLOOR,
    on: OnOption = None,
    shared: SharedOption = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Do each desk's last run again from the evidence it had, and compare it with what was kept.

    Example: watchfloor floor replay --floor floor
    """
    from watchfloor.desks.registry import desks
    from watchfloor.feeds.references import references
    from watchfloor.run import floor as runs
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with busy("running again what was run") as said, running(opened, on, shared, said) as runner:
        mine = reader(opened, purpose)
        done = list(runs.replay(opened, desks(), references(opened), mine, runner=runner))
    opened.act(acting(purpose, authority), "replay", {one.desk: one.same for one in done})
    if as_json:
        print_rows((_replayed(one) for one in done), "runs")
    else:
        rows = [(one.desk, "the same" if one.same else _differs(one)) for one in done]
        print_table("Replay", ("desk", "outcome"), rows, "Nothing was run yet: watchfloor run")
    if not all(one.same for one in done):
        raise typer.Exit(PARTLY)


def _replayed(one: "Replay") -> dict[str, Any]:
    return {name: value for name, value in one._asdict().items() if name != "position"}


def _differs(one: "Replay") -> str:
    """In what a replay differs, as far as it can be told."""
    why = []
    if one.version_then != one.version_now:
        why.append(f"the desk was version {one.version_then} and is {one.version_now}")
    if one.other_references:
        why.append(f"other {', '.join(one.other_references)}")
    return "DIFFERS: " + ("; ".join(why) or "other code of the same version, or records erased since")
