"""Schedules of tours against somebody who watches: mixed by a linear programme, drawn by a seed, measured.

The adversary picks a cell (a stretch at a watch of a day) and gets its payoff if nobody sees them. A crew
makes at most one tour a day and no more in a week than its hours allow, so that its chances of having seen a
cell add up over its tours; each crew is drawn independently of the others. Where chances of several crews are
summed instead, the least payoff to which tours can press the adversary down is a linear programme (M. Jain
and others, "Security games with arbitrary schedules", AAAI 2010, with every schedule written out): its value
is a bound that no draw of the crews beats.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from watchfloor.planning.patrols.crews import Crew, Duty, Tour

Floats = npt.NDArray[np.float64]

WEEK: Final = 7
DAYS: Final = 30
"""Days that the adversary has seen."""
HISTORIES: Final = 30
"""Times that they are drawn anew, for a mean."""
SLACK: Final = 1e-9
"""Share of the value by which the second programme may exceed the first."""
FITTING: Final = 200
"""Rounds in which chances of two days are fitted to each other; a handful of watches needs fewer."""
SIGHT: Final = 1e-3
"""Weight of what crews see, where several mixtures press payoffs down as far."""


class Outing(NamedTuple):
    """A tour as it was drawn.

    Attributes:
        duty: in which it lies; tour: what is patrolled.
        late: seconds after the duty begins that it begins.
        explores: whether it was drawn from the share for exploring.
        likely: probability with which this crew is in a stretch of it in that watch, the most of them.
        team: who crew it.
    """

    duty: Duty
    tour: Tour
    late: float
    explores: bool
    likely: float
    team: str = ""


class Mixture(NamedTuple):
    """Tours of a crew on a day.

    Attributes:
        tours: each with the duty in which it lies.
        probability: of each; exploring: of each, drawn evenly.
        meant: probability of each before the rest between two tours took some away.
    """

    tours: Sequence[tuple[Duty, Tour]]
    probability: Floats
    exploring: Floats
    meant: Floats


class Link(NamedTuple):
    """Duties of a crew on two days, the second given the first.

    Attributes:
        before, after: duties of both days; the last of each is staying at home.
        joint: probabilities of both, of shape (before, after).
        tired: pairs without the rest between them; the second is not made.
    """

    before: list[Duty]
    after: list[Duty]
    joint: Floats
    tired: npt.NDArray[np.bool_]


class Figures(Struct, frozen=True):
    """Measures of a schedule: how much of it can be known, and what that gains.

    Attributes:
        value: payoff to which tours of these crews can press the adversary down at best; a bound.
        attacker: payoff of an adversary who knows all probabilities of the draw.
        exploitability: attacker less value.
        observed: payoff of one who saw thirty days drawn, and attacks what was seen least for what it pays.
        predictability: share of a day's cells that the best forecast names, given as many names.
        foreseen: the same of a forecast from thirty days that were seen.
        nobody: payoff where no crew goes out.
    """

    value: float
    attacker: float
    exploitability: float
    observed: float
    predictability: float
    foreseen: float
    nobody: float


def outings_a_week(crew: Crew, days: Sequence[int], most_seconds: float) -> int:
    """Return on how many of some days of a week a crew can make its longest tour within its hours."""
    return min(len(days), sum(count for _, count in crew.outings(most_seconds)))


def link(before: Sequence[tuple[Duty, float]], after: Sequence[tuple[Duty, float]], rest_s: float) -> Link:
    """Join the duties of two days so that both keep their chances and rest lies between, as far as it can.

    Of all such joints it is the one nearest to independence (iterative proportional fitting: Deming and
    Stephan 1940), so that what a crew did says least of what it does next. What cannot be had with rest
    between is left as independent, and marked.

    Args:
        before, after: duties with their chances; what is missing to 1 stays at home.
        rest_s: seconds from the end of one duty to the begin of the next, at least.
    """
    rows, columns = (np.array([*(one[1] for one in day), 0.0]) for day in (before, after))
    for chances in (rows, columns):
        chances[-1] = max(0.0, 1.0 - chances.sum())
        chances /= chances.sum()
    tired = np.zeros((len(rows), len(columns)), bool)
    for number, (first, _) in enumerate(before):
        for other, (second, _) in enumerate(after):
            rest = (second.begins - first.begins).total_seconds() - first.seconds
            tired[number, other] = rest < rest_s
    joint = np.where(tired, 0.0, np.outer(rows, columns))
    for _ in range(FITTING if tired.any() else 1):
        for axis, wanted in ((1, rows[:, None]), (0, columns)):
            sums = joint.sum(axis, keepdims=True)
            joint *= np.divide(wanted, sums, out=np.zeros_like(sums), where=sums > 0)
    joint *= np.minimum(1.0, rows / np.maximum(joint.sum(1), SLACK**2))[:, None]
    joint *= np.minimum(1.0, columns / np.maximum(joint.sum(0), SLACK**2))
    short, missing = np.maximum(rows - joint.sum(1), 0.0), np.maximum(columns - joint.sum(0), 0.0)
    if short.sum() > 0:
        joint += np.outer(short, missing) / short.sum()
    return Link([one[0] for one in before], [one[0] for one in after], joint, tired)


class Plan:
    """A mixture for each crew and day, and schedules drawn from it."""

    def __init__(
        self,
        crews: Sequence[Crew],
        payoff: Floats,
        days: int,
        explore: float,
        most_seconds: float,
        rest_s: float = 0.0,
    ) -> None:
        """Mix tours.

        Args:
            crews: with their duties and tours.
            payoff: of each cell to an adversary whom nobody sees, of shape (watches, stretches).
            days: how many.
            explore: share of tours that is drawn evenly; 1: all.
            most_seconds: of duty of a crew in a week.
            rest_s: seconds between two duties of a crew at least.
        """
        self.crews, self.payoff, self.days = crews, payoff, days
        self.most_seconds = most_seconds
        self.outings: dict[tuple[str, int], tuple[int, list[int]]] = {}
        for crew in crews:
            able = sorted({duty.day for duty in crew.duties if crew.tours.get((duty.watch, duty.seconds))})
            for week in range(-(-days // WEEK)):
                mine = [day for day in able if day // WEEK == week]
                self.outings[crew.name, week] = outings_a_week(crew, mine, most_seconds), mine
        values = []
        self.mixtures: dict[tuple[str, int], Mixture] = {}
        known: dict[Any, tuple[float, list[Floats]]] = {}
        for day in range(days):
            ready: list[tuple[Crew, float, list[tuple[Duty, Tour]]]] = []
            for crew in crews:
                count, mine = self.outings[crew.name, day // WEEK]
                tours = [
                    (duty, tour)
                    for duty in crew.duties
                    if duty.day == day
                    for tour in crew.tours.get((duty.watch, duty.seconds), ())
                ]
                if tours and count:
                    ready.append((crew, count / len(mine), tours))
            pattern = tuple(
                (crew.name, share, tuple({(duty.watch, duty.seconds): 0 for duty, _ in tours}))
                for crew, share, tours in ready
            )
            if pattern not in known:
                known[pattern] = self._mix(ready)
            value, best = known[pattern]
            values.append(value)
            for (crew, share, tours), chances in zip(ready, best, strict=True):
                even = np.full(len(tours), explore * share / len(tours))
                mixed = (1 - explore) * chances + even
                self.mixtures[crew.name, day] = Mixture(tours, mixed, even, mixed)
        self.on = {key: self._chances(*key) for key in self.mixtures}
        self.links = {
            key: self._link(*key, rest_s) for key in self.mixtures if (key[0], key[1] - 1) in self.mixtures
        }
        for name, day in self.links:
            self._keep_rest(name, day)
        self.there = {key: self.marginals(*key, visits=True) for key in self.mixtures}
        self.unseen = np.stack([self._product(day, visits=False) for day in range(days)])
        self.visited = 1.0 - np.stack([self._product(day, visits=True) for day in range(days)])
        daily = np.stack([self._reach(day) for day in range(days)])
        self.reached: npt.NDArray[np.bool_] = np.asarray(daily.any(0))
        # What no crew can reach on a day pays in full then.
        open_ = np.where(self.reached & ~daily, payoff, 0.0).max()
        self.value = max(float(open_), *values)

    def _chances(self, name: str, day: int) -> list[tuple[Duty, float]]:
        """Return with which chance a crew is on each of its duties of a day, if it goes out on that day."""
        count, able = self.outings[name, day // WEEK]
        mixture = self.mixtures[name, day]
        chances: dict[Duty, float] = {}
        for (duty, _), chance in zip(mixture.tours, mixture.meant.tolist(), strict=True):
            chances[duty] = chances.get(duty, 0.0) + chance * len(able) / count
        return list(chances.items())

    def _link(self, name: str, day: int, rest_s: float) -> Link:
        return link(self.on[name, day - 1], self.on[name, day], rest_s)

    def _keep_rest(self, name: str, day: int) -> None:
        """Take away from the tours of a day the chance that their crew has not rested."""
        one = self.links[name, day]
        tired = np.where(one.tired, one.joint, 0.0).sum(0)
        if not tired.any():
            return
        (count, able), (earlier, days) = (self.outings[name, at // WEEK] for at in (day, day - 1))
        same = day // WEEK == (day - 1) // WEEK
        both = (count - 1) / (len(able) - 1) if same else earlier / len(days)
        chances = one.joint.sum(0)
        kept = {
            duty: 1.0 - both * tired[at] / chances[at] if chances[at] > 0 else 1.0
            for at, duty in enumerate(one.after)
        }
        mixture = self.mixtures[name, day]
        share = np.array([kept[duty] for duty, _ in mixture.tours])
        self.mixtures[name, day] = mixture._replace(
            probability=mixture.meant * share, exploring=mixture.exploring * share
        )

    def _mix(
        self, ready: Sequence[tuple[Crew, float, list[tuple[Duty, Tour]]]]
    ) -> tuple[float, list[Floats]]:
        """Return the value of a day's programme, and the chances of the tours of each crew."""
        from scipy.optimize import linprog
        from scipy.sparse import block_diag, coo_array, hstack, vstack

        if not ready or not self.payoff.any():
            return 0.0, [np.zeros(len(one[2])) for one in ready]
        scale = float(self.payoff.max())
        width = self.payoff.shape[1]
        row: list[int] = []
        column: list[int] = []
        gain: list[float] = []
        crew_of: list[int] = []
        for number, (_, _, tours) in enumerate(ready):
            for _, tour in tours:
                cells = range(tour.watch * width + tour.first, tour.watch * width + tour.last + 1)
                row += cells
                column += [len(crew_of)] * len(cells)
                gain += tour.seen
                crew_of.append(number)
        count = len(crew_of)
        rows_of, index = np.unique(np.array(row), return_inverse=True)
        worth = self.payoff.ravel()[rows_of] / scale
        seen = coo_array(
            (np.array(gain) * worth[index], (index, np.array(column))), (len(rows_of), count)
        ).tocsr()
        level = coo_array(-np.ones((len(rows_of), 1)))
        one_each = coo_array((np.ones(count), (np.array(crew_of), np.arange(count))), (len(ready), count))
        none = coo_array((len(ready), 1))
        rows = vstack([hstack([-seen, level]), hstack([one_each, none])]).tocsr()
        limits = np.concatenate([-worth, [share for _, share, _ in ready]])
        wanted = np.zeros(count + 1)
        wanted[-1] = 1.0
        first = linprog(wanted, A_ub=rows, b_ub=limits, bounds=(0, None), method="highs")
        level_most = float(first.x[-1])
        # The least level leaves crews free whose cells do not decide it. Each presses down the best payoff
        # among its own cells, so that an adversary who stays near finds it no easier to predict.
        crew_at = np.array(crew_of)
        own = [np.unique(index[crew_at[np.array(column)] == number]) for number in range(len(ready))]
        levels = block_diag([coo_array(-np.ones((len(cells), 1))) for cells in own])
        near = hstack([-seen[np.concatenate(own)], coo_array((levels.shape[0], 1)), levels])
        rows = vstack([hstack([rows, coo_array((rows.shape[0], len(ready)))]), near]).tocsr()
        limits = np.concatenate([limits, *(-worth[cells] for cells in own)])
        best_near = np.array([max(float(worth[cells].max()), SLACK) for cells in own])
        sight = np.asarray(seen.sum(0)).ravel()
        wanted = np.concatenate([-SIGHT * sight / max(float(sight.max()), SLACK), [0.0], 1.0 / best_near])
        bounds = [(0, None)] * count + [(0, level_most * (1 + SLACK) + SLACK)] + [(0, None)] * len(ready)
        second = linprog(wanted, A_ub=rows, b_ub=limits, bounds=bounds, method="highs")
        chances = np.clip((second if second.status == 0 else first).x[:count], 0.0, None)
        best = []
        for number, (_, share, _) in enumerate(ready):
            mine = chances[np.array(crew_of) == number]
            best.append(mine * min(1.0, share / mine.sum()) if mine.sum() > 0 else mine)
        return level_most * scale, best

    def _reach(self, day: int) -> npt.NDArray[np.bool_]:
        """Return which cells some crew can reach on a day."""
        reached = np.zeros(self.payoff.shape, bool)
        for crew in self.crews:
            if (crew.name, day) in self.mixtures:
                for _, tour in self.mixtures[crew.name, day].tours:
                    reached[tour.watch, tour.first : tour.last + 1] = True
        return reached

    def _product(self, day: int, *, visits: bool) -> Floats:
        """Return the chance that no crew sees a cell of a day, or that none is there."""
        product = np.ones(self.payoff.shape)
        for crew in self.crews:
            if (crew.name, day) in self.mixtures:
                product *= 1.0 - self.marginals(crew.name, day, visits=visits)
        return product

    def marginals(self, name: str, day: int, *, visits: bool) -> Floats:
        """Return with which probability a crew sees a crossing of each cell of a day, or is there."""
        marginals = np.zeros(self.payoff.shape)
        mixture = self.mixtures[name, day]
        for (_, tour), chance in zip(mixture.tours, mixture.probability.tolist(), strict=True):
            if chance > 0:
                marginals[tour.watch, tour.first : tour.last + 1] += chance * (
                    1.0 if visits else np.array(tour.seen)
                )
        return np.minimum(marginals, 1.0)

    def draw(self, seed: str) -> list[Outing]:
        """Draw the tours of all days by a seed, in the order in which they begin."""
        rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"patrols {seed}".encode()).digest()))
        drawn = []
        for crew in sorted(self.crews, key=lambda one: one.name):
            last, before = -2, -1  # day of the last outing, and number of its duty
            for week in range(-(-self.days // WEEK)):
                count, able = self.outings[crew.name, week]
                left = dict(crew.outings(self.most_seconds))
                for day in sorted(rng.choice(able, count, replace=False).tolist()) if count else ():
                    mixture = self.mixtures[crew.name, day]
                    duties = [duty for duty, _ in self.on[crew.name, day]]
                    chances = np.array([*(chance for _, chance in self.on[crew.name, day]), 0.0])
                    chances[-1] = max(0.0, 1.0 - chances.sum())
                    tired = np.zeros(len(chances), bool)
                    if last == day - 1:
                        one = self.links[crew.name, day]
                        chances, tired = one.joint[before], one.tired[before]
                    before = int(rng.choice(len(chances), p=chances / chances.sum()))
                    last = day
                    if before == len(duties) or tired[before]:
                        continue
                    mine = [at for at, (duty, _) in enumerate(mixture.tours) if duty == duties[before]]
                    share = mixture.meant[mine]
                    at = mine[int(rng.choice(len(mine), p=share / share.sum()))]
                    team = max(left, key=lambda name: left[name])
                    left[team] -= 1
                    drawn.append(self._outing(crew.name, day, at, rng, team))
        return sorted(drawn, key=lambda one: (one.duty.begins.timestamp() + one.late, one.tour.crew))

    def _outing(self, name: str, day: int, at: int, rng: np.random.Generator, team: str) -> Outing:
        """Return a tour as it is drawn: when in its duty, and whether it explores."""
        mixture = self.mixtures[name, day]
        duty, tour = mixture.tours[at]
        explores = bool(rng.random() * mixture.probability[at] < mixture.exploring[at])
        quarters = int((duty.seconds - tour.seconds) // 900)
        late = 900.0 * int(rng.integers(quarters + 1))
        there = self.there[name, day][tour.watch, tour.first : tour.last + 1]
        return Outing(duty, tour, late, explores, float(there.max()), team)

    def figures(self, seed: str) -> Figures:
        """Compute what an adversary gains who knows the probabilities, or saw days that were drawn.

        Cells that no crew can reach are left out: no schedule changes what they pay.
        """
        reached = self.reached
        if not self.visited.any():
            nobody = float((self.payoff * reached).max())
            return Figures(nobody, nobody, 0.0, nobody, 0.0, 0.0, nobody)
        pays = self.unseen * self.payoff * reached
        attacker = float(pays.max())
        names = np.rint(self.visited.reshape(self.days, -1).sum(1)).astype(int)
        total = float(self.visited.sum())
        best = sum(
            float(np.sort(day.ravel())[::-1][:count].sum())
            for day, count in zip(self.visited, names, strict=True)
        )
        observed, foreseen = [], []
        for number in range(HISTORIES):
            seen, there = self._history(f"{seed} history {number}")
            target = int(np.argmax(self.payoff * reached * (1.0 - seen)))
            observed.append(float(pays.reshape(self.days, -1)[:, target].max()))
            order = np.argsort(-there.ravel(), kind="stable")
            foreseen.append(
                sum(
                    float(day.ravel()[order[:count]].sum())
                    for day, count in zip(self.visited, names, strict=True)
                )
            )
        return Figures(
            self.value,
            attacker,
            max(0.0, attacker - self.value),
            float(np.mean(observed)),
            best / total,
            float(np.mean(foreseen)) / total,
            float((self.payoff * reached).max()),
        )

    def _history(self, seed: str) -> tuple[Floats, Floats]:
        """Return the shares of thirty days in which each cell was seen and visited, drawn anew."""
        unseen, there = np.zeros(self.payoff.shape), np.zeros(self.payoff.shape)
        left, times = DAYS, 0
        while left > 0:
            days = min(self.days, left)
            missed, visits = np.ones((days, *self.payoff.shape)), np.zeros((days, *self.payoff.shape))
            for one in self.draw(f"{seed} {times}"):
                if one.duty.day < days:
                    here = one.duty.day, one.tour.watch, slice(one.tour.first, one.tour.last + 1)
                    missed[here] *= 1.0 - np.array(one.tour.seen)
                    visits[here] = 1.0
            unseen += missed.sum(0)
            there += visits.sum(0)
            left, times = left - days, times + 1
        return 1.0 - unseen / DAYS, there / DAYS
