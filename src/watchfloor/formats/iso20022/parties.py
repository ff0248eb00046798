"""Rows of `party` from transactions: who is named in them, with what numbers. A name, not an identity.

Roles are `payer` and `payee` (`Dbtr`, `Cdtr`, who owns a reported account), `ultimate-payer` and
`ultimate-payee` (`UltmtDbtr`, `UltmtCdtr`: on whose behalf). The country (of residence, else of the
address) may only confirm or clear an identity.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.countries import country_code
from watchfloor.formats.iso20022.columns import Rows, each, joined, mask
from watchfloor.formats.iso20022.payments import Made, company
from watchfloor.formats.iso20022.raw import Texted
from watchfloor.formats.iso20022.tree import NEXT, PART
from watchfloor.records.kinds import IDENTIFIER, PARTY

ROLES: Final = {
    "dbtr": ("payer", "payee"),
    "cdtr": ("payee", "payer"),
    "ultmt_dbtr": ("ultimate-payer", "ultimate-payee"),
    "ultmt_cdtr": ("ultimate-payee", "ultimate-payer"),
}
"""What each is in a payment, and in one that is given back."""
SCHEMES: Final = {
    "CCPT": "passport",
    "NIDN": "national-id",
    "SOSE": "social-security",
    "DRLC": "driving-licence",
    "ARNU": "alien-registration",
    "TXID": "tax-id",
    "CUST": "customer",
    "COID": "company-registration",
    "DUNS": "duns",
    "BANK": "bank-party",
    "EMPL": "employer",
}
"""Codes of external code sets for identification schemes, as systems of numbers."""


_Lists = tuple[list[npt.NDArray[np.int64]], list[pa.Array], list[pa.Array], list[pa.Array]]
"""Rows, systems, numbers and owners of identifiers."""


def parties(texts: Texted, made: Made, good: Rows) -> Iterator[pa.Table]:
    """Who is named in the payments that are good, role by role."""
    for party, (role, back) in ROLES.items():
        if texts.has(f"{party}.nm"):
            roles = role if made.swapped is None else pc.if_else(pa.array(made.swapped), back, role)
            yield from _table(texts, made, party, roles, good)
    if texts.has("own.nm"):
        roles = pc.if_else(pc.equal(made.own, "DBIT"), "payer", "payee")
        yield from _table(texts, made, "own", roles, good & ~_told(texts, made))


def _told(texts: Texted, made: Made) -> Rows:
    """Whether the side of the reported account is named among the related parties."""
    own = mask(pc.equal(made.own, "DBIT")) ^ (False if made.swapped is None else made.swapped)
    return np.where(own, mask(pc.is_valid(texts["dbtr.nm"])), mask(pc.is_valid(texts["cdtr.nm"])))


def _table(texts: Texted, made: Made, party: str, roles: pa.Array | str, good: Rows) -> Iterator[pa.Table]:
    name = texts[f"{party}.nm"]
    rows = good & mask(pc.is_valid(name)) if name.null_count or not good.all() else good
    if not rows.any():
        return
    count = len(name)
    role = pa.repeat(roles, count) if isinstance(roles, str) else roles
    key = made.rows["report_key"].combine_chunks()
    person = _any(texts, f"{party}.prvt", f"{party}.birth")
    columns = {
        "report_key": joined(key, "#", role),
        "origins": made.rows["origins"].combine_chunks(),
        "observed_at": made.rows["observed_at"].combine_chunks(),
        "locator": made.rows["locator"].combine_chunks(),
        "subject": pc.coalesce(company(texts, party, "lei"), company(texts, party, "bic")),
        "role": role,
        "name": name,
        "schema": _schema(texts, party, person),
        "birth_date": each(texts[f"{party}.birth"], _birth, pa.string()),
        "country": _country(texts, party),
        "identifiers": _identifiers(texts, party, count),
        "context": joined(texts.families, " ", key),
    }
    # a party without a subject gets one from its feed
    table = pa.Table.from_arrays([columns[field.name] for field in PARTY.body], schema=PARTY.body)
    yield table if rows.all() else table.filter(pa.array(rows))


def _any(texts: Texted, *slots: str) -> pa.Array | None:
    found = [pc.is_valid(texts[slot]) for slot in slots if texts.has(slot)]
    return None if not found else found[0] if len(found) == 1 else pc.or_(*found)


def _schema(texts: Texted, party: str, person: pa.Array | None) -> pa.Array:
    """Person where it has the number or birth of one, Organization where it has a body's."""
    body = _any(texts, f"{party}.lei", f"{party}.bic")
    more = _any(texts, f"{party}.org")
    body = more if body is None else body if more is None else pc.or_(body, more)
    none = pa.nulls(len(texts.families), pa.string())
    found = none if body is None else pc.if_else(body, "Organization", none)
    return found if person is None else pc.if_else(pc.and_(person, pc.is_null(found)), "Person", found)


def _birth(text: str) -> str | None:
    return text[:10] if re.fullmatch(r"\d{4}-\d\d-\d\d(?:Z|[+-]\d\d:\d\d)?", text, re.ASCII) else None


def _country(texts: Texted, party: str) -> pa.Array:
    found = texts[f"{party}.ctry"]
    if texts.has(f"{party}.res"):
        found = pc.coalesce(texts[f"{party}.res"], found)
    return each(found, country_code, pa.string())


def _identifiers(texts: Texted, party: str, count: int) -> pa.Array:
    """Numbers delivered with each name."""
    to: _Lists = ([], [], [], [])
    for system in ("lei", "bic"):
        if texts.has(f"{party}.{system}"):
            _take(texts[f"{party}.{system}"], pa.scalar(system), None, to)
    for kind in ("org", "prvt"):
        if texts.has(f"{party}.{kind}"):
            scheme = pc.fill_null(each(texts[f"{party}.{kind}_scheme"], scheme_of, pa.string()), "other")
            _take(
                texts[f"{party}.{kind}"],
                scheme,
                texts[f"{party}.{kind}_issuer"],
                to,
            )
    if texts.has(f"{party}.more"):
        _further(texts[f"{party}.more"], to)
    if not to[0]:
        return pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), pa.array([], IDENTIFIER))
    every = np.concatenate(to[0])
    order = np.argsort(every, kind="stable")
    flat = [pa.concat_arrays(column).take(pa.array(order)) for column in to[1:]]
    ends = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(every, minlength=count), out=ends[1:])
    return pa.ListArray.from_arrays(pa.array(ends), pa.StructArray.from_arrays(flat, fields=list(IDENTIFIER)))


def _take(numbers: pa.Array, system: pa.Array, owner: pa.Array | None, to: _Lists) -> None:
    at = np.flatnonzero(mask(pc.is_valid(numbers)))
    rows = pa.array(at)
    to[0].append(at)
    to[1].append(pa.repeat(system, len(at)) if isinstance(system, pa.Scalar) else system.take(rows))
    to[2].append(numbers.take(rows))
    to[3].append(pa.nulls(len(at), pa.string()) if owner is None else owner.take(rows))


def _further(column: pa.Array, to: _Lists) -> None:
    """Identifiers behind the first of their sort."""
    found: list[tuple[int, str, str, str | None]] = []
    for row in np.flatnonzero(mask(pc.is_valid(column))).tolist():
        for one in column[row].as_py().split(NEXT)[:-1]:
            number, scheme, issuer = one.split(PART)
            found.append((row, scheme_of(scheme) if scheme else "other", number, issuer or None))
    to[0].append(np.array([one[0] for one in found], np.int64))
    for place in (1, 2, 3):
        to[place].append(pa.array([one[place] for one in found], pa.string()))


def scheme_of(text: str) -> str:
    """The system of a number: a known code of the standard, or the bank's own word in lower case."""
    return SCHEMES.get(text, text.lower())
