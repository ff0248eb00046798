"""The acts of a working day, each as a person would type it, and what each leaves on the floor.

Every act has a number of its own, which goes into its words: so a check finds what came of it, and an act
that was cut off can be repeated word for word.
"""

import json
import random
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc

from watchfloor.cli import app
from watchfloor.policy.policy import Reader
from watchfloor.store import Floor

READER: Final = Reader("checker", purpose="checking")

ROWS: Final = 12
"""Rows that a delivery brings; one more cannot be read."""

LISTED: Final = 200
"""Entities on the list; a delivery names two of them."""

SYLLABLES: Final = "bar dol fen gri hul jax kem lor mip nuz pek qua rov sil tud vex wom yat zeb cho".split()

SETTINGS: Final = """
[feeds.parcels]
paths = ["day-*.csv"]
screen = { necessity = "names are screened to have leads to decide", authority = "none needed" }
"""

Said = list[dict[str, Any]]
"""The JSON lines of a command."""


class Failed(Exception):  # noqa: N818 - a command that ended with a message
    """A command ended with a code that is no success; the text is what it said."""


@dataclass(frozen=True)
class Act:
    """One act.

    Attributes:
        words: what is typed, from the folder, the act's number and what is known of the floor.
        kind: the kind of record it leaves, or "".
        column: of the kind, where the act's mark stands.
        count: records it leaves at least.
    """

    words: Callable[[Path, int], list[str]]
    kind: str = ""
    column: str = ""
    count: int = 1


def mark(number: int) -> str:
    """What an act's records say of it."""
    return f"act {number:06d}."


def call(*words: str) -> Said:
    """Type a command and read its JSON. Raises `Failed` where it ends with a message."""
    out, err = TextIOWrapper(BytesIO(), "utf-8", write_through=True), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = app([*words, "--json"], standalone_mode=False)
    if code not in (None, 0, 1):
        raise Failed(err.getvalue().strip())
    return [json.loads(line) for line in out.buffer.getvalue().splitlines()]


def prepare(folder: Path) -> None:
    """A folder for a floor, with a list and settings."""
    for name in ("incoming", "other", "backups"):
        (folder / name).mkdir(parents=True)
    rows = (f"W{i},{_name(i)},,1970\n" for i in range(LISTED))
    (folder / "list.csv").write_text("id,name,aliases,birth_date\n" + "".join(rows))
    (folder / "feeds.toml").write_text(SETTINGS)


def begin(folder: Path) -> None:
    """A floor that has its list and no more."""
    prepare(folder)
    call("init", *_on(folder), "--feeds", str(folder / "feeds.toml"))
    call("ingest", str(folder / "list.csv"), *_on(folder))


def _init(folder: Path, number: int) -> list[str]:
    return ["init", "--floor", str(folder / "other" / str(number)), "--feeds", str(folder / "feeds.toml")]


def _ingest(folder: Path, number: int) -> list[str]:
    place = folder / "incoming" / f"day-{number}.csv"
    if not place.exists():
        place.write_text(_delivery(number))
    return ["ingest", str(place), *_on(folder)]


def _delivery(number: int) -> str:
    names = [*(_name((2 * number + i) % LISTED) for i in range(2)), *["Ann Roy"] * (ROWS - 2)]
    lines = [
        f"{number}-{i},payee,{name},1970,2026-11-24T10:00:00Z,{mark(number)}" for i, name in enumerate(names)
    ]
    return "\n".join(
        ["report_key,role,name,birth_date,observed_at,context", *lines, f"{number}-x,payee,,,,", ""]
    )


def _name(entity: int) -> str:
    """A name that nobody has, and that resembles no other's."""
    draw = random.Random(entity)
    return " ".join("".join(draw.choices(SYLLABLES, k=4)).title() for _ in range(2))


def _decide(folder: Path, number: int) -> list[str]:
    lead = _first(folder, lambda one: one["strength"] != "cleared")
    return ["leads", "decide", lead, "different", "--why", mark(number), *_on(folder)]


def _undo(folder: Path, number: int) -> list[str]:
    lead = _first(folder, lambda one: one["strength"] == "cleared")
    return ["leads", "decide", lead, "undo", "--why", mark(number), *_on(folder)]


def _first(folder: Path, wanted: Callable[[Mapping[str, Any]], bool]) -> str:
    leads = call("leads", "--top", "100000", *_on(folder))
    found = [str(one["lead_id"]) for one in leads if wanted(one)]
    if not found:
        raise Failed("the queue has no such lead now")
    return found[0]


def _merge(folder: Path, number: int) -> list[str]:
    pair = [f"person:parcels:{number}-{i}" for i in (1, 2)]
    return ["leads", "merge", *pair, "--why", mark(number), *_on(folder)]


def _issue(folder: Path, number: int) -> list[str]:
    asked = ["--unit", "border-operations", "--authority", "Customs Act s. 99", "--instruction", mark(number)]
    return ["cases", "task", "issue", "--subject", f"person:parcels:{number}", *asked, *_on(folder)]


def _accept(folder: Path, number: int) -> list[str]:
    issued = [one for one in call("cases", "task", "list", *_on(folder)) if one.get("state") == "issued"]
    if not issued:
        raise Failed("no task waits for an answer now")
    edition = str(issued[0]["edition"])
    return [
        "cases",
        "task",
        "accept",
        issued[0]["task"],
        "--edition",
        edition,
        "--why",
        mark(number),
        *_on(folder),
    ]


def _erase(folder: Path, number: int) -> list[str]:
    parties = Floor.open(folder / "floor").read("party", READER, columns=["record_id", "name"])
    spare = parties.filter(pc.starts_with(parties["name"], "Ann Roy"))["record_id"]
    if not len(spare):
        raise Failed("nothing to erase now")
    erased = spare[number % len(spare)].as_py().hex()
    return ["floor", "erase", erased, "--why", mark(number), "--authority", "none needed", *_on(folder)]


def _backup(folder: Path, number: int) -> list[str]:
    return ["floor", "backup", "--unencrypted", str(folder / "backups" / f"{number}.tar"), *_on(folder)]


def _plain(*words: str) -> Callable[[Path, int], list[str]]:
    return lambda folder, _: [*words, *_on(folder)]


def _on(folder: Path) -> list[str]:
    return ["--floor", str(folder / "floor")]


ACTS: Final[Mapping[str, Act]] = {
    "init": Act(_init),
    "ingest": Act(_ingest, "party", "context", ROWS),
    "run": Act(_plain("run")),
    "leads": Act(_plain("leads")),
    "decide": Act(_decide, "judgement", "why"),
    "undo": Act(_undo, "judgement", "why"),
    "merge": Act(_merge, "judgement", "why"),
    "cases task issue": Act(_issue, "task", "instruction"),
    "cases task accept": Act(_accept, "task", "why"),
    "erase": Act(_erase),
    "compact": Act(_plain("floor", "compact")),
    "backup": Act(_backup),
}
