"""Published numbers as tests need them."""

import json
from datetime import UTC, datetime

import pyarrow as pa

from watchfloor.core.kinds import STATISTIC
from watchfloor.scorecard.facts import COLUMNS, facts

FIELDS = [STATISTIC.schema.field(name) for name in COLUMNS]


def moment(text):
    year, month, *day = map(int, text.split("-"))
    return datetime(year, month, *(day or [1]), tzinfo=UTC)


def after(text, months=1):
    year, month = map(int, text.split("-"))
    number = 12 * year + month - 1 + months
    return f"{number // 12:04}-{number % 12 + 1:02}"


def fact(
    month,
    value,
    *,
    months=1,
    vintage="2025-01-31",
    measure="people",
    unit=None,
    series="s",
    file=None,
    **cell,
):
    row = {
        "observed_at": moment(month),
        "until": moment(after(month, months)),
        "series": series,
        "publisher": "P",
        "published": moment(vintage),
        "dated": "stated",
        "cell": json.dumps(cell, sort_keys=True),
        "measure": measure,
        "unit": unit,
        "value": float(value),
        "to_date": False,
    }
    return row | ({"delivery": bytes([file]) * 32} if file is not None else {})


def table(rows):
    files = any("delivery" in row for row in rows)
    fields = [*FIELDS, pa.field("delivery", pa.binary(32))] if files else FIELDS
    return pa.Table.from_pylist(list(rows), schema=pa.schema(fields))


def made(*rows):
    return facts(table(rows))
