"""Two banks of a partnership on which each of its commands has something to do."""

import json
from datetime import UTC, datetime, timedelta

WHY = ("--why", "seen")
TEST = ("--test", "both banks see the same ring")
BANK = ("--floor", "{bank}")
SET = ("--subjects", "{subjects}")
TYPOLOGY = """
id = "placement.smurfing"
version = "1.0"
source = "a test"
sentence = "many senders pay in cash"
parameters = {threshold = 10000}
"""

FULL = {
    ("share", "partnership", "adopt"): ["{code}", *BANK],
    ("share", "partnership", "withdraw"): ["partners", *WHY, *BANK],
    ("share", "partnership", "codes"): [*BANK],
    ("share", "partnership", "boundary"): ["--to", "other-bank", "--account", "account:test:1", *BANK],
    ("share", "partnership", "offer"): ["--to", "other-bank", "--tier", "cardinality", *SET, *TEST, *BANK],
    ("share", "partnership", "cardinality"): ["--to", "other-bank", *SET, *TEST, "-o", "{new}", *BANK],
    ("share", "partnership", "match"): [
        "--to",
        "other-bank",
        "--case",
        "C",
        *SET,
        *TEST,
        "-o",
        "{new}",
        *BANK,
    ],
    ("share", "partnership", "receive"): ["{opening}", "-o", "{new}", *BANK],
    ("share", "partnership", "resume"): ["{waiting}", "-o", "{new}", *BANK],
    ("share", "partnership", "sessions"): [*BANK],
    ("share", "partnership", "result"): ["{finished}", *BANK],
    ("share", "partnership", "leakage"): ["{finished}", *BANK],
    ("share", "partnership", "rings"): ["C", *BANK],
    ("share", "partnership", "expire"): [*BANK],
    ("share", "partnership", "counts"): [
        "--to",
        "other-bank",
        "--period",
        "2026-10",
        *TEST,
        "-o",
        "{new}",
        *BANK,
    ],
    ("share", "partnership", "counts-read"): ["{table}", *BANK],
    ("share", "partnership", "pack", "check"): ["{typologies}"],
    ("share", "partnership", "pack", "sign"): [
        *("{typologies}", "--name", "x", "--version", "1", "--expires", "{day}", "--to", "other-bank"),
        *(*TEST, "-o", "{new}", *BANK),
    ],
    ("share", "partnership", "pack", "install"): ["{pack}", *BANK],
    ("share", "partnership", "pack", "list"): [*BANK],
    ("share", "partnership", "pack", "retire"): ["old", *WHY, *BANK],
}
"""What each command of the partnership is called with where there is something to print."""

EMPTY = {
    ("share", "partnership", "codes"): (["--floor", "{bare}"], "codes", 0),
    ("share", "partnership", "sessions"): (["--floor", "{bare}"], "sessions", 0),
    ("share", "partnership", "rings"): (["C", "--floor", "{bare}"], "rings", 0),
    ("share", "partnership", "boundary"): (["--to", "other-bank", *BANK], "subjects", 0),
    ("share", "partnership", "expire"): (["--floor", "{bare}"], "epochs", 0),
    ("share", "partnership", "pack", "list"): (["--floor", "{bare}"], "packs", 0),
    ("share", "partnership", "pack", "check"): (["{typologies}"], "problems", 0),
}
"""The same where there is nothing, and the field that counts it."""

LEAVES = {
    "share partnership adopt": {"code-adopted"},
    "share partnership withdraw": {"code-withdrawn"},
    "share partnership codes": {"query"},
    "share partnership boundary": {"query"},
    "share partnership offer": {"offered"},
    "share partnership cardinality": {"partnership"},
    "share partnership match": {"partnership"},
    "share partnership receive": {"partnership", "disclosed"},
    "share partnership resume": {"query"},
    "share partnership sessions": {"query"},
    "share partnership result": {"query"},
    "share partnership leakage": {"query"},
    "share partnership rings": {"query"},
    "share partnership expire": set(),
    "share partnership counts": {"counted", "disclosed"},
    "share partnership counts-read": {"query"},
    "share partnership pack check": set(),
    "share partnership pack sign": {"disclosed"},
    "share partnership pack install": {"pack-installed"},
    "share partnership pack list": {"query"},
    "share partnership pack retire": {"pack-retired"},
}
"""The acts that each leaves at the bank."""


def code(today):
    """A code of practice that stands on this day."""
    since, until = today - timedelta(days=10), today + timedelta(days=300)
    return f"""
id = "partners"
version = "1.0"
since = {since}
expires = {until}
purposes = ["money-laundering"]
tiers = ["cardinality", "match"]
identifiers = ["account:test"]
manner = "sessions of files"
safeguards = "sealed at rest"
participants = [{{name = "bank"}}, {{name = "other-bank"}}]
approval = {{by = "nobody, a test", on = {since}, reference = "none"}}
keys = {{rotation_days = 30}}

[caps]
queries_per_day = 20
subjects_per_query = 50
subjects_per_day = 500
same_subject = 20
least_set = 5

[fields.pass_through]
of = "number"
low = 0
high = 100

[counts]
epsilon = 0.5
epsilon_per_period = 1.0
contribution = 2
floor = 200
corridors = ["CA-CN"]
typologies = ["placement.smurfing"]
"""


def banked(home, call):
    """Two banks below a folder: a session that is over, two that wait, packs, a table; gives their names."""
    today = datetime.now(UTC).date()
    day = (today + timedelta(days=200)).isoformat()
    files = {"code.toml": code(today), "subjects.txt": "".join(f"account:test:{n}\n" for n in range(10))}
    for name, text in files.items():
        (home / name).write_text(text, encoding="utf-8")
    (home / "typologies").mkdir()
    (home / "typologies" / "smurfing.toml").write_text(TYPOLOGY, encoding="utf-8")
    for name in ("bank", "other-bank"):
        told = ["--name", name, "--institution", "reporting-entity", "--exercise"]
        call(["init", "--floor", home / name, *told])
    for one, other in (("bank", "other-bank"), ("other-bank", "bank")):
        (row,) = _lines(call, ["share", "node", "show", "--floor", home / other])
        told = ["--name", other, "--institution", "reporting-entity", "--checked", "by phone"]
        call(["share", "node", "trust", row["key"], *told, "--floor", home / one])
        call(["share", "partnership", "adopt", home / "code.toml", "--floor", home / one])
    given = ["--subjects", home / "subjects.txt", *TEST]
    for one, other in (("bank", "other-bank"), ("other-bank", "bank")):
        call(
            [
                "share",
                "partnership",
                "offer",
                "--to",
                other,
                "--tier",
                "cardinality",
                *given,
                "--floor",
                home / one,
            ]
        )
    here, there = ["--floor", home / "bank"], ["--floor", home / "other-bank"]
    ask = ["share", "partnership", "cardinality", *given]
    (done,) = _lines(call, [*ask, "--to", "other-bank", "-o", home / "1.wfp", *here])
    for number, side in ((1, there), (2, here), (3, there)):
        call(
            [
                "share",
                "partnership",
                "receive",
                home / f"{number}.wfp",
                "-o",
                home / f"{number + 1}.wfp",
                *side,
            ]
        )
    call(["share", "partnership", "receive", home / "4.wfp", *here])
    (waiting,) = _lines(call, [*ask, "--to", "other-bank", "-o", home / "waiting.wfp", *here])
    call([*ask, "--to", "bank", "-o", home / "opening.wfp", *there])
    sign = ["share", "partnership", "pack", "sign", home / "typologies", "--expires", day, *TEST]
    for name in ("old", "new"):
        out = ["--name", name, "--version", "1.0", "--to", "bank", "-o", home / f"{name}.pack"]
        call([*sign, *out, *there])
    call(["share", "partnership", "pack", "install", home / "old.pack", *here])
    told = ["--to", "bank", "--period", "2026-10", *TEST, "-o", home / "oct.counts"]
    call(["share", "partnership", "counts", *told, *there])
    return {
        "code": home / "code.toml",
        "subjects": home / "subjects.txt",
        "typologies": home / "typologies",
        "opening": home / "opening.wfp",
        "finished": done["session"],
        "waiting": waiting["session"],
        "pack": home / "new.pack",
        "table": home / "oct.counts",
        "day": day,
    }


def _lines(call, words):
    return [json.loads(line) for line in call([*words, "--json"]).stdout.splitlines()]
