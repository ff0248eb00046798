"""Ways of choosing what to examine, by name; their settings were frozen before they were compared."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from watchfloor.exercise.cargo_year.strategies import frozen
from watchfloor.exercise.cargo_year.strategies.bandits import LinUcb, Thompson
from watchfloor.exercise.cargo_year.strategies.frozen import Frozen
from watchfloor.exercise.cargo_year.strategies.ours import Ours
from watchfloor.exercise.cargo_year.strategies.plain import AtRandom, ByRules, Greedy, Quota
from watchfloor.exercise.cargo_year.strategy import Strategy

MAKERS: Final[Mapping[str, Callable[[Frozen, int], Strategy]]] = {
    "random": lambda _, seed: AtRandom(seed),
    "rules": lambda _, __: ByRules(),
    "greedy": lambda how, seed: Greedy(how.trees, seed),
    "quota": lambda how, seed: Quota(how.trees, how.quota, seed),
    "thompson": lambda how, seed: Thompson(how.trees, how.members, seed),
    "linucb": lambda how, _: LinUcb(how.width),
    "ours": lambda how, seed: Ours(how, seed),
}
"""What makes each; `oracle` is none of them, see `year.run`."""
ORACLE: Final = "oracle"


def with_shares(uncertain: float | None = None, at_random: float | None = None) -> Frozen:
    """The frozen settings, but for the shares of ours that are stated."""
    how = frozen.read()
    stated = {"uncertain": uncertain, "at_random": at_random}
    given = {name: share for name, share in stated.items() if share is not None}
    return msgspec.structs.replace(how, ours=msgspec.structs.replace(how.ours, **given))


def maker(name: str, how: Frozen, seed: int) -> Callable[[], Strategy]:
    """Return the maker of a strategy. The one who knows picks by itself: its maker is that of chance.

    Raises:
        KeyError: no strategy has that name.
    """
    made = MAKERS["random" if name == ORACLE else name]
    return lambda: made(how, seed)
