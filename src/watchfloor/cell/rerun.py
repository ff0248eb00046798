"""Running the desks over all evidence, once a view: after rows came, or a person decided something."""

from collections.abc import Collection

from watchfloor.desks.registry import desks
from watchfloor.feeds.references import references
from watchfloor.policy.policy import Reader
from watchfloor.run.floor import DeskRun, run_desks
from watchfloor.run.inline import INLINE
from watchfloor.run.runner import Runner
from watchfloor.run.views import readers
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer


def rerun(
    floor: Floor,
    writer: Writer,
    asking: Reader,
    *,
    only: Collection[str] = (),
    runner: Runner = INLINE,
    fresh: bool = False,
) -> list[DeskRun]:
    """Run every desk, or some, over the floor, once a view; gives what stands in the view of who asks.

    `fresh`: over all evidence, whatever earlier runs have found.
    """
    chosen = [one for name, one in desks().items() if not only or name in only]
    mine_view = floor.view(asking, floor.position)
    done = run_desks(
        floor, writer, chosen, references(floor), readers(floor, asking), runner=runner, fresh=fresh
    )
    return [one for one in done if one.view == mine_view]
