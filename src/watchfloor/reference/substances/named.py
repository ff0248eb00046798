"""The answer for a name."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from watchfloor.core.extras import optional
from watchfloor.reference.law import trade
from watchfloor.reference.substances import index as indices
from watchfloor.reference.substances import messages, names, novel
from watchfloor.reference.substances.assembling import assembled, not_found, tried_as
from watchfloor.reference.substances.bilingual import Both, name_of, say
from watchfloor.reference.substances.index import FLAT, Index, IndexEntry
from watchfloor.reference.substances.judging import Form, Judged, Match, judge
from watchfloor.reference.substances.keyed import of_key
from watchfloor.reference.substances.outcome import Answer, Outcome

ESTERS: Final = frozenset(
    names.fold(word)
    for word in (
        *("acetate", "propionate", "phenylpropionate", "butyrate", "isobutyrate", "valerate", "caproate"),
        *("enanthate", "heptanoate", "cypionate", "cipionate", "hexanoate", "decanoate"),
        *("undecanoate", "undecylenate", "laurate", "benzoate", "isocaproate", "nicotinate", "pivalate"),
        *("diacetate", "dipropionate", "hexahydrobenzylcarbonate"),
    )
)
"""Words behind a name that make it an ester's, folded; of a base they could be a salt's too."""

CANNABIS: Final = frozenset(
    (
        *("cannabis", "marijuana", "marihuana", "hashish", "hash", "haschich", "haschisch", "weed", "kif"),
        *("cannabissativa", "cannabisresin", "cannabisoil", "resinedecannabis", "huiledecannabis", "hemp"),
    )
)
"""Folded names of the plant and its products."""

_SIGNS = {"+": Both("(+)", "(+)"), "-": Both("(−)", "(−)"), "±": Both("racemic", "racémique")}


def by_name(text: str, day: date, index: Index) -> Answer:
    """Return the law on a name: as it stands, then without its words for a form."""
    found, form, stereo, sign = _looked_up(text, index)
    if not found:
        return _derived(text, day, index) or _unnamed(text, day, index)
    own = [known for known in found if known.standing == "law"] or found
    if all(known.standing == "near" for known in own):
        return of_key(text, "name", own[0].inchikey, form, day, index, own)
    judged = _signed(judge(matches_of(own), form, day, index), sign)
    if judged is None:
        return _unnamed(text, day, index)
    if stereo and judged.outcome != "analogue":
        judged = _stated(judged, own, stereo)
    return assembled(
        text, "name", day, judged, index, next((one.inchikey for one in own if one.inchikey), "")
    )


def _derived(text: str, day: date, index: Index) -> Answer | None:
    """A name with the word of an ester behind it, where the item of the rest covers derivatives."""
    rest, _, word = names.plain(text).rpartition(" ")
    found = index.names.get(names.fold(rest), ()) if names.fold(word) in ESTERS else ()
    judged = judge(matches_of(found), Form(), day, index)
    if judged is None or "derivatives" not in judged.clauses[0].covers:
        return None
    either = "salts" in judged.clauses[0].covers
    reasons = (say(messages.DERIVED_OR_SALT if either else messages.DERIVED, word=word), *judged.reasons)
    open_ = msgspec.structs.replace(judged, outcome="analogue", person=True, reasons=reasons)
    return assembled(text, "name", day, open_, index, "")


def _looked_up(text: str, index: Index) -> tuple[tuple[IndexEntry, ...], Form, str, str]:
    """The name as it stands, then without what is said of a form."""
    sign = names.sign_of(text) if names.plain(text)[:1] in "(+-±dl" else ""
    read = names.read(text)
    form = Form(read.salt, read.label)
    found = index.names.get(names.fold(text), ())
    if found and (form == Form() or any(known.standing == "law" for known in found)):
        return found, Form(), "", sign if text.strip()[:1] in "(+-±" else ""
    for bare, stereo in ((_without_form(read), ""), (read.bare, read.stereo)):
        if bare_found := index.names.get(names.fold(bare)):
            return bare_found, form, stereo, read.sign
    return found, form, read.stereo, read.sign


def _without_form(read: names.Read) -> str:
    """The name without salt and label, its configuration kept: `(S)-x` of `(S)-x hydrochloride`."""
    return f"{read.stereo.replace(' ', '-')}-{read.bare}" if read.stereo else read.bare


def matches_of(found: Iterable[IndexEntry]) -> list[Match]:
    """The items that substances lead to."""
    return [Match(key) for known in found for key in known.keys]


def _signed(judged: Judged | None, sign: str) -> Judged | None:
    """The same, where the query's rotation is another than the one that the item names."""
    if judged is None or not sign:
        return judged
    item = judged.clauses[0]
    listed = next(
        filter(None, (names.sign_of(name) if name[:1] in "(+-±dl" else "" for name in item.names_en)), ""
    )
    if not listed or listed == sign:
        return judged
    covered = "isomers" in item.covers
    told = say(messages.SIGN, listed=_SIGNS[listed], asked=_SIGNS[sign])
    decides = say(messages.ISOMER if covered else messages.ISOMER_OPEN, name=name_of(item))
    outcome: Outcome = "form" if covered else "analogue"
    return Judged(outcome, not covered, (*judged.reasons, told, decides), judged.clauses)


def _stated(judged: Judged, found: Iterable[IndexEntry], stereo: str) -> Judged:
    """The same with what became of a configuration that only the query's name gives."""
    said: set[str] = {one.message for one in judged.reasons}
    if said & {messages.NO_CONFIGURATION.id, messages.SIGN.id}:
        return judged
    drawn = [one.inchikey for one in found if one.inchikey]
    if all(FLAT in one for one in drawn):
        return msgspec.structs.replace(judged, reasons=(*judged.reasons, say(messages.NO_CONFIGURATION)))
    told = say(messages.SIGN_UNREAD, stereo=stereo)
    open_ = not any("isomers" in item.covers for item in judged.clauses)
    return msgspec.structs.replace(judged, person=judged.person or open_, reasons=(*judged.reasons, told))


def _unnamed(text: str, day: date, index: Index) -> Answer:
    if (drawn := _drawn(text, day, index)) is not None:
        return drawn
    spelled = indices.nearest(text, index)
    read = names.read(text)
    tried = tuple(dict.fromkeys((text, _without_form(read), read.bare)))
    told = [not_found(day, [tried_as("name", repr(one)) for one in tried])]
    told += [say(messages.SPELLED, names=", ".join(spelled))] if spelled else []
    within = ", ".join(dict.fromkeys(one.text for one in trade.by_name(text) if one.items))
    told += [say(messages.WITHIN, names=within)] if within else []
    told += [say(messages.CANNABIS)] if names.fold(read.bare) in CANNABIS else []
    return Answer(
        query=text,
        taken="name",
        on=day,
        outcome="not found",
        person=bool(within),
        reasons=tuple(told),
        spelled=spelled,
        tried=tried,
    )


def _drawn(text: str, day: date, index: Index) -> Answer | None:
    """A phytocannabinoid or a new substance, as it stands or in a form of it, by its structure."""
    with optional():
        from watchfloor.reference.substances.classes import phytocannabinoids
        from watchfloor.reference.substances.drawn import by_smiles

    read = names.read(text)
    for one in dict.fromkeys(map(names.fold, (text, _without_form(read), read.bare))):
        smiles = phytocannabinoids.named().get(one) or novel.load().get(one, ("", ""))[1]
        if smiles:
            found = by_smiles(smiles, day, index)
            told = [say(messages.DRAWN, smiles=smiles)]
            told += (
                [say(messages.LABELLED, label=read.label)] if read.label and one != names.fold(text) else []
            )
            return msgspec.structs.replace(found, query=text, taken="name", reasons=(*found.reasons, *told))
    return None
