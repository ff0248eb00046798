"""Provisions that the steps of a removal rest on, and when each is in force."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

ACT_IN_FORCE: Final = date(2002, 6, 28)
"""The day on which the Immigration and Refugee Protection Act came into force."""
AMENDED: Final = date(2026, 3, 26)
"""The day on which S.C. 2026, c. 4 changed when a removal order comes into force (s. 49)."""


class Provision(NamedTuple):
    """A provision of the Act, or of the Regulations where its label begins with R.

    Attributes:
        label: as a citation has it: 49(1)(b), R224(2).
        since, until: first day on which it is in force, and the first on which it is no more.
        wording: from when the present words are in force, where the statute is among the stored texts.
        says: some of its words; was: words that stood before `wording`.
        read: where it was read, of one that is not among the stored texts.
    """

    label: str
    since: date = ACT_IN_FORCE
    until: date | None = None
    wording: date | None = None
    says: str = ""
    was: str = ""
    read: str = ""

    def in_force(self, day: date) -> bool:
        """Return whether it is in force on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@cache
def provisions() -> Mapping[str, Provision]:
    """Return every provision by its label."""
    text = files(__package__).joinpath("law.toml").read_text("utf-8")
    return {row["label"]: Provision(**row) for row in tomllib.loads(text)["provision"]}


def provision_of(section: str) -> Provision | None:
    """Return the provision that a citation falls under, the narrowest: 41(a) falls under 41."""
    known = provisions()
    while section and section not in known:
        section = section[: section.rfind("(")] if "(" in section else ""
    return known.get(section)


def under(section: str, labels: tuple[str, ...]) -> bool:
    """Return whether a citation is one of these labels or of a part of one."""
    return any(section == label or section.startswith(f"{label}(") for label in labels)
