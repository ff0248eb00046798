"""A cue as sentences: what to do, why, and by when."""

from datetime import UTC, datetime
from typing import Final

from watchfloor.casework.tasking.assets import Asset
from watchfloor.core.messages import Language, Message, declare, reason
from watchfloor.planning.current_targets import LONGEST
from watchfloor.planning.sensor_tasking import HORIZON, Cue

POINT: Final = declare("planning.point", "asset", "track", "called", "place", "at")
SEND: Final = declare("planning.send", "asset", "track", "called", "place", "at", "stand")
LIFE: Final = declare("planning.life")
WORTH: Final = declare("planning.worth", "bits", "existence", "exists", "crossing", "minutes", "crosses")
BEFORE: Final = declare("planning.before", "deadline")
BY: Final = declare("planning.by", "deadline")


CALLED: Final = {
    "person": ("person", "personne"),
    "group": ("group of persons", "groupe de personnes"),
    "vehicle": ("vehicle", "véhicule"),
    "boat": ("boat", "bateau"),
    "aircraft": ("aircraft", "aéronef"),
    "drone": ("drone", "drone"),
    "animal": ("animal", "animal"),
}
"""Classes in English and French."""


def called(klass: str | None, language: Language) -> str:
    """A class in words."""
    unknown = ("of unknown class", "de classe inconnue")
    return CALLED.get(klass or "", unknown)[language == "fr"]


def sentences(cue: Cue, asset: Asset, klass: str | None, now: datetime, language: Language) -> list[str]:
    """Return the sentences of a cue.

    Args:
        cue: of `sensor_tasking.choose`.
        asset: that is to look.
        klass: of the track; None where it is not known.
        now: when the cue was made.
        language: of the sentences.
    """
    return [_do(cue, asset, klass, language), *because(cue, now, language)]


def because(cue: Cue, now: datetime, language: Language) -> list[str]:
    """Why, and by when."""
    told = [_said(LIFE, language)] if cue.life else []
    told.append(
        _said(
            WORTH,
            language,
            bits=cue.bits,
            existence=cue.of_existence,
            crossing=cue.of_crossing,
            exists=round(100 * cue.exists),
            crosses=round(100 * cue.crosses),
            minutes=round(HORIZON / 60),
        )
    )
    nears = (cue.deadline - now).total_seconds() < LONGEST and not cue.life
    return [*told, _said(BEFORE if nears else BY, language, deadline=clock(cue.deadline))]


def clock(moment: datetime) -> str:
    """A moment to the second, in UTC."""
    return f"{moment.astimezone(UTC):%H:%M:%SZ}"


def _do(cue: Cue, asset: Asset, klass: str | None, language: Language) -> str:
    told = {
        "asset": cue.asset,
        "track": cue.track,
        "called": called(klass, language),
        "place": place(cue.latitude, cue.longitude),
        "at": clock(cue.at),
    }
    if asset.kind == "camera":
        return _said(POINT, language, **told)
    return _said(SEND, language, **told, stand=place(*cue.stand))


def place(latitude: float, longitude: float) -> str:
    """As charts and `--place` have it, to a metre."""
    return f"{latitude:.5f},{longitude:.5f}"


def _said(message: Message, language: Language, **params: str | int | float) -> str:
    return reason(message, **params).render(language)
