"""The answer for a name."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from watchfloor.reference.substances import index as indices
from watchfloor.reference.substances import names, words
from watchfloor.reference.substances.assembling import TRIED, assembled, not_found
from watchfloor.reference.substances.index import FLAT, Index, Known
from watchfloor.reference.substances.judging import Form, Judged, Match, judge
from watchfloor.reference.substances.keyed import of_key
from watchfloor.reference.substances.outcome import Answer, Outcome
from watchfloor.reference.substances.said import Both, Said, name_of, say

ESTERS: Final = frozenset(
    (
        *("acetate", "propionate", "phenylpropionate", "butyrate", "isobutyrate", "valerate", "caproate"),
        *("enanthate", "enantate", "heptanoate", "cypionate", "cipionate", "hexanoate", "decanoate"),
        *("undecanoate", "undecylenate", "laurate", "benzoate", "isocaproate", "nicotinate", "pivalate"),
        *("diacetate", "dipropionate", "hexahydrobenzylcarbonate"),
    )
)
"""Words behind a name that make it an ester's, folded; of a base they could be a salt's too."""

_SIGNS = {"+": Both("(+)", "(+)"), "-": Both("(−)", "(−)"), "±": Both("racemic", "racémique")}


def by_name(text: str, day: date, index: Index) -> Answer:
    """What the law says of a name: as it stands, then without what it says of a form."""
    found, form, stereo, sign = _looked_up(text, index)
    if not found:
        return _derived(text, day, index) or _unnamed(text, day, index)
    own = [known for known in found if known.standing == "law"] or found
    if all(known.standing == "near" for known in own):
        return of_key(text, "name", own[0].inchikey, form, day, index, own)
    judged = _signed(judge(matches_of(own), form, day, index), sign)
    if judged is None:
        return _unnamed(text, day, index)
    if (
        stereo
        and "controlled.no-configuration" not in {said.message for said in judged.reasons}
        and judged.outcome != "analogue"
    ):
        judged = msgspec.structs.replace(judged, reasons=(*judged.reasons, *_stated(own)))
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
    reasons = (say(words.DERIVED, word=word), *judged.reasons)
    open_ = msgspec.structs.replace(judged, outcome="analogue", person=True, reasons=reasons)
    return assembled(text, "name", day, open_, index, "")


def _looked_up(text: str, index: Index) -> tuple[tuple[Known, ...], Form, str, str]:
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


def matches_of(found: Iterable[Known]) -> list[Match]:
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
    told = say(words.SIGN, listed=_SIGNS[listed], asked=_SIGNS[sign])
    decides = say(words.ISOMER if covered else words.ISOMER_OPEN, name=name_of(item))
    outcome: Outcome = "form" if covered else "analogue"
    return Judged(outcome, not covered, (*judged.reasons, told, decides), judged.clauses)


def _stated(found: Iterable[Known]) -> list[Said]:
    flat = all(FLAT in one.inchikey for one in found if one.inchikey)
    return [say(words.NO_CONFIGURATION)] if flat else []


def _unnamed(text: str, day: date, index: Index) -> Answer:
    if (exempt := _phytocannabinoid(text, day)) is not None:
        return exempt
    spelled = indices.nearest(text, index)
    read = names.read(text)
    tried = tuple(dict.fromkeys((text, _without_form(read), read.bare)))
    told = [not_found(day, [f"{TRIED['name'].en} {one!r}" for one in tried])]
    told += [say(words.SPELLED, names=", ".join(spelled))] if spelled else []
    return Answer(
        query=text,
        taken="name",
        on=day,
        outcome="not found",
        reasons=tuple(told),
        spelled=spelled,
        tried=tried,
    )


def _phytocannabinoid(text: str, day: date) -> Answer | None:
    from watchfloor.reference.substances.classes import phytocannabinoids
    from watchfloor.reference.substances.drawn import by_smiles

    wanted = names.fold(text)
    for name, smiles in phytocannabinoids.PHYTOCANNABINOIDS.items():
        others = phytocannabinoids.NAMES.get(name, ())
        if wanted in {names.fold(one) for one in (name, *others)}:
            return msgspec.structs.replace(by_smiles(smiles, day, indices.load()), query=text, taken="name")
    return None
