"""Asking: how a query is read, and the answer to it; `outcome` says what an answer can be."""

import re
import unicodedata
from datetime import date
from typing import Final

import msgspec
from stdnum import casrn

from watchfloor.core.extras import optional
from watchfloor.reference.law import trade
from watchfloor.reference.substances import index as indices
from watchfloor.reference.substances import messages, names, novel
from watchfloor.reference.substances.assembling import assembled, not_found
from watchfloor.reference.substances.bilingual import Both, Sentence, say
from watchfloor.reference.substances.index import FLAT, Index
from watchfloor.reference.substances.judging import Form, Match, judge, spoken
from watchfloor.reference.substances.keyed import of_key
from watchfloor.reference.substances.named import by_name, matches_of
from watchfloor.reference.substances.outcome import Answer, QueryError, Taken

LONGEST: Final = 4_000
"""Characters of a query that are looked at."""

_CAS = re.compile(
    r"^\[?(?:CAS[\s:#-]*(?:RN|No\.?|number)?[\s:#-]*)?0*(\d{2,7}) ?- ?(\d{2}) ?- ?(\d)\]?$", re.IGNORECASE
)
_RUN = re.compile(r"^0*(\d{2,7})(\d{2})(\d)$")
_INCHIKEY = re.compile(r"^(?:InChIKey\s*[=:]\s*)?([A-Z]{14}-[A-Z]{10}-[A-Z])$", re.IGNORECASE)
_BLOCK = re.compile(r"^([A-Z]{14})(?:-[A-Z]{0,10})?-?$")
_HS = re.compile(r"^(?:HS(?: ?code)?[\s:]*)?(\d{4}(?:[. ]?\d{2}(?:[. ]?\d{2}){0,2})?)$", re.IGNORECASE)
_DIGITS = re.compile(r"^\d[\d. ]*$")
_DASHES = re.compile("[‐‑‒–—―−﹘﹣－]")
_MARKS = "()[]=#@"


def ask(query: str, on: date, taken: Taken | None = None) -> Answer:
    """Return the law on a query on a day.

    Without `taken` the query is read as what it looks like: a CAS number, an InChIKey, an HS code, a known
    name, a SMILES, else a name. Raises `QueryError` where it is empty, too long, or not what `taken` says.
    """
    if len(query) > LONGEST:
        raise QueryError(f"{len(query):,} characters; at most {LONGEST:,}")
    if not (text := _shown(query)):
        raise QueryError("nothing was asked")
    index = indices.load()
    read_as = taken or reads_as(text, index)
    found = _ASKED[read_as](text, on, index)
    if found.outcome == "ended" and read_as != "smiles":
        found = _otherwise(found, index)
    told = () if taken or found.outcome != "not found" else _unwhole(text, read_as)
    return msgspec.structs.replace(found, query=query.strip(), reasons=(*found.reasons, *told, *spoken(on)))


def _shown(query: str) -> str:
    """A query without marks that do not show (of direction, of width zero), with one kind of dash."""
    if query.isascii():
        return query.strip()
    return _DASHES.sub("-", "".join(one for one in query if unicodedata.category(one) != "Cf")).strip()


def _unwhole(text: str, read_as: Taken) -> tuple[Sentence, ...]:
    """That what was taken as a name reads like a SMILES with something missing."""
    with optional():
        from watchfloor.reference.substances import molecules

    digits = any(map(str.isdigit, text))
    return (say(messages.UNWHOLE),) if read_as == "name" and digits and molecules.looks_like(text) else ()


def _otherwise(found: Answer, index: Index) -> Answer:
    """Return the answer for a class or an analogue, where a substance is named on other days only."""
    smiles = next((one.smiles for one in index.keys.get(found.inchikey, ())), "")
    other = _by_smiles(smiles, found.on, index) if smiles else found
    return msgspec.structs.replace(other, query=found.query, taken=found.taken)


def reads_as(text: str, index: Index) -> Taken:
    """Decide which sort of query a text is."""
    if _CAS.match(text):
        return "cas"
    if _INCHIKEY.match(text) or ((block := _BLOCK.match(text)) and block[1] in index.skeletons):
        return "inchikey"
    if _HS.match(text) or _DIGITS.match(text):
        return "hs"
    if text.lower().startswith("inchi="):
        return "smiles"
    return "name" if _known(text, index) or not _drawn(text) else "smiles"


def _drawn(text: str) -> bool:
    """Whether a text is a SMILES, a title behind it or not; RDKit is only asked of what reads like one."""
    with optional():
        from watchfloor.reference.substances import molecules

    head, *title = text.split(maxsplit=1)
    marked = any(mark in head for mark in _MARKS)
    if not molecules.looks_like(head) or (title and not marked):
        return False
    if len(head) > molecules.CHARACTERS:
        return True
    if head.isalpha() and _phyto(head):
        return False
    try:
        molecules.parse(head)
    except molecules.MoleculeError:
        return marked and not title
    return True


def _phyto(text: str) -> bool:
    """Whether letters that would do for a SMILES are a phytocannabinoid's: CBC, CBN."""
    with optional():
        from watchfloor.reference.substances.classes import phytocannabinoids

    return names.fold(text) in phytocannabinoids.named()


def _known(text: str, index: Index) -> bool:
    if names.fold(text) in index.names:
        return True
    bare = names.fold(names.read(text).bare)
    return bare in index.names or bare in novel.load()


def _by_cas(text: str, day: date, index: Index) -> Answer:
    matched = _CAS.match(text) or _RUN.match(text)
    number = "-".join(matched.groups()) if matched else text
    if not casrn.is_valid(number):
        raise QueryError(
            f"{text!r} is no CAS number: its check digit is wrong" if matched else f"{text!r} is none"
        )
    found = index.numbers.get(number, ())
    if not found:
        told = not_found(day, [f"CAS {number}"])
        return Answer(query=text, taken="cas", on=day, outcome="not found", reasons=(told,), tried=(number,))
    form = Form(salt=next((one.salt for one in found if one.salt), ""))
    own = [known for known in found if known.standing != "near"]
    judged = judge(matches_of(own), form, day, index)
    if judged is None:
        return of_key(text, "cas", found[0].inchikey, form, day, index, found)
    return assembled(text, "cas", day, judged, index, found[0].inchikey)


def _by_inchikey(text: str, day: date, index: Index) -> Answer:
    matched, block = _INCHIKEY.match(text), _BLOCK.match(text)
    if matched is None and block is None:
        raise QueryError(f"{text!r} is no InChIKey: 14, 10 and 1 capital letters")
    if matched is None and block:
        found = of_key(text, "inchikey", f"{block[1]}-{FLAT}-N", Form(), day, index, ())
        return msgspec.structs.replace(found, inchikey="", reasons=(*found.reasons, say(messages.BLOCK)))
    key = matched[1].upper() if matched else ""
    if key[23:25] not in ("SA", "NA"):
        raise QueryError(f"{text!r} is no InChIKey: its second block ends in SA, or in NA")
    return of_key(text, "inchikey", f"{key[:23]}SA{key[25:]}", Form(), day, index, ())


def _by_smiles(text: str, day: date, index: Index) -> Answer:
    with optional():
        from watchfloor.reference.substances.drawn import by_smiles

    return by_smiles(text.split()[0], day, index)  # a SMILES ends at a blank; what follows is a title


def _by_hs(text: str, day: date, index: Index) -> Answer:
    matched = _HS.match(text)
    if matched is None:
        raise QueryError(f"{text!r} is no HS code: 4, 6, 8 or 10 digits")
    code = matched[1].replace(" ", "")
    lines, blank = trade.by_hs(code), Answer(query=text, taken="hs", on=day, outcome="not found")
    if not lines:
        said = not_found(day, [f"HS {code}"])
        return msgspec.structs.replace(blank, reasons=(said,), tried=(code,))
    ids = dict.fromkeys(id_ for line in lines for id_ in line.ids)
    parts = tuple(part for id_ in ids if (part := _of_id(id_, day, index)) and part.clauses)
    told = tuple(map(_line, lines))
    return msgspec.structs.replace(blank, outcome="line", person=True, reasons=told, lines=lines, parts=parts)


def _line(line: trade.HsLine) -> Sentence:
    residual = _residual(line.residual)
    edition = Both(line.edition, line.edition.replace("HS", "SH"))
    return say(messages.LINE, code=line.code, edition=edition, title=line.title, residual=residual)


def _residual(residual: bool) -> Both:
    if residual:
        return Both(
            "It takes what no other line names: most goods under it are something else.",
            "Elle reçoit ce qu'aucune autre ne nomme : la plupart des marchandises y sont autre chose.",
        )
    return Both("A line is no substance.", "Une sous-position n'est pas une substance.")


def _of_id(id_: str, day: date, index: Index) -> Answer | None:
    """The answer for a substance or device of trade."""
    one = trade.substances().get(id_)
    device = None if one else next((one for one in trade.load().device if one.id == id_), None)
    if one and not one.items and one.smiles:
        return msgspec.structs.replace(_by_smiles(one.smiles, day, index), query=one.names["en"][0])
    keys = one.items if one else device.items if device else ()
    judged = judge([Match(key) for key in keys], Form(), day, index)
    if judged is None:
        return None
    label = (one or device).names["en"][0] if one or device else id_  # type: ignore[union-attr]
    return assembled(label, "name", day, judged, index, one.inchikey if one else "")


_ASKED: Final = {
    "name": by_name,
    "cas": _by_cas,
    "inchikey": _by_inchikey,
    "smiles": _by_smiles,
    "hs": _by_hs,
}
