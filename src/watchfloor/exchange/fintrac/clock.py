"""The clock of a property report: the duty that a list's instrument carries, and what the law says of when.

PCMLTFA s. 7.1(1): who is required to disclose under one of four provisions reports to the Centre in
accordance with the regulations. Which of the four follows from the instrument of the list. What was read
stands in `checked`; of what could not be read nothing is quoted.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import Reason, declare, reason

NO_DUTY: Final = declare("fintrac.no-duty", "list", "instrument")
IMMEDIATELY: Final = declare("fintrac.immediately", "since", "by", "law", "checked")


class Duty(NamedTuple):
    """A duty to disclose.

    Attributes:
        paragraph: of PCMLTFA s. 7.1(1).
        law: what it names.
        says: what the law says of when, in its words where they were read.
        checked: what was read, or that it was not.
    """

    paragraph: str
    law: str
    says: str
    checked: str


_READ_71: Final = "PCMLTFA s. 7.1(1), Justice Laws, current to 2026-03-26"
_WITHOUT_DELAY: Final = "“disclose without delay”"

CRIMINAL_CODE: Final = Duty(
    "7.1(1)(a)",
    "Criminal Code, s. 83.1",
    "",
    f"{_READ_71}; the text of Criminal Code s. 83.1 was not checked",
)
UNITED_NATIONS: Final = Duty(
    "7.1(1)(b)",
    "an order or regulation under the United Nations Act",
    "",
    f"{_READ_71}; no regulation under the United Nations Act was checked",
)
ECONOMIC: Final = Duty(
    "7.1(1)(c)",
    "an order or regulation under Part 1 of the Special Economic Measures Act",
    "",
    f"{_READ_71}; the duty in this instrument was not checked",
)
MAGNITSKY: Final = Duty(
    "7.1(1)(d)",
    "Justice for Victims of Corrupt Foreign Officials Act, s. 7(2)",
    "",
    f"{_READ_71}; the text of s. 7(2) of that Act was not checked",
)

SECTIONS: Final[Mapping[str, str]] = {
    "SOR/2007-285": "15(1)",
    "SOR/2008-248": "10(1)",
    "SOR/2010-165": "10(1)",
    "SOR/2011-114": "6(1)",
    "SOR/2014-58": "7(1)",
    "SOR/2014-60": "7(1)",
    "SOR/2017-204": "7(1)",
    "SOR/2020-214": "7(1)",
    "SOR/2022-226": "7(1)",
}
"""Regulations under the Special Economic Measures Act whose section was read: “disclose without delay”."""

_LISTS: Final[Mapping[str, Duty]] = {
    "SOR/2002-284": CRIMINAL_CODE,
    "SOR/2017-233": MAGNITSKY,
    "UN": UNITED_NATIONS,
}
_BY_TITLE: Final = (
    (re.compile(r"special economic measures", re.IGNORECASE), ECONOMIC),
    (re.compile(r"corrupt foreign officials", re.IGNORECASE), MAGNITSKY),
    (re.compile(r"\bunited nations\b|\bal-qaida and taliban\b", re.IGNORECASE), UNITED_NATIONS),
    (re.compile(r"establishing a list of entities", re.IGNORECASE), CRIMINAL_CODE),
)


def duty(list_: str, instrument: str, title: str | None) -> Duty:
    """The duty that an instrument carries. Raises `Refusal` where none is known."""
    number = next((one for one in (list_, instrument) if one in SECTIONS or one in _LISTS), list_)
    if section := SECTIONS.get(number):
        checked = f"{_READ_71}; {number} s. {section}, Justice Laws, as of 2026-07-23"
        return ECONOMIC._replace(law=f"{number}, s. {section}", says=_WITHOUT_DELAY, checked=checked)
    titled = f"{instrument} {title or ''}"
    by_title = (one for pattern, one in _BY_TITLE if pattern.search(titled))
    found = _LISTS.get(number) or next(by_title, None)
    if found is None:
        refuse(NO_DUTY, list=list_, instrument=instrument)
    return found


def started(judgement: Mapping[str, Any], found: Duty) -> dict[str, str]:
    """The clock, as an act has it."""
    since: datetime = judgement["observed_at"]
    return {"since": since.isoformat(), "by": judgement["decided_by"], **found._asdict()}


def sentence(clock: Mapping[str, Any]) -> Reason:
    """Return the clock as a sentence, with the law and what of it was checked."""
    law = ", ".join(filter(None, (f"PCMLTFA s. {clock['paragraph']}", clock["law"], clock["says"])))
    return reason(IMMEDIATELY, since=clock["since"], by=clock["by"], law=law, checked=clock["checked"])
