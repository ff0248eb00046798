"""What agreement is asked to: every line of the register and every claim, and what stands for each on a day.

The page and the person who attests must look at the same thing, or no digest would ever agree: `line_of` and
`finding_of` are the one way from an entry or a claim to what is shown. Both are computed when they are asked
for, because a list of what nobody has agreed to needs neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.formats.settings import nearest
from watchfloor.records.messages import declare, reason
from watchfloor.release.policy import Reader
from watchfloor.scorecard.agreement_refusals import NO_LINE
from watchfloor.scorecard.agreement_rows import Item
from watchfloor.scorecard.check import check
from watchfloor.scorecard.claims import Claim, claims
from watchfloor.scorecard.computed import compute
from watchfloor.scorecard.facts import Facts
from watchfloor.scorecard.findings import Finding, Line
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.register import Entry, line, register
from watchfloor.scorecard.said import Said, said
from watchfloor.scorecard.shown import Act, Shown, of_finding, of_line
from watchfloor.scorecard.stated import owner, with_forms
from watchfloor.store.floor import Floor

ASKED: Final = declare(
    "register.asked-of-claim",
    en="the figure under each definition, its months and its source; agreement to the words",
    fr="le chiffre selon chaque définition, ses mois et sa source; l’accord sur les mots",
)
CONFIRM: Final = declare(
    "register.asked-of-line",
    en="whether this is so, with the figure, the day and the document",
    fr="si cela est exact, avec le chiffre, le jour et le document",
)


@dataclass(frozen=True)
class Matters:
    """Lines and claims by id."""

    entries: dict[str, Entry]
    claims: dict[str, Claim]

    @property
    def ids(self) -> tuple[str, ...]:
        """Of lines in the report's order, then the names of claims."""
        return (*self.entries, *self.claims)

    def item(self, id_: str, shown: Shown | None = None) -> Item:
        """What an act is made on. Raises `WrongQuestion` for an id that is none."""
        if id_ in self.entries:
            entry = self.entries[id_]
            return Item(id_, (entry.department,), entry.says, entry.data_call or said(CONFIRM), shown)
        if id_ not in self.claims:
            known = nearest(id_, self.ids)
            raise WrongQuestion(reason(NO_LINE, line=id_, near=known))
        claim = self.claims[id_]
        return Item(id_, departments_of(claim), claim.said.words, said(ASKED), shown)


@dataclass(frozen=True)
class View:
    """From where things are looked at: the facts, a floor with its reader, the acts that he sees, the day."""

    facts: Facts
    acts: Sequence[Act]
    on: date
    floor: Floor | None = None
    reader: Reader | None = None


def matters(lines: Path | None = None, claim_files: Iterable[Path] = ()) -> Matters:
    """Every line and claim of the package and of an office's files. Raises `WrongQuestion`."""
    return Matters({one.id: one for one in register(lines)}, claims(claim_files))


def departments_of(claim: Claim) -> tuple[str, ...]:
    """Whose agreement a claim needs: who is accountable, then whose own series it asks."""
    owners = [owner(one.series) for _, one in claim.computed()]
    return tuple(dict.fromkeys([claim.department, *(one for one in owners if one)]))


def shown(all_: Matters, id_: str, view: View) -> Shown:
    """What stands for a line or claim. Raises `WrongQuestion` for an id that is none."""
    all_.item(id_)
    if id_ in all_.entries:
        return of_line(line_of(all_.entries[id_], view))
    return of_finding(finding_of(all_.claims[id_], view))


def finding_of(claim: Claim, view: View) -> Finding:
    """What the facts of the day say of a claim."""
    return check(view.facts, claim, view.on)


def line_of(entry: Entry, view: View, *, forms: bool = True) -> Line:
    """An entry as it stands on the day, with what is computed for it.

    Args:
        entry: of the register.
        view: from where.
        forms: with what its department stated in a signed form; without, as others published it.
    """
    made = line(with_forms(entry, view.acts, view.on) if forms else entry, view.on)
    if not entry.computed:
        return made
    found = compute(entry.computed, view.floor, view.reader, view.on)
    texts = [one for one in (found.found, found.not_comparable, made.found) if one is not None]
    return msgspec.structs.replace(
        made,
        found=Said(" ".join(one.en for one in texts), " ".join(one.fr for one in texts)),
        evidence=(*found.evidence, *made.evidence),
    )
