"""A model of payments: how likely each is one of those that people labelled, and why.

It is fitted on what lies before a moment and judged on what comes after: the payments before it are cut by
time, a first model of each part is grown on the others, what it thought of an account's earlier payments is
an input of the second (`trust`), and the last fifth says where to stop and what a score is worth. A score is
one more signal for a person to look at; nothing follows from it alone.

Banks may each fit their own and join them: what the trees of all think, on the average. What partners told of
accounts elsewhere (`feature_sharing`) stands in place of what a bank sees of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks import boosted_trees
from watchfloor.desks.boosted_trees import BoostedTrees, TreesError
from watchfloor.desks.finance import ledger
from watchfloor.desks.finance.engine.stream import Plan
from watchfloor.desks.finance.models import feature_sharing, inputs, trees, trust
from watchfloor.desks.finance.models.calibration import Calibration, calibrated, mean_of
from watchfloor.desks.finance.models.feature_sharing import Heard

Floats = npt.NDArray[np.float32]
Say = Callable[[str], None]

VERSION: Final = 2
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


class First(msgspec.Struct, frozen=True):
    """First models of one bank, as LightGBM's text.

    Attributes:
        ends: where the parts of the time before end, µs since 1970: the k-th model was grown on the others.
        trees: a model a part.
    """

    ends: tuple[int, ...]
    trees: tuple[str, ...]


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
        told: whether it was fitted with what partners told.
        first: first models, of each bank that has a part in it.
        second: second models, as LightGBM's text.
        calibration: chances for scores.
    """

    version: int
    until: int
    labelled: tuple[int, int]
    origin: str
    plan: Plan
    words: dict[str, list[str]]
    facts: tuple[str, ...]
    told: bool
    first: tuple[First, ...]
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


def read(texts: Sequence[str]) -> list[BoostedTrees]:
    """Return trees of LightGBM's texts. Raises `FitError` where one is malformed."""
    try:
        return [boosted_trees.read(text) for text in texts]
    except TreesError as error:
        raise FitError(f"the model's trees cannot be read: {error}; fit it anew") from error


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
    heard: Heard | None = None,
    begun: Model | None = None,
    seeds: Sequence[int] = SEEDS,
    say: Say = lambda _: None,
) -> Model:
    """Fit a model on the labelled payments before a moment.

    Args:
        rows: payments as `formats.payments.table` gives them, in the order of time.
        labels: 1, 0 or -1 (none) for each.
        until: µs since 1970; no label of a payment at or after it is looked at.
        origin: who said what the labels are.
        plan: what the engine computes.
        heard: what partners told of these rows.
        begun: a model whose first models are taken, with what it tells apart; none are grown.
        seeds: of second models; without any the model is only begun, and scores nothing.
        say: told what is being done.

    Raises:
        FitError: there are too few labels before the moment.
        MissingExtraError: LightGBM is missing or does not load.
    """
    plan = begun.plan if begun else plan or Plan()
    book = ledger.from_rows(rows)
    early = int(np.searchsorted(book.time, until))
    chosen = np.flatnonzero(labels[:early] >= 0)
    positive = int((labels[chosen] == 1).sum())
    if positive < FEWEST or positive == len(chosen):
        raise FitError(
            f"{positive:,} payments before the moment are labelled 1 and {len(chosen) - positive:,} are"
            f" labelled 0; at least {FEWEST} of each are needed"
        )
    say(f"features of {early:,} payments")
    rows, book = rows.slice(0, early), book.before(early)
    heard = heard.before(early) if heard else None
    words = begun.words if begun else inputs.vocabulary(rows)
    facts = begun.facts if begun else inputs.facts_of(rows)
    made = _made(rows, book, plan, words, facts, heard)
    first = begun.first if begun else (_first(made, labels[:early], chosen, book, until, say),)
    values = _with_trust(made, book, first, heard)
    second, calibration = _second(values, made, labels[:early], chosen, seeds, say)
    return Model(
        VERSION, until, (len(chosen), positive), origin, plan, words, facts, heard is not None, first,
        second,
        calibration,
    )  # fmt: skip


def _made(
    rows: pa.Table,
    book: ledger.Ledger,
    plan: Plan,
    words: Mapping[str, Sequence[str]],
    facts: Sequence[str],
    heard: Heard | None,
) -> inputs.Inputs:
    made = inputs.build(rows, book, plan, words, facts)
    return made._replace(values=feature_sharing.filled(made.values, made.names, heard)) if heard else made


def _with_trust(
    made: inputs.Inputs, book: ledger.Ledger, first: Sequence[First], heard: Heard | None
) -> Floats:
    """The inputs, and what the first models thought of the earlier payments of either account."""
    told = trust.trust_features(book.payer, book.payee, _chance(made.values, book.time, first))
    if heard:
        told = feature_sharing.filled(told, trust.TOLD, heard)
    return np.concatenate((made.values, told), axis=1)


def _first(
    made: inputs.Inputs,
    labels: npt.NDArray[np.int8],
    chosen: npt.NDArray[np.int64],
    book: ledger.Ledger,
    until: int,
    say: Say,
) -> First:
    """First models, one a part of the time."""
    parts = [chosen[a:b] for a, b in pairwise(_cuts(labels[chosen], [k / PARTS for k in range(1, PARTS)]))]
    grown = []
    for k, part in enumerate(parts):
        say(f"first model {k + 1} of {PARTS}")
        others = np.concatenate([one for j, one in enumerate(parts) if j != k])
        later = made.values[part], labels[part]
        grown.append(trees.grow(made.values[others], labels[others], made.names, made.words, k, later))
    ends = (*(int(book.time[part[0]]) for part in parts[1:]), until)
    return First(ends, tuple(one.text for one in grown))


def _chance(values: Floats, time: npt.NDArray[np.int64], first: Sequence[First]) -> npt.NDArray[np.float64]:
    """The chance of each payment by first models that were not grown on its time; the mean of the banks'."""
    return trees.as_chance(np.mean([_odds(values, time, one) for one in first], axis=0))


def _odds(values: Floats, time: npt.NDArray[np.int64], first: First) -> npt.NDArray[np.float64]:
    models = read(first.trees)
    ends = [0, *np.searchsorted(time, first.ends).tolist(), len(time)]
    odds = np.empty(len(time))
    for (start, end), by in zip(pairwise(ends), [*([one] for one in models), models], strict=True):
        if end > start:
            odds[start:end] = trees.odds(by, values[start:end])
    return odds


def joined(models: Sequence[Model]) -> Model:
    """One model of several banks': their trees side by side, of which the mean is taken.

    Raises:
        FitError: they were not told the same of a payment.
    """
    one = models[0]
    for other in models[1:]:
        for what in ("plan", "words", "facts", "told"):
            if getattr(one, what) != getattr(other, what):
                raise FitError(
                    f"the models differ in {what}, so no tree of one reads what another's does: fit them on"
                    " tables with the same columns and words, or onto one begun model"
                )
    return msgspec.structs.replace(
        one,
        until=max(each.until for each in models),
        labelled=(sum(each.labelled[0] for each in models), sum(each.labelled[1] for each in models)),
        origin="; ".join(dict.fromkeys(each.origin for each in models if each.origin)),
        first=tuple(dict.fromkeys(first for each in models for first in each.first)),
        second=tuple(text for each in models for text in each.second),
        calibration=mean_of([each.calibration for each in models]),
    )


def _cuts(labels: npt.NDArray[np.int8], shares: Sequence[float]) -> list[int]:
    """Where to cut labelled payments so that these shares of the positive ones lie before; the ends with
    them."""
    positive = np.flatnonzero(labels == 1)
    return [0, *(int(positive[round(share * len(positive))]) for share in shares), len(labels)]


def _second(
    values: Floats,
    made: inputs.Inputs,
    labels: npt.NDArray[np.int8],
    chosen: npt.NDArray[np.int64],
    seeds: Sequence[int],
    say: Say,
) -> tuple[tuple[str, ...], Calibration]:
    """Second models, grown on all labelled payments, and what their scores are worth by the latest ones."""
    if not seeds:
        return (), Calibration((0.0, 1.0), (0.0, 1.0))
    names = (*made.names, *trust.TOLD)
    cut = _cuts(labels[chosen], [1 - HELD])[1]
    before, after = chosen[:cut], chosen[cut:]
    say("second model: when to stop")
    later = values[after], labels[after]
    trial = trees.grow(values[before], labels[before], names, made.words, seeds[0], later)
    calibration = calibrated(trees.as_chance(trees.odds(read([trial.text]), later[0])), later[1])
    rounds = max(int(trial.rounds * 1.1), 20)
    grown = []
    for k, seed in enumerate(seeds):
        say(f"second model {k + 1} of {len(seeds)}")
        grown.append(trees.grow(values[chosen], labels[chosen], names, made.words, seed, rounds=rounds))
    return tuple(one.text for one in grown), calibration


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of payments, one a row.

    Attributes:
        score: the chance, 0 to 1, calibrated.
        raw: what the order is by: chances before calibration, which has steps.
        inputs: what the second models were told.
        names: of the inputs.
        models: the second models.
    """

    score: npt.NDArray[np.float64]
    raw: npt.NDArray[np.float64]
    inputs: Floats
    names: tuple[str, ...]
    models: Sequence[BoostedTrees]


def score(rows: pa.Table, model: Model, *, heard: Heard | None = None, say: Say = lambda _: None) -> Scores:
    """Score payments, each by itself and those before it. `rows` and `heard` as for `fit`.

    Raises:
        FitError: the model is only begun, or its trees are malformed.
    """
    if not model.second:
        raise FitError("the model is only begun: fit second models onto it before it scores")
    values, names = seen(rows, model, heard=heard, say=say)
    say("chances")
    second = read(model.second)
    raw = trees.as_chance(trees.odds(second, values))
    return Scores(model.calibration.chance(raw), raw, values, names, second)


def seen(
    rows: pa.Table, model: Model | None, *, heard: Heard | None = None, say: Say = lambda _: None
) -> tuple[Floats, tuple[str, ...]]:
    """Return the second models' inputs for each payment, and their names; without a model, without trust."""
    book = ledger.from_rows(rows)
    say(f"features of {rows.num_rows:,} payments")
    if model is None:
        made = _made(rows, book, Plan(), {}, inputs.facts_of(rows), heard)
        return made.values, made.names
    made = _made(rows, book, model.plan, model.words, model.facts, heard)
    return _with_trust(made, book, model.first, heard), (*made.names, *trust.TOLD)
