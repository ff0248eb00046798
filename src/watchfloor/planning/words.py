"""A cue as sentences: what to do, why, and by when."""

from datetime import UTC, datetime
from typing import Final

from watchfloor.cell.acting.assets import Asset
from watchfloor.planning.current_targets import LONGEST
from watchfloor.planning.sensor_tasking import HORIZON, Cue
from watchfloor.records.messages import Language, Message, declare, reason

POINT: Final = declare(
    "planning.point",
    en="Point {asset} at {track} ({called}): it is expected at {place}, {at}.",
    fr="Pointez {asset} sur {track} ({called}) : attendu à {place}, {at}.",
)
SEND: Final = declare(
    "planning.send",
    en="Send {asset} to {track} ({called}): it is expected at {place}, {at}; it can be seen from {stand}.",
    fr="Envoyez {asset} vers {track} ({called}) : attendu à {place}, {at}; on le verra depuis {stand}.",
)
LIFE: Final = declare(
    "planning.life",
    en="Life at risk: this goes before all else. Tell the rescue centre at once; this look does not wait for "
    "it.",
    fr="Vie en danger : ceci passe avant tout le reste. Avertissez aussitôt le centre de sauvetage; ce "
    "regard ne l’attend pas.",
)
WORTH: Final = declare(
    "planning.worth",
    en="The look is expected to bring {bits} bits: {existence} about whether there is anything (now "
    "{exists} %), {crossing} about whether it will be across the line in {minutes} minutes (now "
    "{crosses} %).",
    fr="Le regard devrait apporter {bits} bit : {existence} sur la présence de quelque chose (maintenant "
    "{exists} %), {crossing} sur le fait qu’il aura passé la ligne dans {minutes} minutes (maintenant "
    "{crosses} %).",
)
BEFORE: Final = declare(
    "planning.before",
    en="Look before {deadline}: then it may be at the line.",
    fr="Regardez avant {deadline} : il peut alors être à la ligne.",
)
BY: Final = declare(
    "planning.by",
    en="Look by {deadline}; later it is asked anew.",
    fr="Regardez d’ici {deadline}; ensuite la question se pose à nouveau.",
)


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
    """What a cue says.

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
