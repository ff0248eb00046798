"""Messages of the desk on goods, in English and in French."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

from watchfloor.core.messages import Message, declare

_ACT: Final = (
    "Controlled Drugs and Substances Act, Schedule {schedule}, item {number}",
    "Loi réglementant certaines drogues et autres substances, annexe {schedule}, article {number}",
)

_PARTED: Final = (
    _ACT[0].replace("{schedule}", "{schedule}, Part {part}"),
    _ACT[1].replace("{schedule}", "{schedule}, partie {part}"),
)

_TABLED: Final = (
    _PARTED[0].replace("{part}", "{part}, Table {table}"),
    _PARTED[1].replace("{part}", "{part}, tableau {table}"),
)

_PLACES: Final = (("", _ACT), (".part", _PARTED), (".table", _TABLED))
"""By how deep in the schedule the item stands: the end of the message's name, and the citation."""

_HOW: Final = {
    "name": ("name {name}", "nomment {name}"),
    "synonym": ("name {name} as “{text}”", "nomment {name} par « {text} »"),
    "cas": ("give the CAS number of {name}, {text}", "donnent le numéro CAS de {name}, {text}"),
    "un": ("give the UN number of {name}, {text}", "donnent le numéro ONU de {name}, {text}"),
    "within": (
        "have “{text}”, in which {name} stands: a derivative of it, or something else",
        "portent « {text} », où se trouve {name} : un dérivé, ou autre chose",
    ),
    "short": (
        "have “{text}”, short for {name} and for other things",
        "portent « {text} », abrégé de {name} et d’autres choses",
    ),
}

_ENDS: Final = {
    "controlled-goods": ("{act}.", "{act}."),
    "precursor-goods": (
        "A precursor of class A or for a period, {act}.",
        "Un précurseur de catégorie A ou à titre temporaire, {act}.",
    ),
    "class-b-goods": (
        "A class B precursor, {act}: a common chemical.",
        "Un précurseur de catégorie B, {act} : un produit courant.",
    ),
    "device-goods": (
        "A designated device, {act}: its import has to be registered (section 46.3).",
        "Un instrument désigné, {act} : son importation doit être enregistrée (article 46.3).",
    ),
}

_NEAR: Final = (
    " No item names it: the item covers it, if at all, as a derivative or analogue, which a person decides.",
    " Aucun article ne le nomme : s’il est visé, c’est comme dérivé ou analogue; une personne en décide.",
)

_LICENCE: Final = (
    " The declaration speaks of a licence or permit; the desk cannot check it.",
    " La déclaration parle d’une licence ou d’un permis; le pôle ne peut le vérifier.",
)


Key = tuple[str, str, int, bool, bool]


def _messages() -> Iterator[tuple[Key, Message]]:
    for rule, how, depth, near, licence in product(_ENDS, _HOW, range(3), (False, True), (False, True)):
        place, act = _PLACES[depth]
        en, fr = (
            f"{opening} {_HOW[how][at]}. {_ENDS[rule][at].replace('{act}', act[at])}"
            + _NEAR[at] * near
            + _LICENCE[at] * licence
            for at, opening in enumerate(("The goods of {item}", "Les marchandises de {item}"))
        )
        name = f"substances.{rule}.{how}" + place + ".near" * near + ".licence" * licence
        yield (rule, how, depth, near, licence), declare(name, en=en, fr=fr)


SAID: Final[Mapping[Key, Message]] = dict(_messages())
"""By rule, how it is named, whether the item stands in a part (1) or in a table of one (2), whether no item
names it, whether a licence is spoken of."""

EUPHEMISM = declare("substances.euphemism", "item", "text")
"""Words in place of a name."""

EUPHEMISM_IN_LINE = declare("substances.euphemism-in-line", "item", "text", "code", "count", "name")
"""Words in place of a name, in a line where precursors sit."""

IN_LINE = declare("substances.in-line", "item", "code", "name")
"""A line of the tariff that is for a precursor."""

IN_RESIDUAL_LINE = declare("substances.in-residual-line", "item", "code", "count", "name")
"""A line that takes what no other names."""

PUT_RIGHT = declare("substances.put-right", "day")
"""A signal that is taken back."""
