"""Rosters beside CP-SAT and HiGHS: the same public instances, as many seconds of the clock, one thread.

    python -m benchmarks.planning.rosters_peers --seconds 60 --ortools PYTHON

`--ortools` names an interpreter that has OR-tools. Both peers have the same program: a variable for each
person, day and shift. What they find is costed by `roster check`, which must give the peer's own objective.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import highspy
import numpy as np
from scipy.sparse import csr_array

from benchmarks.planning.rosters import BEST, DATA
from watchfloor.planning.rosters import check, curtois, solve
from watchfloor.planning.rosters.problem import OFF, Problem, Run, Succession, Total, Weekends, Wish

PEER = """
import sys, numpy as np
from ortools.sat.python import cp_model
data = np.load(sys.argv[1])
model = cp_model.CpModel()
cost, top = data["cost"].tolist(), data["top"].tolist()
x = [model.new_int_var(0, one, "") for one in top]
starts, columns, values = (data[name].tolist() for name in ("starts", "columns", "values"))
for row, (low, high) in enumerate(zip(data["low"].tolist(), data["high"].tolist())):
    span = range(starts[row], starts[row + 1])
    total = cp_model.LinearExpr.weighted_sum([x[columns[at]] for at in span], [values[at] for at in span])
    model.add_linear_constraint(total, low, high)
model.minimize(cp_model.LinearExpr.weighted_sum(x, cost))
solver = cp_model.CpSolver()
solver.parameters.max_time_in_seconds = float(sys.argv[2])
solver.parameters.num_workers = 1
status = solver.solve(model)
found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
answer = [solver.value(one) for one in x] if found else []
np.savez(sys.argv[3], x=answer, bound=solver.best_objective_bound)
"""
FREE = 1 << 30


class Program:
    """An instance as a program of whole numbers."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        people, days, shifts = len(problem.people), problem.days, len(problem.shifts)
        self.x = np.arange(people * days * shifts).reshape(people, days, shifts)
        self.cost, self.top = [0] * self.x.size, [1] * self.x.size
        self.constant = 0
        self.rows: list[tuple[list[int], list[int], int, int]] = []
        self.covers = []
        weekends = problem.weekends()
        for who, person in enumerate(problem.people):
            for shift in set(range(1, shifts + 1)) - person.posts:
                for day in range(days):
                    self.top[self.x[who, day, shift - 1]] = 0
            for day in range(days):
                self.row([(self.x[who, day], 1)], most=1)
            for rule in person.rules:
                self.add(who, rule, weekends)
        for one in problem.demand:
            short, extra = self.variable(one.under, FREE), self.variable(one.over, FREE)
            here = self.x[:, one.day, one.post.shift - 1]
            self.row([(here, 1), (short, 1), (extra, -1)], one.least, one.most)
            self.covers.append((here, short, extra, one))

    def variable(self, cost: int = 0, top: int = 1) -> int:
        self.cost.append(cost)
        self.top.append(min(top, len(self.problem.people) * 2))
        return len(self.cost) - 1

    def row(self, parts, least: int = -FREE, most: int = FREE) -> None:
        columns, values = [], []
        for which, value in parts:
            which = np.ravel(which).tolist()
            columns += which
            values += [value] * len(which)
        self.rows.append((columns, values, least, most))

    def add(self, who: int, rule, weekends) -> None:
        mine = self.x[who]
        days = len(mine)
        if isinstance(rule, Total):
            which = [shift - 1 for shift in rule.shifts or range(1, mine.shape[1] + 1)]
            worth = [self.problem.shifts[one].minutes if rule.minutes else 1 for one in which]
            parts = [(mine[:, one], value) for one, value in zip(which, worth, strict=True)]
            self.row(
                parts,
                -FREE if rule.least is None else rule.least,
                FREE if rule.most is None else rule.most,
            )
        elif isinstance(rule, Succession):
            for day in range(days - 1):
                after = mine[day + 1, [one - 1 for one in rule.following]]
                self.row([(mine[day, rule.first - 1], 1), (after, 1)], most=1)
        elif isinstance(rule, Weekends):
            worked = []
            for pair in weekends:
                worked.append(self.variable())
                for day in pair:
                    self.row([(mine[day], 1), (worked[-1], -1)], most=0)
            self.row([(worked, 1)], most=rule.most)
        elif isinstance(rule, Wish):
            self.wish(mine, rule)
        elif isinstance(rule, Run):
            for day in range(days - (rule.most or days)):
                self.row([(mine[day : day + rule.most + 1], 1)], most=rule.most)
            off = OFF in rule.shifts
            for length in range(1, rule.least or 1):
                for day in range(days - length - 1):
                    inside, ends = mine[day + 1 : day + length + 1], mine[[day, day + length + 1]]
                    if off:  # at work, so many days off, at work
                        self.row([(ends, 1), (inside, -1)], most=1)
                    else:
                        self.row([(inside, 1), (ends, -1)], most=length - 1)

    def wish(self, mine, rule: Wish) -> None:
        for which in mine[rule.day, [one - 1 for one in rule.shifts] or slice(None)].tolist():
            if rule.price is None:
                self.top[which] = 0
            else:
                self.cost[which] += -rule.price if rule.wanted else rule.price
        if rule.wanted:
            self.constant += rule.price

    def arrays(self):
        starts = np.cumsum([0, *(len(columns) for columns, *_ in self.rows)])
        columns = np.array([one for columns, *_ in self.rows for one in columns])
        values = np.array([one for _, values, *_ in self.rows for one in values])
        matrix = csr_array((values, columns, starts), (len(self.rows), len(self.cost)))
        low, high = (np.array([row[at] for row in self.rows]) for at in (2, 3))
        return matrix, low, high

    def cost_of(self, values) -> int:
        """Return what a peer's answer costs by the check, which must be its own objective.

        One that ran out of time may have more short and more extra than it has to.
        """
        values = np.round(values)
        for here, short, extra, one in self.covers:
            there = values[here].sum()
            values[short], values[extra] = max(one.least - there, 0), max(there - one.most, 0)
        taken = values[: self.x.size].reshape(self.x.shape) > 0.5
        grid = np.where(taken.any(2), taken.argmax(2) + 1, 0).astype(np.int16)
        verdict = check.check(self.problem, grid)
        objective = round(float(np.dot(self.cost, values))) + self.constant
        assert verdict.feasible
        assert verdict.cost == objective, (verdict.cost, objective)
        return verdict.cost


def cp_sat(program: Program, seconds: float, python: str) -> tuple[int | None, float]:
    matrix, low, high = program.arrays()
    with tempfile.TemporaryDirectory() as folder:
        path, answer = Path(folder) / "program.npz", Path(folder) / "answer.npz"
        parts = {"starts": matrix.indptr, "columns": matrix.indices, "values": matrix.data}
        np.savez(path, **parts, low=low, high=high, cost=program.cost, top=program.top)
        subprocess.run([python, "-c", PEER, str(path), str(seconds), str(answer)], check=True)
        found = np.load(answer)
        cost = program.cost_of(found["x"]) if len(found["x"]) else None
        return cost, float(found["bound"]) + program.constant


def highs(program: Program, seconds: float) -> tuple[int | None, float]:
    matrix, low, high = program.arrays()
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("time_limit", seconds)
    model.setOptionValue("mip_rel_gap", 0.0)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), len(low)
    lp.col_cost_, lp.col_lower_ = np.array(program.cost, float), np.zeros(lp.num_col_)
    lp.col_upper_ = np.array(program.top, float)
    lp.row_lower_ = np.where(low <= -FREE, -highspy.kHighsInf, low.astype(float))
    lp.row_upper_ = np.where(high >= FREE, highspy.kHighsInf, high.astype(float))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data.astype(float)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
    model.passModel(lp)
    model.run()
    info = model.getInfo()
    found = info.primal_solution_status == 2  # kSolutionStatusFeasible
    values = np.round(model.getSolution().col_value) if found else None
    return program.cost_of(values) if found else None, info.mip_dual_bound + program.constant


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--instances", default=",".join(map(str, range(1, 13))))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--ortools", metavar="PYTHON", help="an interpreter that has OR-tools")
    asked = parser.parse_args()
    print("instance    best | watchfloor  bound |  CP-SAT   bound |   HiGHS   bound | as good as both")
    wins = 0
    numbers = list(map(int, asked.instances.split(",")))
    for number in numbers:
        problem = curtois.read(asked.data / f"Instance{number}.txt")
        program = Program(problem)
        begun = time.monotonic()
        ours = solve.solve(problem, asked.seconds, threads=1)
        spent = time.monotonic() - begun
        assert ours.verdict.feasible
        pairs = [(ours.verdict.cost, ours.bound)]
        pairs.append(cp_sat(program, asked.seconds, asked.ortools) if asked.ortools else (None, 0.0))
        pairs.append(highs(program, asked.seconds))
        as_good = all(cost is None or pairs[0][0] <= cost for cost, _ in pairs)
        wins += as_good
        shown = " | ".join(f"{cost if cost is not None else '-':>7} {bound:>8.0f}" for cost, bound in pairs)
        print(f"{number:8} {BEST[number - 1]:7} | {shown} | {as_good}  {spent:.0f} s", flush=True)
    print(f"as good as both on {wins} of {len(numbers)}")


if __name__ == "__main__":
    main()
