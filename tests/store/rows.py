"""Rows to fill a floor with."""

from io import BytesIO

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import PARTY
from watchfloor.policy.policy import Reader

READER = Reader("analyst", purpose="testing")


def parties(numbers, *, keyed=True, marking="PB//TLP:AMBER", name="name"):
    """A party a number: equal numbers are equal rows."""
    numbers = list(numbers)
    columns = {field.name: pa.nulls(len(numbers), field.type) for field in PARTY.body}
    columns["report_key"] = pa.array([f"r{i}" if keyed else None for i in numbers], pa.string())
    columns["observed_at"] = pa.array(np.array(numbers, np.int64), pa.int64()).cast(pa.timestamp("us", "UTC"))
    columns["subject"] = pa.array([f"person:feed:{i}" for i in numbers], pa.string())
    columns["role"] = pa.array(["payee"] * len(numbers), pa.string())
    columns["name"] = pa.array([f"{name}{i}" for i in numbers], pa.string())
    columns["locator"] = pa.array([f"line {i}" for i in numbers], pa.string())
    columns["marking"] = pa.array([marking] * len(numbers), pa.string())
    return pa.table(columns)


def ingest(writer, numbers, *, source="feed", delivery="a file", raw=None, **how):
    rows = parties(numbers, **how)
    raw = b"".join(f"{n}\n".encode() for n in rows["name"].to_pylist()) if raw is None else raw
    with writer.delivery(source, delivery, BytesIO(raw)) as intake:
        intake.accept("party", rows)
    return intake
