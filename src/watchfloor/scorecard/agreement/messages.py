"""How agreement stands, in sentences; what a page says in the place of a figure that it withholds."""

from typing import Final

from watchfloor.core.messages import declare

NOT_CALLED: Final = declare("register.not-called")
CALLED: Final = declare("register.called", "department", "day", "due")
OVERDUE: Final = declare("register.overdue", "department", "day", "due")
OTHER_ATTESTED: Final = declare("register.other-attested", "department", "day")
ATTESTED: Final = declare("register.attested", "department", "person", "function", "day")
APPROVED: Final = declare("register.approved", "department", "person", "day")
EMBARGOED: Final = declare("register.embargoed", "department", "person", "day", "until")
WITHDRAWN: Final = declare("register.withdrawn", "department", "day", "why")
LAPSED: Final = declare("register.lapsed", "department", "day", "agreed", "now")
LAPSED_SAME: Final = declare("register.lapsed-same", "department", "day", "agreed", "now")
LAPSED_DIGEST: Final = declare("register.lapsed-digest", "department", "day", "agreed", "now")
NOTHING: Final = declare("register.no-figure")
MORE: Final = declare("register.more-figures", "count")
AWAITING: Final = declare("register.awaiting", "department")
UNDER_EMBARGO: Final = declare("register.under-embargo", "department", "until")
NOT_SURE: Final = declare("register.sure-later")
AND: Final = declare("register.and", "one", "other")
NOT_NEEDED: Final = declare("register.agreement-not-needed")
