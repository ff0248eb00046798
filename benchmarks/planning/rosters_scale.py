"""Rosters of 10,000 made-up officers at 117 ports round the clock: cost, bound, gap, time and memory.

    python -m benchmarks.planning.rosters_scale
    python -m benchmarks.planning.rosters_scale --officers 1000 --ports 12 --demand 0.9 0.95 1 1.05 1.1

Ports lie in districts; every tenth officer may also work at another port of theirs. Officers vary their
shifts of 8, 10 and 12 hours; a third of the ports works 12 hours, four on and four off at most.
"""

import argparse
import os
import resource
import time
from functools import partial

import numpy as np

from watchfloor.planning.rosters import columns, pools, repair
from watchfloor.planning.rosters.problem import (
    OFF,
    AnyRule,
    Demand,
    Grid,
    Person,
    Post,
    Problem,
    Run,
    Shift,
    Succession,
    Total,
    Weekends,
    Wish,
)

DAYS, WEEK = 28, 7
SHIFTS = (
    Shift("D8", 480, 360),
    Shift("E8", 480, 840),
    Shift("N8", 480, 1320),
    Shift("D10", 600, 480),
    Shift("D12", 720, 360),
    Shift("N12", 720, 1080),
)
EIGHTS, TWELVES = (1, 2, 3, 4), (5, 6)
NIGHTS = frozenset({3, 6})
REST = 660
"""Minutes between two shifts at least."""


def rules_of(shifts: tuple[int, ...], leave: range, wishes: list[Wish]) -> tuple[AnyRule, ...]:
    """Return the rules of one officer; hours are fewer by the days of their leave."""
    twelve = shifts == TWELVES
    hours = 160 * 60 * (DAYS - len(leave)) // DAYS
    rules: list[AnyRule] = [
        Run("consecutive days", None, most=4 if twelve else 6),
        Run("short stretch", 10, least=2),
        Run("days of rest", None, frozenset({OFF}), least=2),
        Run("consecutive nights", None, NIGHTS, most=4),
        Total("hours", None, least=hours - 16 * 60, most=hours + 8 * 60, minutes=True),
        Weekends("weekends", None, most=3),
    ]
    for first in shifts:
        one = SHIFTS[first - 1]
        too_soon = {
            other
            for other in shifts
            if (SHIFTS[other - 1].start or 0) + 1440 - (one.start or 0) - one.minutes < REST
        }
        if too_soon:
            rules.append(Succession("rest between shifts", None, first, frozenset(too_soon)))
    rules += [Wish("leave", None, day) for day in leave]
    return (*rules, *wishes)


def past_of(random: np.random.Generator, shifts: tuple[int, ...]) -> tuple[int, ...]:
    """Return a week that keeps the rules, of one of a few turns that officers are in."""
    shift = int(random.choice(shifts))
    on, off = (4, 4) if shifts == TWELVES else (5, 2)
    turn = int(random.integers(on + off))
    return tuple(shift if (day + turn) % (on + off) < on else OFF for day in range(WEEK))


def problem(officers: int, ports: int, seed: int = 0, wanted: float = 1.05) -> Problem:
    """Make a problem up; a port has an eighth or eight times the officers of another.

    The demand is a share of the hours of the contracts; 1.05 of them is as much as officers may work at most.
    """
    random = np.random.default_rng(seed)
    sizes = np.exp(random.normal(0.0, 0.7, ports))
    sizes = np.maximum((sizes / sizes.sum() * officers).astype(int), 8)
    sizes[sizes.argmax()] += officers - sizes.sum()
    ways = [TWELVES if random.random() < 1 / 3 else EIGHTS for _ in range(ports)]
    duties = ("line", "examination")
    posts = [
        Post(shift, f"port {port} {duty}") for port in range(ports) for duty in duties for shift in ways[port]
    ]
    number = {post: place for place, post in enumerate(posts, 1)}
    people, demand = [], []
    for port, size in enumerate(sizes):
        shifts, district = ways[port], port // 3
        near = [other for other in range(ports) if other // 3 == district and ways[other] == shifts]
        other = near[(near.index(port) + 1) % len(near)]
        capacity = 0.0
        for officer in range(size):
            able = {number[Post(shift, f"port {port} line")] for shift in shifts}
            if random.random() < 0.6:
                able |= {number[Post(shift, f"port {port} examination")] for shift in shifts}
            if random.random() < 0.1:
                able |= {number[Post(shift, f"port {other} line")] for shift in shifts}
            leave = range(0)
            if random.random() < 0.1:
                first = WEEK * int(random.integers(4))
                leave = range(first, first + WEEK)
            wishes = [
                Wish("wish", int(random.integers(1, 4)), int(day))
                for day in random.choice(DAYS, 2, replace=False)
                if random.random() < 0.2 and day not in leave
            ]
            person = Person(
                f"{port}-{officer}",
                frozenset(able),
                rules_of(shifts, leave, wishes),
                past_of(random, shifts),
            )
            people.append(person)
            minutes = float(np.mean([SHIFTS[shift - 1].minutes for shift in shifts]))
            capacity += 160 * 60 * (1 - len(leave) / DAYS) / minutes
        asked = wanted * capacity / DAYS
        shares = random.dirichlet(np.full(len(shifts), 8.0)) * asked
        for day in range(DAYS):
            busy = 0.85 if day % 7 >= 5 else 1.06  # fewer lorries on a weekend
            for shift, share in zip(shifts, shares, strict=True):
                for duty, part in zip(duties, (0.7, 0.3), strict=True):
                    least = int(random.poisson(0.04) + part * share * busy + random.random())
                    if least:
                        demand.append(
                            Demand(day, Post(shift, f"port {port} {duty}"), least, least, 100, 1, duty)
                        )
    return Problem(f"{officers} officers", DAYS, SHIFTS, tuple(posts), tuple(people), tuple(demand), 0)


def main() -> None:
    """Print what the roster of each demand costs, and what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--officers", type=int, default=10_000)
    parser.add_argument("--ports", type=int, default=117)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--demand", type=float, nargs="+", default=[1.05], help="of the hours of contracts")
    asked = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does: a processor each process
    print("demand  lawful       cost      bound     gap   short  seconds  of processor  GB at most  load")
    for wanted in asked.demand:
        made_up = problem(asked.officers, asked.ports, asked.seed, wanted)
        parts, before = pools.pools(made_up), processor()
        sizes = f"pools {len(parts)}, the largest of {len(parts[0].people)}"
        print(f"{len(made_up.people):,} officers, {len(made_up.demand):,} demands, {sizes}", flush=True)
        made = pools.solve(made_up, asked.seconds, asked.processes, asked.seed, partial(print, flush=True))
        cost, lawful = made.verdict.cost, "yes" if made.verdict.feasible else "NO"
        cover = columns.Cover(made_up)
        short = int(np.maximum(cover.least - cover.met(cover.count(made.grid)), 0).sum())
        memory = sum(
            count * resource.getrusage(who).ru_maxrss / 1e6
            for count, who in ((1, resource.RUSAGE_SELF), (asked.processes, resource.RUSAGE_CHILDREN))
        )
        gap = (cost - made.bound) / max(cost, 1)
        print(
            f"{wanted:6.2f}  {lawful:>6}  {cost:9,}  {made.bound:9,}  {gap:6.2%}"
            f"  {short:6,}  {made.seconds:7.0f}  {processor() - before:12.0f}  {memory:10.2f}"
            f"  {os.getloadavg()[0]:4.1f}",
            flush=True,
        )
        print("  ".join(f"{clause} {amount:,}" for clause, amount in made.verdict.parts.items()), flush=True)
        call_in_sick(made_up, made.grid, asked.calls)


def processor() -> float:
    """Return seconds of processor of this process and of those that it waited for."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in spent)


def call_in_sick(problem: Problem, grid: Grid, calls: int) -> None:
    """Have officers call in sick, each alone, and print what their repairs take."""
    random = np.random.default_rng(1)
    if not calls:
        return
    at_work = random.permutation(np.argwhere(grid))[:calls].tolist()
    seconds, moved, changes, unmet, lawful = [], [], [], 0, True
    for person, day in at_work:
        call = repair.Call(frozenset({(person, day)}))
        spent = time.process_time()
        found = repair.repairs(problem, grid, call)[0]
        seconds.append(time.process_time() - spent)
        moved.append(len({one.person for one in found.changes}))
        changes.append(len(found.changes))
        unmet += bool(found.short)
        touched = sorted({one.person for one in found.changes})
        after = repair.changed(grid, call, found)[touched]
        people = [problem.people[number] for number in touched]
        lawful &= not any(amount for amount, *_ in repair.faults(problem, people, after))
    print(
        f"sick calls {len(seconds)}: {np.mean(seconds):.2f} s of processor, {max(seconds):.2f} at most;"
        f" others moved {max(moved)} at most; changes {np.bincount(changes).tolist()} by number;"
        f" {unmet} left somebody missing; lawful {'yes' if lawful else 'NO'}"
    )


if __name__ == "__main__":
    main()
