"""Units: who can be given a task, what the law lets them do, when they are open, and what they may receive.

A floor that has a `units.toml` of its own uses that; the one that comes with the package is an example to be
confirmed by counsel. A unit is given nothing under an authority that its mandate does not name.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.core.marking import MarkingError, parse
from watchfloor.core.messages import Language, declare
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.policy.institutions import INSTITUTIONS
from watchfloor.policy.policy import Reader

NAME: Final = "units.toml"
FORMS: Final = ("task", "lookout", "target")
"""What a unit can be given: something to do, somebody to look out for at the line, something to pick out."""

RESCUE: Final = "rescue"
"""What is wanted of a unit that may save life, whichever it is."""

ANY: Final = ""
"""What is wanted where any unit will do."""

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

NO_UNIT = declare("cell.no-unit", "unit", "units")
NO_FORM = declare("cell.no-form", "form")
NOT_COVERED = declare("cell.not-covered", "unit", "form_words", "authority", "authorities")
NOT_IN_FORCE = declare("cell.authority-not-in-force", "authority", "since", "on")
NO_ENFORCEMENT = declare("cell.coast-guard-enforces", "unit", "asked", "authorities")

COAST_GUARD: Final = "coast-guard"
"""The kind of institution that collects, analyses and discloses, and enforces nothing (Oceans Act, s. 41)."""
POLICE: Final = ("police", "provincial-police", "municipal-police")
"""Kinds of police: federal, of a province, of a municipality."""
OCEANS: Final = "S.C. 1996, c. 31"
"""The citation of the Oceans Act, by which a table of units may give the Act any key."""


class Statute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An Act, by its name in both languages, its citation, and what else it is called."""

    en: str
    fr: str
    citation: str
    also: tuple[str, ...] = ()

    def called(self, language: Language) -> str:
        """Its name."""
        return self.en if language == "en" else self.fr


class Power(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a mandate: a section of a statute, and the forms of task that it covers.

    `rescue` says that it is a power to save life, which no rule about law enforcement across the line binds.
    `since` is the first day on which it is in force, where that is within the time that a floor may speak of.
    """

    statute: str
    section: str
    forms: tuple[str, ...]
    en: str
    fr: str
    rescue: bool = False
    since: date | None = None


class Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit that tasks are given to and products are sent to.

    Attributes:
        en: its name.
        fr: its name in French.
        organisation: whose it is; an owner's own originator control does not bind it.
        institution: its kind, of `policy.institutions`, which decides what gateways lead there; empty where
            nobody has said: a partner abroad, or another federal institution at home.
        clearance: the strictest marking that it may receive, as `core.marking` writes it.
        country: ISO 3166-1 alpha-3; decides REL TO.
        zone: IANA time zone of its hours.
        hours: weekday to `07:00-23:00`, over midnight too; none at all means around the clock.
        telephone: by which it is called, day and night, such as +1 613 555-0130; empty where nobody has said.
        assets: what it has to send.
        mandate: what it may be given; nothing for one that is only a recipient.
    """

    en: str
    fr: str
    organisation: str
    clearance: str
    institution: str = ""
    country: str = "CAN"
    zone: str = "America/Toronto"
    hours: Mapping[str, str] = {}
    telephone: str = ""
    assets: tuple[str, ...] = ()
    mandate: tuple[Power, ...] = ()

    def called(self, language: Language) -> str:
        """Its name."""
        return self.en if language == "en" else self.fr


class Units(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All units and the statutes that their mandates name. `status` says how far the table may be trusted."""

    status: str
    statutes: Mapping[str, Statute]
    units: Mapping[str, Unit]

    def unit(self, name: str) -> Unit:
        """The unit of that name. Refused where there is none."""
        if name not in self.units:
            refuse(NO_UNIT, unit=name, units=", ".join(sorted(self.units)))
        return self.units[name]

    def called(self, name: str, language: Language) -> str:
        """The name of a unit; of one that the table no longer has, its key."""
        return self.units[name].called(language) if name in self.units else name


_TELEPHONE: Final = re.compile(r"\+?[0-9][0-9 ().-]{2,30}")


class Cited(NamedTuple):
    """A section of a statute, by the statute's key."""

    statute: str
    section: str


def load(floor: Path | None = None) -> Units:
    """The floor's own table, or the package's where it has none. Raises `SettingsError`."""
    own = floor / NAME if floor else None
    if own and own.exists():
        return _read_again(read_text(own), str(own))
    return _read_again((files(__package__) / NAME).read_text("utf-8"), NAME)


def read(text: str, name: str) -> Units:
    """A table from its text. Raises `SettingsError`."""
    file = Settings(text, name)
    units = file.convert(file.values, Units)
    for key, unit in units.units.items():
        for inner, problem in _problems(units, unit):
            raise file.wrong(("units", key, inner), problem)
    return units


_read_again = lru_cache(maxsize=8)(read)


def _problems(units: Units, unit: Unit) -> Iterator[tuple[str, str]]:
    for power in unit.mandate:
        if power.statute not in units.statutes:
            yield "mandate", f"there is no statute {power.statute!r}{nearest(power.statute, units.statutes)}"
        elif unit.institution == COAST_GUARD and not (
            power.rescue or units.statutes[power.statute].citation == OCEANS
        ):
            yield "mandate", f"the coast guard enforces nothing; take {cite(units, power)} out"
        for form in set(power.forms).difference(FORMS):
            yield "mandate", f"{form!r} is no form{nearest(form, FORMS)}"
    if unit.institution and unit.institution not in INSTITUTIONS:
        near = nearest(unit.institution, INSTITUTIONS)
        yield "institution", f"{unit.institution!r} is no kind of institution{near}"
    try:
        ZoneInfo(unit.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "zone", f"there is no time zone {unit.zone!r}; one looks like America/Toronto"
    for day, hours in unit.hours.items():
        if day not in DAYS:
            yield "hours", f"{day!r} is no day{nearest(day, DAYS)}"
        if _clock(hours) is None:
            yield "hours", f"{hours!r} are no hours; write 07:00-23:00"
    if unit.telephone and not _TELEPHONE.fullmatch(unit.telephone):
        yield "telephone", f"{unit.telephone!r} is no telephone number; one looks like +1 613 555-0130"
    try:
        parse(unit.clearance)
    except MarkingError as error:
        yield "clearance", str(error)


def cited(units: Units, authority: str) -> Cited | None:
    """The statute and section that a text names, such as `Customs Act, s. 99(1)`; None where it is neither.

    Statutes are known by either name, by what else they are called, and by the name with its citation; a
    subsection is within its section.
    """
    found = _SECTION.search(authority)
    if not found:
        return None
    named = plain(authority[: found.start()])
    for key, statute in units.statutes.items():
        citation = plain(statute.citation)
        names = [plain(name) for name in (statute.en, statute.fr, *statute.also)]
        if any(named in (name, f"{name} {citation}") for name in names):
            return Cited(key, found["section"])
    return None


_SECTION: Final = re.compile(
    r"[\s,]+(?:sections?|sec\.?|s\.|articles?|art\.|par\.)\s*(?P<section>\d+(?:\.\d+)*)(?:\s*\(\w+(?:\.\d+)?\))*\s*$",
    re.IGNORECASE,
)


def covering(
    units: Units, name: str, form: str, authority: str, language: Language = "en", on: date | None = None
) -> Power:
    """Return the line of a unit's mandate that lets it be given this.

    Refused where none does, with those it has; and where it is not in force on the day, if one is given.
    """
    if form not in FORMS:
        refuse(NO_FORM, form=form)
    unit = units.unit(name)
    wanted = cited(units, authority)
    fitting = (power for power in unit.mandate if wanted == (power.statute, power.section))
    if found := next((power for power in fitting if form in power.forms), None):
        if on is not None and found.since is not None and on < found.since:
            refuse(NOT_IN_FORCE, authority=authority, since=str(found.since), on=str(on))
        return found
    has = "; ".join(authorities(units, unit, form, language)) or {"en": "none", "fr": "aucun"}[language]
    elsewhere = (power for other in units.units.values() for power in other.mandate if not power.rescue)
    if unit.institution == COAST_GUARD and any(wanted == (one.statute, one.section) for one in elsewhere):
        refuse(NO_ENFORCEMENT, unit=unit.called(language), asked=authority, authorities=has)
    return refuse(
        NOT_COVERED, unit=unit.called(language), form_words=form, authority=authority, authorities=has
    )


def refuse_enforcement(units: Units, name: str, instruction: str, language: Language = "en") -> None:
    """Refuse an instruction that would have the coast guard enforce, with the sections of its mandate.

    It is told by its verbs in English and French: to board, stop or search a vessel, to seize, to arrest. An
    order not to do so is none. What is asked in other words is for the person who orders to see.
    """
    unit = units.unit(name)
    if unit.institution != COAST_GUARD:
        return
    for found in _ENFORCING.finditer(instruction):
        if not _NEGATED.search(instruction[: found.start()]):
            has = "; ".join(authorities(units, unit, None, language))
            refuse(NO_ENFORCEMENT, unit=unit.called(language), asked=found[0], authorities=has)


_ENFORCING: Final = re.compile(
    r"\b(?:(?<!on )board(?:ing)?|arrest\w*|apprehend\w*|seiz(?:e|es|ing|ure)|detain\w*|interdict\w*"
    r"|intercept\w*|confiscat\w*|use (?:of )?force|fire (?:at|on|upon)"
    r"|(?:stop|search)(?:ing)? (?:the|this|that|its|every|any|all|their|his|her|it|them|him)\b(?! area)"
    r"|arraisonn\w*|monter à bord|arrêt(?:er|ez)|arrestation|appréhend\w*|saisi(?:r|e|es|ssez)"
    r"|détenir|détenez|fouill(?:er|ez|e)|perquisition\w*|confisqu\w*|recour(?:s|ir) à la force)\b",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(
    r"\b(?:not|never|without|no|cannot|ne|sans|jamais|n’|n')(?:\s+\w+){0,2}\s*$|\bdon['’]t\s+$", re.IGNORECASE
)


def able(units: Units, wanted: str, at: datetime) -> list[str]:
    """Return the units that can be given a task and are wanted, those that are open first.

    Args:
        units: the table.
        wanted: a unit's key, a kind of institution, `rescue` for whoever has a power to save life, or `ANY`.
        at: when.
    """
    found = [name for name, one in units.units.items() if authorities(units, one, "task")]
    if wanted in found:
        return [wanted]
    if wanted == RESCUE:
        fitting = [name for name in found if any(power.rescue for power in units.units[name].mandate)]
    else:
        kinds = POLICE if wanted in POLICE[:1] else (wanted,)  # of police, whichever is there
        fitting = [name for name in found if wanted == ANY or units.units[name].institution in kinds]
    return sorted(fitting, key=lambda name: opens(units.units[name], at) > at)


def authorities(units: Units, unit: Unit, form: str | None = None, language: Language = "en") -> list[str]:
    """Return the authorities of a unit's mandate, or those for one form, as they are cited."""
    return [cite(units, power, language) for power in unit.mandate if form is None or form in power.forms]


def cite(units: Units, power: Power, language: Language = "en") -> str:
    """A line of a mandate as it is cited: `Customs Act s. 99`."""
    section = "s." if language == "en" else "art."
    return f"{units.statutes[power.statute].called(language)} {section} {power.section}"


def opens(unit: Unit, at: datetime) -> datetime:
    """When the unit is next open: `at` itself where it is open then, else the start of its next hours."""
    if not unit.hours:
        return at
    zone = ZoneInfo(unit.zone)
    today = at.astimezone(zone).date()
    spans = [span for n in range(-1, 9) if (span := _span(unit, today + timedelta(n), zone))]
    if any(start.timestamp() <= at.timestamp() < end.timestamp() for start, end in spans):
        return at
    return min(start for start, _ in spans if start.timestamp() > at.timestamp())


def reader(unit: Unit, purpose: str, today: date) -> Reader:
    """The unit as one who receives: what it may see decides `policy.policy`."""
    clearance = parse(unit.clearance)
    return Reader(
        unit.en,
        unit.country,
        unit.organisation,
        clearance.protected,
        clearance.classified,
        clearance.tlp,
        clearance.compartments,
        purpose,
        today,
    )


def _span(unit: Unit, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    hours = _clock(unit.hours.get(DAYS[day.weekday()], ""))
    if hours is None:
        return None
    start, end = hours
    last = day if start < end else day + timedelta(1)
    return datetime.combine(day, start, zone), datetime.combine(last, end, zone)


def _clock(hours: str) -> tuple[time, time] | None:
    """Start and end of `07:00-23:00`; an end at or before the start is on the next day."""
    found = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", hours.replace("24:00", "00:00"))
    try:
        return (time.fromisoformat(found[1]), time.fromisoformat(found[2])) if found else None
    except ValueError:
        return None


def plain(text: str) -> str:
    """Lower case, without accents and punctuation."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare.casefold()))
