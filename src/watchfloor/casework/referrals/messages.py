"""Sentences of drafts of grounds and of releases, in both languages."""

from typing import Final

from watchfloor.core.messages import declare

RELEASE: Final = declare("referrals.release")
NO_RATE: Final = declare("referrals.no-rate")
GOODS: Final = declare("referrals.goods", "day", "goods")
MASS: Final = declare("referrals.mass", "mass")
VALUE: Final = declare("referrals.value", "value", "currency")
MORE_LINES: Final = declare("referrals.more-lines", "count")
WEIGHED: Final = declare("referrals.weighed", "mass", "day", "declared")
READ: Final = declare("referrals.read", "day", "instrument", "method", "result", "level_words")
EARLIER: Final = declare("referrals.earlier", "day", "document", "found_words", "shared_words")
NO_FACT: Final = declare("referrals.no-fact", "subject")
