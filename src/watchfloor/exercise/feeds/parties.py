"""Feeds of named parties: what they share is the format they are written in, `party-csv`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from watchfloor.core.kinds import PARTY
from watchfloor.exercise.acts import Act
from watchfloor.exercise.cast import Identifier, Party
from watchfloor.exercise.feeds.base import Observation, Row, batches
from watchfloor.formats.tabular.own_csv import TABLES

SETTINGS: Final = """\
[feeds.{feed}]
paths = ["{feed}.csv"]
format = "party-csv"
marking = "PB//TLP:AMBER"

[feeds.{feed}.screen]
necessity = "exercise: every {role} is held against the lists to see whether planted ones are found"
authority = "exercise; a real floor states its law, such as Criminal Code s. 83.11"
"""


def settings(feed: str, role: str) -> str:
    """A screened feed in `feeds.toml`."""
    return SETTINGS.format(feed=feed, role=role)


def seen(
    act: Act,
    role: str,
    party: Party,
    context: str,
    identifiers: Sequence[Identifier | None] = (),
    born: str | None = None,
) -> Observation:
    """A party in its role; `born` only where the feed asks for it."""
    given = tuple(one for one in identifiers if one)
    says = {"role": role, "name": party.name, "schema": party.schema, "birth_date": born, "context": context}
    return Observation(act, party, given, says)


def write(folder: Path, feed: str, rows: Sequence[Row]) -> None:
    """The feed's delivery of the day."""
    with (folder / f"{feed}.csv").open("wb") as stream:
        TABLES["party"].write(batches(PARTY, rows, _party), stream)


def _party(row: Row) -> dict[str, object]:
    numbers = [{"system": system, "number": number} for system, number in row.seen.identifiers]
    return {
        "report_key": row.report_key,
        "observed_at": row.seen.act.at,
        "subject": row.subject,
        "identifiers": numbers,
        "origins": [],
        "locator": "",
        **row.seen.says,
    }
