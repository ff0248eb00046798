"""Sentences about what was computed from lists, law and the floor."""

from collections.abc import Mapping
from typing import Final

from watchfloor.core.messages import Message, declare

LISTED: Final = declare("scorecard.cartels-listed", "count", "of", "day", "since", "by", "tail")
NONE_LISTED: Final = declare("scorecard.cartels-none-listed", "day", "by", "tail")
NO_EDITION: Final = declare("scorecard.cartels-no-edition", "day", "first")
BY_LIST: Final = declare("scorecard.cartels-by-list", "first", "last")
BY_PACKAGE: Final = declare("scorecard.cartels-by-package", "first", "last")
NOT_COVERED: Final = declare("scorecard.cartels-not-covered", "last")
ITEM: Final = declare("scorecard.cartels-item", "name")
NUMBERED: Final = declare("scorecard.cartels-numbered", "name", "item")

LED: Final = declare("scorecard.listings-led", "since", "count", "parts", "others")
LED_NONE: Final = declare("scorecard.listings-led-none", "since", "day", "outcomes", "seizures", "others")
LED_NO_FLOOR: Final = declare("scorecard.listings-led-no-floor", "since")
LED_NOT_YET: Final = declare("scorecard.listings-led-not-yet", "day")
LED_NO_CAUSE: Final = declare("scorecard.listings-led-no-cause")
RESULTS: Final[Mapping[str, Message]] = {
    name: declare(f"scorecard.listings-{name}", en=f"{en}: {{count}}", fr=f"{fr}\u00a0: {{count}}")
    for name, en, fr in (
        ("seized", "outcomes with a seizure", "résultats avec saisie"),
        ("arrested", "with an arrest", "avec arrestation"),
        ("charged", "with a charge", "avec accusation"),
        ("seizure", "seizures of operations", "saisies d’opérations"),
    )
}

PRECURSORS: Final = declare("scorecard.precursors", "day", "un", "ca", "cn")
CONTROLLED: Final = declare("scorecard.precursors-controlled", "who", "count", "each")
UNCONTROLLED: Final = declare("scorecard.precursors-uncontrolled", "who")
SINCE: Final = declare("scorecard.precursors-since", "name", "since")
BEFORE: Final = declare("scorecard.precursors-before", "name", "since")
LOOK_UP: Final = declare("scorecard.precursors-look-up")
MEASURE: Final = declare("scorecard.precursors-measure", "name", "list", "jurisdiction")
WHO: Final[Mapping[str, Message]] = {
    "UN": declare("scorecard.precursors-un"),
    "CA": declare("scorecard.precursors-ca"),
    "CN": declare("scorecard.precursors-cn"),
}

EXPORTERS: Final = declare("scorecard.exporters", "day", "count", "since", "shared")
EXPORTERS_NONE: Final = declare("scorecard.exporters-none", "day", "shared")
EXPORTERS_NO_FLOOR: Final = declare("scorecard.exporters-no-floor")
SHARED: Final = declare("scorecard.exporters-shared", "with_whom")
TO: Final = declare("scorecard.exporters-to", "to", "day")
SHARED_NONE: Final = declare("scorecard.exporters-not-shared")
SHARED_UNKNOWN: Final = declare("scorecard.exporters-sharing-hidden")
ASSERTION: Final = declare("scorecard.exporters-assertion", "source", "until")

BANKS: Final = declare("scorecard.banks", "day", "count", "announced", "codes", "peers")
BANKS_NONE: Final = declare("scorecard.banks-none", "day", "announced", "peers")
BANKS_NO_FLOOR: Final = declare("scorecard.banks-no-floor", "announced")
APPROVED: Final = declare("scorecard.banks-approved", "code", "day")
UNAPPROVED: Final = declare("scorecard.banks-unapproved", "code")
BANKS_NOT_COMPARABLE: Final = declare("scorecard.banks-not-comparable")

BLIZZARD: Final = declare(
    "scorecard.blizzard", "since", "until", "more", "count", "from_us", "to_us", "fentanyl", "mass", "mass_us"
)
MORE_THAN: Final = declare("scorecard.blizzard-more-than")
BLIZZARD_PARTIAL: Final = declare("scorecard.blizzard-partial", "rows")
BLIZZARD_NOT_YET: Final = declare("scorecard.blizzard-not-yet", "day")
BLIZZARD_NOT_COMPARABLE: Final = declare("scorecard.blizzard-not-comparable")
PUBLISHED: Final = declare("scorecard.blizzard-row", "drug", "key")

CELL: Final = declare(
    "scorecard.cell",
    "days",
    "day",
    "tasks",
    "all_tasks",
    "outcomes",
    "all_outcomes",
    "true",
    "all_true",
    "leads",
)
CELL_BEFORE: Final = declare("scorecard.cell-before", "created", "day")
CELL_NO_FLOOR: Final = declare("scorecard.cell-no-floor")
