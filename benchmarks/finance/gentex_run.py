"""Runs AMLGentex in its own interpreter: `python gentex_run.py CHECKOUT CONFIG`, nothing of ours imported.

Three things stand in its way and are mended from outside, its files untouched. Its package of helpers imports
torch for models that the generator never uses, so an empty module stands in. Its typology `random` draws an
account as its own payee now and then, at which the generator stops: such an edge is left out. And it asks of
every account, for each pattern of ordinary payments, whether it can still be the middle of one: the answer is
remembered until the account gets another pattern, accounts are drawn by arrays and shortest paths found over
lists: the same world, bit for bit, in a fraction of the time.
"""

import importlib
import random
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any


def mend() -> None:
    sys.modules["src.utils.utils"] = types.ModuleType("src.utils.utils")
    graph = importlib.import_module("src.data_creation.spatial_simulation.transaction_graph_generator")
    for generator in (graph, _twin()):
        made = generator.TransactionGenerator
        made.add_edge_info = _without_loops(made.add_edge_info)
        generator.Nominator.is_done = _remembered(generator.Nominator.is_done)
        generator.Nominator._weighted_choice = _chosen
        selector = generator.MoneyLaunderingAccountSelector
        selector._compute_structural_metrics = _by_lists(selector._compute_structural_metrics)


def _twin() -> Any:
    """The same module under the name that the generator imports it by."""
    sys.path.insert(0, str(Path(sys.path[0]) / "src" / "data_creation"))
    return importlib.import_module("spatial_simulation.transaction_graph_generator")


def _without_loops(plain: Callable[..., None]) -> Callable[..., None]:
    def add(self: Any, orig: int, bene: int) -> None:
        if orig == bene:
            self.g.remove_edge(orig, bene)
        else:
            plain(self, orig, bene)

    return add


def _remembered(plain: Callable[..., bool]) -> Callable[..., bool]:
    known: dict[tuple[int, str, int | None], tuple[int, bool]] = {}

    def is_done(self: Any, node: int, kind: str, threshold: int | None = None) -> bool:
        size = len(self.g._node[node]["normal_models"])
        found = known.get((node, kind, threshold))
        if found is None or found[0] != size:
            found = known[node, kind, threshold] = size, plain(self, node, kind, threshold)
        return found[1]

    return is_done


class _Weights:
    """The weights of accounts by their number, one where nothing was said."""

    def __init__(self, numpy: Any, size: int) -> None:
        self.values = numpy.ones(size)

    def __getitem__(self, node: int) -> float:
        return float(self.values[node])

    def __setitem__(self, node: int, weight: float) -> None:
        self.values[node] = weight


def _chosen(self: Any, candidates: list[int]) -> int | None:
    numpy = importlib.import_module("numpy")
    if not candidates:
        return None
    if not isinstance(self.weights, _Weights):
        self.weights = _Weights(numpy, len(self.g))
        self.arrays = {}
    known = self.arrays.get(id(candidates))
    if known is None or known[0] is not candidates or len(known[1]) != len(candidates):
        known = self.arrays[id(candidates)] = candidates, numpy.array(candidates)
        if len(self.arrays) > 12:  # lists made for one choice
            self.arrays.pop(next(key for key, (held, _) in self.arrays.items() if held is not candidates))
    sums = numpy.cumsum(self.weights.values[known[1]])
    if sums[-1] <= 0:
        return random.choice(candidates)
    at = int(numpy.searchsorted(sums, random.random() * sums[-1], side="left"))
    return candidates[min(at, len(candidates) - 1)]


def _by_lists(plain: Callable[..., None]) -> Callable[..., None]:
    """Betweenness as networkx sums it, in its order, over lists of numbered accounts."""

    def compute(self: Any) -> None:
        module = sys.modules["networkx.algorithms.centrality.betweenness"]
        size = len(self.g)
        if sorted(self.g) == list(range(size)):
            following = [list(self.g._succ[node]) for node in range(size)]
            module._single_source_shortest_path_basic = lambda _, source: _paths(following, source)
            module._accumulate_basic = _accumulated
        plain(self)

    return compute


def _paths(following: list[list[int]], source: int) -> tuple[list[int], Any, list[float], list[int]]:
    size = len(following)
    before: list[list[int] | None] = [None] * size
    count, distance = [0.0] * size, [-1] * size
    count[source], distance[source], before[source] = 1.0, 0, []
    seen = [source]
    for node in seen:  # it grows as it is gone through
        next_one, mine = distance[node] + 1, count[node]
        for other in following[node]:
            if distance[other] < 0:
                distance[other] = next_one
                seen.append(other)
                before[other] = [node]
                count[other] += mine
            elif distance[other] == next_one:
                count[other] += mine
                before[other].append(node)  # type: ignore[union-attr]
    return seen, before, count, distance


def _accumulated(
    betweenness: dict[int, float], seen: list[int], before: Any, count: list[float], source: int
) -> tuple[dict[int, float], list[float]]:
    delta = [0.0] * len(count)
    for node in reversed(seen):
        share = (1 + delta[node]) / count[node]
        for other in before[node]:
            delta[other] += count[other] * share
        if node != source:
            betweenness[node] += delta[node]
    return betweenness, delta


def main(checkout: str, config: str) -> None:
    sys.path.insert(0, checkout)
    mend()
    load = importlib.import_module("src.utils.config").load_data_config
    settings = load(config)
    whole = Path(config).with_name("whole.yaml")
    whole.write_text(importlib.import_module("yaml").safe_dump(settings, sort_keys=False))
    print(importlib.import_module("src.data_creation.generator").DataGenerator(str(whole))())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
