"""A floor with data calls, a department's key and its forms, and what `register` is called with there."""

import json

import pytest

OFFICE = ("--floor", "{office}")
WHO = ("--name", "A. Roy", "--function", "Director")
WHY = ("--why", "seen")
SOON = ("--due", "2199-01-01")
FULL = {
    ("scorecard", "register", "list"): [*OFFICE],
    ("scorecard", "register", "show"): ["14b", *OFFICE],
    ("scorecard", "register", "call"): ["14c", *SOON, *OFFICE],
    ("scorecard", "register", "attest"): ["14b", *WHO, *OFFICE],
    ("scorecard", "register", "correct"): ["14d", *WHO, *WHY, *OFFICE],
    ("scorecard", "register", "approve"): [
        "14d",
        "--name",
        "B. Singh",
        "--function",
        "VP",
        "--words",
        "so",
        *OFFICE,
    ],
    ("scorecard", "register", "embargo"): ["14b", "--until", "2199-01-01", *WHY, *OFFICE],
    ("scorecard", "register", "withdraw"): ["14b", *WHY, *OFFICE],
    ("scorecard", "register", "form"): ["14b", *OFFICE],
    ("scorecard", "register", "sign"): ["{filled}", "--key", "{department_key}"],
    ("scorecard", "register", "receive"): ["{signed}", *OFFICE],
    ("scorecard", "register", "key"): ["RCMP", "-o", "{new}"],
    ("scorecard", "register", "trust"): ["RCMP", "{rcmp}", "--checked", "by phone", *OFFICE],
    ("scorecard", "register", "distrust"): ["CBSA", *WHY, *OFFICE],
    ("scorecard", "register", "keys"): [*OFFICE],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("scorecard", "register", "list"): (["--state", "approved", "--floor", "{bare}"], "lines", 0),
    ("scorecard", "register", "keys"): (["--floor", "{bare}"], "keys", 0),
}
"""The same where there is nothing, and the field that counts it."""

QUERIES = ("list", "show", "form", "keys")
LEAVES = {" ".join(words): {"query" if words[-1] in QUERIES else "ingest"} for words in FULL}
LEAVES |= {
    "scorecard register trust": {"department-key"},
    "scorecard register distrust": {"department-key-removed"},
}
LEAVES |= {"scorecard register sign": set(), "scorecard register key": set()}
"""The acts that each leaves on that floor."""


def filed(home, call):
    """A floor below a folder: 14b and 14d are asked for, 14d is attested; a key, and a signed form."""
    floor = ["--floor", home / "office"]
    call(["init", *floor, "--name", "joint cell", "--exercise"])
    key = _printed(call, ["scorecard", "register", "key", "CBSA", "-o", home / "cbsa.key"])
    rcmp = _printed(call, ["scorecard", "register", "key", "RCMP", "-o", home / "rcmp.key"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_USER", "another")
        call(["scorecard", "register", "trust", "CBSA", key, "--checked", "by phone", *floor])
        for line in ("14b", "14d"):
            call(["scorecard", "register", "call", line, *SOON, *floor])
        call(["scorecard", "register", "attest", "14d", *WHO, *floor])
    filled, signed = home / "14b.filled", home / "14b.signed"
    empty = json.loads(call(["scorecard", "register", "form", "14b", *floor]).stdout)
    filled.write_text(json.dumps(answered(empty)), encoding="utf-8")
    call(["scorecard", "register", "sign", filled, "--key", home / "cbsa.key", "-o", signed])
    files = {"department_key": home / "cbsa.key", "rcmp": rcmp}
    return {"office": home / "office", "filled": filled, "signed": signed} | files


def answered(empty, value=40, **more):
    """A form as a department fills it."""
    values = [{**one, "value": value} for one in empty["values"]]
    row = {"series": "cbsa-seizures", "period": "2025-01", "measure": "events", "value": 3}
    return {**empty, "person": "A. Roy", "function": "Director", "values": values, "series": [row]} | more


def _printed(call, words):
    return call(words).stdout.strip()
