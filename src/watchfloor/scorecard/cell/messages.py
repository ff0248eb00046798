"""Words of the page on the cell itself: its queue, its calibration, its audit, its fairness, its feeds."""

from collections.abc import Mapping
from typing import Final

from watchfloor.core.messages import Message, declare

TITLES: Final[Mapping[str, Message]] = {
    name: declare(f"scorecard.figure-{name}", en=en, fr=fr)
    for name, en, fr in (
        ("precision", "Likeliest leads that were true", "Signalements les plus probables qui se sont avérés"),
        ("queue", "Leads open and closed", "Signalements ouverts et clos"),
        ("calibration", "Calibration of probabilities", "Calibration des probabilités"),
        ("audit", "Audit sample", "Échantillon d’audit"),
        ("fairness-stream", "Who is examined, by stream", "Qui est examiné, par flux"),
        ("fairness-office", "Who is examined, by office", "Qui est examiné, par bureau"),
        ("rates", "Contraband in what crosses", "Contrebande dans ce qui traverse"),
        ("feeds", "Accounting of feeds", "Comptabilité des flux"),
    )
}

FRENCH: Final[Mapping[str, str]] = {
    "post": "courrier",
    "courier": "messagerie",
    "air-cargo": "fret aérien",
    "marine-container": "conteneur maritime",
    "vehicle": "véhicule",
    "rail": "rail",
    "inbound": "entrée",
    "outbound": "sortie",
    "in-transit": "transit",
    "undeclared": "non déclaré",
    "other": "autres",
    "unknown": "inconnu",
}
"""Words of streams and groups; offices keep their names."""

NO_FLOOR: Final = declare("scorecard.cell-figures-no-floor")
BEFORE: Final = declare("scorecard.cell-figures-before", "created")
NO_OUTCOME: Final = declare("scorecard.cell-figures-no-outcome")
PRECISION: Final = declare("scorecard.cell-figures-precision", "k", "share", "low", "high", "capacity")
QUEUE: Final = declare("scorecard.cell-figures-queue", "open", "closed", "age")
QUEUE_EMPTY: Final = declare("scorecard.cell-figures-queue-empty", "closed")
CALIBRATION: Final = declare(
    "scorecard.cell-figures-calibration", "brier", "leads", "ece", "inside", "bands", "of"
)
WHOLE_QUEUE: Final = declare("scorecard.cell-figures-whole-queue", "audited")
CHOSEN: Final = declare("scorecard.cell-figures-chosen")
AUDIT: Final = declare(
    "scorecard.cell-figures-audit", "drawn", "stood", "share", "draws", "known", "true", "range"
)
RANGE: Final = declare("scorecard.cell-figures-range", "low", "high")
NO_DRAW: Final = declare("scorecard.cell-figures-no-draw")
FAIRNESS: Final = declare(
    "scorecard.cell-figures-fairness",
    "least",
    "groups",
    "more",
    "less",
    "as_rate",
    "unknown",
    "least_burden",
    "most_burden",
)
NO_ONE: Final = declare("scorecard.cell-figures-no-group")
NO_EXAMINATION: Final = declare("scorecard.cell-figures-no-examination")
RATES: Final = declare("scorecard.cell-figures-rates", "share", "low", "high", "examined", "finds", "streams")
RATES_PARTLY: Final = declare(
    "scorecard.cell-figures-rates-partly", "low", "high", "examined", "finds", "streams"
)
STREAM: Final = declare("scorecard.cell-figures-stream", "name", "low", "high")
FEEDS: Final = declare(
    "scorecard.cell-figures-feeds",
    "received",
    "accepted",
    "duplicate",
    "quarantined",
    "withheld",
    "deliveries",
)
FEEDS_BROKEN: Final = declare("scorecard.cell-figures-feeds-broken", "difference")
FEEDS_MINE: Final = declare("scorecard.cell-figures-feeds-mine", "accepted", "quarantined", "deliveries")
NO_DELIVERY: Final = declare("scorecard.cell-figures-no-delivery")
