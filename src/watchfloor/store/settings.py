"""Settings of a floor, `floor.toml`; the last file that a creation writes."""

import os
import tomllib
from pathlib import Path

import msgspec

from watchfloor.store import catalogue, files
from watchfloor.store.clock import Clock
from watchfloor.store.database import SETTINGS, UNSEALED
from watchfloor.store.errors import LayoutError, NoFloor


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a floor.

    Attributes:
        layout: version of the folder's layout.
        id: of this floor, for other floors.
        name: for people.
        ceiling: the highest marking it may hold, as `core.marking` writes it.
        created: when it was made, ISO 8601 in UTC.
        institution: what kind of institution it belongs to, see `policy.institutions`.
        country: of that institution, ISO 3166-1 alpha-3.
        exercise: whether it holds nothing but an exercise.
        server: address of the PostgreSQL database that it lies in; empty: in the folder itself.
        on: where desks are run: `inline`, `pool`, `sail`, or the address of a Spark cluster; empty: inline.
        shared: URL of the location that a cluster shares with this machine.
        clock: of an exercise that goes by a clock of its own; None: the floor goes by the machine's.
    """

    layout: int
    id: str
    name: str
    ceiling: str
    created: str
    institution: str = "joint-cell"
    country: str = "CAN"
    exercise: bool = False
    server: str = ""
    clock: Clock | None = None
    on: str = ""
    shared: str = ""

    def __post_init__(self) -> None:
        if self.clock is not None and not self.exercise:
            raise ValueError("only the floor of an exercise has a clock of its own")


def read(root: Path, layout: int = catalogue.LAYOUT) -> Settings:
    """The settings of the floor in `root`.

    Raises:
        NoFloor: they cannot be read.
        LayoutError: they are of another layout than `layout`.
        FileNotFoundError: there are none.
    """
    found = _parsed(root)
    if found.get("layout") != layout:
        raise LayoutError(catalogue.unknown_layout(root, found.get("layout")))
    try:
        return msgspec.convert(found, Settings)
    except msgspec.ValidationError as error:
        raise NoFloor(f"{root / SETTINGS}: {error}") from error


def layout(root: Path) -> object:
    """The layout that the settings of the floor in `root` name. Raises `NoFloor` where there are none."""
    try:
        return _parsed(root).get("layout")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoFloor(
            f"{root} is no floor: {error.filename} is missing. Make one with `watchfloor init`."
        ) from error


def check(root: Path) -> None:
    """Raises `LayoutError` where the settings name another layout than this version's."""
    if (root / SETTINGS).exists() and (found := layout(root)) != catalogue.LAYOUT:
        raise LayoutError(catalogue.unknown_layout(root, found))


def _parsed(root: Path) -> dict[str, object]:
    try:
        return tomllib.loads((root / SETTINGS).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NoFloor(f"{root / SETTINGS}: {error}") from error


def begin(root: Path, settings: Settings) -> None:
    """Write them under the name that makes no floor yet."""
    with open(root / UNSEALED, "w", encoding="utf-8", newline="\n", opener=files.private) as file:
        file.write(text(settings))


def seal(root: Path) -> None:
    """Put the settings in their place, durable on return."""
    files.settle(root, root / UNSEALED, SETTINGS)


def text(settings: Settings) -> str:
    """As the file has them: TOML's basic strings are written as JSON's."""
    return "".join(
        f"{name} = {_toml(value)}\n"
        for name, value in msgspec.structs.asdict(settings).items()
        if name not in ("server", "clock", "on", "shared") or value
    )


def _toml(value: object) -> str:
    if isinstance(value, Clock):
        parts = msgspec.to_builtins(value).items()
        return f"{{{', '.join(f'{name} = {_toml(part)}' for name, part in parts)}}}"
    return msgspec.json.encode(value).decode()


def rewrite(root: Path, settings: Settings) -> None:
    """Put other settings of a floor in the place of those that it has, durable on return."""
    fresh = root / f"{SETTINGS}.{os.getpid()}"
    try:
        with open(fresh, "w", encoding="utf-8", newline="\n", opener=files.private) as file:
            file.write(text(settings))
        files.settle(root, fresh, SETTINGS)
    finally:
        fresh.unlink(missing_ok=True)
