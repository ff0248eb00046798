"""`watchfloor admin doctor`: what is missing on this machine, and how to get it."""

import ctypes
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from watchfloor.cli.common import DEFAULT_FLOOR, OK, PARTLY, FloorOption, JsonOption, print_rows

NEWEST: Final = (3, 13)
"""The newest Python that was tested."""
ROOM: Final = 1 << 30
"""Bytes of disk below which somebody should see to it."""
SCANT: Final = 1 << 26
"""Bytes of disk below which writing fails soon."""
PLACES: Final = ("America/Toronto", "America/Winnipeg")
"""Zones of ports of entry: whether there is time zone data."""

USES: Final = {
    "lab": "identify, controlled, lab library; threat images (DICOS)",
    "pdf": "cases custody label, hazard and continuity; scorecard and lead as PDF",
    "scorecard": "the plots of scorecard",
    "models": "finance fit, cargo fit",
    "partnership": "share partnership",
    "oidc": "serve, where console.toml names an OpenID provider",
    "postgres": "a floor on a server; floor migrate --to",
    "mqtt": "live feeds from MQTT",
    "nats": "live feeds from JetStream",
    "asterix": "radar data (ASTERIX)",
    "klv": "metadata of drones' video",
    "reports": "finance fintrac, where a schema is supplied",
    "sail": "run --runner sail",
    "spark": "run on a Spark cluster",
    "splink": "leads link --with splink",
    "tiles": "share pmtiles; the regional base map of the console",
    "rosters": "roster solve",
    "space": "passes, plan satellites, scenes and their changes",
    "travel-images": "travel mrz of an image",
    "video": "motion in clips of cameras",
    "terrain": "sight and plan towers from GeoTIFF",
}
"""What each extra is for."""

PROGRAMS: Final = {
    "chromium": (
        ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
        "chromium",
        "pages in a browser",
    ),
    "postgres": (("initdb",), "postgresql", "floors on a server"),
    "mosquitto": (("mosquitto",), "mosquitto", "live feeds from MQTT"),
    "nats-server": (("nats-server",), "nats-server", "live feeds from JetStream"),
}
"""Programs that tests start: names, Debian's package, which tests."""


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        check: what.
        ok: whether it is as it should be.
        needed: whether commands of the base fail without it.
        found: what is there.
        do: how to get it; empty where all is well.
    """

    check: str
    ok: bool
    needed: bool
    found: str
    do: str = ""


def doctor(
    floor: FloorOption = DEFAULT_FLOOR,
    tests: Annotated[
        bool, typer.Option("--tests", help="Look for the programs that tests start, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what is missing on this machine and how to get it, one line each.

    Ends with 0 when every command works that needs no extra, and with 1 when one does not. The floor is not
    opened.

    Examples: watchfloor admin doctor; watchfloor admin doctor --tests --json
    """
    found = list(findings(floor, tests=tests))
    if as_json:
        print_rows((one._asdict() for one in found), "checks")
    else:
        for one in found:
            state = "ok" if one.ok else "MISSING" if one.needed else "absent"
            typer.echo(f"{state:7}  {one.check}: {one.found}{f'. {one.do}' if one.do else ''}")
    raise typer.Exit(PARTLY if any(one.needed and not one.ok for one in found) else OK)


def findings(floor: Path, *, tests: bool = False) -> Iterator[Finding]:
    """Look at everything, the needed first."""
    yield _python()
    yield _packages()
    yield _encoding()
    yield _zones()
    yield _clock()
    yield _disk(floor)
    yield _floor(floor)
    yield from _region(floor)
    yield _cache()
    yield from _extras()
    yield from _outside()
    if find_spec("lightgbm") is not None:
        yield _openmp()
    if tests:
        yield from _programs()


def _python() -> Finding:
    text = platform.python_version()
    version = tuple(map(int, platform.python_version_tuple()[:2]))
    if version > NEWEST:
        return Finding("python", False, False, text, "Newer than what was tested: 3.11 to 3.13")
    ok = version >= (3, 11)
    return Finding("python", ok, True, text, "" if ok else "Install Python 3.11, 3.12 or 3.13")


def _packages() -> Finding:
    """Distributions that the base asks for, by its own metadata."""
    missing = []
    for line in metadata.requires("watchfloor") or ():
        name, _, marker = line.partition(";")
        if "extra" in marker or ("win32" in marker and sys.platform != "win32"):
            continue
        name = re.split(r"[^\w.-]", name.strip(), maxsplit=1)[0]
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    text = f"not installed: {', '.join(missing)}" if missing else "all that the base asks for"
    return Finding("packages", not missing, True, text, "Install watchfloor again" if missing else "")


def _encoding() -> Finding:
    """Names of files are of every script."""
    found = sys.getfilesystemencoding()
    ok = found.lower().replace("-", "") == "utf8"
    return Finding("encoding", ok, True, found, "" if ok else "Set LC_ALL=C.UTF-8, or PYTHONUTF8=1")


def _zones() -> Finding:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        for place in PLACES:
            ZoneInfo.no_cache(place)
    except ZoneInfoNotFoundError as error:
        how = "Install the package tzdata, of the system (Debian: apt install tzdata) or by pip"
        return Finding("time-zones", False, True, str(error), how)
    return Finding("time-zones", True, True, "the IANA database is there")


def _clock() -> Finding:
    """The log never runs backwards: acts under a clock that is behind could not be followed by right ones."""
    now, installed = time.time(), Path(__file__).stat().st_mtime
    text = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    if now >= installed:
        return Finding("clock", True, True, text)
    how = "Earlier than this program's own files: set the clock (timedatectl set-ntp true)"
    return Finding("clock", False, True, text, how)


def _disk(floor: Path) -> Finding:
    place = next(each for each in (floor.absolute(), *floor.absolute().parents) if each.is_dir())
    free = shutil.disk_usage(place).free
    ok, text = free >= ROOM, f"{free / 1e9:.1f} GB free at {place}"
    return Finding("disk", ok, free < SCANT, text, "" if ok else "Free some space, or use another disk")


def _floor(floor: Path) -> Finding:
    """A floor's keys lie in its folder."""
    settings = floor / "floor.toml"
    closed = floor.is_dir() and not os.access(floor, os.X_OK)
    if closed or (settings.exists() and not os.access(settings, os.R_OK)):
        return Finding("floor", False, True, f"{floor} cannot be read", "Run this as the user that owns it")
    if not settings.exists():
        return Finding("floor", True, False, f"none at {floor}")
    if not os.access(floor, os.W_OK):
        how = "Each query is logged there: run this as the user that owns it, or mount it for writing"
        return Finding("floor", False, True, f"{floor} cannot be written to", how)
    if os.name == "posix" and (mode := floor.stat().st_mode & 0o077):
        how = f"Others on this machine may come in: chmod go= {floor}"
        return Finding("floor", False, False, f"{floor} is open to others (mode {mode:03o})", how)
    return Finding("floor", True, False, f"{floor} is its owner's alone")


def _region(floor: Path) -> Iterator[Finding]:
    """The console draws its maps without a regional base map that cannot be read, and says nothing there."""
    from watchfloor.console import settings
    from watchfloor.exchange.geo import tile_archive
    from watchfloor.formats.settings import SettingsError

    try:
        path = settings.load(floor).region(floor)
    except (OSError, SettingsError):  # a floor of somebody else's, and what `serve --check` tells
        return
    if path is not None:
        why = tile_archive.problem(path)
        how = "" if why is None else f"The console's maps do without it: {why}"
        yield Finding("regional map", why is None, False, str(path), how)


def _cache() -> Finding:
    """Compiled kernels are kept; without a place they are compiled again by each process."""
    from watchfloor.core import caches

    place = caches.folder()
    lasting = Path(tempfile.gettempdir()) not in place.parents or bool(os.environ.get(caches.VARIABLE))
    if lasting and os.access(place, os.W_OK):
        return Finding("cache", True, False, f"compiled kernels are kept in {place}")
    how = f"Set {caches.VARIABLE} to a folder that you may write to, or kernels are compiled again and again"
    return Finding("cache", False, False, f"{place} does not last or takes nothing", how)


def _extras() -> Iterator[Finding]:
    from watchfloor.core.extras import EXTRAS

    for extra, use in USES.items():
        missing = [name for name, of in EXTRAS.items() if of == extra and find_spec(name) is None]
        how = f"Needed for {use}. Install it with: pip install 'watchfloor[{extra}]'" if missing else ""
        yield Finding(f"extra {extra}", not missing, False, ", ".join(missing) or "installed", how)


def _outside() -> Iterator[Finding]:
    """Formats that other distributions bring."""
    from watchfloor.formats import registry

    for entry in metadata.entry_points(group=registry.GROUP):
        why = registry.REFUSED.get(entry.name)
        how = f"{why[0].upper()}{why[1:]}. Ask who made it, or uninstall it" if why else ""
        yield Finding(f"format {entry.name}", not why, False, "refused" if why else entry.value, how)


def _openmp() -> Finding:
    """LightGBM loads the compiler's runtime for threads, which slim systems lack."""
    if sys.platform != "linux":
        return Finding("libgomp", True, False, "not of this system")
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        how = "Needed to train models (finance fit, cargo fit). Debian: apt install libgomp1"
        return Finding("libgomp", False, False, "libgomp.so.1 is not there", how)
    return Finding("libgomp", True, False, "libgomp.so.1")


def _programs() -> Iterator[Finding]:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", *_debian()))
    for name, (programs, package, use) in PROGRAMS.items():
        found = next(filter(None, (shutil.which(each, path=path) for each in programs)), None)
        how = "" if found else f"Tests of {use} are skipped. Debian: apt install {package}"
        yield Finding(name, found is not None, False, found or "not installed", how)


def _debian() -> list[str]:
    """Where Debian keeps PostgreSQL's own programs."""
    return [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
