"""By how much a measured value may differ from a declared one: `margins.toml`, or a node's own."""

from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa

from watchfloor.formats.settings import Settings, read_text

FILE: Final = "margins.toml"


class Mass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Margins of a mass.

    Attributes:
        scale: kilograms that the scale may be wrong by.
        least: kilograms that packing comes to at least.
        share: of the declared mass that packing comes to.
    """

    scale: float
    least: float
    share: float


def load(floor: Path | None = None) -> Mass:
    """The margins of the node in a folder, or those that come with the package.

    Raises:
        SettingsError: a margin is missing, unknown, negative or no number; it names file, key and line.
    """
    path = floor / FILE if floor else None
    own = path is not None and path.exists()
    text = read_text(path) if path and own else (files(__package__) / FILE).read_text("utf-8")
    file = Settings(text, str(path) if own else FILE)
    for key in file.values.keys() - {"mass"}:
        raise file.wrong((key,), "there is no such margin; those of a mass stand under [mass]")
    mass = file.convert(file.values.get("mass", {}), Mass, ("mass",))
    for name, value in msgspec.structs.asdict(mass).items():
        if not 0 <= value < float("inf"):
            raise file.wrong(("mass", name), "is a finite number, 0 or more")
    return mass


def reference(floor: Path | None = None) -> pa.Table:
    """The reference `margins` of desks: one row."""
    return pa.Table.from_pylist([msgspec.structs.asdict(load(floor))])
