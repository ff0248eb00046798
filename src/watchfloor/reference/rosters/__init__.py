"""Rules of kinds of employers, to begin a roster from: templates, with made-up people and demand.

A clause that was read in a public text names it as its `source`; the others say what such agreements
usually hold, and were held against none.
"""

from importlib.resources import files
from typing import Final

TEMPLATES: Final = ("cbsa-fb", "ontario-police", "rcmp")


def template(name: str) -> dict[str, bytes]:
    """Return the files of a template by their names."""
    folder = files(__package__) / name
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.name.endswith((".toml", ".csv"))}
