"""The answer for an InChIKey alone."""

from collections.abc import Iterable
from datetime import date

import msgspec

from watchfloor.core.extras import optional
from watchfloor.reference.law import trade
from watchfloor.reference.substances import messages
from watchfloor.reference.substances.assembling import assembled, not_found, tried_as
from watchfloor.reference.substances.bilingual import say
from watchfloor.reference.substances.index import FLAT, Index, IndexEntry
from watchfloor.reference.substances.judging import PROTON, Form, Match, judge
from watchfloor.reference.substances.outcome import Answer, Taken


def of_key(
    text: str, taken: Taken, key: str, form: Form, day: date, index: Index, known: Iterable[IndexEntry]
) -> Answer:
    """An InChIKey alone: equal keys are one structure, equal first blocks one skeleton."""
    if key not in index.keys and not key.endswith("-N"):  # the last letter counts protons
        key, form = f"{key[:-1]}N", form if form.salt else Form(PROTON, form.label)
    if judged := judge(_keyed(key, index), form, day, index):
        if key not in index.keys and key[15:25] != FLAT:
            judged = msgspec.structs.replace(judged, reasons=(*judged.reasons, say(messages.KEY)))
        return assembled(text, taken, day, judged, index, key)
    own = trade.by_inchikey().get(key)
    if own is not None and own.smiles:
        with optional():
            from watchfloor.reference.substances.drawn import by_smiles

        found = by_smiles(own.smiles, day, index)
        return msgspec.structs.replace(found, query=text, taken=taken)
    tried = (key, key[:14]) if key else tuple(one.name for one in known)
    told = not_found(day, [f"InChIKey {key}", tried_as("skeleton", key[:14])] if key else list(tried))
    return Answer(
        query=text, taken=taken, on=day, outcome="not found", reasons=(told,), tried=tried, inchikey=key
    )


def _keyed(key: str, index: Index) -> list[Match]:
    exact = [
        Match(one.key, "unresolved" if one.stereo == "not resolved" else "same")
        for one in index.keys.get(key, ())
    ]
    rest = key[15:25]
    found = []
    for one in index.skeletons.get(key[:14], ()):
        if one.inchikey == key:
            continue
        if FLAT in one.inchikey:
            found.append(Match(one.key, "item states none"))
        else:
            found.append(Match(one.key, "query states none" if rest == FLAT else "isomer"))
    return exact + found
