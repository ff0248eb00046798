"""Drafts of the two reports that the Act asks for, with exactly the particulars that the section names.

S. 12.1(a)(i) to (vi) and s. 29(1)(a) to (f) of the Controlled Drugs and Substances Act. Each ends with `any
other prescribed information`: what the regulations add was not read, and a person looks. What is not known
is listed as missing, and nothing is put in its place. A person sends it.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from watchfloor.casework.custody.exhibits import Exhibit, World, root
from watchfloor.casework.custody.masses import Mass, written
from watchfloor.casework.custody.refusals import NOT_DISPOSED
from watchfloor.cell.acts import refuse, words
from watchfloor.core.messages import Language


class Particular(NamedTuple):
    """One particular: the provision, what it asks for, the value, or None where it is not known."""

    provision: str
    asks: str
    value: str | None


class Draft(NamedTuple):
    """A draft about one exhibit."""

    section: str
    exhibit: Exhibit
    particulars: tuple[Particular, ...]

    @property
    def missing(self) -> list[str]:
        """Provisions that ask for what is not known."""
        return [each.provision for each in self.particulars if each.value is None]


ASKS: Final = {
    "en": (
        "substance, precursor or property",
        "amount seized, found or acquired",
        "place where it was seized, found or acquired",
        "date on which it was seized, found or acquired",
        "police force, agency or entity",
        "number of the file or police report",
        "amount disposed of or otherwise dealt with",
        "manner in which it was disposed of or otherwise dealt with",
        "date on which it was disposed of or otherwise dealt with",
        "number of the file or police report of the disposition",
    ),
    "fr": (
        "substance, précurseur ou bien",
        "quantité saisie, trouvée ou obtenue",
        "lieu de la saisie, de la découverte ou de l’obtention",
        "date de la saisie, de la découverte ou de l’obtention",
        "corps policier, organisme ou entité",
        "numéro du rapport de police ou du dossier",
        "quantité dont il est disposé",
        "manière dont il en est disposé",
        "date de la disposition",
        "numéro du rapport de police ou du dossier de la disposition",
    ),
}

HEAD: Final = {
    "en": {
        "12.1": "DRAFT of a report under CDSA s. 12.1, to the Minister of Health. A person checks and "
        "sends it.",
        "29": "DRAFT of a report under CDSA s. 29, to the Minister of Health. A person checks and sends it.",
        "other": "any other prescribed information: the regulations were not read; look whether they ask "
        "more",
        "copy": "S. 12.1(c): the power named leads to a copy filed with the justice.",
        "missing": "MISSING",
        "colon": ":",
        "lacks": "Not known, to be filled in: {}",
        "whole": "Every particular that the section names is there.",
    },
    "fr": {
        "12.1": "ÉBAUCHE d’un rapport selon l’art. 12.1 LRCDAS, au ministre de la Santé. Une personne le "
        "vérifie "
        "et l’envoie.",
        "29": "ÉBAUCHE d’un rapport selon l’art. 29 LRCDAS, au ministre de la Santé. Une personne le "
        "vérifie et "
        "l’envoie.",
        "other": "tout autre renseignement réglementaire\u00a0: les règlements n’ont pas été lus; voyez "
        "s’ils en "
        "demandent davantage",
        "copy": "Al. 12.1c)\u00a0: le pouvoir nommé mène au dépôt d’une copie auprès du juge de paix.",
        "missing": "MANQUE",
        "colon": "\u00a0:",
        "lacks": "Inconnu, à compléter\u00a0: {}",
        "whole": "Chaque renseignement que l’article nomme y est.",
    },
}


def seizure(found: World, one: Exhibit, language: Language = "en") -> Draft:
    """The report of a seizure; of a part, that of the seizure it comes from."""
    one = root(found, one)
    first, asks = one.first, ASKS[language]
    return Draft(
        "12.1",
        one,
        (
            Particular("12.1(a)(i)", asks[0], _what(one)),
            Particular("12.1(a)(ii)", asks[1], _amount(one.entered, first["amount"], language)),
            Particular("12.1(a)(iii)", asks[2], first["place"]),
            Particular("12.1(a)(iv)", asks[3], first["day"].isoformat()),
            Particular("12.1(a)(v)", asks[4], first["agency"]),
            Particular("12.1(a)(vi)", asks[5], first["file"]),
        ),
    )


def disposition(found: World, one: Exhibit, language: Language = "en") -> Draft:
    """The report of a disposition. Refused where there was none."""
    if one.disposed is None:
        refuse(NOT_DISPOSED, exhibit=one.id)
    row, first, asks = one.disposed, root(found, one).first, ASKS[language]
    gone = one.gone if one.entered is not None else None
    manner = f"{words(row['act'], language)}: {row['why']} ({row['law']})"
    return Draft(
        "29",
        one,
        (
            Particular("29(1)(a)", asks[0], _what(one)),
            Particular("29(1)(b)", asks[6], _amount(gone, first["amount"], language)),
            Particular("29(1)(c)", asks[7], manner),
            Particular("29(1)(d)", asks[8], row["day"].isoformat()),
            Particular("29(1)(e)", asks[4], row["agency"] or first["agency"]),
            Particular("29(1)(f)", asks[9], row["file"] or first["file"]),
        ),
    )


def text(drafts: Sequence[Draft], copy: bool, language: Language = "en") -> str:
    """Drafts of one section as text, each with what is missing."""
    say = HEAD[language]
    lines = [say[drafts[0].section], ""]
    for draft in drafts:
        lines.append(f"{draft.exhibit.number} ({draft.exhibit.id})")
        lines += [
            f"  {each.provision} {each.asks}{say['colon']} {each.value or say['missing']}"
            for each in draft.particulars
        ]
        lacks = ", ".join(draft.missing)
        lines += [f"  {say['lacks'].format(lacks) if lacks else say['whole']}", ""]
    lines.append(f"{'12.1(a)(vii)' if drafts[0].section == '12.1' else '29(1)(g)'} {say['other']}")
    return "\n".join([*lines, *([say["copy"]] if copy else [])]) + "\n"


def _what(one: Exhibit) -> str | None:
    """Return the presumed substance and the words of its certificates of analyst; None for neither."""
    said = [one.first["name"], one.first["substance"]]
    said += [f"{row['why']} ({row['document']})" for row in one.certified]
    return "; ".join(each for each in said if each) or None


def _amount(mass: Mass | None, counted: str | None, language: Language) -> str | None:
    weighed = None if mass is None else f"{written(mass, language)} (k = 2)"
    return "; ".join(each for each in (weighed, counted) if each) or None
