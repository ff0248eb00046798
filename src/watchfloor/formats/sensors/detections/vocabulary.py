"""Vocabulary of detection tables in English and French, and the identities that they claim."""

from collections.abc import Mapping
from typing import Final

from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.formats.tabular.fields import CLASSES

_CALLED: Final[Mapping[str, str]] = {
    "person": "human people walker pedestrian man woman dismount personne piéton marcheur",
    "group": "crowd walkers persons groupe",
    "vehicle": "car truck van bus atv snowmobile motorcycle bicycle véhicule voiture camion motoneige",
    "boat": "vessel ship ferry canoe kayak bateau navire embarcation",
    "aircraft": "plane airplane aeroplane helicopter aéronef avion hélicoptère",
    "drone": "uav uas rpas quadcopter",
    "animal": "deer dog bear moose coyote bird cow chevreuil orignal",
    "unknown": "other clutter inconnu autre",
}

CLASS_OF: Final[Mapping[str, str]] = {
    **{name: name for name in CLASSES},
    **{word: name for name, called in _CALLED.items() for word in called.split()},
}
"""The class that a word for an object stands for, in lower case."""


def claimed_key(quantity: str, text: str) -> str:
    """The typed key of a claimed identity: of an MMSI, of an aircraft address, or as the table writes it.

    A number that its system refuses is a claim all the same: it is kept under `claimed`, unchecked.

    Args:
        quantity: `mmsi`, `icao24` or `claimed`.
        text: what the table says.
    """
    try:
        if quantity == "mmsi":
            return str(subject("vessel", "mmsi", text.removesuffix(".0")))
        if quantity == "icao24":
            return str(subject("aircraft", "icao24", text.lower().removeprefix("0x")))
        return str(subject(*parts(text)))
    except SubjectError:
        type_ = {"mmsi": "vessel", "icao24": "aircraft"}.get(quantity, "track")
        return f"{type_}:claimed:{text}"
