"""Caps of the code, counted from the log and from sealed tallies: against guessing, one subject at a time.

Whoever follows the protocol masks one subject the same way all through an epoch, so the answerer sees a
repeat without seeing whom. Who does not can only spend the queries and the subjects of a day; what he claims
to have matched is tallied by subject, and cannot be disguised.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import blake2b

from watchfloor.cell.acts import refuse
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.code import Code
from watchfloor.exchange.partnership.sessions import Session, of_day
from watchfloor.exchange.partnership.vault import Vault, label


def check_sizes(code: Code, asked: int, held: int | None = None) -> None:
    """Refuse sets below the floor or above the caps.

    Args:
        code: of practice.
        asked: elements of the asker's set.
        held: of the answerer's; None where it is not known yet.
    """
    caps = code.file.caps
    for size, most in ((asked, caps.subjects_per_query), (held, caps.largest_set)):
        if size is None:
            continue
        if size < caps.least_set:
            refuse(say.TOO_FEW, size=size, least=caps.least_set)
        if size > most:
            refuse(say.TOO_MANY, size=size, most=most)


def check_day(code: Code, known: Iterable[Session], partner: str, role: str, asked: int, today: date) -> None:
    """Refuse a session more than the code allows of one asker with one answerer in a day, UTC.

    Args:
        code: of practice.
        known: every session.
        partner: with whom.
        role: this node's, so that the two directions are counted apart.
        asked: elements of the session that is to begin.
        today: in UTC.
    """
    caps = code.file.caps
    mine = [one for one in of_day(known, today) if (one.partner, one.role) == (partner, role)]
    if len(mine) >= caps.queries_per_day:
        refuse(say.QUERIES, partner=partner, count=len(mine))
    if (total := asked + sum(one.size for one in mine)) > caps.subjects_per_day:
        refuse(say.SUBJECTS, partner=partner, count=total, most=caps.subjects_per_day)


class Tally:
    """How often each of some things was asked about, under keyed hashes, in a sealed file of its own."""

    def __init__(self, vault: Vault, key: bytes, *about: object) -> None:
        self.vault, self.name = vault, f"tallies/{label(*about)}"
        self._key = blake2b(digest_size=32, key=key, person=b"wf tally").digest()
        self._counts: dict[str, int] = vault.get_json(self.name) or {}

    def check(self, things: Iterable[bytes], most: int) -> None:
        """Refuse where any was asked about so often before."""
        spent = sum(self._counts.get(self._hash(one), 0) >= most for one in things)
        if spent:
            refuse(say.SAME, count=spent, most=most)

    def add(self, things: Sequence[bytes]) -> None:
        """Count each once more; on disk on return."""
        for one in map(self._hash, things):
            self._counts[one] = self._counts.get(one, 0) + 1
        self.vault.put_json(self.name, self._counts)

    def _hash(self, thing: bytes) -> str:
        return blake2b(thing, digest_size=12, key=self._key).hexdigest()
