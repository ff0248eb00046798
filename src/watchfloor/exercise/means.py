"""Capacity of an exercise's mail centre to examine on a day, as a floor's own file (`inspection.toml`)."""

from pathlib import Path
from typing import Final

from watchfloor.planning.inspections.means import NAME

TEXT: Final = """\
# What the mail centre of the exercise can examine on a day. Invented.

[means.x-ray]
capacity = 24
hours = "06:00-22:00"
unit = "Port Ashby mail centre"

[means.dog]
capacity = 8
unit = "Port Ashby mail centre"

[means.trace]
capacity = 6
unit = "Port Ashby mail centre"

[means.open]
capacity = 6
unit = "Port Ashby mail centre"
"""


def write(folder: Path) -> Path:
    """Write it beside the feeds' settings; gives the path."""
    path = folder / NAME
    path.write_text(TEXT, encoding="utf-8", newline="\n")
    return path
