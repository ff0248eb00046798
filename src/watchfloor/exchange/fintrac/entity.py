"""The reporting entity: what its own file says of it, and the refusal on every other floor."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.formats.settings import Settings, read_text
from watchfloor.store.floor import Floor

INSTITUTION: Final = "reporting-entity"
NAME: Final = "fintrac.toml"
"""The entity's file, beside `floor.toml`."""

CELL: Final = declare("fintrac.never-in-a-cell")
ELSEWHERE: Final = declare("fintrac.no-reporting-entity", "institution")
NO_FILE: Final = declare("fintrac.no-entity-file", "file")


class Entity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a reporting entity, `fintrac.toml`; a draft names those that are missing.

    Attributes:
        number: of the entity, as the unit gave it.
        contact: number of the person whom the unit may call.
        sector: a word of the code list `sector`.
        name: of the institution.
        location: number of the place where what names no branch was made.
        locations: numbers of places by the branch that payments name.
        local_currency: ISO 4217.
        time_zone: in which days and hours of transactions are told.
    """

    number: int | None = None
    contact: int | None = None
    sector: str | None = None
    name: str | None = None
    location: str | None = None
    locations: Mapping[str, str] = {}
    local_currency: str = "CAD"
    time_zone: str = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone, checked by `load`."""
        return ZoneInfo(self.time_zone)


def refuse_elsewhere(floor: Floor) -> None:
    """Raise `Refusal` where a floor is no reporting entity's, and in its own words where it is a cell's."""
    institution = floor.settings.institution
    if institution == "joint-cell":
        refuse(CELL)
    if institution != INSTITUTION:
        refuse(ELSEWHERE, institution=institution)


def load(path: Path) -> Entity:
    """The entity's file.

    Raises:
        watchfloor.cell.acts.Refusal: there is none.
        watchfloor.formats.settings.SettingsError: it cannot be used; names the line and the key.
    """
    if not path.is_file():
        refuse(NO_FILE, file=str(path))
    given = Settings(read_text(path), str(path))
    entity = given.convert(given.values, Entity)
    try:
        _ = entity.zone
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise given.wrong(
            ("time_zone",), f"{entity.time_zone!r} is no time zone such as America/Toronto"
        ) from error
    return entity


def stated(key: str) -> str:
    """The source of what the entity's file says under a key."""
    return f"stated:entity#{key}"
