"""Offers of this node to match with a partner: a set, fixed for one epoch, on a person's statement."""

import io
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.cell.acts import refuse
from watchfloor.exchange.bundles.peers import Peer
from watchfloor.exchange.partnership import caps, codes, lawful, psi
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.code import Code, Tier, check_case, check_use
from watchfloor.exchange.partnership.fields import check
from watchfloor.exchange.partnership.group import Scalar
from watchfloor.exchange.partnership.vault import Vault, label
from watchfloor.policy.gateways import Statement
from watchfloor.store.floor import Floor
from watchfloor.store.log import digest_of
from watchfloor.store.writer import Writer

Values = Mapping[str, Mapping[str, Any]]


class Offer(NamedTuple):
    """An offered set.

    Attributes:
        id: drawn anew for each; the answerer's scalar is of it, so tables of two offers tell of no change.
        size: its subjects.
        stated: the person's statement.
    """

    id: str
    size: int
    stated: Statement

    def subjects(self, vault: Vault) -> list[str]:
        """In the order in which they were given. Refused where they are gone with their epoch."""
        data = vault.get(f"sets/{self.id}")
        if data is None:
            refuse(say.GONE, session=self.id)
        return data.decode().split("\n")

    def fields(self, vault: Vault) -> Values:
        """Values by subject."""
        found: Values = vault.get_json(f"sets/{self.id}.fields") or {}
        return found


def offer(
    floor: Floor,
    writer: Writer,
    peer: Peer,
    code: Code,
    tier: Tier,
    case: str,
    subjects: Sequence[str],
    fields: Values,
    stated: Statement,
    now: datetime,
) -> Offer:
    """Keep a set for a partner to match against, in place of an earlier one for the same tier and case.

    Raises:
        Refusal: the code or the gateway does not allow it.
    """
    today = now.astimezone(UTC).date()
    codes.check_both(floor, code, peer, today)
    check_use(code, tier, stated.purpose)
    lawful.permit(floor, peer, tier, stated, today)
    check_case(tier, case)
    if len(subjects) < code.file.caps.least_set:
        refuse(say.TOO_FEW, size=len(subjects), least=code.file.caps.least_set)
    caps.check_sizes(code, code.file.caps.least_set, len(subjects))
    for values in fields.values():
        check(code.file.fields, code.name, _untokened(values))
    made = Offer(os.urandom(16).hex(), len(subjects), stated)
    vault, epoch = Vault(floor), code.epoch(today)
    name = _name(peer.name, code, epoch, tier, case)
    words = {"test": stated.test_met, "by": stated.by, "purpose": stated.purpose, "basis": stated.basis}
    vault.put(f"sets/{made.id}", "\n".join(subjects).encode())
    vault.put_json(f"sets/{made.id}.fields", fields)
    vault.put_json(name, {"id": made.id, "size": made.size, "stated": words})
    detail = {"to": peer.name, "tier": tier, "case": case, "code": code.digest, "epoch": epoch}
    about = {
        "size": len(subjects),
        "offer": made.id,
        "fields": sorted({f for v in fields.values() for f in v}),
    }
    gateway = {"gateway": lawful.GATEWAYS[tier], "stated": stated.purpose, "test": stated.test_met}
    writer.act("offered", detail | about | gateway | {"stated_by": stated.by})
    return made


def offered(floor: Floor, peer: Peer, code: Code, epoch: int, tier: str, case: str) -> Offer:
    """The set that stands for a partner. Refused where nobody has offered one for this epoch."""
    found = standing(Vault(floor), peer, code, epoch, tier, case)
    if found is None:
        refuse(say.NOTHING_OFFERED, partner=peer.name, tier=tier, case=case)
    return found


def standing(vault: Vault, peer: Peer, code: Code, epoch: int, tier: str, case: str) -> Offer | None:
    """The same; None where there is none."""
    kept = vault.get_json(_name(peer.name, code, epoch, tier, case))
    if kept is None:
        return None
    words = kept["stated"]
    stated = Statement(words["test"], words["by"], words["purpose"], "", words["basis"])
    return Offer(kept["id"], kept["size"], stated)


class Table(NamedTuple):
    """The answerer's table for one pair, epoch, tier, case and offer; made once and sealed.

    Attributes:
        prints: 64 bits of each masked subject, in rising order.
        order: which of the offer's subjects each row stands for.
    """

    prints: psi.Prints
    order: npt.NDArray[np.int64]

    @property
    def data(self) -> bytes:
        """As it goes to the asker."""
        return self.prints.astype("<u8").tobytes()

    @property
    def digest(self) -> str:
        """SHA-256 of that."""
        return digest_of(self.data)


def table(vault: Vault, key: bytes, scalar: Scalar, given: Offer) -> Table:
    """The table of an offer: from disk, or made; a million subjects take some forty seconds once."""
    name = f"tables/{label(given.id, key.hex())}"
    if (data := vault.get(name)) is not None:
        prints, order = np.load(io.BytesIO(data), allow_pickle=False)
        return Table(prints.view(np.uint64), order)
    made = Table(*psi.table(key, scalar, [one.encode() for one in given.subjects(vault)]))
    kept = io.BytesIO()
    np.save(kept, np.stack([made.prints.view(np.int64), made.order]), allow_pickle=False)
    vault.put(name, kept.getvalue())
    return made


def _untokened(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with links as tokens of nothing: they become tokens when they go."""
    return {n: ["0" * 32] * len(v) if isinstance(v, list) else v for n, v in values.items()}


def _name(partner: str, code: Code, epoch: int, tier: str, case: str) -> str:
    return f"offers/{code.digest[:16]}.{epoch}.{label(partner, tier, case)}"
