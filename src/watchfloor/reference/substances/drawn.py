"""The answer for a SMILES or an InChI: one substance, a form of it, or a mixture."""

from datetime import date
from functools import partial

import msgspec
from rdkit import Chem

from watchfloor.reference.substances import messages, molecules, structural
from watchfloor.reference.substances.assembling import TRIED, assembled, not_found, tried_as
from watchfloor.reference.substances.bilingual import say
from watchfloor.reference.substances.index import Index
from watchfloor.reference.substances.judging import Judged
from watchfloor.reference.substances.molecules import Molecule
from watchfloor.reference.substances.outcome import STRONGEST, Answer, QueryError


def by_smiles(text: str, day: date, index: Index) -> Answer:
    """Return the law on a structure. Raises `QueryError` where it is no molecule within limits."""
    try:
        molecule = molecules.inchi(text) if text.lower().startswith("inchi=") else molecules.parse(text)
    except molecules.MoleculeError as error:
        raise QueryError(str(error)) from None
    if len(molecule.substances) > 1:
        return _mixture(text, molecule, day, index)
    return _structure(text, molecule, day, index)


def _mixture(text: str, molecule: Molecule, day: date, index: Index) -> Answer:
    apart = (Molecule(Chem.MolToSmiles(part), part) for part in molecule.substances)
    parts = tuple(_structure(one.smiles, one, day, index) for one in apart)
    first = min(parts, key=lambda one: STRONGEST.index(one.outcome))
    told = (say(messages.MIXTURE, count=len(parts)), *first.reasons)
    return Answer(
        query=text,
        taken="smiles",
        on=day,
        outcome=first.outcome,
        person=first.person,
        reasons=told,
        clauses=tuple(dict.fromkeys(clause for part in parts for clause in part.clauses)),
        parts=parts,
    )


def _structure(text: str, molecule: Molecule, day: date, index: Index) -> Answer:
    part = molecule.substances[0]
    judged, key = structural.identity(molecule, part, day, index)
    if judged is not None and judged.outcome != "ended":
        return assembled(text, "smiles", day, judged, index, key)
    excepted = partial(structural.excepted, key)
    for look in (structural.membership, excepted, structural.analogue):
        if found := look(part, day, index):
            more, sites = found
            near, told = structural.near(part, day, index, more.clauses) if more.person else ((), ())
            earlier = judged.reasons if judged else ()
            told = (*more.reasons, *told, *earlier)
            answer = assembled(text, "smiles", day, msgspec.structs.replace(more, reasons=told), index, key)
            return msgspec.structs.replace(answer, sites=sites, near=near)
    if judged is not None:
        return assembled(text, "smiles", day, judged, index, key)
    near, told = structural.near(part, day, index)
    tried = (key, key[:14], *(TRIED[one].en for one in ("definitions", "cores", "likeness")))
    sorts = (TRIED[one] for one in ("definitions", "cores", "likeness"))
    reasons = (not_found(day, [f"InChIKey {key}", tried_as("skeleton", key[:14]), *sorts]), *told)
    return msgspec.structs.replace(
        assembled(text, "smiles", day, Judged("not found", False, reasons, ()), index, key),
        near=near,
        tried=tried,
    )
