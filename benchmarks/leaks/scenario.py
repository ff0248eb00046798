"""A floor on which everything was done to two people of the test, as users do it, command by command."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.store.errors import WrongCall

RUNNER: Final = CliRunner()
LAW: Final = ("--authority", "Customs Act s. 99", "--purpose", "border")


SETTINGS: Final = """
[feeds.leaks]
paths = ["leaks.csv"]
format = "party-csv"
marking = "PB//TLP:AMBER"

[feeds.leaks.screen]
necessity = "a test of what an erasure leaves"
authority = "none: invented people"

[feeds.hidden]
paths = ["hidden.csv"]
format = "party-csv"
marking = "PB//TLP:AMBER//COMP:GAMMA"

[feeds.hidden.screen]
necessity = "a test of what a reader is shown"
authority = "none: invented people"

[feeds.hidden-reports]
paths = ["QZ-51826.txt"]
marking = "PB//TLP:AMBER//COMP:GAMMA"
"""

POLICY: Final = """
[compartments.GAMMA]
en = "a joint operation"
fr = "une opération conjointe"

[readers.wide]
protected = "PB"
compartments = ["GAMMA"]
role = "supervisor"

[readers.narrow]
protected = "PB"
role = "analyst"
"""
"""Who reads: one who may see everything, and one from whom the second person is hidden."""


class Person(NamedTuple):
    """Somebody invented, of words that nothing else on a floor has.

    Attributes:
        key: the feed's own number.
        name: as delivered.
        listed: how a list writes a name like it.
        born: birth date.
        passport: number of the passport.
        marking: of the records about the person.
    """

    key: str
    name: str
    listed: str
    born: str
    passport: str
    marking: str

    @property
    def feed(self) -> str:
        """Which feed delivers the person."""
        return "hidden" if "COMP" in self.marking else "leaks"

    @property
    def subject(self) -> str:
        """The typed key."""
        return f"person:{self.feed}:{self.key}"

    @property
    def words(self) -> tuple[str, ...]:
        """What would find the person again."""
        return (self.key, self.name, *self.name.split(), self.born, self.passport)


ZEBEDEE: Final = Person(
    "QZ-40719", "Zebedeyko Kvarkington", "Зебедейко Кваркингтон", "1963-07-19", "XK9930517", "PB//TLP:AMBER"
)
OTTOLINE: Final = Person(
    "QZ-51826",
    "Ottolinka Vexbergova",
    "Оттолинка Вексбергова",
    "1958-11-23",
    "XK1162848",
    "PB//TLP:AMBER//COMP:GAMMA",
)


class Floor(NamedTuple):
    """The floor and what was written beside it."""

    root: Path
    exports: Path


def call(*words: object, code: Sequence[int] = (0, 1)) -> str:
    """Run a command; gives what it printed, or why it was refused where that is code 2 and may be."""
    try:
        result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    except WrongCall as error:
        if 2 not in code:
            raise
        return str(error)
    if result.exit_code not in code:
        raise RuntimeError(f"{' '.join(map(str, words))}: {result.output}")
    return result.stdout


def lines(*words: object) -> list[dict[str, Any]]:
    """What a command printed as JSON lines."""
    return [json.loads(line) for line in call(*words, "--json").splitlines()]


def lived_in(home: Path, scale: float = 0.05) -> Floor:
    """An exercise with both people planted, on which officers did everything that they may do."""
    made, root, exports = home / "exercise", home / "floor", home / "exports"
    call("admin", "exercise", "make", made, "--scale", scale, "--no-sensors")
    exports.mkdir()
    where = ("--floor", root)
    for name, text in (
        ("policy.toml", POLICY),
        ("feeds.toml", (made / "feeds.toml").read_text("utf-8") + SETTINGS),
    ):
        (home / name).write_text(text, encoding="utf-8")
    set_up = ("--feeds", home / "feeds.toml", "--policy", home / "policy.toml")
    with reading_as("wide"):
        call("init", "--ceiling", "PB//TLP:RED//COMP:GAMMA", "--exercise", *set_up, *where)
        call("ingest", made / "lists", made / "feeds", *_feeds(home / "feeds"), *where)
        call("run", *where)
        for person in (ZEBEDEE, OTTOLINE):
            _acted(person, exports, where)
        call("leads", "refit", "-o", exports / "refitted.toml", *where)
        call("leads", "audit", "draw", 3, *where)
        call("floor", "compact", *where)
        call("ingest", home / "feeds" / "leaks.csv", *where)  # delivered again
    return Floor(root, exports)


@contextmanager
def reading_as(name: str) -> Iterator[None]:
    """Commands of the block are this user's."""
    before = os.environ.get("WATCHFLOOR_USER")
    os.environ["WATCHFLOOR_USER"] = name
    try:
        yield
    finally:
        os.environ.pop("WATCHFLOOR_USER") if before is None else os.environ.update(WATCHFLOOR_USER=before)


def erased(floor: Floor, person: Person) -> str:
    """Erase a person and everything that names them; gives what the command printed."""
    order = ("--why", "file A-77", "--category", "consent", "--authority", "Privacy Act")
    with reading_as("wide"):
        return call("floor", "erase", "--subject", person.subject, "--reports", *order, "--floor", floor.root)


def shown_to(name: str, floor: Floor, out: Path) -> Path:
    """Run every command that reads as somebody, and write what each printed into a folder."""
    out.mkdir()
    where = ("--floor", floor.root)
    with reading_as(name):
        for number, words in enumerate(READING):
            for form in ((), ("--json",)):
                told = call(*words, *form, *where, code=(0, 1, 2))
                (out / f"{number:02}-{words[0]}{''.join(form)}.txt").write_text(told, encoding="utf-8")
        for lead in lines("leads", "--top", 10_000, *where):
            told = call("lead", lead["lead_id"], "--matrix", "--json", *where)
            (out / f"lead-{lead['lead_id']}.txt").write_text(told, encoding="utf-8")
        told = call("floor", "log", "export", out / "log.export", *where, code=(0, 1, 2))
        (out / "log-export.txt").write_text(told, encoding="utf-8")
    return out


READING: Final[tuple[tuple[object, ...], ...]] = (
    ("leads", "--top", 10_000),
    ("leads", "link"),
    ("search", "ferry"),
    ("search", "passport"),
    ("leads", "mentions"),
    ("cases", "task", "list", "--all"),
    ("cases", "product", "list"),
    ("cases", "watch", "log", "--all"),
    ("cases", "watch", "due"),
    ("cases", "watch", "sitrep"),
    ("feeds", "quarantine", "list"),
    ("leads", "outcome"),
    ("leads", "calibration"),
    ("leads", "fits"),
    ("leads", "audit", "list"),
    ("floor", "retention", "--all"),
    ("floor", "hold", "list", "--all"),
    ("floor", "verify"),
    ("floor", "replay"),
    ("share", "deconflict", "hits"),
    ("share", "deconflict", "notices"),
    ("share", "deconflict", "near"),
)
"""Commands that show something of a floor."""


def _feeds(folder: Path) -> list[Path]:
    """A list, a table of each person with a row that cannot be read, and a report about each."""
    folder.mkdir()
    people = (ZEBEDEE, OTTOLINE)
    listed = "".join(f"L-{number},{one.listed},,\n" for number, one in enumerate(people))
    (folder / "a-list.csv").write_text(f"id,name,aliases,weak_aliases\n{listed}", encoding="utf-8")
    head = "report_key,role,name,birth_date,observed_at,identifiers,context\n"
    for one in people:
        said = f"payee,{one.name},{one.born}"
        row = f"{one.key},{said},2026-11-20,passport:{one.passport},seen as {one.name}\n"
        faulty = f"{one.key}-x,{said},no day,passport:{one.passport},\n"
        (folder / f"{one.feed}.csv").write_text(head + row + faulty, encoding="utf-8")
        (folder / f"{one.key}.txt").write_text(_report(one), encoding="utf-8")
    return sorted(folder.iterdir())


def _report(one: Person) -> str:
    return (
        f"Number: R-{one.key}\nTitle: {one.name}\nDate: 2026-11-21\n\n"
        f"({one.marking}) {one.name}, born {one.born}, passport {one.passport}, was at the ferry.\n"
    )


def _acted(one: Person, exports: Path, where: tuple[str, Path]) -> None:
    """Everything an officer may do about a lead."""
    call("search", one.name.split()[0], *where)
    call("search", f"passport {one.passport}", *where)
    call("leads", "mentions", *where)
    found = [each for each in lines("leads", "--top", 10_000, *where) if one.subject in each["subjects"]]
    lead = found[0]["lead_id"]
    (exports / f"lead-{one.key}.json").write_text(call("lead", lead, "--json", *where), encoding="utf-8")
    record = lines("lead", lead, *where)[0]["contributions"][0]["evidence"][0]
    call("record", record, "--original", *where)
    call("leads", "merge", lead, f"person:{one.feed}:{one.key}-other", "--why", f"{one.name} seen", *where)
    if "COMP" not in one.marking:  # no unit is in the compartment
        asked = ("--unit", "border-operations", "--instruction", one.name, *LAW, *where)
        call("cases", "task", "accept", lines("cases", "task", "issue", lead, *asked)[0]["task"], *where)
    report = lines("cases", "product", "draft", "--lead", lead, "--title", one.name, *where)[0]["product"]
    call("cases", "product", "show", report, *where)
    call("cases", "watch", "note", f"{one.name} has passed", "--about", lead, *where, code=(0, 1, 2))
    call("leads", "outcome", lead, "seized", "--why", f"found on {one.name}", *where)
    call("leads", "decide", lead, "same", "--why", f"{one.name} it is", *where)
    call("feeds", "quarantine", "list", *where)
