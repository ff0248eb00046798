"""A model of payments: how likely each is one of those that people labelled, and why.

It is fitted on what lies before a moment and judged on what comes after: the payments before it are cut by
time, a first model of each part is grown on the others, what it thought of an account's earlier payments is
an input of the second (`trust`), and the last fifth says where to stop and what a score is worth. A score is
one more signal for a person to look at; nothing follows from it alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.finance import inputs, ledger, trees, trust
from watchfloor.desks.finance.calibration import Calibration, calibrated
from watchfloor.desks.finance.engine.stream import Plan

Floats = npt.NDArray[np.float32]
Say = Callable[[str], None]

VERSION: Final = 1
PARTS: Final = 3
"""Parts of the time before, each judged by first models that were not grown on it."""
HELD: Final = 0.2
"""Share of payments labelled 1, the latest, that says when to stop growing and what a score is worth."""
SEEDS: Final = (1, 2, 3)
"""Second models, of which the mean is taken."""
FEWEST: Final = 10
"""Labelled positives below which nothing is fitted."""


class FitError(ValueError):
    """Labels that no model can be fitted on; the message says why and what would do."""


class Model(msgspec.Struct, frozen=True):
    """A fitted model, as its file holds it.

    Attributes:
        version: of the file.
        until: payments before this moment were fitted on, µs since 1970.
        labelled: labelled payments, and how many of them were positive.
        origin: who said what the labels are.
        plan: what the engine computes.
        words: words of each column of words.
        facts: numeric facts that are told.
        first: first models, as LightGBM's text.
        second: second models.
        calibration: chances for scores.
    """

    version: int
    until: int
    labelled: tuple[int, int]
    origin: str
    plan: Plan
    words: dict[str, list[str]]
    facts: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    calibration: Calibration

    def stored(self) -> bytes:
        """The bytes of its file."""
        return msgspec.json.encode(self)


def load(data: bytes) -> Model:
    """A model from the bytes of its file. Raises `FitError` where they are none."""
    try:
        found = msgspec.json.decode(data, type=Model)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FitError(f"this is no model of payments: {error}") from error
    if found.version != VERSION:
        raise FitError(f"the model is of version {found.version}, and this reads {VERSION}: fit it anew")
    return found


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels beside the rows of a table.

    Attributes:
        values: 1, 0, or -1 where a payment has none, one a row.
        unknown: labels that name no payment of the table.
        disagreeing: payments that are labelled in two ways, which count as having none.
    """

    values: npt.NDArray[np.int8]
    unknown: int
    disagreeing: int


def beside(rows: pa.Table, labels: pa.Table) -> Labels:
    """The labels (`payment_id`, `label` 0 or 1) beside the rows."""
    ids = pc.cast(rows["payment_id"], pa.string())
    named = pc.cast(labels["payment_id"], pa.string())
    label = pc.cast(labels["label"], pa.int8())
    sides = [set(named.filter(pc.equal(label, value)).to_pylist()) for value in (0, 1)]
    both = sides[0] & sides[1]
    values = np.full(rows.num_rows, -1, np.int8)
    for value, side in enumerate(sides):
        mine = pc.is_in(ids, pa.array(sorted(side - both), pa.string()))
        values[mine.to_numpy(zero_copy_only=False)] = value
    known = set(ids.to_pylist())
    return Labels(values, len((sides[0] | sides[1]) - known), len(both & known))


def fit(
    rows: pa.Table,
    labels: npt.NDArray[np.int8],
    until: int,
    *,
    origin: str = "",
    plan: Plan | None = None,
    say: Say = lambda _: None,
) -> Model:
    """Fit a model on the labelled payments before a moment.

    Args:
        rows: payments as `formats.payment_table` gives them, in the order of time.
        labels: 1, 0 or -1 (none) for each.
        until: µs since 1970; no label of a payment at or after it is looked at.
        origin: who said what the labels are.
        plan: what the engine computes.
        say: told what is being done.

    Raises:
        FitError: there are too few labels before the moment.
    """
    plan = plan or Plan()
    book = ledger.of(rows)
    early = int(np.searchsorted(book.time, until))
    chosen = np.flatnonzero(labels[:early] >= 0)
    positive = int((labels[chosen] == 1).sum())
    if positive < FEWEST or positive == len(chosen):
        raise FitError(
            f"{positive:,} payments before the moment are labelled 1 and {len(chosen) - positive:,} are"
            f" labelled 0; at least {FEWEST} of each are needed"
        )
    say(f"features of {early:,} payments")
    words, facts = inputs.vocabulary(rows.slice(0, early)), inputs.facts_of(rows)
    early_book = book.before(early)
    made = inputs.of(rows.slice(0, early), early_book, plan, words, facts)
    first, chance = _first(made, labels[:early], chosen, say)
    values = np.concatenate((made.values, trust.told(early_book.payer, early_book.payee, chance)), axis=1)
    second, calibration = _second(values, made, labels[:early], chosen, say)
    return Model(
        VERSION, until, (len(chosen), positive), origin, plan, words, facts,
        tuple(one.model_to_string() for one in first),
        tuple(one.model_to_string() for one in second),
        calibration,
    )  # fmt: skip


def _first(
    made: inputs.Inputs, labels: npt.NDArray[np.int8], chosen: npt.NDArray[np.int64], say: Say
) -> tuple[list[Any], npt.NDArray[np.float64]]:
    """First models, one a part of the time, and the chance of each payment by those not grown on its part."""
    parts = [chosen[a:b] for a, b in pairwise(_cuts(labels[chosen], [k / PARTS for k in range(1, PARTS)]))]
    grown = []
    for k, part in enumerate(parts):
        say(f"first model {k + 1} of {PARTS}")
        others = np.concatenate([one for j, one in enumerate(parts) if j != k])
        later = made.values[part], labels[part]
        grown.append(trees.grow(made.values[others], labels[others], made.names, made.words, k, later))
    chance = np.empty(len(labels))
    ends = [0, *(int(part[0]) for part in parts[1:]), len(labels)]
    for k, booster in enumerate(grown):
        chance[ends[k] : ends[k + 1]] = trees.chances([booster], made.values[ends[k] : ends[k + 1]])
    return grown, chance


def _cuts(labels: npt.NDArray[np.int8], shares: Sequence[float]) -> list[int]:
    """Where to cut labelled payments so that these shares of the positive ones lie before; the ends with
    them."""
    positive = np.flatnonzero(labels == 1)
    return [0, *(int(positive[round(share * len(positive))]) for share in shares), len(labels)]


def _second(
    values: Floats, made: inputs.Inputs, labels: npt.NDArray[np.int8], chosen: npt.NDArray[np.int64], say: Say
) -> tuple[list[Any], Calibration]:
    """Second models, grown on all labelled payments, and what their scores are worth by the latest ones."""
    names = (*made.names, *trust.TOLD)
    cut = _cuts(labels[chosen], [1 - HELD])[1]
    before, after = chosen[:cut], chosen[cut:]
    say("second model: when to stop")
    later = values[after], labels[after]
    trial = trees.grow(values[before], labels[before], names, made.words, SEEDS[0], later)
    calibration = calibrated(trees.chances([trial], later[0]), later[1])
    rounds = max(int(trial.best_iteration * 1.1), 20)
    grown = []
    for k, seed in enumerate(SEEDS):
        say(f"second model {k + 1} of {len(SEEDS)}")
        grown.append(trees.grow(values[chosen], labels[chosen], names, made.words, seed, rounds=rounds))
    return grown, calibration


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of payments, one a row.

    Attributes:
        score: the chance, 0 to 1, calibrated.
        raw: what the order is by: chances before calibration, which has steps.
        inputs: what the second models were told.
        names: of the inputs.
        boosters: the second models.
    """

    score: npt.NDArray[np.float64]
    raw: npt.NDArray[np.float64]
    inputs: Floats
    names: tuple[str, ...]
    boosters: Sequence[Any]


def score(rows: pa.Table, model: Model, *, say: Say = lambda _: None) -> Scores:
    """Score payments, each by itself and those before it. `rows` as for `fit`."""
    import lightgbm

    book = ledger.of(rows)
    say(f"features of {rows.num_rows:,} payments")
    made = inputs.of(rows, book, model.plan, model.words, model.facts)
    first = [lightgbm.Booster(model_str=text) for text in model.first]
    second = [lightgbm.Booster(model_str=text) for text in model.second]
    say("chances")
    chance = trees.chances(first, made.values)
    values = np.concatenate((made.values, trust.told(book.payer, book.payee, chance)), axis=1)
    raw = trees.chances(second, values)
    return Scores(model.calibration.chance(raw), raw, values, (*made.names, *trust.TOLD), second)
