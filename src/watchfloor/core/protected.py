"""Columns that are never features: nationality, ethnicity, religion and what stands for them.

The name is all that can be looked at. A delivery whose column `nat` is mapped to another field is not
noticed; who writes a mapping answers for it.
"""

from typing import Final
from unicodedata import combining, normalize

PROTECTED: Final = frozenset(
    {
        *("nationality", "nationalities", "birth_country", "country_of_birth", "birth_place"),
        *(
            "place_of_birth",
            "ethnicity",
            "ethnic_origin",
            "ethnic_group",
            "race",
            "ancestry",
            "caste",
            "tribe",
        ),
        *("skin_colour", "religion", "faith", "denomination", "mother_tongue", "native_language"),
        *("spoken_languages",),
        *("nationalite", "nationalites", "pays_de_naissance", "pays_naissance", "lieu_de_naissance"),
        *("lieu_naissance", "ethnie", "ethnicite", "origine_ethnique", "groupe_ethnique", "ascendance"),
        *("tribu", "couleur_de_peau", "foi", "confession", "confession_religieuse", "langue_maternelle"),
    }
)
"""Columns that no desk may read, at any depth, in English and French, however they are spelled."""

IDENTITY_ONLY: Final = frozenset({"country", "countries", "citizenship", "citizenships"})
"""Columns handed only to a desk that declares `identity`: they may confirm or clear that two are one."""


def is_protected(name: str) -> bool:
    """Whether a column is called by one of these words, alone or among others: `Holder-Nationality_Code`.

    Case, accents and what stands between the words do not matter.
    """
    bare = (char for char in normalize("NFKD", name.casefold()) if not combining(char))
    words = "_".join("".join(char if char.isalnum() else " " for char in bare).split())
    return any(f"_{word}_" in f"_{words}_" for word in PROTECTED)
