"""What the commands of `watchfloor finance` are called with: a small made-up world and a model of it."""

from tests.desks.boosted import grower
from tests.desks.finance.worlds import world, written

FULL = {
    ("finance", "fit"): ["{payments}", "--labels", "{labels}", "--until", "2026-01-15", "-o", "{new}.json"],
    ("finance", "score"): ["{payments}", "--model", "{model}", "-o", "{new}.parquet"],
    ("finance", "tell"): ["{payments}", "--view", "north", "--to", "south", "-o", "{new}.csv"],
    ("finance", "join"): ["{model}", "{model}", "-o", "{new}.json"],
    ("finance", "patterns"): ["{payments}", "-o", "{new}.parquet"],
    ("finance", "indicators"): ["{payments}", "-o", "{new}.parquet"],
    ("finance", "install"): ["{model}", "--floor", "{floor}"],
}
"""What each is called with where there is something to print."""

LEAVES = tuple(" ".join(words) for words in FULL if words[1] != "install")
"""Commands that read no floor, and leave no act."""


def paid(home, call):
    """Files of payments, labels and a model, by the names that `FULL` uses."""
    payments, labels = written(home, *world())
    model = home / "model.json"
    fit = ["finance", "fit", payments, "--labels", labels, "--until", "2026-01-15"]
    with grower():
        call([*fit, "-o", model, "--origin", "a generator"])
    return {"payments": payments, "labels": labels, "model": model}
