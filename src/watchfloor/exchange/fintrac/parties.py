"""Persons and entities of a report: each defined once for each part it plays, and referred to by number.

A definition's type follows what the place that refers to it holds: a name (1, 2), details (3, 4), details
with employer or ownership (5, 6); the first of each pair is a person, the second an entity. One party in two
parts has two definitions, so that a reference and what it refers to are always of one type.
"""

from typing import Final, Literal

from watchfloor.exchange.fintrac.codes import Codes
from watchfloor.exchange.fintrac.evidence import Evidence, Piece
from watchfloor.exchange.fintrac.missing import Gaps
from watchfloor.exchange.fintrac.traced import Traced, TracedList, rule

Part = Literal["name", "details", "full"]

_TYPES: Final = {"name": (1, 2), "details": (3, 4), "full": (5, 6)}
_PARTY: Final = rule("party")
_NAME: Final = rule("name")
_COMPANIES: Final = frozenset({"company", "entity", "organization", "organisation", "legalentity"})
_OWNERSHIP: Final = (
    "directorsOfCorporation",
    "personsOwningSharesOfCorporation",
    "trusteesOfTrust",
    "settlorsOfTrust",
    "personsOwningUnitsOfTrust",
    "beneficiariesOfTrust",
    "personsOwningEntityNotCorporationOrTrust",
)
WHOLE_DAY: Final = 10
"""Characters of a whole day, as in 1971-05-02."""


class Parties:
    """The definitions of a report, while it is written."""

    def __init__(self, evidence: Evidence, codes: Codes, into: TracedList, gaps: Gaps) -> None:
        self.evidence, self.codes, self.into, self.gaps = evidence, codes, into, gaps
        self._known: dict[tuple[str, Part], tuple[int, str]] = {}
        self._numbers: dict[str, int] = {}
        self._holders = {one["holder"]: one for one in evidence.accounts.values() if one["holder"]}

    def refer(self, where: TracedList, key: str, part: Part, *sources: str) -> Traced | None:
        """Add a reference to a party, defined where it is not yet; None where nobody knows what it is."""
        known = self._known.get((key, part))
        if known is None:
            entity = self._entity(key)
            if entity is None:
                self.gaps.append_kind(where.path, key)
                return None
            known = self._known[key, part] = self._define(key, part, entity)
        made = where.add()
        made.put("typeCode", known[0], *sources, _PARTY)
        made.put("refId", known[1], *sources, _PARTY)
        return made

    def _entity(self, key: str) -> bool | None:
        """Whether a party is an entity and no person; None where nothing says."""
        of = key.partition(":")[0]
        if of in ("person", "company"):
            return of == "company"
        party, account = self.evidence.parties.get(key), self._holders.get(key)
        said = (party["schema"] if party else None) or (account["holder_type"] if account else None)
        return None if not said else said.casefold() in _COMPANIES

    def _define(self, key: str, part: Part, entity: bool) -> tuple[int, str]:
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        made = self.into.add()
        type_, ref = _TYPES[part][entity], f"P{number}-{part}"
        made.put("typeCode", type_, _PARTY)
        made.put("refId", ref, _PARTY)
        party = self.evidence.parties.get(key)
        (self._entity_name if entity else self._person_name)(made, key, party)
        if part != "name":
            if entity:
                self._entity_details(made, key, part, party)
            else:
                self._person_details(made, key, party)
        return type_, ref

    def _person_name(self, made: Traced, key: str, party: Piece | None) -> None:
        if party is None:
            self.gaps.add(made, "surname", "name", key=key)
            return
        surname, comma, given = party["name"].partition(",")
        if not comma or "," in given or not surname.strip() or not given.strip():
            self.gaps.add(made, "surname", "surname", name=party["name"])
            return
        made.put("surname", surname.strip(), party.cite("name"), _NAME)
        made.put("givenName", given.strip(), party.cite("name"), _NAME)

    def _entity_name(self, made: Traced, key: str, party: Piece | None) -> None:
        if party is None:
            self.gaps.add(made, "nameOfEntity", "name", key=key)
        else:
            made.put("nameOfEntity", party["name"], party.cite("name"))

    def _person_details(self, made: Traced, key: str, party: Piece | None) -> None:
        if party and party["birth_date"] and len(party["birth_date"]) == WHOLE_DAY:
            made.put("dateOfBirth", party["birth_date"], party.cite("birth_date"))
        account = self._holders.get(key)
        if account and account["occupation"]:
            made.put("occupation", account["occupation"], account.cite("occupation"))
        self._identifications(made, party)

    def _entity_details(self, made: Traced, key: str, part: Part, party: Piece | None) -> None:
        account = self._holders.get(key)
        column = "occupation" if account and account["occupation"] else "naics"
        if account and account[column]:
            made.put("natureOfPrincipalBusiness", account[column], account.cite(column))
        made.none("registrationsIncorporations", "authorizedPersons")
        if part == "full":
            made.none(*_OWNERSHIP)
        self._identifications(made, party)

    def _identifications(self, made: Traced, party: Piece | None) -> None:
        into = made.many("identifications")
        for one in (party["identifiers"] if party else None) or ():
            assert party is not None
            cited = party.cite("identifiers")
            number = into.add()
            self.gaps.coded(number, "identifierTypeCode", self.codes["identifier"], (one["system"],), cited)
            number.put("number", one["number"], cited)
