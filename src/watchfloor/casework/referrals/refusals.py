"""The sentences that refuse an act on a referral."""

from typing import Final

from watchfloor.core.messages import declare

STALE: Final = declare("referrals.stale", "referral", "made_on", "edition", "by", "at", "state_words", "why")
ILLEGAL: Final = declare("referrals.illegal", "referral", "state_words", "edition", "by", "at", "may_words")
WITHDRAWN: Final = declare("referrals.withdrawn", "referral", "by", "at", "why")
SUBJECT: Final = declare("referrals.subject", "subject", "problem")
NO_ITEM: Final = declare("referrals.no-item", "subject")
NO_WORD: Final = declare("referrals.no-word", "what_words", "given", "known")
CHANCE: Final = declare("referrals.chance", "chance")
OPEN_ALREADY: Final = declare("referrals.open-already", "subject", "referral", "by", "at")
PAST: Final = declare("referrals.past", "deadline")
NO_STREAM: Final = declare("referrals.no-stream", "subject")
NO_POWER: Final = declare("referrals.no-power", "of_words", "direction_words", "sections")
NOT_THAT_POWER: Final = declare(
    "referrals.not-that-power", "section", "of_words", "direction_words", "sections"
)
NEEDS_GROUNDS: Final = declare("referrals.needs-grounds", "section", "subject")
NEEDS_BADGE: Final = declare("referrals.needs-badge")
SCORE_ALONE: Final = declare("referrals.score-alone")
DRAFT_ALONE: Final = declare("referrals.draft-alone")
ABOVE_MARKING: Final = declare("referrals.above-marking", "marking", "standing")
NOTHING: Final = declare("referrals.nothing")
FOUND_WITHOUT: Final = declare("referrals.found-without")
NO_SUBSTANCE: Final = declare("referrals.no-substance", "substance")
NOT_LATE: Final = declare("referrals.not-late", "referral", "deadline")
NO_DEADLINE: Final = declare("referrals.no-deadline")
