"""The acts of a report's life, and what of the log says that a report exists.

PCMLTFA s. 8: nobody who made, makes or will make a report under s. 7 may disclose that, or what it says, with
the intent to prejudice a criminal investigation. What leaves the floor cannot know anybody's intent, so
nothing of it leaves the floor. In an exported log, in the proof of an act and in a disclosure these acts are
bare leaves.
"""

from typing import Final

from watchfloor.store.log import Act

DRAFTED: Final = "fintrac-drafted"
APPROVED: Final = "fintrac-approved"
EXPORTED: Final = "fintrac-exported"
SUBMITTED: Final = "fintrac-submitted"
LIFE: Final = (DRAFTED, APPROVED, EXPORTED, SUBMITTED)
"""Acts by which a report is drafted or changed, approved, written to a file, and said to be submitted."""

QUERY: Final = "fintrac"
"""How the `what` of a query about reports begins."""


def tells(act: Act) -> bool:
    """Whether an act says that a report exists, or may."""
    if act.act in LIFE:
        return True
    said = (act.detail or {}).get("what")
    return act.act == "query" and isinstance(said, str) and said.startswith(QUERY)
