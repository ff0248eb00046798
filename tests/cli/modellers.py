"""What the models of `watchfloor cargo` are called with: a small made-up world and a model of it."""

from tests.desks.boosted import grower
from tests.desks.cargo.model.worlds import world

from watchfloor.core.kinds import DECLARATION, INSPECTION
from watchfloor.formats.base import Batch
from watchfloor.formats.tabular.own_csv import TABLES

FULL = {
    ("cargo", "fit"): ["{declared}", "{examined}", "-o", "{new}.json"],
    ("cargo", "score"): ["{declared}", "--model", "{goodsmodel}", "-o", "{new}.parquet"],
    ("cargo", "drift"): ["{declared}", "--model", "{goodsmodel}"],
    ("cargo", "install"): ["{goodsmodel}", "--floor", "{floor}"],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("cargo", "drift"): (["{undeclared}", "--model", "{goodsmodel}"], "inputs", 0),
}
"""The same where there is nothing, and the field that counts it."""

LEAVES = tuple(" ".join(words) for words in FULL if words[1] != "install")
"""Commands that read no floor, and leave no act."""


def fitted(home, call):
    """Files of declarations and inspections and a model, by the names that `FULL` uses."""
    rows, acts = world(300)
    files = {
        "declared": (TABLES["declaration"], DECLARATION, rows),
        "examined": (TABLES["inspection"], INSPECTION, acts),
    }
    files["undeclared"] = (TABLES["declaration"], DECLARATION, rows.slice(0, 0))
    places = {name: home / f"{name}.csv" for name in files}
    for name, (form, kind, table) in files.items():
        with places[name].open("wb") as stream:
            form.write([Batch(kind, table)], stream)
    model = home / "goods.json"
    with grower():
        call(["cargo", "fit", places["declared"], places["examined"], "-o", model])
    return {**places, "goodsmodel": model}
