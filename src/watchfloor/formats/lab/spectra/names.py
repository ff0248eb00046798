"""Sample and voltage from the name of a spectrum's file, as in `Mixture1_30V.txt`."""

import re
from pathlib import PurePosixPath
from typing import Final

_VOLTS: Final = re.compile(r"(?:^|[\s_.+-]+)\+?(\d{1,3})\s?e?V(?=$|[\s_.-])", re.IGNORECASE)
_FOLDER: Final = re.compile(r"\+?(\d{1,3})\s?e?V", re.IGNORECASE)


def stem(name: str) -> str:
    """The file's name without folders and ending."""
    return PurePosixPath(name.replace("\\", "/")).stem or name


def sample(name: str) -> str:
    """The stem without its voltage: `Mixture1` of `Mixture1_30V.txt`, so that voltages of one sample meet."""
    bare = stem(name)
    return _VOLTS.sub("", bare).strip(" _.-") or bare


def voltage(name: str) -> float | None:
    """The voltage in a file's name, or else in that of its folder (`30V/N0017.txt`, `+30 V/N0017.txt`)."""
    path = PurePosixPath(name.replace("\\", "/"))
    found = _VOLTS.search(path.stem) or _FOLDER.fullmatch(path.parent.name)
    return float(found[1]) if found else None
