"""The patrolling game: time of the equilibrium, and its value beside a linear programme for each target.

    python -m benchmarks.planning.game

Processor time of one thread, the best of five.
"""

import time

import numpy as np
from scipy.optimize import linprog

from watchfloor.planning.patrols.game import Game, solve


def made(count: int) -> Game:
    """Make a game of random payoffs."""
    table = 10 * np.random.default_rng(count).random((4, count))
    return Game(tuple(map(str, range(count))), table[0], -table[1], -table[2], table[3])


def press(game: Game, resources: float) -> float:
    """Compute the adversary's payoff by one linear programme: the least that no target exceeds."""
    count = len(game.targets)
    gain = game.attacker_uncovered - game.attacker_covered
    rows = np.hstack([np.diag(-gain), -np.ones((count, 1))])
    rows = np.vstack([rows, np.append(np.ones(count), 0)])
    limits = np.append(-game.attacker_uncovered, resources)
    bounds = [(0, 1)] * count + [(None, None)]
    return float(linprog(np.append(np.zeros(count), 1), A_ub=rows, b_ub=limits, bounds=bounds).fun)


def main() -> None:
    for count in (6_400, 100_000):
        game, spent = made(count), []
        for _ in range(5):
            before = time.process_time()
            found = solve(game, count / 30)
            spent.append(time.process_time() - before)
        print(f"{count:,} targets: {1000 * min(spent):.2f} ms, value {found.value:.6f}")
    game = made(400)
    found = solve(game, 14)
    print(
        f"400 targets: the adversary gets {found.attacker:.9f}, by the linear programme {press(game, 14):.9f}"
    )


if __name__ == "__main__":
    main()
