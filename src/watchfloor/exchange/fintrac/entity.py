"""The reporting entity: what its own file says of it, and the refusal on every other floor."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from watchfloor.cell.acting.acts import refuse
from watchfloor.formats.settings import Settings, read_text
from watchfloor.records.messages import declare
from watchfloor.store.floor import Floor

INSTITUTION: Final = "reporting-entity"
NAME: Final = "fintrac.toml"
"""The entity's file, beside `floor.toml`."""

CELL: Final = declare(
    "fintrac.never-in-a-cell",
    en="this is the floor of a joint cell: a report under PCMLTFA s. 7 or 7.1 is made by a reporting entity "
    "on its own floor and never enters a cell; what the unit may disclose comes by its gateway: watchfloor "
    "gateway list",
    fr="c’est le plateau d’une cellule conjointe : une déclaration selon les articles 7 ou 7.1 de la "
    "LRPCFAT est faite par une entité déclarante sur son propre plateau et n’entre jamais dans une cellule; "
    "ce que le Centre peut communiquer vient par sa passerelle : watchfloor gateway list",
)
ELSEWHERE: Final = declare(
    "fintrac.no-reporting-entity",
    en="this floor belongs to {institution}, and reports are drafted by a person or entity of PCMLTFA s. 5: "
    "on a floor made with --institution reporting-entity",
    fr="ce plateau appartient à {institution}, et les déclarations sont rédigées par une personne ou entité "
    "de l’article 5 de la LRPCFAT : sur un plateau créé avec --institution reporting-entity",
)
NO_FILE: Final = declare(
    "fintrac.no-entity-file",
    en="there is no {file}: write into it the entity's number, contact, sector and locations as the unit "
    "gave them, or name another file with --entity",
    fr="il n’y a pas de {file} : inscrivez-y le numéro, le contact, le secteur et les lieux de l’entité "
    "tels que le Centre les a donnés, ou nommez un autre fichier avec --entity",
)


class Entity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `fintrac.toml` says; what it does not say, a draft names as missing.

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
    """Raise `Refused` where a floor is no reporting entity's, and in its own words where it is a cell's."""
    institution = floor.settings.institution
    if institution == "joint-cell":
        refuse(CELL)
    if institution != INSTITUTION:
        refuse(ELSEWHERE, institution=institution)


def load(path: Path) -> Entity:
    """The entity's file.

    Raises:
        watchfloor.cell.acting.acts.Refused: there is none.
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
