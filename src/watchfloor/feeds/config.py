"""Feeds as a floor knows them: `feeds.toml` in its folder.

    [feeds.parcels]
    paths = ["parcels*.csv"]             # its deliveries, by the end of their path; * and ? as in a shell
    format = "party-csv"                 # or mapping = "parcels.toml", a file beside this one
    marking = "PB//TLP:AMBER"
    owner = "okafor"                     # answers for it, and may deliver
    deliverers = ["supervisor", "lee"]   # roles and names; without them, a supervisor delivers
    retain_days = 730                    # from the day a record speaks of

    [feeds.parcels.screen]               # without it, no name of this feed is screened
    necessity = "consignees of parcels are checked against entities whose property may not be dealt with"
    authority = "Criminal Code, s. 83.11"

    [feeds.radar.sensors."25/12"]        # a radar by its SAC and SIC, see `formats.sensors.radar_sites`
    latitude = 44.98
    longitude = -74.73

    [feeds.towers.live]                  # it delivers by itself, to `watchfloor serve --live`
    url = "udp://127.0.0.1:5000"
    decode = "detection-csv"

Nothing is screened by default: a feed's names are held against lists only where somebody has stated why that
is necessary and under which law. A feed that no entry describes is taken in under defaults, and not screened.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import msgspec

from watchfloor.core.marking import MarkingError, parse
from watchfloor.core.subjects import SYSTEMS, SubjectError, subject
from watchfloor.feeds.live import address
from watchfloor.formats.base import FormatError
from watchfloor.formats.encoding.charset import checked
from watchfloor.formats.sensors.radar_sites import Sites, sites
from watchfloor.formats.sensors.video import camera
from watchfloor.formats.sensors.video.camera import Camera
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.formats.tabular.fields import METHODS
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import files

if TYPE_CHECKING:
    from watchfloor.formats.reader_options import FileStatement
    from watchfloor.formats.tabular import mapping

NAME: Final = "feeds.toml"
OTHERS: Final = (NAME, "console.toml", "floor.toml", "inspection.toml", "policy.toml", "powers.toml")
"""Settings that lie beside it: no mapping is called so."""
SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
OWN: Final = "by-"
"""How the names of feeds begin that hold what single persons bring, see `feeds.deliverers`."""
RESERVED: Final = frozenset(
    """
    agreements announcements console custody decisions floor judgements live log mentions node outcomes policy
    products published quarantine referrals scans seizures tasks watch
    """.split()
)
"""Sources of what is written on a floor itself, and names that would pass for its parts."""

FORMATS: Final = tuple(
    """
    justice-laws un-consolidated ofac-csv ofac-xml uk-sanctions-xml uk-sanctions-csv eu-fsf-xml
    eu-fsf-csv au-dfat ch-seco ftm ftm-statements listing-csv concern-csv account-csv payment-csv
    coverage-csv weather-csv declaration-csv inspection-csv response-csv volume-csv removal-step-csv
    application-csv letter-csv application-fee-csv seizure-csv party-csv outcome-csv report-pdf
    report-docx report-eml report-form report-text ledger-csv amlworld-csv ledger-accounts-csv interac-csv
    cpa005 reading-csv ims-log strip-csv dog-csv dicos customs-csv cbp-drug-seizures cbp-encounters
    usbp-monthly nibrs statistic-csv postal-csv courier-csv export-csv emanifest-csv cargo-imp cargo-xml
    edifact mrz paxlst pnrgov x12-309 autoferry-json ais-nmea adsb-avr adsb-beast adsb-sbs detection-csv
    detection-parquet asterix klv video metar cap stac geojson kml gpx gpkg geoparquet capture stix misp
    iso20022 mt103 sapient cot jcamp-dx mzml andi n42 spc msp mgf spectrum-csv spectrum-text
    """.split()
)
"""The names in `formats.registry`, which loads every format: a record is shown without them."""

PUBLIC: Final = "U//TLP:CLEAR"
"""Default marking of official lists and public alerts, which their publishers give to everyone."""
PERSONAL: Final = "PB//TLP:AMBER"
"""Default marking of everything else: names of persons in a transaction are Protected B."""


class Necessity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the names of a feed are screened, and under which law."""

    necessity: str
    authority: str


class Live(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a feed delivers by itself, and how what it says is read.

    Attributes:
        url: where it is, see `feeds.live.address`.
        decode: a wire's name.
        idle_seconds: silence after which it counts as idle, and a connection that we have made is made anew.
        queue_mib: what may wait to be taken in; a full queue is not read on, or loses datagrams.
        repeat_seconds: how long a datagram is remembered, to know one that comes twice; 0: not at all.
        password_env: the variable of the environment that holds the password of the user in `url`.
    """

    url: str
    decode: str
    idle_seconds: float = 60
    queue_mib: int = 4
    repeat_seconds: float = 2
    password_env: str = ""


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One feed's settings; what is None is found from the file, or a default.

    Attributes:
        paths: patterns of its deliveries' names.
        format: a format's name.
        base_time: when files began that say of no message when it was, such as a receiver's raw log; of which
            day they are, where reports tell the time of day.
        receiver: latitude and longitude of the receiver whose files they are.
        origin: latitude and longitude of the zero of their plane, where tables do not say it.
        sensors: radars by their codes (`sensors.radar_sites`): where they stand, how well they measure.
        camera: where the fixed camera stands that took its clips, and looks (`sensors.video.camera`).
        samples: whose numbers the samples of its spectra have: type and system of a key, `parcel:lab-7`.
        instrument: which one took its spectra, where their files do not say it.
        method: a word of `formats.tabular.fields.METHODS`, by which they were taken.
        encoding: of its text (`cp1251`); a mapping may state its own.
        mapping: a mapping file, beside `feeds.toml`.
        marking: of its records.
        owner: name or role of who answers for it; may deliver.
        deliverers: names and roles of who may deliver; none: a supervisor, see `feeds.deliverers`.
        retain_days: how long a record is kept, counted from the day it speaks of.
        screen: why its names are screened; None: they are not.
        live: where it delivers by itself; None: it does not.
    """

    paths: tuple[str, ...] = ()
    format: str | None = None
    mapping: str | None = None
    marking: str | None = None
    owner: str = ""
    deliverers: tuple[str, ...] = ()
    retain_days: int | None = None
    screen: Necessity | None = None
    live: Live | None = None
    base_time: datetime | None = None
    receiver: tuple[float, float] | None = None
    origin: tuple[float, float] | None = None
    sensors: Sites = {}
    camera: Camera | None = None
    samples: str | None = None
    instrument: str | None = None
    method: str | None = None
    encoding: str | None = None

    @property
    def known(self) -> "FileStatement":
        """Return the statements on its files beside what they state themselves."""
        from watchfloor.formats.reader_options import FileStatement

        about = self.samples, self.instrument, self.method
        where = self.receiver, self.origin, self.sensors, self.camera
        return FileStatement(self.base_time, *where, *about)


@dataclass(frozen=True, slots=True)
class Feeds:
    """Every configured feed by its name, the `source` of its records; and the mappings that they name."""

    by_name: Mapping[str, Feed] = field(default_factory=dict)
    mappings: "Mapping[str, mapping.Mapping]" = field(default_factory=dict)

    def screened(self) -> Mapping[str, Necessity]:
        """The feeds whose names are screened, each with the stated necessity."""
        return {name: feed.screen for name, feed in self.by_name.items() if feed.screen}

    def feed_of(self, delivery: str) -> str | None:
        """The first feed that a delivery of that name belongs to, or None."""
        path = PurePosixPath(delivery.replace("!", "/"))
        return next(
            (name for name, feed in self.by_name.items() if any(path.match(one) for one in feed.paths)), None
        )

    def seen(self, reader: Reader) -> "Feeds":
        """Return the feeds that a reader may know of: who may see what a feed delivers."""
        known = {
            name: one for name, one in self.by_name.items() if allowed(reader, parse(one.marking or PERSONAL))
        }
        return Feeds(known, {name: one for name, one in self.mappings.items() if name in known})

    def feed(self, source: str) -> Feed:
        """The settings of a feed; of one that is not configured, the defaults."""
        return self.by_name.get(source, Feed())


def load(floor: Path) -> Feeds:
    """The feeds of the floor in that folder; none where it has no `feeds.toml`. Raises `SettingsError`."""
    path = floor / NAME
    return read(path) if path.exists() else Feeds()


def read(path: Path) -> Feeds:
    """Feeds from a file. Raises `SettingsError`, which names key and line, or `OSError`."""
    file = Settings(read_text(path), str(path))
    for key in file.values.keys() - {"feeds"}:
        raise file.wrong((key,), "there is no such setting; feeds are described under [feeds.NAME]")
    entries = file.values.get("feeds", {})
    if not isinstance(entries, dict):
        raise file.wrong(("feeds",), "is a table of feeds: [feeds.NAME]")
    by_name = {name: _feed(file, name, value) for name, value in entries.items()}
    return Feeds(by_name, dict(_mappings(file, by_name, path.parent)))


def install(floor: Path, path: Path) -> None:
    """Copy a checked `feeds.toml`, and the mappings that it names, into a floor's folder."""
    feeds = read(path)
    for feed in feeds.by_name.values():
        if feed.mapping:
            shutil.copyfile(path.parent / feed.mapping, floor / PurePosixPath(feed.mapping).name)
    shutil.copyfile(path, floor / NAME)


def save_mapping(floor: Path, feed: str, text: str) -> str:
    """Keep a mapping in a floor's folder as the one of a feed; gives the file's name.

    A feed that `feeds.toml` does not describe yet is described by its mapping alone. What else stands there
    stays as it is, comments too.

    Raises:
        ValueError: the feed may not be called so, or is read in another way by `feeds.toml`.
        SettingsError: what is there already cannot be used, or the mapping cannot.
    """
    known = load(floor).by_name.get(check_source(feed), Feed())
    if known.format:
        raise ValueError(f"{NAME} says that {feed} is read as {known.format}; take that away there first")
    file = known.mapping or f"{feed}.toml"
    if not known.mapping and file in OTHERS:
        raise ValueError(f"{file} is another file of this floor; give the feed another name")
    from watchfloor.formats.tabular import mapping

    mapping.parse(text, file)
    path = floor / NAME
    described = read_text(path) if path.exists() else ""
    _put(floor, file, text)
    if not known.mapping:
        _put(floor, NAME, _naming(described, feed, file))
    return file


def _naming(described: str, feed: str, file: str) -> str:
    """The text of `feeds.toml` with a feed's mapping named in it."""
    key = feed if re.fullmatch(r"[a-z0-9_-]+", feed) else f'"{feed}"'
    line = f'mapping = "{file}"\n'
    header = re.search(
        rf"^[ \t]*\[[ \t]*feeds[ \t]*\.[ \t]*{re.escape(key)}[ \t]*\][^\n]*\n", described, re.MULTILINE
    )
    if header:
        text = described[: header.end()] + line + described[header.end() :]
    else:
        text = f"{described.rstrip()}\n\n[feeds.{key}]\n{line}".lstrip()
    named = Settings(text, NAME).values["feeds"].get(feed, {})
    if named.get("mapping") != file:
        raise ValueError(
            f"{NAME} describes {feed} in a way that only a person can change: add {line.strip()}"
        )
    return text


def _put(floor: Path, name: str, text: str) -> None:
    """Write a file of the floor's folder, all of it or nothing."""
    written = floor / f".{name}.{files.unique()}"
    written.write_text(text, encoding="utf-8")
    files.settle(floor, written, name)


def check_source(name: str) -> str:
    """The name of a feed, where it may be one. Raises `ValueError`."""
    if not SOURCE.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a feed: use lower-case letters, digits, '.', '_' and '-'")
    if name in SYSTEMS:
        raise ValueError(f"{name!r} is a numbering system, and cannot be the name of a feed")
    if reserved(name):
        raise ValueError(f"{name!r} is a name that the floor uses itself; give the feed another one")
    return name


def reserved(name: str) -> bool:
    """Whether a feed may not be called so, since the floor itself writes under that name."""
    return name in RESERVED or name.startswith(OWN) or not SOURCE.fullmatch(name)


def _feed(file: Settings, name: str, value: object) -> Feed:
    where = ("feeds", name)
    if not isinstance(value, dict):
        raise file.wrong(where, "is a table: [feeds.NAME]")
    inner = {key: value[key] for key in _TABLES if key in value}
    parts: dict[str, object] = {
        key: file.convert(one, _TABLES[key], (*where, key)) for key, one in inner.items()
    }
    parts["sensors"] = sites(file, (*where, "sensors"))
    others = {key: one for key, one in value.items() if key not in parts}
    plain = file.convert(others, Feed, where)
    feed = msgspec.structs.replace(plain, **parts)
    for key, problem in _problems(name, feed):
        raise file.wrong((*where, *key.split(".")) if key else where, problem)
    return feed


_TABLES: Final[Mapping[str, type[msgspec.Struct]]] = {"screen": Necessity, "live": Live, "camera": Camera}
"""Settings of a feed that are tables of their own."""


def _no_format(name: str) -> str | None:
    """Why it is no format; None for one that another distribution brings."""
    from watchfloor.formats import registry

    if name in registry.FORMATS:
        return None
    return registry.REFUSED.get(name) or f"{name!r} is no format{nearest(name, registry.FORMATS)}"


def _problems(name: str, feed: Feed) -> Iterator[tuple[str, str]]:
    """Each setting that is wrong, and why."""
    try:
        check_source(name)
    except ValueError as error:
        yield "", str(error)
    if feed.format and feed.mapping:
        yield "mapping", "a feed has a format or a mapping, not both"
    if feed.format and feed.format not in FORMATS and (why := _no_format(feed.format)):
        yield "format", why
    if feed.mapping and PurePosixPath(feed.mapping).name != feed.mapping:
        yield "mapping", "is a file beside this one: its name, without folders"
    if feed.retain_days is not None and feed.retain_days < 1:
        yield "retain_days", "is a number of days, 1 or more"
    if feed.base_time and feed.base_time.tzinfo is None:
        yield "base_time", "needs its zone: 2026-07-14T09:30:00Z"
    try:
        checked(feed.encoding or "utf-8")
    except FormatError as error:
        yield "encoding", str(error)
    if feed.samples is not None and (problem := _wrong_samples(feed.samples)):
        yield "samples", problem
    if feed.method is not None and feed.method not in METHODS:
        yield "method", f"{feed.method!r} is no technique{nearest(feed.method, METHODS)}"
    for key in ("receiver", "origin"):
        place = getattr(feed, key)
        if place and not (abs(place[0]) <= 90 and abs(place[1]) <= 180):
            yield key, "is latitude and longitude in degrees: [44.2, -76.5]"
    try:
        parse(feed.marking or PUBLIC)
    except MarkingError as error:
        yield "marking", str(error)
    if not all(map(str.strip, feed.deliverers)):
        yield "deliverers", "are names of readers, and roles: analyst, supervisor, counsel"
    for key in ("necessity", "authority"):
        if feed.screen and not getattr(feed.screen, key).strip():
            yield f"screen.{key}", "must be stated: without it the feed may not be screened"
    if feed.camera:
        yield from ((f"camera.{key}", problem) for key, problem in camera.problems(feed.camera))
    if feed.live:
        yield from ((f"live.{key}", problem) for key, problem in _wrong_live(feed.live))


def _wrong_samples(samples: str) -> str:
    """Why a type and system are none that samples may have; empty where they are."""
    type_, _, system = samples.partition(":")
    if system in SYSTEMS:
        return f"{system!r} is a numbering system of its own, not that of a laboratory"
    try:
        subject(type_, system, "1")
    except SubjectError as error:
        return f'{error}; write "parcel:NAME"'
    return ""


def _wrong_live(live: Live) -> Iterator[tuple[str, str]]:
    try:
        address.parse(live.url)
    except ValueError as error:
        yield "url", str(error)
    from watchfloor.formats.sensors.wires.readers import WIRES

    if live.decode not in WIRES:
        yield "decode", f"{live.decode!r} is no wire{nearest(live.decode, WIRES)}"
    if not 1 <= live.idle_seconds <= 86_400:
        yield "idle_seconds", "is a number of seconds, 1 to 86400"
    if not 1 <= live.queue_mib <= 1024:
        yield "queue_mib", "is a number of MiB, 1 to 1024"
    if not 0 <= live.repeat_seconds <= 3600:
        yield "repeat_seconds", "is a number of seconds, 0 to 3600"


def _mappings(
    file: Settings, by_name: Mapping[str, Feed], folder: Path
) -> "Iterator[tuple[str, mapping.Mapping]]":
    for name, feed in by_name.items():
        if feed.mapping:
            from watchfloor.formats.tabular import mapping

            try:
                yield name, mapping.load(folder / feed.mapping)
            except OSError as error:
                where = ("feeds", name, "mapping")
                raise file.wrong(
                    where, f"{feed.mapping} cannot be read: {error.strerror or error}"
                ) from error
