"""Messages of the desk on declared goods, in English and in French."""

from typing import Final

from watchfloor.core.messages import Message, declare
from watchfloor.desks.cargo.input_words import NAMES as INPUTS

DIFFERS = declare("cargo.mass-differs", "item", "weighed", "declared", "difference", "allowed")
"""A weighing that does not fit the declaration."""

FITS_AGAIN = declare("cargo.mass-fits", "day")
"""A signal that is taken back."""

PUT_RIGHT = declare("cargo.put-right", "day")
"""Any other signal that is taken back because of a correction."""

BY: Final = (
    ("number", "under one number", "sous un même numéro"),
    ("address", "at one address", "à une même adresse"),
    ("phone", "with one telephone", "avec un même téléphone"),
)
"""What a party is known by: its key at the source, its address, its telephone."""

SPLIT: Final = tuple(
    declare(
        f"cargo.split-{name}",
        en="{count} items within {days} days to a consignee "
        + en
        + ", the same goods or the same shipper, each declared just under {threshold} CAD and {total} CAD"
        " together, the last {item}; up to that value less is asked for: {law}.",
        fr="{count} envois en {days} jours à un destinataire "
        + fr
        + ", mêmes marchandises ou même expéditeur, chacun déclaré juste au-dessous de {threshold} $ CA et"
        " {total} $ CA ensemble, le dernier étant {item} ; jusqu’à cette valeur on exige moins : {law}.",
    )
    for name, en, fr in BY
)
"""Items just under a threshold of value, by what the consignee is known by."""

PACKETS: Final = tuple(
    declare(
        f"cargo.packets-{name}",
        en="{count} packets within {days} days to a consignee "
        + en
        + ", the same goods or the same shipper, each of no more than {light} kg and {total} kg together, the"
        " last {item}; no value can be held against a threshold.",
        fr="{count} paquets en {days} jours à un destinataire "
        + fr
        + ", mêmes marchandises ou même expéditeur, chacun d’au plus {light} kg et {total} kg ensemble, le"
        " dernier étant {item} ; aucune valeur ne peut être comparée à un seuil.",
    )
    for name, en, fr in BY
)
"""Light packets whose values say nothing."""

REPEATED = declare("cargo.repeated", "shippers", "days", "mass", "value", "currency", "count", "item")
"""Identical declarations by different shippers."""

PAGE = declare("cargo.page", "shippers", "days", "page", "count", "item")
"""One seller's page across consignors."""

NAMES: Final = {
    (side, way): declare(
        f"cargo.names-{side}-{name}",
        en="{names} names within {days} days for a "
        + role
        + " "
        + en
        + ", counting {spellings} spellings; where only typing or transliteration differs it is one name, and"
        " such differences say nothing. The last item is {item}.",
        fr="{names} noms en {days} jours pour un "
        + titre
        + " "
        + fr
        + ", sous {spellings} graphies ; où seules la frappe ou la translittération diffèrent, c’est un seul"
        " nom, et ces différences ne disent rien. Le dernier envoi est {item}.",
    )
    for side, role, titre in (
        ("consignee", "consignee", "destinataire"),
        ("shipper", "shipper", "expéditeur"),
    )
    for way, (name, en, fr) in enumerate(BY)
}
"""Different names of one party, by side and by what it is known by."""

ONE_NAME: Final = {
    (side, way): declare(
        f"cargo.spellings-{side}-{name}",
        en="A "
        + role
        + " "
        + en
        + " was written in {spellings} ways within {days} days; only typing or transliteration differs, and"
        " it is one party: what is known under one spelling holds for all. The last item is {item}.",
        fr="Un "
        + titre
        + " "
        + fr
        + " a été écrit de {spellings} façons en {days} jours ; seules la frappe ou la translittération"
        " diffèrent, et c’est une seule partie : ce qu’on sait sous une graphie vaut pour toutes. Le dernier"
        " envoi est {item}.",
    )
    for side, role, titre in (
        ("consignee", "consignee", "destinataire"),
        ("shipper", "shipper", "expéditeur"),
    )
    for way, (name, en, fr) in enumerate(BY)
}
"""One name in many spellings: said once, and worth nothing by itself."""

FAR: Final[dict[tuple[str, bool], Message]] = {}
"""A value or a mass that such goods seldom have, by what it is and whether only the chapter is known."""
for _name, _en, _fr in (
    ("value", "is declared at {measured} {unit} a kilogram", "est déclaré à {measured} {unit} le kilogramme"),
    ("mass", "is declared with {measured} {unit} a piece", "est déclaré pour {measured} {unit} la pièce"),
):
    for _chapter, _of, _du in ((False, "heading", "de la position"), (True, "chapter", "du chapitre")):
        FAR[_name, _chapter] = declare(
            f"cargo.{_name}-for-{_of}",
            en="{item} "
            + _en
            + "; of {cases} lines of "
            + _of
            + " {code} half lie around {middle}, and fewer"
            " than one in {tail} so far out.",
            fr="{item} "
            + _fr
            + " ; sur {cases} lignes "
            + _du
            + " {code}, la moitié sont autour de {middle},"
            " et moins d’une sur {tail} si loin.",
        )

VALUE_FOR_NORM = declare("cargo.value-for-norm", "item", "measured", "unit", "code", "low", "high", "source")
"""A value outside what a node's own table says."""

TOO_HEAVY = declare("cargo.too-heavy", "item", "mass", "most")
"""A mass that cannot be."""

THINGS: Final = (
    ("controlled-substance", "a controlled substance", "une substance désignée"),
    ("precursor", "a precursor", "un précurseur"),
    ("device", "a device", "un instrument"),
    ("other", "something", "quelque chose"),
)
"""What was found, as far as it is told apart in a sentence; the records say more."""

WAYS: Final = (
    ("number", "a party’s number", "le numéro d’une partie"),
    ("phone", "a telephone", "un téléphone"),
    ("address", "an address", "une adresse"),
    ("page", "the seller’s page", "la page du vendeur"),
    ("name", "a name", "un nom"),
)
"""What an item may share with another, the weightiest first."""

_NAME: Final = (
    " It is a name alone: others have it too, and it identifies nobody.",
    " Ce n’est qu’un nom : d’autres le portent, et il n’identifie personne.",
)
_NAMES_AT: Final = (
    " Names with it within some weeks: {names}.",
    " Noms qui l’ont eu en quelques semaines : {names}.",
)


def _suffix(less: str) -> str:
    return f"-{less.replace(' ', '-')}" if less else ""


_OTHERWISE: Final = (
    " Another examination of that one said otherwise; the later one stands.",
    " Un autre examen de celui-là a dit autre chose ; le plus récent compte.",
)

LESS: Final = {
    "": ("", ""),
    "shared place": (
        " So many use it that it may be a counter or a forwarder: of any one of them it says little.",
        " Tant de noms l’ont que c’est peut-être un comptoir ou un transitaire : de chacun, cela dit peu.",
    ),
    "some of many": (
        " Others that were examined with it held nothing, so this says less.",
        " D’autres envois examinés avec lui ne contenaient rien : cela en dit moins.",
    ),
    "found often": (
        " Findings are frequent among all that is examined, so this says less.",
        " Les découvertes sont fréquentes parmi tout ce qui est examiné : cela en dit moins.",
    ),
    "few of many": (
        " Most that were examined with it held nothing, so this says little.",
        " La plupart des envois examinés avec lui ne contenaient rien : cela dit peu.",
    ),
}
"""Why a finding says less of who shares something with it: by the strength that tells so, and `found often`
where that is `some of many` though nothing was examined in vain."""

FOUND: Final[dict[tuple[str, str, bool, str], Message]] = {
    (name, thing, otherwise, less): declare(
        f"cargo.past-finding-{name}-{thing}{'-contradicted' * otherwise}{_suffix(less)}",
        en="{item} has "
        + en
        + " of {other}, in which "
        + what
        + " was found on {day}, {age} days before. Findings among the items examined that share it: {found}"
        " of {examined}."
        + _NAMES_AT[0] * (name in ("address", "phone"))
        + _NAME[0] * (name == "name")
        + LESS[less][0]
        + _OTHERWISE[0] * otherwise,
        fr="{item} a "
        + fr
        + " de {other}, où l’on a trouvé "
        + quoi
        + " le {day}, {age} jours plus tôt. Découvertes parmi les envois examinés qui le partagent : {found}"
        " sur {examined}."
        + _NAMES_AT[1] * (name in ("address", "phone"))
        + _NAME[1] * (name == "name")
        + LESS[less][1]
        + _OTHERWISE[1] * otherwise,
    )
    for name, en, fr in WAYS
    for thing, what, quoi in THINGS
    for otherwise in (False, True)
    for less in (LESS if name != "name" else ("",))
    if less != "shared place" or name in ("address", "phone")
}
"""What an item shares with one in which something was found."""

HUB: Final[dict[str, Message]] = {
    name: declare(
        f"cargo.past-finding-busy-{name}",
        en="{other}, in which something was found on {day}, has "
        + en
        + " that more than {many} items share within some weeks, the last {item}: of any one of them it says"
        " little, and it is said once.",
        fr="{other}, où l’on a trouvé quelque chose le {day}, a "
        + fr
        + " que plus de {many} envois partagent en quelques semaines, le dernier étant {item} : d’aucun d’eux"
        " cela ne dit grand-chose, et ce n’est dit qu’une fois.",
    )
    for name, en, fr in WAYS[:4]
}
"""A finding at a place that very many share."""

NO_FINDING = declare("cargo.no-past-finding", "day")
"""A past finding that is taken back."""

NEW_WAY = declare("cargo.new-way", "item", "mode", "departure", "trips", "once")
"""A way that a shipper never took."""

NEW_HANDLER = declare("cargo.new-handler", "item", "handler", "trips", "once")
"""An office or forwarder that a shipper never used."""

NEW_PARTY: Final = {
    1: declare("cargo.new-consignee", "item", "days"),
    2: declare("cargo.new-shipper", "item", "days"),
}
"""First-time parties, beside something else that is said of an item."""

HS_WITHDRAWN = declare("cargo.hs-withdrawn", "item", "code", "year")
"""A code of a withdrawn edition, beside something else that is said of an item."""

HS_MOVED = declare("cargo.hs-moved", "item", "code", "year", "now")
"""The same, where the tables tell what took its place."""

ANSWERED = declare("cargo.responded", "by", "answer", "item", "day")
"""An answer to advance data that is outstanding."""

ANSWER_MET = declare("cargo.responded-met", "day")
"""An answer that is met."""

LIKE_FOUND: Final = {
    name: declare(
        "cargo.like-found" + f"-{name.replace(' & ', '-').replace(' ', '-')}" * bool(name),
        en="{item} is like consignments in which something was found: chance {chance}, by the model {model}."
        + f" What speaks for it most is {en}." * bool(name)
        + " Inputs that speak for it: {more}; against it: {less}. A score is an invitation to look, and no"
        " ground for opening mail.",
        fr="{item} ressemble à des envois où l’on a trouvé quelque chose : probabilité {chance}, selon le"
        " modèle {model}."
        + f" Ce qui parle le plus pour : {fr}."
        * bool(name)
        + " Éléments pour : {more} ; contre : {less}. Un score invite à regarder, et ne justifie pas"
        " d’ouvrir le courrier.",
    )
    for name, (en, fr) in {"": ("", ""), **INPUTS}.items()
}
"""A model's score, by the input that raised it most; none where none did."""
