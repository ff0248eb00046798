"""`watchfloor admin warm`: compile ahead what would be compiled at its first use."""

import sys
from typing import Annotated, Final

import typer

from watchfloor.cli.common import (
    MISSING,
    JsonOption,
    err,
    fail,
    print_json,
)

PLAN: Final = "plan"
"""What plans tours and rosters, beside the desks."""


def warm(
    desks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DESK]...", help="Whose kernels, or `plan`; all by default."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that compile at the same time.")] = 2,
    as_json: JsonOption = False,
) -> None:
    """Compile everything that is compiled at its first use, so that nobody waits for it later.

    It takes minutes, once on a machine, and runs at low priority beside other work. What was compiled is kept
    in the folder WATCHFLOOR_CACHE, or in the user's folder of caches.

    Examples: watchfloor admin warm; watchfloor admin warm surveillance plan --workers 1
    """
    from watchfloor.core import caches
    from watchfloor.desks import registry
    from watchfloor.planning.patrols import tours
    from watchfloor.planning.rosters import pools, solve
    from watchfloor.run.warm import warm

    known = [*registry.desks(), PLAN]
    if strange := [name for name in desks or () if name not in known]:
        fail(f"no desk is called {strange[0]}; there are: {', '.join(known)}", MISSING)
    err.print("compiling, once on this machine")
    chosen = list(desks or known)
    plan = (*tours.KERNELS, *solve.KERNELS, *pools.KERNELS) if PLAN in chosen else ()
    seconds = warm([name for name in chosen if name != PLAN], workers, plan)
    if as_json:
        print_json({"seconds": round(seconds, 1), "folder": str(caches.folder())})
    else:
        sys.stdout.write(f"compiled in {seconds:.0f} s, kept in {caches.folder()}\n")
