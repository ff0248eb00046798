"""The hazard sheet that goes with an exhibit: what is known to be dangerous about it, and how it is handled.

Handling in our own words, after what occupational health services publish on fentanyl for responders: NIOSH
(“Fentanyl: Emergency Responders at Risk”) and the Workplace Hazardous Materials regime. Nothing here is about
making anything. Whether these rules suffice is for the institution's own safety officer.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from watchfloor.cell.acting.acts import Row
from watchfloor.cell.acting.flags import FENTANYL
from watchfloor.cell.custody import readings
from watchfloor.cell.custody.exhibits import Exhibit
from watchfloor.records.messages import Language


class Sheet(NamedTuple):
    """Headings and lines of a hazard sheet."""

    title: str
    why: tuple[str, ...]
    handling: tuple[str, ...]
    exposed: tuple[str, ...]
    note: str


_UNKNOWN: Final = {
    "en": "Nobody has identified it by analysis: treat it as the most dangerous thing it may be.",
    "fr": "Aucune analyse ne l’a identifiée : traitez-la comme la plus dangereuse des possibilités.",
}
_FENTANYL: Final = {
    "en": "It is, or may be, fentanyl or one of its kind: small amounts can stop breathing.",
    "fr": "C’est, ou ce peut être, du fentanyl ou l’un de ses semblables : de petites quantités peuvent "
    "arrêter la "
    "respiration.",
}
_OTHER: Final = {
    "en": "No flag of fentanyl stands on it; mixtures are common, so that is no proof of its absence.",
    "fr": "Aucun indicateur de fentanyl n’y figure; les mélanges sont courants, ce n’est donc pas une preuve "
    "d’absence.",
}
_HANDLING: Final = {
    "en": (
        "Two people: one handles, one watches. Have naloxone and somebody trained to give it within reach.",
        "Nitrile gloves, two pairs, changed when torn or soiled; sleeves closed; eye protection.",
        (
            "Where powder is loose or may become so: a fitted particulate respirator (P100, or N95 at the "
            "least) and "
            "a ventilated enclosure. No fan, no shaking, no brushing."
        ),
        "Open it only where the task needs it, over a tray; weigh and sample in the enclosure.",
        (
            "No eating, drinking, smoking or touching of the face. Wash with soap and cool water afterwards; "
            "alcohol-based hand rub is not for this."
        ),
        "Seal it again, wipe the outside, and mark what was used as contaminated waste.",
    ),
    "fr": (
        (
            "À deux : l’un manipule, l’autre surveille. De la naloxone et quelqu’un formé à l’administrer à "
            "portée."
        ),
        (
            "Deux paires de gants de nitrile, changées si déchirées ou souillées; manches fermées; "
            "protection des yeux."
        ),
        (
            "Si la poudre est libre ou peut le devenir : un appareil de protection ajusté (P100, ou N95 au "
            "moins) et "
            "une enceinte ventilée. Ni ventilateur, ni secousse, ni brosse."
        ),
        "N’ouvrez que si la tâche l’exige, au-dessus d’un plateau; pesez et prélevez dans l’enceinte.",
        (
            "Ne mangez, ne buvez, ne fumez pas, ne touchez pas au visage. Lavez ensuite au savon et à l’eau "
            "fraîche; "
            "le désinfectant à base d’alcool ne convient pas."
        ),
        "Remettez sous scellé, essuyez l’extérieur, et marquez ce qui a servi comme déchet contaminé.",
    ),
}
_EXPOSED: Final = {
    "en": (
        (
            "Slow or no breathing, drowsiness, pinpoint pupils: call 911, give naloxone, support the "
            "breathing, stay."
        ),
        "Powder on skin: do not rub; wash at once with soap and much cool water.",
        "Powder in eyes or mouth: rinse with water, and be seen by a physician.",
    ),
    "fr": (
        (
            "Respiration lente ou absente, somnolence, pupilles serrées : appelez le 911, donnez la "
            "naloxone, soutenez la respiration, restez."
        ),
        "Poudre sur la peau : ne frottez pas; lavez aussitôt au savon et à grande eau fraîche.",
        "Poudre dans les yeux ou la bouche : rincez à l’eau et voyez un médecin.",
    ),
}
TITLE: Final = {"en": "Hazard sheet", "fr": "Fiche de danger"}
_NOTE: Final = {
    "en": "The institution’s own procedure goes before this sheet.",
    "fr": "La procédure de l’institution prime cette fiche.",
}


def sheet(one: Exhibit, taken: Sequence[Row] = (), language: Language = "en") -> Sheet:
    """The sheet of an exhibit: why it may be dangerous, and what to do.

    Args:
        one: the exhibit, with its flags and certificates.
        taken: readings of it.
        language: of the sheet.
    """
    hinted = any(readings.potent(key, row["observed_at"].date()) for row in taken for key in _named(row))
    why = [_FENTANYL[language] if hinted or FENTANYL in one.flags else _OTHER[language]]
    if not one.certified:
        why.append(_UNKNOWN[language])
    why += [readings.told(row, language) for row in taken]
    why += [f"{row['document']} ({row['analyst']}): {row['why']}" for row in one.certified]
    return Sheet(TITLE[language], tuple(why), _HANDLING[language], _EXPOSED[language], _NOTE[language])


def _named(row: Row) -> list[str]:
    """Keys of what a reading does not rule out."""
    found = [one["substance"] for one in row["results"] or () if one["level"] != "not-detected"]
    return [key for key in (*found, row["substance"] if row["level"] != "not-detected" else None) if key]
