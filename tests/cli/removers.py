"""What commands of the register of removals are called with: two orders of a made-up office."""

from datetime import UTC, date, datetime, time

from watchfloor.cell.acts import common, write_all
from watchfloor.core.kinds import REMOVAL_STEP
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

STEPS = (
    ("1", "order-made", "2026-01-10", {"order_kind": "departure", "section": "44(2)", "grounds": "41(a)"}),
    ("1", "stay-granted", "2026-01-20", {"section": "50(c)", "reference": "IMM-1-26"}),
    ("1", "stay-ended", "2026-02-05", {"section": "50(c)", "of": "IMM-1-26"}),
    ("1", "enforced", "2026-02-20", {"section": "R240(1)", "way": "departure-confirmed"}),
    ("2", "order-made", "2026-02-10", {"order_kind": "exclusion", "section": "45(d)", "grounds": "40(1)(a)"}),
    ("2", "warrant-issued", "2026-05-10", {"section": "55(1)", "reference": "W-1"}),
    ("2", "stay-granted", "2026-11-02", {"section": "50(e)", "reference": "M-1"}),
)
FULL = {
    ("travel", "removals", "list"): ["--on", "2026-11-01", "--ended", "--floor", "{floor}"],
    ("travel", "removals", "show"): ["order:test:1", "--on", "2026-01-25", "--floor", "{floor}"],
    ("travel", "removals", "table"): ["--on", "2026-11-01", "--floor", "{floor}"],
    ("travel", "removals", "report"): ["--month", "2026-02", "--floor", "{floor}"],
    ("travel", "removals", "inventory"): [
        *("--on", "2026-11-01", "--from", "2026-01-01"),
        *("--floor", "{floor}"),
    ],
}
EMPTY = {
    ("travel", "removals", "list"): (["--floor", "{bare}"], "orders", 0),
}
LEAVES = {" ".join(words): {"query"} for words in FULL}


def removed(root):
    """Keep the steps of both orders on a floor."""
    rows = [
        common("removals", f"step-{n}", "PB", datetime.combine(date.fromisoformat(on), time(), UTC))
        | {"order": f"order:test:{order}", "step": step, "on": date.fromisoformat(on), "region": "quebec"}
        | more
        for n, (order, step, on, more) in enumerate(STEPS)
    ]
    floor = Floor.open(root)
    with floor.writer(Actor("roy", "tests", "an Act")) as writer:
        write_all(writer, REMOVAL_STEP, rows)
