"""A draft to Health Canada when a substance, or a class of them, turns up that was not here before.

New is what no earlier reading, exhibit or seizure that the reader may see names, by its key or by its name.
The draft holds facts: what was measured, with what, where and when, what the tables of the law have on it.
It draws no conclusion about anybody, and a person sends it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from watchfloor.casework.custody import readings
from watchfloor.casework.custody.balance import below
from watchfloor.casework.custody.exhibits import Exhibit, World, root
from watchfloor.casework.custody.masses import measured, typed, written
from watchfloor.cell.acts import Row, minute, read
from watchfloor.core.kinds import EXHIBIT, READING, SEIZURE
from watchfloor.core.messages import Language
from watchfloor.formats.lab.reading_quality import CHECKS, TARGET, THREAT
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

UNFOUND: Final = ("not-detected", "inconclusive")
"""Levels of a result that names nothing as being there."""


class NamedSubstance(NamedTuple):
    """A substance that a record names: its key or None, its name or None, the record and where it stands."""

    key: str | None
    name: str | None
    kind: str
    row: Row

    def same(self, other: "NamedSubstance") -> bool:
        """Whether two name one substance: by key where both have one, else by name."""
        if self.key and other.key:
            return self.key == other.key
        return bool(self.name) and bool(other.name) and _folded(self.name) == _folded(other.name)


class Alert(NamedTuple):
    """A substance that a draft of an alert would name.

    Attributes:
        about: the substance and the record that brings it.
        before: the first record that names it already, or None: it is new.
        compared: how many records of each kind were looked at.
    """

    about: NamedSubstance
    before: NamedSubstance | None
    compared: dict[str, int]


def of_exhibit(floor: Floor, reader: Reader, found: World, one: Exhibit) -> list[Alert]:
    """Return the substances that who seized an exhibit and its analysts named, each compared with earlier
    records.

    Exhibits of the same split belong to the same seizure: they are not earlier records.
    """
    family, _ = below(found, root(found, one))
    named = [each for row in one.history for each in _of_act(row)]
    return _compared(floor, reader, named, frozenset(each for one in family for each in (one.id, one.number)))


def of_reading(floor: Floor, reader: Reader, row: Row) -> list[Alert]:
    """Return the substances that a reading found, each compared with earlier records."""
    return _compared(floor, reader, list(_of_reading(row)), frozenset())


def text(alert: Alert, node: str, agency: str, language: Language = "en") -> str:
    """The draft, of facts alone."""
    seen, say = alert.about, SAYS[language]
    lines = [say["head"], "", f"{say['from']}: {agency or node}", f"{say['named']}: {_named(seen)}"]
    lines.append(f"{say['law']}: {law_of(seen, language)}")
    lines += [f"{say[name]}: {value}" for name, value in _facts(seen, language)]
    counts = ", ".join(f"{count} × {kind}" for kind, count in alert.compared.items())
    lines += [say["new"].format(counts=counts), "", say["foot"]]
    return "\n".join(lines) + "\n"


def law_of(seen: NamedSubstance, language: Language = "en") -> str:
    """Return the stored law of the record's day on a substance, as `watchfloor controlled` answers."""
    answer = readings.law(seen.key, seen.name, seen.row["observed_at"].date())
    return answer.reason(language) if answer else SAYS[language]["unasked"]


SAYS: Final = {
    "en": {
        "head": "DRAFT of an alert to Health Canada: a substance new to this office. A person checks and "
        "sends it.",
        "from": "From",
        "named": "Named",
        "law": "Law",
        "unasked": "it has no name or number that can be looked up; a person decides",
        "when": "When",
        "where": "Where",
        "how": "How",
        "level": "Level",
        "amount": "Amount",
        "record": "Record",
        "exhibit": "Exhibit",
        "new": "New: none of what was here before names it ({counts}).",
        "foot": "Facts alone; no conclusion about anybody follows from them. A field reading is presumptive.",
    },
    "fr": {
        "head": "ÉBAUCHE d’une alerte à Santé Canada\u00a0: une substance nouvelle pour ce bureau. Une "
        "personne la vérifie "
        "et l’envoie.",
        "from": "De",
        "named": "Nommée",
        "law": "Droit",
        "unasked": "elle n’a ni nom ni numéro à chercher; une personne tranche",
        "when": "Quand",
        "where": "Où",
        "how": "Comment",
        "level": "Niveau",
        "amount": "Quantité",
        "record": "Enregistrement",
        "exhibit": "Pièce",
        "new": "Nouvelle\u00a0: rien de ce qui était ici ne la nomme ({counts}).",
        "foot": "Des faits seulement; rien n’en découle sur quiconque. Une lecture de terrain est "
        "présomptive.",
    },
}


def _compared(
    floor: Floor, reader: Reader, named: Sequence[NamedSubstance], family: frozenset[str]
) -> list[Alert]:
    """Each substance once, beside the first earlier record that names it."""
    if not named:
        return []
    tables = {kind.name: read(floor, reader, kind) for kind in (READING, EXHIBIT, SEIZURE)}
    every = [each for kind, rows in tables.items() for row in rows for each in _substances(kind, row)]
    distinct: list[NamedSubstance] = []
    for each in named:
        if not any(each.same(other) for other in distinct):
            distinct.append(each)
    made = []
    for each in distinct:
        earlier = [
            other
            for other in every
            if each.same(other)
            and other.row["position"] < each.row["position"]
            and other.row.get("exhibit") not in family
        ]
        first = min(earlier, key=lambda other: other.row["position"], default=None)
        counts = {
            kind: sum(row["position"] < each.row["position"] for row in rows) for kind, rows in tables.items()
        }
        made.append(Alert(each, first, counts))
    return made


def _substances(kind: str, row: Row) -> Iterator[NamedSubstance]:
    if kind == READING.name:
        yield from _of_reading(row)
    elif kind == EXHIBIT.name:
        yield from _of_act(row)
    else:
        yield NamedSubstance(row["substance"], row["drug"], kind, row)


def _of_act(row: Row) -> Iterator[NamedSubstance]:
    """Yield the substance that an act names: a seizure the presumed one, a certificate the one found."""
    if row["act"] == "seized" and row["substance"]:
        yield NamedSubstance(row["substance"], row["name"], EXHIBIT.name, row)
    elif row["act"] == "certified":
        yield NamedSubstance(row["substance"], None if row["substance"] else row["why"], EXHIBIT.name, row)


def _of_reading(row: Row) -> Iterator[NamedSubstance]:
    """Yield the substances that a reading found.

    Substances looked for in vain or left undecided are left out; so are readings of the instrument itself,
    and the classes that a dog or a scanner reports.
    """
    if row["matrix"] in CHECKS:
        return
    results: list[dict[str, Any]] = row["results"] or []
    for one in results:
        if one["level"] not in UNFOUND and not (one["name"] or "").startswith((TARGET, THREAT)):
            yield NamedSubstance(one["substance"], one["name"], READING.name, row)
    if not results and row["substance"] and row["level"] not in UNFOUND:
        yield NamedSubstance(row["substance"], None, READING.name, row)


def _facts(seen: NamedSubstance, language: Language) -> Iterator[tuple[str, str]]:
    row = seen.row
    yield "when", minute(row["observed_at"])
    if row.get("place"):
        yield "where", row["place"]
    if seen.kind == READING.name:
        yield "how", " ".join(str(each) for each in (row["method"], row["instrument"], row["serial"]) if each)
        yield "level", row["level"] or "presumptive"
    elif row.get("document"):
        yield "how", f"{row['document']} ({row['analyst']}): {row['why']}"
    if row.get("mass") is not None:
        yield "amount", _mass(row, language)
    if row.get("exhibit"):
        yield "exhibit", str(row.get("number") or row["exhibit"])
    yield "record", row["record_id"].hex()


def _mass(row: Row, language: Language) -> str:
    if row.get("mass_error"):
        return f"{written(measured('', row['mass'], row['mass_error']), language)} (k = 2)"
    return f"{typed(row['mass'], language)} g"


def _named(seen: NamedSubstance) -> str:
    return ", ".join(each for each in (seen.name, seen.key) if each)


def _folded(name: str | None) -> str:
    return " ".join((name or "").split()).casefold()
