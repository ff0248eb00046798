"""Plans that a console keeps for its readers."""

from concurrent.futures import Future
from types import SimpleNamespace

from watchfloor.actions.patrols import PatrolTerms
from watchfloor.console.plans import EACH, Plans, Question
from watchfloor.store import Actor
from watchfloor.store.floor import Floor


class Waiting:
    """Jobs that never end, and those of them that were stopped."""

    def __init__(self):
        self.begun, self.stopped = [], []

    def start(self, *_):
        self.begun.append(SimpleNamespace(id=str(len(self.begun))))
        return self.begun[-1], Future()

    def stop(self, job):
        self.stopped.append(job)


def test_who_draws_again_and_again_stops_their_own_plans_and_not_those_of_others(tmp_path):
    floor, jobs = Floor.create(tmp_path / "floor", Actor("one", "tests", "an Act")), Waiting()
    plans = Plans(floor, jobs)
    one, other = (floor.reader(name, "watch") for name in ("one", "other"))
    plans.preparing(Question(other, "en", PatrolTerms(), 0), 0)
    for draw in range(3 * EACH):
        plans.preparing(Question(one, "en", PatrolTerms(), draw), 0)
    assert jobs.stopped == [str(number) for number in range(1, 1 + 2 * EACH)]
    plans.preparing(Question(other, "en", PatrolTerms(), 0), 0)
    assert len(jobs.begun) == 1 + 3 * EACH, "the plan of the other is still there"
