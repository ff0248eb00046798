"""Makes an exercise: a list, three feeds of named parties and an answer key that stays outside them.

The feeds carry consignees of parcels, payees of transfers and travellers. A few are listed entities under an
alias, a typo, another word order or another script; some are benign look-alikes; the rest are people and
companies with names like anybody's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
import pyarrow as pa

from watchfloor.exercise.disguise import DISGUISES, suits
from watchfloor.exercise.names import BIRTH_DATES, LISTED, LOOK_ALIKES, OTHER_SCRIPTS, company, person

DAY: Final = datetime(2026, 11, 20, tzinfo=UTC)
"""The generated day."""

PARTIES_A_DAY: Final = 400
"""Benign parties at scale 1, over all feeds."""

ROLES: Final = {"parcels": "consignee", "payments": "payee", "travellers": "traveller"}
CONTEXTS: Final = {
    "parcels": ("electronic parts", "clothing", "laboratory glass", "tools"),
    "payments": ("invoice", "tuition", "family support", "deposit on goods"),
    "travellers": ("visit", "study", "transit", "business"),
}

LIST_HEADER: Final = "id,name,aliases,weak_aliases,schema,birth_date,country,instrument,item,in_force"
LISTED_FROM: Final = "2026-06-01"

SETTINGS: Final = """\
[feeds.{feed}]
paths = ["{feed}.csv"]
marking = "PA//TLP:AMBER"

[feeds.{feed}.screen]
necessity = "exercise: every {role} is held against the lists to see whether planted ones are found"
authority = "exercise; a real floor states its law, such as Criminal Code s. 83.11"
"""


@dataclass(frozen=True, slots=True)
class Planted:
    """One answer: which party of which feed is which listed entity, and how its name was disguised."""

    feed: str
    number: str
    name: str
    entity_id: str
    alias: str
    disguise: str


@dataclass(frozen=True, slots=True)
class Target:
    """A listed entity that an exercise may plant."""

    entity_id: str
    schema: str
    names: tuple[str, ...]
    birth_date: str | None = None
    other_script: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """Where an exercise lies and what it holds.

    `settings` configures a floor for its feeds: why and under which law their names are screened.
    """

    feeds: Path
    lists: Path | None
    key: Path
    settings: Path
    parties: int
    planted: tuple[Planted, ...]


def make(out: Path, *, seed: int = 1, scale: float = 1.0, targets: Sequence[Target] = ()) -> Made:
    """Write an exercise: `feeds/`, `lists/`, `feeds.toml` and, apart from them, `key/answer-key.json`.

    Args:
        out: a new or empty folder.
        seed: the same seed gives the same bytes.
        scale: 1 is `PARTIES_A_DAY` benign parties.
        targets: listed entities of a real list to plant; without any, a fictitious list is written too.

    Raises:
        FileExistsError: `out` holds something already.
        ValueError: the scale is not positive.
    """
    if scale <= 0:
        raise ValueError(f"scale {scale} is not positive")
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty; name a new folder")
    random = Random(seed)  # noqa: S311 - an exercise is meant to be repeated
    lists = None if targets else _write_list(out / "lists" / "exercise-list.csv")
    planted = list(_plant(targets or fictitious(), random))
    rows = [*_benign(round(PARTIES_A_DAY * scale), random), *(_row(p, t, random) for p, t in planted)]
    feeds = out / "feeds"
    for feed in ROLES:
        _write_feed(feeds / f"{feed}.csv", [row for row in rows if row["feed"] == feed])
    key = _write_key(out / "key" / "answer-key.json", seed, scale, [p for p, _ in planted])
    settings = "\n".join(SETTINGS.format(feed=feed, role=role) for feed, role in ROLES.items())
    written = _write(out / "feeds.toml", settings)
    return Made(feeds, lists, key, written, len(rows), tuple(p for p, _ in planted))


def fictitious() -> tuple[Target, ...]:
    """The entities of the fictitious list."""
    return tuple(
        Target(
            id_,
            schema,
            (name, *aliases.split(";")),
            BIRTH_DATES.get(id_),
            OTHER_SCRIPTS.get(id_),
        )
        for id_, schema, name, aliases, _ in LISTED
    )


def from_listings(listings: pa.Table, seed: int, count: int = 8) -> tuple[Target, ...]:
    """Draw targets from real `listing` rows: those with a strong name of at least two words."""
    wanted = ["entity_id", "schema", "names", "birth_dates"]
    found = {}
    for row in listings.select(wanted).to_pylist():
        names = tuple(
            n["text"] for n in row["names"] if n["strength"] == "strong" and len(n["text"].split()) > 1
        )
        if names and row["entity_id"] not in found:
            birth = next(iter(row["birth_dates"] or ()), None)
            found[row["entity_id"]] = Target(row["entity_id"], row["schema"], names, birth)
    chosen = Random(seed).sample(sorted(found), min(count, len(found)))  # noqa: S311
    return tuple(found[entity_id] for entity_id in chosen)


def _plant(targets: Sequence[Target], random: Random) -> Iterator[tuple[Planted, Target]]:
    feeds = list(ROLES)
    for at, target in enumerate(targets):
        feed = "travellers" if target.schema == "Person" else feeds[at % 2]
        alias, disguise, name = _disguised(target, random)
        yield Planted(feed, f"X{at + 1:04}", name, target.entity_id, alias, disguise), target


def _disguised(target: Target, random: Random) -> tuple[str, str, str]:
    """Alias, disguise and the name as written."""
    if target.other_script and random.random() < 0.7:
        script, written, alias = target.other_script
        return alias, script, written
    alias = random.choice(target.names)
    disguise = random.choice([d for d in DISGUISES if suits(d, alias, target.schema)])
    return alias, disguise, DISGUISES[disguise](alias, random)


def _row(planted: Planted, target: Target, random: Random) -> dict[str, Any]:
    return _party(planted.feed, planted.number, planted.name, target.schema, target.birth_date, random)


def _benign(count: int, random: Random) -> Iterator[dict[str, Any]]:
    feeds = list(ROLES)
    for at, name in enumerate(LOOK_ALIKES):
        yield _party(feeds[at % 2], f"L{at + 1:04}", name, "Company", None, random)
    for at in range(count):
        feed = random.choice(feeds)
        if feed == "travellers" or random.random() < 0.6:
            born = f"{random.randrange(1945, 2008)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
            yield _party(feed, f"B{at + 1:06}", person(random), "Person", born, random)
        else:
            yield _party(feed, f"B{at + 1:06}", company(random), "Company", None, random)


def _party(
    feed: str, number: str, name: str, schema: str, born: str | None, random: Random
) -> dict[str, Any]:
    return {
        "feed": feed,
        "report_key": f"{feed}-{number}",
        "observed_at": DAY + timedelta(seconds=random.randrange(86400)),
        "subject": f"{'person' if schema == 'Person' else 'company'}:{feed}:{number}",
        "role": ROLES[feed],
        "name": name,
        "schema": schema,
        # a parcel or a transfer rarely says when somebody was born; a passport does
        "birth_date": born if feed == "travellers" else None,
        "context": random.choice(CONTEXTS[feed]),
    }


def _write_feed(path: Path, rows: list[dict[str, Any]]) -> None:
    columns = ["report_key", "observed_at", "subject", "role", "name", "schema", "birth_date", "context"]
    rows.sort(key=lambda row: (row["observed_at"], row["report_key"]))
    lines = [columns, *([_cell(row[column]) for column in columns] for row in rows)]
    _write(path, "".join(",".join(map(_quoted, line)) + "\n" for line in lines))


def _write_list(path: Path) -> Path:
    lines = [
        ",".join(map(_quoted, (*row, BIRTH_DATES.get(row[0], ""), "", "Exercise List", str(at), LISTED_FROM)))
        for at, (id_, schema, name, aliases, weak) in enumerate(LISTED, 1)
        for row in [(id_, name, aliases, weak, schema)]
    ]
    return _write(path, "\n".join([LIST_HEADER, *lines]) + "\n")


def _write_key(path: Path, seed: int, scale: float, planted: Sequence[Planted]) -> Path:
    key = {"seed": seed, "scale": scale, "planted": [asdict(one) for one in planted]}
    return _write(path, msgspec.json.format(msgspec.json.encode(key), indent=1).decode() + "\n")


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n;') else text
