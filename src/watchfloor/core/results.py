"""Results of a lead, and what each says of its hypothesis, with the reason.

The list is closed. That a suspicious transaction was reported is no result: it may be told to nobody, so it
can never become the label of a fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from watchfloor.core.messages import Message, declare


@dataclass(frozen=True, slots=True)
class Result:
    """One result.

    Attributes:
        name: as records write it.
        true: whether it bears the hypothesis out; None where it says neither.
        acted: whether somebody looked at what the lead is about.
        why: the reason for `true`.
    """

    name: str
    true: bool | None
    acted: bool
    why: Message


RESULTS: Final[Mapping[str, Result]] = {
    one.name: one
    for one in (
        Result(
            "seized",
            True,
            True,
            declare("result.seized"),
        ),
        Result(
            "arrested",
            True,
            True,
            declare("result.arrested"),
        ),
        Result(
            "charged",
            True,
            True,
            declare("result.charged"),
        ),
        Result(
            "cleared",
            False,
            True,
            declare("result.cleared"),
        ),
        Result(
            "unfounded",
            False,
            True,
            declare("result.unfounded"),
        ),
        Result(
            "examined",
            None,
            True,
            declare("result.examined"),
        ),
        Result(
            "not-examined",
            None,
            False,
            declare("result.not-examined"),
        ),
        Result(
            "not-acted-on",
            None,
            False,
            declare("result.not-acted-on"),
        ),
    )
}
"""Every result by name."""
