"""Noisy counts (T1): how many subjects a bank has in a corridor or under a typology, differentially private.

The neighbour of a floor's data is the same without one subject, with all of its rows. A subject counts in at
most `contribution` cells and once in each, so the table's L1 sensitivity is that bound, and OpenDP's discrete
Laplace noise of scale `contribution / epsilon` makes it epsilon-private (Ghosh, Roughgarden and Sundararajan
2009; Canonne, Kamath and Steinke 2020). Cells are the code's, never the data's. The floor withholds what is
small after noise, so it tells nothing more. One period's tables add up; the same table for another partner is
not drawn anew.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow.compute as pc

from watchfloor.cell.acts import refuse
from watchfloor.cell.current_signals import signals
from watchfloor.core.extras import optional
from watchfloor.exchange.bundles.origins import node_of
from watchfloor.exchange.bundles.peers import Peer, me
from watchfloor.exchange.partnership import codes, lawful, papers
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.code import Code, Counts
from watchfloor.formats.base import FormatError
from watchfloor.policy.gateways import Statement
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import digest_of
from watchfloor.store.writer import Writer

Cells = Mapping[str, frozenset[str]]
"""The cells that each subject counts in."""

PERIOD: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of noisy counts as it is signed.

    Attributes:
        what: says that it is one.
        from_: who counted.
        to: for whom.
        at: when.
        code: digest of the code whose terms it keeps to.
        period: a month, such as 2026-10.
        epsilon: what it costs.
        contribution: cells of one subject, at most.
        floor: noisy counts below are None.
        scale: of the noise.
        cells: noisy count by cell; None: withheld.
    """

    what: str
    from_: str
    to: str
    at: str
    code: str
    period: str
    epsilon: float
    contribution: int
    floor: int
    scale: float
    cells: dict[str, int | None]

    @property
    def within(self) -> float:
        """In 19 of 20 cells the noise is no more than this, either way."""
        return self.scale * math.log(20)


class DrawnTable(NamedTuple):
    """A table that was made: its text, what remains of the period, and whether it was drawn before."""

    table: Table
    text: str
    spent: float
    again: bool


def make(
    floor: Floor,
    writer: Writer,
    peer: Peer,
    code: Code,
    period: str,
    cells: Cells,
    stated: Statement,
    now: datetime,
) -> DrawnTable:
    """Count, add noise, log what it cost, and sign the table for a peer.

    Args:
        floor: whose subjects.
        writer: of it.
        peer: for whom.
        code: whose terms are kept.
        period: the month that the rows are of.
        cells: of each subject.
        stated: why the gateway's test is met.
        now: with a time zone.

    Raises:
        Refusal: the code has no such terms, or the period's epsilon is spent.
        watchfloor.policy.gateways.Refusal: the gateway does not lead there.
    """
    today, terms = now.astimezone(UTC).date(), _terms(code)
    codes.check_both(floor, code, peer, today, approval=False)
    permit = lawful.permit(floor, peer, "counts", stated, today)
    if not PERIOD.fullmatch(period):
        raise FormatError(f"{period!r} is no period; write a month, such as 2026-10")
    drawn = [a.detail for a in floor.acts_of("counted") if a.detail and a.detail["period"] == period]
    before = next((one for one in drawn if one["code"] == code.digest), None)
    spent = sum(one["epsilon"] for one in drawn)
    if before is None:
        if spent + terms.epsilon > terms.epsilon_per_period + 1e-9:
            most, cost = f"{terms.epsilon_per_period:g}", f"{terms.epsilon:g}"
            refuse(say.SPENT, period=period, spent=f"{spent:g}", most=most, cost=cost)
        noisy, epsilon, scale = noised(counted(cells, terms, floor.key), terms)
        spent += epsilon
        before = {"period": period, "code": code.digest, "epsilon": epsilon, "scale": scale, "cells": noisy}
        writer.act("counted", before | {"contribution": terms.contribution, "floor": terms.floor})
    kept = {cell: number if number >= terms.floor else None for cell, number in before["cells"].items()}
    table = Table(
        what="noisy-counts",
        from_=me(floor).name,
        to=peer.name,
        at=now.astimezone(UTC).isoformat(timespec="seconds"),
        code=code.digest,
        period=period,
        epsilon=before["epsilon"],
        contribution=terms.contribution,
        floor=terms.floor,
        scale=before["scale"],
        cells=kept,
    )
    text, shown = papers.write(floor, table), sum(one is not None for one in kept.values())
    about = f"{shown} noisy counts of {period}, {len(kept) - shown} withheld, ε {table.epsilon:g}"
    digest = digest_of(text.encode())
    writer.act("disclosed", lawful.disclosed(permit, "counts", shown, about, period=period, table=digest))
    return DrawnTable(table, text, spent, len(drawn) > 0 and before in drawn)


def read(floor: Floor, data: bytes, file: str) -> tuple[Table, Peer]:
    """A table that a peer made for this node. Refused: forged, damaged, or for another."""
    table, peer = papers.read(floor, data, file, Table)
    if peer is None or table.from_ != peer.name:
        refuse(say.FORGED, file=file, problem=f"it says it is from {table.from_[:80]}, who did not sign it")
    if table.to != me(floor).name:
        refuse(say.FOR_ANOTHER, file=file, to=table.to[:80], name=me(floor).name)
    return table, peer


def counted(cells: Cells, terms: Counts, key: bytes) -> dict[str, int]:
    """Subjects in each cell of the code, none in more cells than the bound; which ones a key draws."""
    found = dict.fromkeys((*terms.corridors, *terms.typologies), 0)
    for subject, mine in cells.items():
        known = sorted(mine & found.keys(), key=lambda cell: _drawn(key, subject, cell))
        for cell in known[: terms.contribution]:
            found[cell] += 1
    return found


def noised(exact: Mapping[str, int], terms: Counts) -> tuple[dict[str, int], float, float]:
    """The counts with noise, the epsilon that OpenDP accounts for them, and the noise's scale.

    Raises:
        MissingExtraError: OpenDP is not installed.
    """
    with optional():
        import opendp.prelude as dp
    dp.enable_features("contrib")
    scale = terms.contribution / terms.epsilon
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    measured: Any = dp.m.make_laplace(*space, scale=scale)
    noisy = measured(list(exact.values()))
    return dict(zip(exact, noisy, strict=True)), float(measured.map(terms.contribution)), scale


def of_file(text: str, code: Code) -> Cells:
    """The cells of subjects of a CSV file: `subject,cell`. Refused: a cell that the code does not name."""
    terms = _terms(code)
    known = {*terms.corridors, *terms.typologies}
    found: dict[str, set[str]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        cell = (row.get("cell") or "").strip()
        if cell not in known:
            line = 2 + sum(map(len, found.values()))
            refuse(say.OTHER_CELL, line=line, cell=cell[:80], code=code.name)
        found.setdefault((row.get("subject") or "").strip(), set()).add(cell)
    return {subject: frozenset(mine) for subject, mine in found.items()}


def of_floor(floor: Floor, reader: Reader, code: Code, period: str) -> Cells:
    """The cells of a month's payments and signals that the reader may see, by whom they are about."""
    terms = _terms(code)
    found: dict[str, set[str]] = {}
    columns = ["payer", "payee", "payer_seat", "payee_seat", "observed_at", "source"]
    for row in _of_month(floor.read("payment", reader, columns=columns), "observed_at", period):
        cell = f"{row['payer_seat']}-{row['payee_seat']}"
        if cell in terms.corridors and node_of(row["source"]) is None:
            for one in filter(None, (row["payer"], row["payee"])):
                found.setdefault(one, set()).add(cell)
    for row in _of_month(signals(floor, reader), "at", period):
        if row["rule"] in terms.typologies:
            for one in row["subjects"]:
                found.setdefault(one, set()).add(row["rule"])
    return {subject: frozenset(mine) for subject, mine in found.items()}


def _of_month(rows: Any, column: str, period: str) -> Iterable[dict[str, Any]]:
    month = pc.strftime(rows[column], format="%Y-%m")
    found: list[dict[str, Any]] = rows.filter(pc.equal(month, period)).to_pylist()
    return found


def _terms(code: Code) -> Counts:
    if code.file.counts is None:
        refuse(say.NO_COUNTS, code=code.name)
    return code.file.counts


def _drawn(key: bytes, subject: str, cell: str) -> bytes:
    return blake2b(f"{subject}\x1f{cell}".encode(), key=key, digest_size=8, person=b"wf cells").digest()
