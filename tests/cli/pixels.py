"""What commands of change are called with: the made-up series of a pixel that was cleared."""

from tests.desks.space.change.made_up import table

FULL = {("change", "monitor"): ["{pixel}"]}
"""What each is called with where there is something to print."""

LEAVES = tuple(map(" ".join, FULL))
"""They read no floor, and leave no act."""


def observed(home):
    """The series of a pixel, by the name that `FULL` uses."""
    path = home / "pixel.csv"
    path.write_text(table(60, 40), "utf-8")
    return {"pixel": path}
