"""What commands of change are called with: the series of a pixel that was cleared, and a pair of scenes."""

from tests.desks.space.change import made
from tests.desks.space.change.made_up import table

FULL = {("change", "monitor"): ["{pixel}"], ("change", "pair"): ["{before}", "{after}"]}
"""What each is called with where there is something to print."""

LEAVES = tuple(map(" ".join, FULL))
"""They read no floor, and leave no act."""


def observed(home):
    """The files, by the names that `FULL` uses."""
    path = home / "pixel.csv"
    path.write_text(table(60, 40), "utf-8")
    before, after = made.pair(home, made.mask(96, 96, (20, 10, 2, 60)), rows=96, columns=96)
    return {"pixel": path, "before": before, "after": after}
