"""The public customs declarations: rows, tuples, folds and halves, and LightGBM as others use it on them.

A tuple is (HS6, origin, rate, mass, price): the 54,000 rows hold 17,989 of them, made into rows by giving
each other offices and parties. All rows of a tuple have one fold and lie in one half, by the SHA-256 of its
text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from watchfloor.formats.base import Batch
from watchfloor.formats.cargo import customs_csv

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "cargo"
PARTS = ("train", "valid", "test")
TUPLE = ("HS6 Code", "Country of Origin", "Tax Rate", "Net Mass", "Item Price")
FOLDS = 5
WORDS = (
    *("Office ID", "Process Type", "Import Type", "Import Use", "Payment Type", "Mode of Transport"),
    *("Declarant ID", "Importer ID", "Seller ID", "Courier ID", "HS6 Code", "HS2", "HS4"),
    *("Country of Departure", "Country of Origin", "Tax Type", "Country of Origin Indicator"),
)
TOLD = (
    "HS6 Code",
    "HS4",
    "Country of Origin",
    "Importer ID",
    "Seller ID",
    "Declarant ID",
    "Office ID",
    "Tax Type",
)
"""Words whose share of findings the second peer is told."""
OF_COUNTRY = frozenset(
    {"Country of Departure", "Country of Origin", "Tax Type", "Country of Origin Indicator", "apart"}
)
"""Origin and what is derived of it or tells it: a tax type is that of an agreement with a country."""
SMOOTH = 20.0


@dataclass(frozen=True)
class Public:
    """All rows, in the order of the files.

    Attributes:
        cells: as text.
        declarations: as our reader has them, with the inspections beside.
        found: 1 or 0.
        part: number of the file.
        group: number of the tuple.
        fold: 0 to 4.
        half: 0 development, 1 held out.
    """

    cells: pa.Table
    declarations: pa.Table
    inspections: pa.Table
    found: Floats
    part: Codes
    group: Codes
    fold: Codes
    half: Codes


@cache
def load() -> Public:
    """The rows. Ends the run where they are not there."""
    if not FOLDER.exists():
        raise SystemExit(f"{FOLDER} is not there: this benchmark reads the public declarations")
    texts, declarations, inspections, part = [], [], [], []
    for number, name in enumerate(PARTS):
        path = FOLDER / f"df_syn_{name}_eng.csv"
        head = path.open().readline().strip().split(",")
        options = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(head, pa.string()), strings_can_be_null=True
        )
        texts.append(pyarrow.csv.read_csv(path, convert_options=options))
        part += [number] * texts[-1].num_rows
        with path.open("rb") as stream:
            for piece in customs_csv.read(stream, path.name):
                assert isinstance(piece, Batch), piece
                (declarations if piece.kind.name == "declaration" else inspections).append(piece.rows)
    cells = pa.concat_tables(texts).combine_chunks()
    key = pc.binary_join_element_wise(
        *(pc.fill_null(cells[name], "") for name in TUPLE), "|"
    ).combine_chunks()
    coded = pc.dictionary_encode(key)
    drawn = np.array([int(sha256(one.encode()).hexdigest()[:8], 16) for one in coded.dictionary.to_pylist()])
    group = coded.indices.to_numpy().astype(np.int64)
    return Public(
        cells,
        pa.concat_tables(declarations),
        pa.concat_tables(inspections),
        pc.cast(cells["Fraud"], pa.float64()).to_numpy(),
        np.array(part),
        group,
        (drawn // 2 % FOLDS)[group],
        (drawn % 2)[group],
    )


class Inputs(NamedTuple):
    """What the peers are told: words as numbers in the order of their texts, and numbers."""

    words: dict[str, Codes]
    numbers: dict[str, Floats]


@cache
def peer_inputs() -> Inputs:
    """As the prototype of the issue has them."""
    cells = load().cells
    texts = {name: pc.fill_null(cells[name], "NA") for name in WORDS if name in cells.column_names}
    texts |= {f"HS{digits}": pc.utf8_slice_codeunits(cells["HS6 Code"], 0, digits) for digits in (2, 4)}
    words = {
        name: np.unique(text.to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1].astype(
            np.int64
        )
        for name, text in texts.items()
    }
    mass = np.log10(np.maximum(_number("Net Mass"), 0.01))
    price = np.log10(np.maximum(_number("Item Price"), 1.0))
    apart = pc.not_equal(cells["Country of Departure"], cells["Country of Origin"])
    numbers = {"mass": mass, "price": price, "unit": price - mass, "rate": _number("Tax Rate")}
    return Inputs(words, numbers | {"apart": pc.cast(apart, pa.float64()).to_numpy()})


def _number(name: str) -> Floats:
    return np.asarray(pc.cast(load().cells[name], pa.float64()).to_numpy(), np.float64)


Judge = Callable[[Codes, Codes, bool], Floats]
"""`judge(learn, judged, routes)`: scores of the rows `judged` by what the rows `learn` say."""

PLAIN: dict[str, Any] = {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": 0}
"""LightGBM as it comes: 100 rounds of 31 leaves."""
SHARES = PLAIN | {
    "learning_rate": 0.03,
    "num_leaves": 31,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}


def plain(learn: Codes, judged: Codes, routes: bool) -> Floats:
    """LightGBM on words as numbers, as it comes."""
    import lightgbm

    values = _values(routes)
    grown = lightgbm.train(PLAIN, lightgbm.Dataset(values[learn], load().found[learn]), 100)
    return np.asarray(grown.predict(values[judged]))


def with_shares(learn: Codes, judged: Codes, routes: bool) -> Floats:
    """The same with shares of findings, each tuple counting once; settings as in the issue's prototype."""
    import lightgbm

    public, words = load(), peer_inputs().words
    weight = 1 / np.bincount(public.group)[public.group]
    names = [name for name in TOLD if routes or name not in OF_COUNTRY]
    mine = np.column_stack([_others(words[name], learn, weight) for name in names])
    theirs = np.column_stack([_shares(words[name], learn, weight)[words[name][judged]] for name in names])
    values = _values(routes)
    data = lightgbm.Dataset(np.hstack((values[learn], mine)), public.found[learn], weight=weight[learn])
    return np.asarray(lightgbm.train(SHARES, data, 300).predict(np.hstack((values[judged], theirs))))


def _values(routes: bool) -> Floats:
    told = peer_inputs()
    columns = {**told.words, **told.numbers}
    return np.column_stack([one for name, one in columns.items() if routes or name not in OF_COUNTRY]).astype(
        float
    )


def _shares(codes: Codes, learn: Codes, weight: Floats) -> Floats:
    found, size = load().found, int(codes.max()) + 1
    count = np.bincount(codes[learn], weight[learn], size)
    sums = np.bincount(codes[learn], (weight * found)[learn], size)
    return (sums + SMOOTH * found[learn].mean()) / (count + SMOOTH)


def _others(codes: Codes, learn: Codes, weight: Floats) -> Floats:
    fold = np.random.default_rng(0).integers(0, FOLDS, int(load().group.max()) + 1)[load().group[learn]]
    made = np.empty(len(learn))
    for part in range(FOLDS):
        mine = fold == part
        made[mine] = _shares(codes, learn[~mine], weight)[codes[learn[mine]]]
    return made


def ours(learn: Codes, judged: Codes, routes: bool) -> Floats:
    """`desks.cargo.model`: fitted on the rows to learn from alone, and scored."""
    from watchfloor.desks.cargo import model

    public = load()
    fitted = model.fit(public.declarations.take(learn), public.inspections.take(learn), origin=routes)
    return model.score(fitted, public.declarations.take(judged)).chance


JUDGES: dict[str, Judge] = {"LightGBM": plain, "LightGBM with shares": with_shares, "ours": ours}


def in_folds(judge: Judge, rows: Codes, routes: bool) -> Floats:
    """Scores of rows by what the other folds say."""
    fold, made = load().fold[rows], np.empty(len(rows))
    for part in range(FOLDS):
        made[fold == part] = judge(rows[fold != part], rows[fold == part], routes)
    return made


class Measures(NamedTuple):
    """Precision in the top 5 % and 10 %, and the area under the ROC curve."""

    top5: float
    top10: float
    auc: float


def measures(found: Floats, score: Floats, weight: Floats | None = None) -> Measures:
    """Measures of scores, each row counted as often as `weight` says."""
    order = np.argsort(-score, kind="stable")
    count = np.ones(len(found)) if weight is None else weight[order]
    hits = found[order] * count
    reached, gained = np.cumsum(count), np.cumsum(hits)
    tops = [_top(reached, gained, share * reached[-1]) for share in (0.05, 0.10)]
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    right, wrong = np.append(0, gained[ends]), np.append(0, (reached - gained)[ends])
    area = np.sum(np.diff(wrong) * (right[1:] + right[:-1]) / 2) / (right[-1] * wrong[-1])
    return Measures(*tops, float(area))


def _top(reached: Floats, gained: Floats, size: float) -> float:
    at = min(int(np.searchsorted(reached, np.floor(size))), len(reached) - 1)
    return float(gained[at] / reached[at]) if reached[at] else 0.0


def draws(found: Floats, group: Codes, scores: Sequence[Floats], many: int, seed: int = 0) -> list[Floats]:
    """Measures of several scores in draws of whole tuples, the same draws for all: (draws, 3) each."""
    random = np.random.default_rng(seed)
    groups, place = np.unique(group, return_inverse=True)
    made = [np.empty((many, 3)) for _ in scores]
    for draw in range(many):
        weight = random.multinomial(len(groups), np.full(len(groups), 1 / len(groups)))[place].astype(
            np.float64
        )
        for number, score in enumerate(scores):
            made[number][draw] = measures(found, score, weight)
    return made
