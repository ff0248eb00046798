"""Payments of a file or a table, without a floor: their features, the scores of a model, and patterns.

found = find_patterns("payments.csv")            # or a table of Arrow, pandas or polars
found.rows
payment_features("payments.csv", view="bank-a")  # the payment graph, as numbers beside each payment
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from watchfloor.core.tables import as_table, is_table
from watchfloor.desks.finance.ledger import seen_by
from watchfloor.desks.finance.models import model as models
from watchfloor.desks.finance.models.feature_sharing import Heard
from watchfloor.desks.finance.models.inputs import with_accounts
from watchfloor.desks.finance.models.labels import refuse_reports
from watchfloor.desks.finance.models.reasons import Explanation, explain
from watchfloor.desks.finance.patterns import tables
from watchfloor.desks.finance.patterns.fold import DAY, Plan
from watchfloor.desks.finance.rates import Rates, read
from watchfloor.formats.base import FormatError
from watchfloor.formats.payments.account_table import load_accounts
from watchfloor.formats.payments.cells import EPOCH
from watchfloor.formats.payments.table import PaymentTable, load

Say = Callable[[str], None]
UNSTATED: Final = "nothing says who found what the labels say: state its origin"
_log = logging.getLogger(__name__)


class Payments(NamedTuple):
    """Payments as they were read.

    Attributes:
        table: the whole file, with what was refused and how it was read.
        rows: those that the view sees, with what is known of their accounts, in the order of time.
    """

    table: PaymentTable
    rows: pa.Table


def read_payments(payments: Any, view: str | None = None, accounts: Any = None) -> Payments:
    """Read payments.

    Args:
        payments: CSV or Parquet, or a table, with the columns payment_id, at, payer, payee, amount, currency;
            or an export of AMLworld, AMLSim or AMLGentex.
        view: a bank; only payments of its own accounts are seen, and no facts of accounts elsewhere.
        accounts: a file or a table with the column account_id, and what is known of accounts.

    Raises:
        FormatError: a file cannot be read, or holds no payment that can be used.
        ViewError: the bank has no payment.
    """
    table = load(payments)
    rows = seen_by(table.rows, view) if view is not None else table.rows
    if accounts is not None:
        rows = with_accounts(rows, load_accounts(accounts).rows)
    if not rows.num_rows:
        name = Path(payments).name if isinstance(payments, str | Path) else "the table"
        why = "".join(f"; {one.number:,}: {one.reason}" for one in table.refused)
        raise FormatError(f"{name} holds no payment that can be used{why}")
    return Payments(table, rows)


def payment_features(payments: Any, view: str | None = None, accounts: Any = None) -> pa.Table:
    """Return what the payment graph says of each payment: payment_id, and a column of numbers a feature.

    A row rests on the payment and those before it. Arguments and errors are those of `read_payments`.
    """
    rows = read_payments(payments, view, accounts).rows
    values, names = models.seen(rows, None)
    columns = {name: pa.array(values[:, place]) for place, name in enumerate(names)}
    return _in_order(rows, columns)


def fit_payments(
    payments: Any,
    labels: Any,
    until: datetime,
    *,
    view: str | None = None,
    accounts: Any = None,
    origin: str = "",
    say: Say = lambda _: None,
) -> models.Model:
    """Fit a model: how likely each payment is one of those that people labelled 1.

    Nothing at or after `until` is looked at. `labels` and `origin` are as of `read_labels` and `origin_of`,
    the others as of `read_payments`. `stored()` of the model gives the bytes of its file. A warning is logged
    where nothing states the origin, and where labels name no payment.

    Raises:
        FitError: there is too little to learn from.
        ReportsAsLabelsError: the labels come from reports that were filed.
        MissingExtraError: lightgbm is not installed.
    """
    rows, named = read_payments(payments, view, accounts).rows, read_labels(labels)
    found, stated = models.beside(rows, named), origin_of(named, origin)
    if not stated:
        _log.warning(UNSTATED)
    if found.unknown:
        _log.warning("%d labels name no payment", found.unknown)
    before = (until - EPOCH) // timedelta(microseconds=1)
    return models.fit(rows, found.values, before, origin=stated, say=say)


def read_labels(labels: Any) -> pa.Table:
    """Read a CSV or a table of payment_id and label (1 or 0), and origin where known: who found it.

    Raises:
        FormatError: a column is missing, or a label is neither 1 nor 0.
    """
    name = "the table" if is_table(labels) else Path(labels).name
    texts = {"payment_id": pa.string(), "label": pa.string(), "origin": pa.string()}
    try:
        if is_table(labels):
            table = as_table(labels)
            for place, column in enumerate(table.column_names):
                if column in texts:
                    table = table.set_column(place, column, table[column].cast(texts[column]))
        else:
            table = csv.read_csv(labels, convert_options=csv.ConvertOptions(column_types=texts))
    except pa.ArrowInvalid as error:
        raise FormatError(f"{name} is no table of labels: {error}") from error
    for column in ("payment_id", "label"):
        if column not in table.column_names:
            raise FormatError(f"{name} has no column {column!r}; its header should be payment_id,label")
    words = pc.utf8_lower(pc.utf8_trim_whitespace(table["label"]))
    known = {"1": 1, "0": 0, "true": 1, "false": 0, "1.0": 1, "0.0": 0}
    place = pc.index_in(words, pa.array(list(known)))
    if place.null_count:
        bad = table["label"].filter(pc.is_null(place))[0].as_py()
        raise FormatError(f"{name}: {bad!r} is no label; write 1 or 0")
    label = pa.array(list(known.values()), pa.int8()).take(place.combine_chunks())
    return table.set_column(table.column_names.index("label"), "label", label)


def origin_of(labels: pa.Table, stated: str = "") -> str:
    """Return who found what the labels say; empty where nothing says it.

    Raises:
        ReportsAsLabelsError: it was a report that was filed: that one exists is no label.
    """
    origins = [stated] if stated else []
    if "origin" in labels.column_names:
        origins += sorted(one or "" for one in pc.unique(labels["origin"]).to_pylist())
    refuse_reports(origins)
    return "; ".join(origins)


def score_payments(
    payments: Any, model: str | Path | models.Model, view: str | None = None, accounts: Any = None
) -> pa.Table:
    """Return payment_id, score (a chance, 0 to 1), reasons, and for each reason the payments it rests on.

    A score is an invitation to look: no account is closed and nothing is reported by a score. `model` is one
    that `watchfloor finance fit` wrote; the others are those of `read_payments`.

    Raises:
        FitError: the model is none, or is only begun.
    """
    fitted = model if isinstance(model, models.Model) else models.load(Path(model).read_bytes())
    return scored(read_payments(payments, view, accounts).rows, fitted)


def scored(
    rows: pa.Table, model: models.Model, heard: Heard | None = None, say: Say = lambda _: None
) -> pa.Table:
    """Return scores with their reasons, in the order of the file. Raises `FitError`."""
    found = models.score(rows, model, heard=heard, say=say)
    say("reasons")
    reasons = explain(found, rows, model.plan, model.words)
    texts = pa.list_(pa.string())
    columns = {
        "score": pa.array(found.score),
        "reasons": pa.array([[one.sentence for one in each] for each in reasons], texts),
        "rests_on": pa.array([[_payments_of(one) for one in each] for each in reasons], texts),
    }
    return _in_order(rows, columns)


def find_patterns(
    payments: Any,
    view: str | None = None,
    *,
    least: float | None = None,
    rates: Rates | str | Path | None = None,
    window: int = 14,
    say: Say = lambda _: None,
) -> tables.FoundInstances:
    """Find fans, gathers and scatters, cycles, bipartites and stacks, each with its payments and accounts.

    Args:
        payments, view: as of `read_payments`, or what it gave.
        least: least score; higher gives fewer instances, fewer of them false.
        rates: exchange rates, or a CSV of them: date,from,to,rate.
        window: days from first to last payment, at most.
        say: told what is being done.

    Raises:
        RatesError: the rates cannot be used.
    """
    rows = payments.rows if isinstance(payments, Payments) else read_payments(payments, view).rows
    if isinstance(rates, str | Path):
        rates = read(Path(rates).read_bytes(), Path(rates).name)
    threshold = tables.THRESHOLD if least is None else least
    return tables.find(rows, threshold, say, rates=rates, plan=Plan(width=window * DAY))


def _in_order(rows: pa.Table, columns: dict[str, pa.Array]) -> pa.Table:
    """Columns beside the ids of payments, in the order of the file."""
    table = pa.table({"payment_id": pc.cast(rows["payment_id"], pa.string()), **columns})
    return table.take(pc.sort_indices(rows["sequence"]))


def _payments_of(reason: Explanation) -> str:
    """The payments that a reason rests on, as a text; of many the newest."""
    named = ", ".join(reason.payments)
    return named if len(reason.payments) == reason.total else f"{named} (the newest of {reason.total:,})"
