"""Subjects of agreement: every line of the register and every claim, as each stands on a day.

The page and the person who attests look at the same thing, or no digest would ever agree: what stands is what
`assemble.whole` makes of a day, and nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watchfloor.core.messages import declare, reason
from watchfloor.formats.settings import nearest
from watchfloor.scorecard.agreement.digests import Shown, of_finding, of_line
from watchfloor.scorecard.agreement.refusals import NO_LINE
from watchfloor.scorecard.agreement.rows import Item
from watchfloor.scorecard.agreement.withholding import needs
from watchfloor.scorecard.bilingual import fill
from watchfloor.scorecard.claims import Claim, claims
from watchfloor.scorecard.departments import owner
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.register import Entry, line, register

if TYPE_CHECKING:
    from watchfloor.scorecard.assemble import Whole

ASKED: Final = declare("register.asked-of-claim")
CONFIRM: Final = declare("register.asked-of-line")


@dataclass(frozen=True)
class Subjects:
    """Lines and claims by id."""

    entries: dict[str, Entry]
    claims: dict[str, Claim]

    @property
    def ids(self) -> tuple[str, ...]:
        """Of lines in the report's order, then the names of claims."""
        return (*self.entries, *self.claims)

    def item(self, id_: str, shown: Shown | None = None) -> Item:
        """Return the item of an id, to act on. Raises `WrongQuestion` for an id that is none."""
        if id_ in self.entries:
            entry = self.entries[id_]
            return Item(id_, (entry.department,), entry.says, entry.data_call or fill(CONFIRM), shown)
        if id_ not in self.claims:
            known = nearest(id_, self.ids)
            raise WrongQuestion(reason(NO_LINE, line=id_, near=known))
        claim = self.claims[id_]
        owners = [code for code, _ in shown.own] if shown else []
        asked = tuple(dict.fromkeys([*departments_of(claim), *owners]))
        return Item(id_, asked, claim.said.words, fill(ASKED), shown)


def subjects(lines: Path | None = None, claim_files: Iterable[Path] = ()) -> Subjects:
    """Every line and claim of the package and of an office's files. Raises `WrongQuestion`."""
    return Subjects({one.id: one for one in register(lines)}, claims(claim_files))


def departments_of(claim: Claim) -> tuple[str, ...]:
    """Whose agreement a claim needs: who is accountable, then whose own series it asks."""
    owners = [owner(one.series) for _, one in claim.computed()]
    return tuple(dict.fromkeys([claim.department, *(one for one in owners if one)]))


def shown(known: "Whole", on: date) -> dict[str, Shown]:
    """Return each line and claim as it stands on the page of a day, whether it may appear or not."""
    lines = {one.id: of_line(one, on) for one in known.lines}
    return lines | {one.claim: of_finding(one) for one in known.findings}


def has_figure(entry: Entry, on: date) -> bool:
    """Whether a line has a figure that somebody must agree to; what is computed for it always is one."""
    return bool(entry.computed) or needs(line(entry, on))
