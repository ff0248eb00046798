"""Messages of the desk on an item, in English and in French.

A first test's finding may be followed by what its device's alarms came to, and by the gravest thing that
speaks against it: each combination is a message of its own, made here from its sentences.
"""

from typing import Final, NamedTuple

from watchfloor.core.messages import Message, declare
from watchfloor.formats.lab import reading_quality as flags


class Sentence(NamedTuple):
    """A sentence in both languages."""

    en: str
    fr: str


def _joined(*sentences: str) -> str:
    return " ".join(one for one in sentences if one)


IDENTIFIED = declare("lab.identified", "name", "cas", "item", "method", "schedule", "number", "measured")
"""A controlled substance, by techniques that together tell it from others."""

PRECURSOR_IDENTIFIED = declare(
    "lab.precursor-identified", "name", "cas", "item", "method", "grade", "part", "number", "measured"
)
"""A controlled precursor, by the same."""

ALONE: Final = "technique-alone"
"""One technique said that it identified; the standard asks for another."""

DOUBTS: Final[dict[str, Sentence]] = {
    ALONE: Sentence(
        "One technique alone does not identify (ASTM E2329): another, of a different property, has to agree.",
        "Une seule technique n’identifie pas (ASTM E2329) : une autre, d’autre propriété, doit concorder.",
    ),
    flags.BLANK_FAILED: Sentence(
        "The blank before it alarmed, so the instrument was not clean.",
        "Le blanc qui précède a déclenché l’alarme : l’appareil n’était pas propre.",
    ),
    flags.CALIBRANT_FAILED: Sentence(
        "The calibrant before it was not found where it has to be.",
        "L’étalon qui précède n’a pas été trouvé où il doit l’être.",
    ),
    flags.BEFORE_CLEAR_DOWN: Sentence(
        "The instrument had alarmed before and was not cleared down since: it may be the sample before.",
        "L’appareil avait donné une alarme sans être purgé depuis : ce peut être l’échantillon précédent.",
    ),
    flags.CONTROL_LINE_INVALID: Sentence(
        "The strip shows no control line, so it has said nothing.",
        "La bandelette ne montre pas de ligne de contrôle : elle n’a rien dit.",
    ),
    flags.CALIBRATION_AHEAD: Sentence(
        "The calibration that it names is dated after the reading: a clock or an entry is wrong.",
        "L’étalonnage indiqué est postérieur à la mesure : une horloge ou une inscription est fausse.",
    ),
    flags.CALIBRATION_OVERDUE: Sentence(
        "The instrument's calibration had run out.",
        "L’étalonnage de l’appareil était échu.",
    ),
    flags.TOO_CONCENTRATED: Sentence(
        "The sample was so concentrated that common stimulants answer too.",
        "L’échantillon était si concentré que des stimulants courants réagissent aussi.",
    ),
    flags.STRIP_EXPIRED: Sentence(
        "The strip's lot had expired.",
        "Le lot de la bandelette était périmé.",
    ),
    flags.BLANK_MISSING: Sentence(
        "No blank was run before it.",
        "Aucun blanc n’a été passé avant.",
    ),
    flags.CALIBRANT_MISSING: Sentence(
        "No calibrant was run before it.",
        "Aucun étalon n’a été passé avant.",
    ),
    flags.DILUTION_UNKNOWN: Sentence(
        "How far the sample was diluted is not noted; concentrated stimulants answer too.",
        "La dilution n’est pas notée; des stimulants concentrés réagissent aussi.",
    ),
    flags.LIBRARY_BEHIND: Sentence(
        "It searched a library that had been replaced.",
        "Il a consulté une bibliothèque déjà remplacée.",
    ),
    flags.NOT_BLIND: Sentence(
        "The handler knew where to look.",
        "Le maître-chien savait où chercher.",
    ),
}
"""By flag, what it means to who reads the signal."""

_RATES: Final = Sentence(
    "Earlier alarms of this device that were checked: {checked}, confirmed: {confirmed}.",
    "Alarmes antérieures de cet appareil qui ont été vérifiées : {checked}, confirmées : {confirmed}.",
)

_HEADS: Final[dict[str, Sentence]] = {
    "presumed": Sentence(
        "A first test by {method} points to {name} (CAS {cas}) in {item}; it is not confirmed. Controlled"
        " Drugs and Substances Act, Schedule {schedule}, item {number}.{measured}",
        "Un premier essai par {method} indique {name} (CAS {cas}) dans {item}; rien n’est confirmé. Loi"
        " réglementant certaines drogues et autres substances, annexe {schedule}, article"
        " {number}.{measured}",
    ),
    "precursor-presumed": Sentence(
        "A first test by {method} points to {name} (CAS {cas}) in {item}; it is not confirmed. A class"
        " {grade} precursor, Controlled Drugs and Substances Act, Schedule VI, Part {part}, item"
        " {number}.{measured}",
        "Un premier essai par {method} indique {name} (CAS {cas}) dans {item}; rien n’est confirmé."
        " Précurseur de catégorie {grade}, Loi réglementant certaines drogues et autres substances, annexe"
        " VI, partie {part}, article {number}.{measured}",
    ),
    "dog-alert": Sentence(
        "A detector dog alerted to drugs at {item}. A dog says that they are or were there, and not which.",
        "Un chien détecteur a signalé des stupéfiants sur {item}. Un chien dit qu’il y en a ou qu’il y en"
        " a eu, et non lesquels.",
    ),
    "image-alarm": Sentence(
        "Screening equipment marked possible threats in an image of {item} (objects: {objects}). An image"
        " shows shapes and densities, and no substance.",
        "Un appareil de contrôle a marqué de possibles menaces sur une image de {item} (objets : {objects})."
        " Une image montre des formes et des densités, et aucune substance.",
    ),
    "new-substance": Sentence(
        "A reading of {item} by {method} shows a member of the {family} family that is none of the listed"
        " substances. A person decides what it is in law.",
        "Une mesure de {item} par {method} montre un membre de la famille {family} qui n’est aucune des"
        " substances inscrites. Une personne décide de ce que la loi en dit.",
    ),
}

FIRST: Final[dict[tuple[str, str, bool], Message]] = {
    (head, doubt, rated): declare(
        f"lab.{head}{f'.{doubt}' if doubt else ''}{'.rated' if rated else ''}",
        en=_joined(said.en, _RATES.en * rated, DOUBTS[doubt].en if doubt else ""),
        fr=_joined(said.fr, _RATES.fr * rated, DOUBTS[doubt].fr if doubt else ""),
    )
    for head, said in _HEADS.items()
    for doubt in ("", *DOUBTS)
    for rated in (False, True)
}
"""What a first test found: by what it is, the doubt that weighs most (or none), and whether its device's
alarms were ever checked."""

_ASIDE: Final = Sentence(
    "A reading of {item} by {method} that points to {name} is set aside.",
    "Une mesure de {item} par {method} qui indique {name} est écartée.",
)

SET_ASIDE: Final[dict[str, Message]] = {
    flag: declare(
        f"lab.set-aside.{flag}",
        en=_joined(_ASIDE.en, said.en, "Test it again."),
        fr=_joined(_ASIDE.fr, said.fr, "Refaites l’essai."),
    )
    for flag, said in DOUBTS.items()
}
"""A reading that counts for nothing, and why."""

NOT_FOUND = declare("lab.not-found", "method", "name", "item", "missed")
"""A negative that is worth something."""

NO_ALERT = declare("lab.no-alert", "item", "missed")
"""The same of a dog, which looks for no one substance."""

NOT_BORNE_OUT = declare("lab.not-borne-out", "day")
"""A signal that is taken back."""

ALIKE = declare(
    "lab.alike",
    *("first", "second", "procedure", "cosine", "shares", "compared", "items", "linked", "unlinked"),
    *("ratio", "low", "high", "most"),
)
"""Two items whose impurity profiles are alike, and how much that is worth."""

ALIKE_UNKNOWN = declare(
    "lab.alike-unknown", *("first", "second", "procedure", "cosine", "shares", "compared", "enough")
)
"""The same where nothing says how alike strangers are."""

ALIKE_WITHDRAWN = declare("lab.alike-withdrawn", "day")
"""Two items that are no longer said to be alike."""
