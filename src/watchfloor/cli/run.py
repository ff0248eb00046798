"""`watchfloor run`: every desk over the floor's evidence."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    err,
    fail,
    print_json,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.desks.base import Refs
    from watchfloor.run.floor import DeskRun
    from watchfloor.run.runner import Runner
    from watchfloor.store.floor import Floor
    from watchfloor.store.writer import Writer


def run(
    floor: FloorOption = DEFAULT_FLOOR,
    desk: Annotated[str | None, typer.Option("--desk", help="Only this desk.")] = None,
    on: Annotated[
        str,
        typer.Option("--on", help="Where the folds run: inline, pool, sail, or the sc:// address of Spark."),
    ] = "inline",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Run the desks over all evidence and keep what they make of it.

    Example: watchfloor run --floor floor --desk listings
    """
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with opened.writer(acting(purpose, authority)) as writer, err.status("running the desks"):
        done = rerun(opened, writer, purpose, only=desk, runner=_runner(on))
    rows = [one._asdict() for one in done]
    if as_json:
        for row in rows:
            print_json(row)
        return
    print_table(
        "Runs",
        ("desk", "version", "rows read", "standing", "as of position"),
        [(one.desk, one.version, one.read, _counts(one.standing), one.position) for one in done],
        "No desk is installed.",
    )


def rerun(
    opened: "Floor",
    writer: "Writer",
    purpose: str,
    *,
    only: str | None = None,
    runner: "Runner | None" = None,
) -> "list[DeskRun]":
    """Run every desk, or one, over the floor."""
    from watchfloor.desks.registry import desks
    from watchfloor.run.floor import run_desks
    from watchfloor.run.inline import INLINE

    known = desks()
    if only is not None and only not in known:
        fail(f"there is no desk {only!r}; the desks are {', '.join(known)}")
    chosen = [one for name, one in known.items() if only in (None, name)]
    return list(
        run_desks(opened, writer, chosen, references(opened), reader(purpose), runner=runner or INLINE)
    )


def references(opened: "Floor") -> "Refs":
    """What the desks may look at, from the floor's settings."""
    import pyarrow as pa

    from watchfloor.desks.base import Refs
    from watchfloor.feeds.config import load

    screened = load(opened.root).screened()
    table = pa.table(
        {
            "source": pa.array(list(screened), pa.string()),
            "necessity": pa.array([one.necessity for one in screened.values()], pa.string()),
            "authority": pa.array([one.authority for one in screened.values()], pa.string()),
        }
    )
    return Refs(opened.key, {"screening": table})


def _runner(on: str) -> "Runner":
    if on == "inline":
        from watchfloor.run.inline import INLINE

        return INLINE
    makers: dict[str, Callable[[str], Runner]] = {"pool": _pool, "sail": _sail}
    if on in makers:
        return makers[on](on)
    if on.startswith("sc://"):
        return _connect(on)
    fail(f"--on {on!r}: write inline, pool, sail, or an address such as sc://host:15002")


def _counts(standing: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in standing.items())
