"""A reporting entity's floor with reports in every state, and what `fintrac` is called with there."""

import json

import pytest
from tests.exchange.fintrac import made
from tests.exchange.nodes import keep

from watchfloor.core.kinds import JUDGEMENT, LISTING

TELLER = ("--floor", "{teller}")
GROUNDS = ("--suspicion", "money-laundering", "--no-pep", "--context", "{grounds}", "--codes", "{tables}")
WHY = ("--why", "seen")
WATCHED = ("--action", "watched")

FULL = {
    ("finance", "fintrac", "draft"): ["--payment", "{cash}", *GROUNDS, *WATCHED, *TELLER],
    ("finance", "fintrac", "property"): [made.CLIENT, *WATCHED, *TELLER],
    ("finance", "fintrac", "edit"): [
        "{unfinished}",
        "--set",
        "/actionTaken/description=watched",
        *WHY,
        *TELLER,
    ],
    ("finance", "fintrac", "list"): [*TELLER],
    ("finance", "fintrac", "show"): ["{complete}", *TELLER],
    ("finance", "fintrac", "check"): ["{unfinished}", *TELLER],
    ("finance", "fintrac", "approve"): ["{complete}", "--schema", "{structure}", *WHY, *TELLER],
    ("finance", "fintrac", "export"): ["{agreed}", "-o", "{new}", *TELLER],
    ("finance", "fintrac", "submitted"): ["{agreed}", "--reference", "2026-000123", *TELLER],
    ("finance", "fintrac", "codes"): ["{tables}"],
    ("finance", "fintrac", "labels"): ["{origins}"],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("finance", "fintrac", "list"): (["--floor", "{quiet}"], "reports", 0),
    ("finance", "fintrac", "check"): (["{complete}", *TELLER], "wrong", 0),
    ("finance", "fintrac", "labels"): (["{unlabelled}"], "labels", 0),
}
"""The same where there is nothing, and the field that counts it."""

LEAVES = {
    "finance fintrac draft": {"fintrac-drafted"},
    "finance fintrac property": {"fintrac-drafted"},
    "finance fintrac edit": {"fintrac-drafted"},
    "finance fintrac list": {"query"},
    "finance fintrac show": {"query"},
    "finance fintrac check": {"query"},
    "finance fintrac approve": {"fintrac-approved"},
    "finance fintrac export": {"fintrac-exported"},
    "finance fintrac submitted": {"fintrac-submitted"},
    "finance fintrac codes": set(),
    "finance fintrac labels": set(),
}
"""The acts that each leaves at the reporting entity."""


def reported(home, call):
    """A reporting entity below a folder: a draft that lacks facts, one that lacks none, an approved one."""
    (home / "grounds.txt").write_text("He could not say where the cash was from.", encoding="utf-8")
    labelled = "payment_id,label,origin\n1,1,convicted\n2,0,customer\n"
    (home / "origins.csv").write_text(labelled, encoding="utf-8")
    (home / "unlabelled.csv").write_text("payment_id,label,origin\n", encoding="utf-8")
    bank, ids = made.bank(home, "teller")
    keep(bank, [made.listing()], LISTING)
    keep(bank, [made.judgement()], JUDGEMENT)
    call(["init", "--floor", home / "quiet", "--institution", "reporting-entity", "--exercise"])
    given = {"grounds": home / "grounds.txt", "tables": made.CODES, "structure": made.SCHEMA}
    floor = ["--floor", home / "teller"]
    whole = [*(word.format(**given) for word in GROUNDS), *WATCHED, *floor]
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_USER", "another")
        for name in ("complete", "agreed"):
            found[name] = _one(call, ["finance", "fintrac", "draft", "--payment", ids[0].hex(), *whole])[
                "report"
            ]
    lacking = [*(word.format(**given) for word in GROUNDS), *floor]
    draft = ["finance", "fintrac", "draft", "--payment", ids[1].hex(), "--payment", ids[2].hex(), *lacking]
    found["unfinished"] = _one(call, draft)["report"]
    call(["finance", "fintrac", "approve", found["agreed"], "--schema", made.SCHEMA, *WHY, *floor])
    files = {"origins": home / "origins.csv", "unlabelled": home / "unlabelled.csv"}
    return given | found | files | {"cash": ids[0].hex()}


def _one(call, words):
    (row,) = (json.loads(line) for line in call([*words, "--json"]).stdout.splitlines())
    return row
