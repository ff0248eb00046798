"""Generated worlds: walkers, vehicles and boats on a square, seen by four sensors that take turns.

Half of the leaders walk, three tenths drive, a fifth sail; one in eight has two companions, each set off
from it by a normal deviate of 22 m on either axis. All turn at random (a new rate of turn once a minute)
and change speed, down to a halt (once in two minutes). Six tenths live throughout, the others are born and
die. Every 1.25 s one of the four sensors looks: it finds each object with probability 0.9, and clutter
besides, Poisson in number and uniform over the square.
"""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.surveillance.recording import Recording, Truth

TUNED_ON = range(1, 10)
"""Seeds that may be looked at while the tracker is made."""

UNSEEN = range(101, 111)
"""Seeds that figures are reported on."""

SCANS, PERIOD, SIDE, DETECTS = 200, 1.25, 8_000.0, 0.9
SUBSTEPS = 5
SPEEDS = np.array([[0.8, 2.0], [5.0, 15.0], [6.0, 18.0]])
"""Slowest and fastest of walkers, vehicles and boats, m/s."""
SHARES = (0.5, 0.3, 0.2)
GROUPS, APART = 0.12, 22.0
POSITION_ERROR = np.array([8.0, 8.0, 14.0, 14.0])
POLAR_ERROR = np.array([[0.0012, 6.0], [0.0012, 6.0], [0.002, 10.0], [0.002, 10.0]])
CORNERS = SIDE * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


@dataclass
class Leaders:
    """Those that the motion is drawn for: `count` of them, a companion moves with its leader."""

    place: np.ndarray
    heading: np.ndarray
    cruise: np.ndarray
    speed: np.ndarray
    turn: np.ndarray

    @classmethod
    def drawn(cls, random: np.random.Generator, count: int) -> "Leaders":
        slow, fast = SPEEDS[random.choice(3, count, p=SHARES)].T
        cruise = random.uniform(slow, fast)
        place = random.uniform(0.05 * SIDE, 0.95 * SIDE, (count, 2))
        return cls(place, random.uniform(0, 2 * np.pi, count), cruise, cruise.copy(), np.zeros(count))

    def velocity(self) -> np.ndarray:
        return self.speed[:, None] * np.column_stack((np.cos(self.heading), np.sin(self.heading)))

    def move(self, random: np.random.Generator, seconds: float) -> None:
        """One small step: perhaps another rate of turn or speed; a quarter turn at an edge."""
        count = len(self.speed)
        turns = random.random(count) < seconds / 60
        signs = random.choice([0, 0, 1, -1], count)
        self.turn = np.where(turns, signs * random.uniform(0.02, 0.12, count), self.turn)
        changes = random.random(count) < seconds / 120
        self.speed = np.where(changes, self.cruise * random.choice([0.02, 1.0, 1.0, 0.5], count), self.speed)
        self.heading += self.turn * seconds + random.normal(0, 0.004, count) * np.sqrt(seconds)
        self.place = self.place + seconds * self.velocity()
        self.heading += np.pi / 2 * ((self.place < 0) | (self.place > SIDE)).sum(1)
        self.place = self.place.clip(0, SIDE)


def sizes(random: np.random.Generator, targets: int) -> np.ndarray:
    """Members of each group, one for those who go alone, `targets` in all."""
    drawn = np.where(random.random(targets) < GROUPS, 3, 1)
    groups = drawn[: np.searchsorted(drawn.cumsum(), targets) + 1]
    groups[-1] -= groups.sum() - targets
    return groups


def lives(random: np.random.Generator, count: int) -> np.ndarray:
    """[count, 2] first scan and the one after the last; at least twenty scans between them."""
    some = np.sort(random.integers(0, SCANS, (count, 2)), axis=1)
    short = some[:, 1] - some[:, 0] < 20
    some[short] = np.column_stack(((some[short, 0] - 20).clip(0), (some[short, 1] + 20).clip(max=SCANS)))
    some[random.random(count) < 0.6] = 0, SCANS
    return some


def moved(random: np.random.Generator, targets: int) -> Truth:
    """The truth at each scan."""
    groups = sizes(random, targets)
    leader = np.repeat(np.arange(len(groups)), groups)
    first = np.r_[True, leader[1:] != leader[:-1]]
    offset = np.where(first[:, None], 0.0, random.normal(0, APART, (targets, 2)))
    born, dead = lives(random, len(groups))[leader].T
    leaders = Leaders.drawn(random, len(groups))
    place = np.empty((targets, SCANS, 2))
    for scan in range(SCANS):
        place[:, scan] = leaders.place[leader] + offset
        for _ in range(SUBSTEPS):
            leaders.move(random, PERIOD / SUBSTEPS)
    scans = np.arange(SCANS)
    alive = (scans >= born[:, None]) & (scans < dead[:, None])
    return Truth(scans * PERIOD, place, alive)


def polar_of(places: np.ndarray, sensor: int) -> np.ndarray:
    """[n, 2] azimuth, radians clockwise from north, and range in metres."""
    east, north = (places - CORNERS[sensor]).T
    return np.column_stack((np.arctan2(east, north), np.hypot(east, north)))


def looked(random: np.random.Generator, truth: Truth, scan: int, clutter: float, polar: bool):
    """What one sensor finds in one scan: measurements and whose they are, shuffled."""
    sensor = scan % 4
    who, places = truth.at(scan)
    found = random.random(len(who)) < DETECTS
    who, places = who[found], places[found]
    false = random.uniform(0, SIDE, (random.poisson(clutter), 2))
    if polar:
        noise = random.normal(0, POLAR_ERROR[sensor], (len(who), 2))
        seen = np.concatenate((polar_of(places, sensor) + noise, polar_of(false, sensor)))
    else:
        noise = random.normal(0, POSITION_ERROR[sensor], (len(who), 2))
        seen = np.concatenate((places + noise, false))
    order = random.permutation(len(seen))
    return seen[order], np.concatenate((who, np.full(len(false), -1)))[order]


def synthetic(targets: int = 100, clutter: float = 50.0, seed: int = 1, polar: bool = False) -> Recording:
    """A recording of `SCANS` scans; the same for the same arguments."""
    random = np.random.default_rng([seed, targets, int(clutter)])
    truth = moved(random, targets)
    scans = [looked(random, truth, scan, clutter, polar) for scan in range(SCANS)]
    scan = np.repeat(np.arange(SCANS), [len(seen) for seen, _ in scans])
    sensor = (scan % 4).astype(np.int32)
    seen = np.concatenate([seen for seen, _ in scans])
    blank = np.full(len(scan), np.nan)
    variance = POSITION_ERROR[sensor] ** 2
    return Recording(
        t=truth.times[scan],
        sensor=sensor,
        scan=scan,
        place=np.full_like(seen, np.nan) if polar else seen,
        cov=np.column_stack((blank,) * 3 if polar else (variance, 0 * variance, variance)),
        who=np.concatenate([who for _, who in scans]),
        bearing=blank,
        polar=seen if polar else None,
        sensors=CORNERS,
        polar_error=POLAR_ERROR,
        clutter=clutter,
        side=SIDE,
        truth=truth,
    )


def late(recording: Recording, seed: int, share: float = 0.05) -> Recording:
    """The same detections, a share of them arriving 2 to 20 s late; the others in order."""
    random = np.random.default_rng([seed, 20])
    delay = np.where(random.random(len(recording)) < share, random.uniform(2, 20, len(recording)), 0.0)
    order = np.argsort(recording.t + delay, kind="stable")
    return recording.take(order)


def interleaved(recording: Recording, seed: int, seconds: float = 1.5) -> Recording:
    """The same detections without numbers of scans, each arriving up to so late: those of two sensors mix."""
    delay = np.random.default_rng([seed, 21]).uniform(0, seconds, len(recording))
    unnumbered = replace(recording, scan=np.full(len(recording), -1))
    return unnumbered.take(np.argsort(recording.t + delay, kind="stable"))
