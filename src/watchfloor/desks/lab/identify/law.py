"""The law on substances that are identified, and where it is withheld."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from watchfloor.core.extras import MissingExtraError
from watchfloor.desks.lab.fentanyls import Family
from watchfloor.desks.lab.identify.answer import POOR, Answer, Component
from watchfloor.desks.lab.identify.compounds import Compound, Shelf
from watchfloor.reference.law import items
from watchfloor.reference.substances import answer as questions
from watchfloor.reference.substances.outcome import QueryError

NAMED: Final = ("listed", "temporary", "form")
"""Outcomes that say that an item names the substance: withheld where it may be another one."""
FENTANYLS: Final = "CDSA/I/16"
FAMILY: Final = "its spectrum is of the fentanyl family: a person decides under item 16 of Schedule I"


def control(compound: Compound, on: date) -> dict[str, Any] | None:
    """Return what the law says of a substance on a day; None where nothing is found.

    It is asked by InChIKey, by CAS number, by its structure and by name, until something is found: a key
    finds what an item names, a structure also what a definition or a shared core covers. Where none is found
    and the name holds one that the law names (`ortho-methylfentanyl`), it says so: a person decides. Where
    its structure could not be compared, without rdkit or for a fault in it, it says that: `uncompared`.
    """
    within = uncompared = None
    for query, taken in (
        (compound.inchikey, None),
        (compound.cas, None),
        (compound.smiles, "smiles"),
        (compound.name, None),
    ):
        try:
            found = questions.ask(query, on, taken)  # type: ignore[arg-type]
        except (QueryError, MissingExtraError) as error:
            if (taken and query) or isinstance(error, MissingExtraError):
                uncompared = {"outcome": "not found", "clauses": [], "said": str(error), "uncompared": True}
            continue
        if found.outcome != "not found":
            clauses = [item.key for item in found.clauses]
            return {"outcome": found.outcome, "clauses": clauses, "said": found.reason()}
        if found.person:
            within = {"outcome": "not found", "clauses": [], "said": found.reason(), "person": True}
    return within or uncompared


def controls(answer: Answer, family: Family | None, on: date) -> list[dict[str, Any] | None]:
    """Return what the law says of each component of an answer, in their order.

    An item that names a substance is withheld where the answer is too weak to say that it is this one. Where
    the spectrum is of the fentanyl family and nothing is found of any component in it, that is said of the
    first, which makes most of the spectrum. Where these spectra do not tell a component from another of which
    the law says something else, `or` holds what it says of that one.
    """
    found = [control(one.compound, on) for one in answer.components]
    silent = bool(found) and (found[0] is None or found[0]["outcome"] == "not found")
    if silent and family is not None and family.verdict == "yes" and _stands(on):
        found[0] = {"outcome": "analogue", "clauses": [FENTANYLS], "said": FAMILY}
    return [
        _among(law and _withheld(law, answer.weaknesses(one)), one, on)
        for law, one in zip(found, answer.components, strict=True)
    ]


def level(law: dict[str, Any] | None, one: Component, answer: Answer) -> str:
    """Return how far a component is found: `inconclusive` where what the law says of it is withheld.

    So it is, whatever the law says, where the match is poor, where these spectra do not tell it from another,
    where much of the signal is unexplained, and where the most similar spectrum of the library is of none
    that is named.
    """
    withheld = law is not None and law["outcome"] == "withheld"
    weak = bool(one.alternatives or answer.passed_over) or answer.unknown or one.match < POOR or withheld
    return "inconclusive" if weak else "presumptive"


def _among(law: dict[str, Any] | None, one: Component, on: date) -> dict[str, Any] | None:
    """Join the law on a component with that on the substances that these spectra do not tell it from."""
    own = law["clauses"] if law else []
    laws = ((other.name, control(other, on) or _NOTHING) for other in one.alternatives)
    others = [{"name": name, **each} for name, each in laws if each["clauses"] != own]
    if not others:
        return law
    why = tuple(f"these spectra do not tell it from {each['name']}" for each in others)
    return _withheld(law or _NOTHING, why) | {"or": others}


_NOTHING: Final[dict[str, Any]] = {"outcome": "not found", "clauses": [], "said": ""}


def _stands(on: date) -> bool:
    return any(one.key == FENTANYLS and one.on(on) for one in items.items())


def _withheld(law: dict[str, Any], why: tuple[str, ...]) -> dict[str, Any]:
    if not why or law["outcome"] not in (*NAMED, "withheld"):
        return law
    if law["outcome"] == "withheld":
        return law | {"why": [*law["why"], *why]}
    return law | {"outcome": "withheld", "if_named": law["outcome"], "why": list(why)}


def cell(law: dict[str, Any] | None) -> str:
    """Return the same as a cell of a table."""
    others = (f"; if {one['name']}: {_cell(one)}" for one in (law or {}).get("or", ()))
    return _cell(law) + "".join(others)


def _cell(law: dict[str, Any] | None) -> str:
    if law is None:
        return "not found"
    clauses = f" ({', '.join(law['clauses'])})" if law["clauses"] else ""
    if law.get("person"):
        return "not found; its name holds one that the law names: a person decides"
    if law.get("uncompared"):
        return f"not found by number or name; its structure was not compared: {law['said']}"
    if law["outcome"] == "withheld":
        return f"withheld: {law['if_named']}{clauses} if it is this; {'; '.join(law['why'])}"
    return f"{law['outcome']}{clauses}"


def isomers(answer: Answer, laws: list[dict[str, Any] | None], shelf: Shelf) -> Iterator[str]:
    """Yield a warning for each component that an item names and of which the library holds no isomer."""
    for one, law in zip(answer.components, laws, strict=True):
        if law is not None and law["outcome"] in NAMED and not one.alternatives:
            yield from _lacking(one, shelf)


def _lacking(component: Component, shelf: Shelf) -> Iterator[str]:
    one = component.compound
    if not one.formula:
        yield f"the library states no formula of {one.name}: whether it holds isomers of it is not known"
    elif not shelf.isomers(one):
        yield (
            f"the library holds no isomer of {one.name} ({one.formula}): a positional isomer may have nearly "
            "this spectrum, and would be named for it"
        )
