"""Sets of subjects that are matched: from a file, or what a floor holds and may tell the partner of."""

import re
from datetime import date
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import refuse
from watchfloor.core.marking import parse
from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.exchange.bundles.origins import local
from watchfloor.exchange.bundles.peers import Peer
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.code import PAYMENT, Code
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor


def read(text: str, code: Code) -> list[str]:
    """The subjects of a file, one a line, in their one spelling; a heading and `#` lines are passed over.

    Raises:
        Refusal: a line is no subject, of a type that the code does not name, or there twice.
    """
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        word = line.split(",")[0].strip().strip('"')
        if not word or word.startswith("#") or (number == 1 and word == "subject"):
            continue
        one = _normal(word, code, number)
        if one in found:
            refuse(say.DOUBLED, line=number)
        found[one] = number
    return list(found)


def of_floor(floor: Floor, reader: Reader, peer: Peer, code: Code, kind: str, today: date) -> list[str]:
    """The subjects of a kind's records that the reader may see and the partner may be told of.

    What another node sent stays here: its owner has not consented. So does what its marking keeps from the
    partner, and what is of a type that the code does not name.
    """
    rows = floor.read(kind, reader, columns=["subject", "marking", "source"])
    told = rows.filter(released(rows, peer.reader(reader.purpose, today)))["subject"].to_pylist()
    return [one for one in dict.fromkeys(told) if one and _named(one, code)]


def released(rows: pa.Table, there: Reader) -> pa.ChunkedArray:
    """Which rows the partner, as policy knows it, may be told of: no other node's, and by their marking."""
    fit = [text for text in rows["marking"].unique().to_pylist() if text and allowed(there, parse(text))]
    return pc.and_(local(rows["source"]), pc.is_in(rows["marking"], pa.array(fit, pa.string())))


def _normal(word: str, code: Code, line: int) -> str:
    try:
        one = normal(word)
        problem = ":".join(one.split(":")[:2])
    except SubjectError as error:
        one, problem = "", str(error)[:200]
    if not one or not _named(one, code):
        identifiers = ", ".join(code.file.identifiers)
        refuse(say.OTHER_IDENTIFIER, line=line, problem=problem, code=code.name, identifiers=identifiers)
    return one


def normal(word: str) -> str:
    """A subject key, or a payment's, in its one spelling. Raises `SubjectError` for neither."""
    type_, _, rest = word.partition(":")
    if type_ != PAYMENT:
        return subject(*parts(word))
    system, _, number = rest.partition(":")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", system) or not number.strip():
        raise SubjectError(f"{word!r} is no key of a payment; one looks like payment:uetr:…")
    return f"{PAYMENT}:{system}:{_uetr(number) if system == 'uetr' else number.strip()}"


def _uetr(number: str) -> str:
    """A unique end-to-end transaction reference is a UUID of version 4 (ISO 20022, pacs.008)."""
    try:
        made = UUID(number.strip())
    except ValueError as error:
        raise SubjectError(f"{number!r} is no UETR, which is a UUID of version 4") from error
    if made.version != 4:
        raise SubjectError(f"{number!r} is no UETR: it is a UUID of version {made.version}, not 4")
    return str(made)


def _named(one: str, code: Code) -> bool:
    return ":".join(one.split(":")[:2]) in code.file.identifiers
