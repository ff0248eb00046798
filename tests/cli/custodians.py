"""A floor with exhibits in every state, and what `custody` and `seizure` are called with there."""

import json

import pytest

from watchfloor.cli import common

VAULT = ("--floor", "{vault}")
WHY = ("--why", "seen")
FULL = {
    ("cases", "custody", "seize"): [
        *(
            "--law",
            "CDSA s. 11",
            "--place",
            "Mirabel",
            "--name",
            "powder",
            "--mass",
            "5",
            "--mass-error",
            "0.01",
        ),
        *("--from", "parcel:post:7", "--seal", "A7", *VAULT),
    ],
    ("cases", "custody", "seal"): ["P-1", "A2", *WHY, *VAULT],
    ("cases", "custody", "weigh"): ["P-1", "--mass", "10", "--mass-error", "0.01", *VAULT],
    ("cases", "custody", "submit"): ["P-1", "--analyst", "DAS", *VAULT],
    ("cases", "custody", "certificate"): [
        "S-1",
        "--document",
        "D",
        "--analyst",
        "A. Roy",
        "--result",
        "none",
        *VAULT,
    ],
    ("cases", "custody", "transfer"): ["P-1", "--to", "another", "--key", "{mine}", *VAULT],
    ("cases", "custody", "receive"): ["O-1", "--seal", "O1", "--key", "{mine}", *VAULT],
    ("cases", "custody", "withdraw"): ["W-1", *WHY, *VAULT],
    ("cases", "custody", "split"): ["P-1", "--part", "mass=1,error=0.01", "--seal", "A9", *VAULT],
    ("cases", "custody", "consume"): [
        "P-1",
        "--mass",
        "0.1",
        "--mass-error",
        "0.01",
        *WHY,
        "--seal",
        "A9",
        *VAULT,
    ],
    ("cases", "custody", "court"): ["P-1", "required", "--document", "R. v. Doe", *VAULT],
    ("cases", "custody", "dispose"): [
        *("P-1", "destroyed", "--section", "26", *WHY, "--witness", "roy", "--place", "plant", *VAULT),
    ],
    ("cases", "custody", "reported"): ["P-1", "--section", "12.1", *VAULT],
    ("cases", "custody", "note"): ["P-1", "seen", *VAULT],
    ("cases", "custody", "redate"): ["P-1", "--at", "2025-06-01T10:00Z", *WHY, *VAULT],
    ("cases", "custody", "list"): [*VAULT],
    ("cases", "custody", "show"): ["P-1", *VAULT],
    ("cases", "custody", "balance"): ["P-1", *VAULT],
    ("cases", "custody", "clocks"): ["--all", *VAULT],
    ("cases", "custody", "verify"): [*VAULT],
    ("cases", "custody", "report"): ["P-1", *VAULT],
    ("cases", "custody", "label"): ["P-1", "-o", "{new}", *VAULT],
    ("cases", "custody", "hazard"): ["P-1", "-o", "{new}", *VAULT],
    ("cases", "custody", "continuity"): ["P-1", "-o", "{new}", *VAULT],
    ("cases", "custody", "proven"): ["{proofs}", "--key", "{vaultkey}"],
    ("cases", "custody", "alert"): ["P-1", *VAULT],
    ("cases", "custody", "key", "make"): ["-o", "{new}", "--name", "x"],
    ("cases", "custody", "key", "sign"): ["{statement}", "--key", "{mine}", "-o", "{new}"],
    ("cases", "custody", "key", "register"): ["{strange}", "--checked", "by phone", *VAULT],
    ("cases", "custody", "key", "remove"): ["another", *WHY, *VAULT],
    ("cases", "custody", "key", "list"): [*VAULT],
    ("cases", "seizure", "add"): ["fentanyl", "--at", "2025-02-20", "--mass", "12.4g", *VAULT],
    ("cases", "seizure", "list"): [*VAULT],
    ("cases", "seizure", "totals"): [*VAULT],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("cases", "custody", "list"): (["--floor", "{bare}"], "exhibits", 0),
    ("cases", "custody", "clocks"): (["--floor", "{bare}"], "clocks", 0),
    ("cases", "custody", "verify"): (["--floor", "{bare}"], "found", 0),
    ("cases", "custody", "alert"): (["W-1", *VAULT], "substances", 0),
    ("cases", "custody", "key", "list"): (["--floor", "{bare}"], "keys", 0),
    ("cases", "seizure", "list"): (["--floor", "{bare}"], "seizures", 0),
    ("cases", "seizure", "totals"): (["--floor", "{bare}"], "seizures", 0),
}
"""The same where there is nothing, and the field that counts it."""

QUERIES = (
    *("list", "show", "balance", "clocks", "verify", "report", "label", "hazard", "continuity", "alert"),
    "key list",
)
LEAVES = {
    **{" ".join(words): {"ingest"} for words in FULL},
    **{f"cases custody {name}": {"query"} for name in QUERIES},
    "cases custody proven": set(),
    "cases custody key make": set(),
    "cases custody key sign": set(),
    "cases custody key register": {"custody-key"},
    "cases custody key remove": {"custody-key-removed"},
    "cases seizure list": {"query"},
    "cases seizure totals": {"query"},
}
"""The acts that each leaves on that floor."""


def kept(home, call):
    """A floor below a folder: P-1 held, S-1 submitted, O-1 offered to who runs the tests, W-1 by them."""
    floor, me = ["--floor", home / "vault"], common.who()
    call(["init", *floor, "--exercise"])
    mine, theirs = home / "mine.key", home / "theirs.key"
    keys = [_one(call, ["cases", "custody", "key", "make", "-o", mine])["key"]]
    strange = _one(
        call, ["cases", "custody", "key", "make", "-o", home / "strange.key", "--name", "strange"]
    )["key"]
    seize = [
        "cases",
        "custody",
        "seize",
        "--law",
        "Customs Act s. 110",
        "--place",
        "Mirabel",
        "--agency",
        "CBSA",
        *floor,
    ]
    weighed = ["--mass", "10", "--mass-error", "0.01"]
    fentanyl = ["--name", "powder", "--substance", "substance:cas:437-38-7"]
    call([*seize, *fentanyl, "--number", "P-1", "--seal", "P1", *weighed])
    call([*seize, "--name", "powder", "--number", "S-1", "--seal", "S1", *weighed])
    call([*seize, "--name", "powder", "--number", "W-1", "--seal", "W1", *weighed])
    call(["cases", "custody", "submit", "S-1", "--analyst", "DAS", *floor])
    call(["cases", "custody", "key", "register", keys[0], "--checked", "own", *floor])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_USER", "another")
        keys.append(_one(call, ["cases", "custody", "key", "make", "-o", theirs])["key"])
        call(["cases", "custody", "key", "register", keys[1], "--checked", "own", *floor])
        call([*seize, "--name", "powder", "--number", "O-1", "--seal", "O1", *weighed])
        call(["cases", "custody", "transfer", "O-1", "--to", me, "--key", theirs, *floor])
    call(["cases", "custody", "transfer", "W-1", "--to", "another", "--key", mine, *floor])
    call(["cases", "seizure", "add", "fentanyl", "--at", "2025-02-20", "--mass", "12.4g", *floor])
    said = call(["cases", "custody", "show", "O-1", "--statement", *floor]).stdout
    (home / "statement.txt").write_text(said, encoding="utf-8", newline="\n")
    call(
        ["cases", "custody", "continuity", "P-1", "-o", home / "p.pdf", "--proofs", home / "p.proofs", *floor]
    )
    files = {"mine": mine, "statement": home / "statement.txt", "proofs": home / "p.proofs"}
    return files | {"strange": strange, "vaultkey": _one(call, ["share", "node", "show", *floor])["key"]}


def _one(call, words):
    return json.loads(call([*words, "--json"]).stdout.splitlines()[0])
