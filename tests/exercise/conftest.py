import pytest

from watchfloor.exercise import lists
from watchfloor.exercise.acts import Passage
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.plots import plots, watched
from watchfloor.exercise.surveillance.day import observe

SEED, SCALE = 3, 0.5


@pytest.fixture(scope="session")
def told():
    """Every plot."""
    cast = Cast(SEED)
    return [*plots(cast, lists.fictitious()), *watched(cast)]


@pytest.fixture(scope="session")
def day(told):
    """A day of half the traffic."""
    acts = (act for plot in told for act in (*plot.acts, *plot.around))
    return observe([act for act in acts if isinstance(act, Passage)], SEED, SCALE)
