"""What the desk says of an item, in English and in French."""

from watchfloor.records.messages import declare

IDENTIFIED = declare(
    "lab.identified",
    en="The laboratory identified {name} (CAS {cas}) in {item}, by {method}: Controlled Drugs and Substances"
    " Act, Schedule {schedule}, item {number}.",
    fr="Le laboratoire a identifié {name} (CAS {cas}) dans {item}, par {method} : Loi réglementant certaines"
    " drogues et autres substances, annexe {schedule}, article {number}.",
)
"""A controlled substance, by a method that tells it from others."""

PRESUMED = declare(
    "lab.presumed",
    en="A first test by {method} points to {name} (CAS {cas}) in {item}; it is not confirmed. Controlled"
    " Drugs and Substances Act, Schedule {schedule}, item {number}.",
    fr="Un premier essai par {method} indique {name} (CAS {cas}) dans {item} ; rien n’est confirmé. Loi"
    " réglementant certaines drogues et autres substances, annexe {schedule}, article {number}.",
)
"""The same, by a test that others pass too."""

PRECURSOR_IDENTIFIED = declare(
    "lab.precursor-identified",
    en="The laboratory identified {name} (CAS {cas}) in {item}, by {method}: a class A precursor, Controlled"
    " Drugs and Substances Act, Schedule VI, Part 1, item {number}.",
    fr="Le laboratoire a identifié {name} (CAS {cas}) dans {item}, par {method} : précurseur de catégorie A,"
    " Loi réglementant certaines drogues et autres substances, annexe VI, partie 1, article {number}.",
)
"""A controlled precursor, by a method that tells it from others."""

PRECURSOR_PRESUMED = declare(
    "lab.precursor-presumed",
    en="A first test by {method} points to {name} (CAS {cas}) in {item}; it is not confirmed. A class A"
    " precursor, Controlled Drugs and Substances Act, Schedule VI, Part 1, item {number}.",
    fr="Un premier essai par {method} indique {name} (CAS {cas}) dans {item} ; rien n’est confirmé."
    " Précurseur de catégorie A, Loi réglementant certaines drogues et autres substances, annexe VI, partie"
    " 1, article {number}.",
)
"""The same, by a test that others pass too."""

NOT_BORNE_OUT = declare(
    "lab.not-borne-out",
    en="A reading of {day} does not bear it out: the substance was not found, or the earlier reading was put"
    " right.",
    fr="Une mesure du {day} ne le confirme pas : la substance n’a pas été trouvée, ou la mesure précédente a"
    " été rectifiée.",
)
"""A signal that is taken back."""
