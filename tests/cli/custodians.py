"""A floor with exhibits in every state, and what `custody` and `seizure` are called with there."""

import json

import pytest

from watchfloor.cli import common

VAULT = ("--floor", "{vault}")
WHY = ("--why", "seen")
FULL = {
    ("custody", "seize"): [
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
    ("custody", "seal"): ["P-1", "A2", *WHY, *VAULT],
    ("custody", "weigh"): ["P-1", "--mass", "10", "--mass-error", "0.01", *VAULT],
    ("custody", "submit"): ["P-1", "--analyst", "DAS", *VAULT],
    ("custody", "certificate"): ["S-1", "--document", "D", "--analyst", "A. Roy", "--result", "none", *VAULT],
    ("custody", "transfer"): ["P-1", "--to", "another", "--key", "{mine}", *VAULT],
    ("custody", "receive"): ["O-1", "--seal", "O1", "--key", "{mine}", *VAULT],
    ("custody", "withdraw"): ["W-1", *WHY, *VAULT],
    ("custody", "split"): ["P-1", "--part", "mass=1,error=0.01", "--seal", "A9", *VAULT],
    ("custody", "consume"): ["P-1", "--mass", "0.1", "--mass-error", "0.01", *WHY, "--seal", "A9", *VAULT],
    ("custody", "court"): ["P-1", "required", "--document", "R. v. Doe", *VAULT],
    ("custody", "dispose"): [
        *("P-1", "destroyed", "--section", "26", *WHY, "--witness", "roy", "--place", "plant", *VAULT),
    ],
    ("custody", "reported"): ["P-1", "--section", "12.1", *VAULT],
    ("custody", "note"): ["P-1", "seen", *VAULT],
    ("custody", "redate"): ["P-1", "--at", "2025-06-01T10:00Z", *WHY, *VAULT],
    ("custody", "list"): [*VAULT],
    ("custody", "show"): ["P-1", *VAULT],
    ("custody", "balance"): ["P-1", *VAULT],
    ("custody", "clocks"): ["--all", *VAULT],
    ("custody", "verify"): [*VAULT],
    ("custody", "report"): ["P-1", *VAULT],
    ("custody", "label"): ["P-1", "-o", "{new}", *VAULT],
    ("custody", "hazard"): ["P-1", "-o", "{new}", *VAULT],
    ("custody", "continuity"): ["P-1", "-o", "{new}", *VAULT],
    ("custody", "proven"): ["{proofs}", "--key", "{vaultkey}"],
    ("custody", "alert"): ["P-1", *VAULT],
    ("custody", "key", "make"): ["-o", "{new}", "--name", "x"],
    ("custody", "key", "sign"): ["{statement}", "--key", "{mine}", "-o", "{new}"],
    ("custody", "key", "register"): ["{strange}", "--checked", "by phone", *VAULT],
    ("custody", "key", "remove"): ["another", *WHY, *VAULT],
    ("custody", "key", "list"): [*VAULT],
    ("seizure", "add"): ["fentanyl", "--at", "2025-02-20", "--mass", "12.4g", *VAULT],
    ("seizure", "list"): [*VAULT],
    ("seizure", "totals"): [*VAULT],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("custody", "list"): (["--floor", "{bare}"], "exhibits", 0),
    ("custody", "clocks"): (["--floor", "{bare}"], "clocks", 0),
    ("custody", "verify"): (["--floor", "{bare}"], "found", 0),
    ("custody", "alert"): (["W-1", *VAULT], "substances", 0),
    ("custody", "key", "list"): (["--floor", "{bare}"], "keys", 0),
    ("seizure", "list"): (["--floor", "{bare}"], "seizures", 0),
    ("seizure", "totals"): (["--floor", "{bare}"], "seizures", 0),
}
"""The same where there is nothing, and the field that counts it."""

QUERIES = (
    *("list", "show", "balance", "clocks", "verify", "report", "label", "hazard", "continuity", "alert"),
    "key list",
)
LEAVES = {
    **{" ".join(words): {"ingest"} for words in FULL},
    **{f"custody {name}": {"query"} for name in QUERIES},
    "custody proven": set(),
    "custody key make": set(),
    "custody key sign": set(),
    "custody key register": {"custody-key"},
    "custody key remove": {"custody-key-removed"},
    "seizure list": {"query"},
    "seizure totals": {"query"},
}
"""The acts that each leaves on that floor."""


def kept(home, call):
    """A floor below a folder: P-1 held, S-1 submitted, O-1 offered to who runs the tests, W-1 by them."""
    floor, me = ["--floor", home / "vault"], common.who()
    call(["init", *floor, "--exercise"])
    mine, theirs = home / "mine.key", home / "theirs.key"
    keys = [_one(call, ["custody", "key", "make", "-o", mine])["key"]]
    strange = _one(call, ["custody", "key", "make", "-o", home / "strange.key", "--name", "strange"])["key"]
    seize = [
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
    call(["custody", "submit", "S-1", "--analyst", "DAS", *floor])
    call(["custody", "key", "register", keys[0], "--checked", "own", *floor])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_USER", "another")
        keys.append(_one(call, ["custody", "key", "make", "-o", theirs])["key"])
        call(["custody", "key", "register", keys[1], "--checked", "own", *floor])
        call([*seize, "--name", "powder", "--number", "O-1", "--seal", "O1", *weighed])
        call(["custody", "transfer", "O-1", "--to", me, "--key", theirs, *floor])
    call(["custody", "transfer", "W-1", "--to", "another", "--key", mine, *floor])
    call(["seizure", "add", "fentanyl", "--at", "2025-02-20", "--mass", "12.4g", *floor])
    said = call(["custody", "show", "O-1", "--statement", *floor]).stdout
    (home / "statement.txt").write_text(said, encoding="utf-8", newline="\n")
    call(["custody", "continuity", "P-1", "-o", home / "p.pdf", "--proofs", home / "p.proofs", *floor])
    files = {"mine": mine, "statement": home / "statement.txt", "proofs": home / "p.proofs"}
    return files | {"strange": strange, "vaultkey": _one(call, ["node", "show", *floor])["key"]}


def _one(call, words):
    return json.loads(call([*words, "--json"]).stdout.splitlines()[0])
