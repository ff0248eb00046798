"""Words of `watchfloor controlled` in both languages."""

from collections.abc import Iterator, Mapping
from typing import Final

from watchfloor.core.messages import Language
from watchfloor.reference.law.items import Change, Item
from watchfloor.reference.substances.bilingual import covers_of
from watchfloor.reference.substances.outcome import Answer

Words = Mapping[Language, str]

OUTCOMES: Final[Mapping[str, Words]] = {
    "listed": {"en": "LISTED", "fr": "INSCRITE"},
    "form": {"en": "SALT, ISOMER OR LABELLED FORM of what is listed", "fr": "SEL, ISOMÈRE OU FORME MARQUÉE"},
    "class": {"en": "IN A CLASS", "fr": "DANS UNE CATÉGORIE"},
    "analogue": {"en": "ANALOGUE", "fr": "ANALOGUE"},
    "exempt": {"en": "EXEMPT", "fr": "EXCLUE"},
    "temporary": {"en": "LISTED FOR A TIME", "fr": "INSCRITE POUR UN TEMPS"},
    "ended": {"en": "NOT IN FORCE on that day", "fr": "PAS EN VIGUEUR ce jour-là"},
    "line": {"en": "A LINE OF THE TARIFF", "fr": "UNE SOUS-POSITION"},
    "not found": {"en": "NOT FOUND", "fr": "NON TROUVÉE"},
}
PERSON: Final[Words] = {"en": "a person decides", "fr": "une personne décide"}
TAKEN: Final[Mapping[str, Words]] = {
    "name": {"en": "a name", "fr": "un nom"},
    "cas": {"en": "a CAS number", "fr": "un numéro CAS"},
    "smiles": {"en": "a structure", "fr": "une structure"},
    "inchikey": {"en": "an InChIKey", "fr": "une InChIKey"},
    "hs": {"en": "an HS code", "fr": "un code SH"},
}
ATOMS: Final[Words] = {"en": "atoms", "fr": "atomes"}
HEADS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("day", "change", "item", "name", "how"),
    "fr": ("jour", "changement", "article", "nom", "comment"),
}
UNCHANGED: Final[Words] = {"en": "nothing changed", "fr": "rien n'a changé"}
CHANGES: Final[Mapping[str, Words]] = {
    "added": {"en": "added", "fr": "ajout"},
    "removed": {"en": "removed", "fr": "retrait"},
    "changed": {"en": "changed", "fr": "modification"},
}
_PERIOD: Final[Words] = {"en": "temporary until {}", "fr": "à titre temporaire jusqu'au {}"}
_COVERS: Final[Words] = {"en": "covers {}", "fr": "vise {}"}
_COVERED: Final[Words] = {"en": "no longer {}", "fr": "plus {}"}
_ELSEWHERE: Final[Words] = {"en": "Elsewhere", "fr": "Ailleurs"}
_MEMORY: Final[Words] = {"en": "day not checked", "fr": "date non vérifiée"}


def known(answer: Answer, lang: Language) -> Iterator[str]:
    """Lines on numbers, tariff lines and other law."""
    numbers = answer.numbers
    several = (
        ("CAS", " ".join(numbers.cas)),
        ("UNII", numbers.unii),
        ("UN", " ".join(numbers.un)),
        ("InChIKey", answer.inchikey),
    )
    if told := "; ".join(f"{name} {value}" for name, value in several if value):
        yield told
    if answer.taken != "hs":
        yield from (f"{one.code} ({one.edition}): {one.title}" for one in answer.lines)
    for one in answer.elsewhere:
        until = f"/{one.until}" if one.until else ""
        doubt = f", {_MEMORY[lang]}" if one.checked == "memory" else ""
        where = f"{_ELSEWHERE[lang]}: {one.jurisdiction}, {one.list}, {one.since}{until}"
        yield f"{where} ({one.citation}{doubt})"


def how(change: Change, lang: Language) -> str:
    """Describe a change in a few words."""
    if change.before is None or change.after is None:
        one = change.after or change.before
        return _of_one(one, lang) if one else ""
    before, after = change.before, change.after
    more, less = after.covers - before.covers, before.covers - after.covers
    told = [_COVERS[lang].format(_words(more, lang))] if more else []
    told += [_COVERED[lang].format(_words(less, lang))] if less else []
    names = set(after.names_en) - set(before.names_en)
    return "; ".join([*told, *sorted(names)]) or after.amended


def _of_one(item: Item, lang: Language) -> str:
    period = _PERIOD[lang].format(item.period_until) if item.period_until else ""
    return "; ".join(filter(None, (period, item.ended_by or item.amended)))


def _words(covers: frozenset[str], lang: Language) -> str:
    return str(covers_of(covers)._asdict()[lang])
