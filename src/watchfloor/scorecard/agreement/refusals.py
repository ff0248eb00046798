"""The sentences that refuse an act on an agreement."""

from typing import Final

from watchfloor.core.messages import declare

NO_LINE: Final = declare("register.no-line", "line", "near")
NOT_ASKED: Final = declare("register.not-their-line", "line", "department", "departments")
CHANGED: Final = declare("register.changed", "line", "looked", "now")
NOT_CALLED: Final = declare("register.call-first", "department", "line")
WITHDRAWN: Final = declare("register.was-withdrawn", "department", "line", "by", "at", "why")
NOT_ATTESTED: Final = declare("register.attest-first", "department", "line")
OTHER_ATTESTED: Final = declare("register.attested-other", "person", "line", "at")
ONE_PERSON: Final = declare("register.one-person", "person", "line")
NOTHING_SHOWN: Final = declare("register.nothing-shown", "line")
PAST: Final = declare("register.deadline-past", "moment")
UNTIL_OR_LIFT: Final = declare("register.until-or-lift")
NO_EMBARGO: Final = declare("register.no-embargo", "line")
NOTHING_TO_WITHDRAW: Final = declare("register.nothing-to-withdraw", "line")
NOTHING_TO_CORRECT: Final = declare("register.nothing-to-correct", "line")
ABOVE_MARKING: Final = declare("register.above-marking", "line", "standing", "marking")
NO_PERSON: Final = declare("register.no-person")
KEY_REVOKED: Final = declare("register.attested-by-revoked-key", "line", "department")
