"""Exchange rates that the user supplies: what an amount was worth in one common currency on its day.

Payments keep their own amounts. What is converted is what a search compares, and the total that a reader is
shown beside the exact sums.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, InvalidOperation, localcontext
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.formats.payments.currencies import MINOR, code_of

REFERENCE: Final = "exchange-rates"
"""What the desk calls the floor's rates; empty where a floor has none."""
FILE: Final = "exchange-rates.csv"
"""In a floor's folder."""
STALE: Final = 7
"""Days that a rate stands for: the longest run of days on which the Bank of Canada publishes none is four,
over Christmas, and a file may leave out a day or two more."""
DAY: Final = 86_400_000_000
"""Microseconds."""
EXACT: Final = Context(prec=200)
"""Digits enough for any sum of amounts (38 digits) times a rate; the usual 28 would round."""
MOST: Final = Decimal(10) ** 12
"""Greatest rate, and the inverse of the least one."""


class RatesError(ValueError):
    """Rates that cannot be used; the message says which line is wrong and what to write there."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates into one currency.

    Attributes:
        base: the currency that is converted into.
        days: for each other currency the days of its rates, since 1970, rising.
        values: the rates of these days: units of `base` for one unit.
    """

    base: str
    days: Mapping[str, npt.NDArray[np.int64]]
    values: Mapping[str, tuple[Decimal, ...]]

    def places(self, currency: str, time: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return for each moment (µs) the number of the rate that holds then, -1 where there is none.

        That is the newest rate of the same day or of one before, at most `STALE` days old.
        """
        if currency not in self.days:
            return np.full(len(time), -1)
        days, of = self.days[currency], time // DAY
        found = np.searchsorted(days, of, side="right") - 1
        return np.where((found >= 0) & (of - days[found] <= STALE), found, -1)

    def factors(self, currency: str, time: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return for each moment (µs) what one unit was worth in `base`, NaN where no rate holds."""
        if currency == self.base:
            return np.ones(len(time))
        values = np.array([*(float(one) for one in self.values.get(currency, ())), np.nan])
        return np.asarray(values[self.places(currency, time)])

    def worth(self, amount: Decimal, currency: str, time: int) -> Decimal:
        """Return an amount in `base`, exactly. Raises `KeyError` where no rate holds at that moment (µs)."""
        if currency == self.base:
            return amount
        place = int(self.places(currency, np.array([time]))[0])
        if place < 0:
            raise KeyError(currency)
        return amount * self.values[currency][place]


@lru_cache(maxsize=2)
def of_reference(content: bytes) -> Rates | None:
    """Return a floor's rates; None where it has none. What is wrong in them is in `left_aside`."""
    return _read(content, FILE)[0] if content else None


@lru_cache(maxsize=2)
def left_aside(content: bytes) -> tuple[str, ...]:
    """Return what of a floor's rates cannot be used: a sentence for each, with file and line."""
    return tuple(map(str, _read(content, FILE)[1])) if content else ()


def read(content: bytes, name: str) -> Rates:
    """Return the rates of a CSV.

    Columns are `date`, `from`, `to`, `rate` (on that day one unit of `from` was worth `rate` units of `to`,
    which is the same in all rows), or `date` and one column for each currency, called as the Bank of Canada
    calls its series: `FXUSDCAD`. Lines before the header are passed over, and so are empty cells.

    Raises:
        RatesError: it is no such table, or a line is wrong.
    """
    found, wrong = _read(content, name)
    if wrong or found is None:
        raise wrong[0]
    return found


def _read(content: bytes, name: str) -> tuple[Rates | None, list[RatesError]]:
    """The rates of a CSV, None where there is none, and what is wrong in it."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return None, [RatesError(f"{name} is not text in UTF-8")]
    rows = csv.reader(lines)
    wrong = list[RatesError]()
    records = _records(rows, name, wrong)
    head = next((row for row in records if row[0].strip().casefold() == "date"), None)
    if head is None:
        wrong.append(RatesError(f"{name} has no header that begins with 'date': write date,from,to,rate"))
        return None, wrong
    heads = [cell.strip().casefold() for cell in head]
    stated = list[tuple[str, int, str, str, Decimal]]()
    for row in records:
        where = f"{name}, line {rows.line_num}"
        try:
            day, cells = _cells(heads, row, where)
        except RatesError as error:
            wrong.append(error)
            continue
        for cell in cells:
            try:
                stated.append((where, day, *_rate(*cell, where)))
            except RatesError as error:
                wrong.append(error)
    if not stated:
        return None, [*wrong, RatesError(f"{name} holds no rate")]
    (base, _), *_ = Counter(into for _, _, _, into, _ in stated).most_common(1)
    of = defaultdict[str, dict[int, Decimal]](dict)
    for where, day, one, into, rate in stated:
        if into != base:
            wrong.append(RatesError(f"{where}: a rate into {into}, and most of the file is into {base}"))
        elif of[one].setdefault(day, rate) != rate:
            wrong.append(RatesError(f"{where}: {one} has another rate on that day"))
    ordered = {code: sorted(found.items()) for code, found in sorted(of.items()) if found}
    days = {code: np.array([day for day, _ in found], np.int64) for code, found in ordered.items()}
    return Rates(base, days, {code: tuple(one for _, one in found) for code, found in ordered.items()}), wrong


def _records(rows: Any, name: str, wrong: list[RatesError]) -> Iterator[list[str]]:
    """Each row that is not blank; one that is none, of a cell without end, is added to what is wrong."""
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            wrong.append(RatesError(f"{name}, line {rows.line_num}: {error}"))
        else:
            if any(cell.strip() for cell in row):
                yield row


def _cells(heads: list[str], row: list[str], where: str) -> tuple[int, list[tuple[str, str, str]]]:
    """The day of a line, and from, to, rate of each of its rates."""
    if any(cell.strip() for cell in row[len(heads) :]):
        raise RatesError(f"{where}: more cells than the header has; a rate is written with a point, 1.3642")
    cells = dict(zip(heads, (cell.strip() for cell in row), strict=False))
    try:
        day = (date.fromisoformat(cells["date"]) - date(1970, 1, 1)).days
    except ValueError as error:
        raise RatesError(f"{where}: {cells['date']!r} is no date: write 2026-03-31") from error
    if {"from", "to", "rate"} <= cells.keys():
        return day, [(cells["from"], cells["to"], cells["rate"])]
    if len(row) >= len(heads) and all(len(one) == 8 and one.startswith("fx") for one in heads[1:]):
        return day, [(one[2:5], one[5:], cells[one]) for one in heads[1:] if cells[one]]
    raise RatesError(f"{where}: not the columns date, from, to and rate, nor date and FXUSDCAD")


def _rate(stated: str, into: str, text: str, where: str) -> tuple[str, str, Decimal]:
    """A rate: from, to, and what one unit is worth."""
    one, other = (code_of(currency) for currency in (stated, into))
    if one is None or other is None or one == other:
        raise RatesError(f"{where}: {stated!r} into {into!r} are not two known currencies")
    try:
        rate = Decimal(text)
    except InvalidOperation as error:
        raise RatesError(f"{where}: {text!r} is no rate: write digits and a point, 1.3642") from error
    if not rate.is_finite() or not 1 / MOST <= rate <= MOST:
        raise RatesError(f"{where}: {text!r} is no rate: one unit is worth more than nothing")
    return one, other, rate


def compared(
    rates: Rates | None,
    names: Sequence[str],
    codes: npt.NDArray[np.int64],
    time: npt.NDArray[np.int64],
    amount: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return what payments are compared by, and for which of them that is what they were worth in the base.

    Args:
        rates: none: all amounts stay as they are.
        names: currencies.
        codes: [n] which of them each payment is in.
        time: [n] µs.
        amount: [n]
    """
    factors = np.full(len(codes), np.nan)
    if rates is not None:
        for code in np.unique(codes).tolist():
            of = np.flatnonzero(codes == code)
            factors[of] = rates.factors(names[code], time[of])
    held = np.isfinite(factors)
    return np.where(held, amount * factors, amount), held


class Together(NamedTuple):
    """Sum of payments.

    Attributes:
        sums: exactly, by currency.
        total: the sum; where there are several currencies, what they were worth in one, to its last digit.
        currency: of the total.
    """

    sums: dict[str, Decimal]
    total: Decimal
    currency: str

    @property
    def stated(self) -> list[str]:
        """The sums as texts, such as `58702.10 CNY`."""
        return [f"{amount:f} {code}" for code, amount in self.sums.items()]


def together(
    amounts: Sequence[Decimal], currencies: Sequence[str], times: Sequence[int], rates: Rates | None
) -> Together:
    """Return what payments come to; `times` in µs, each of several currencies with a rate at that time."""
    with localcontext(EXACT):
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for amount, currency in zip(amounts, currencies, strict=True):
            sums[currency] += amount
        shown = {code: _short(amount, code) for code, amount in sorted(sums.items())}
        currency = next(iter(sums))
        if len(sums) > 1:
            if rates is None:
                raise ValueError(f"no rates for payments in {', '.join(sorted(sums))}")
            total = sum(map(rates.worth, amounts, currencies, times), Decimal())
            return Together(shown, _rounded(total, rates.base), rates.base)
        return Together(shown, shown[currency], currency)


def _short(amount: Decimal, currency: str) -> Decimal:
    """An exact amount without noughts beyond the digits of its currency."""
    rounded = _rounded(amount, currency)
    return rounded if rounded == amount else amount.normalize()


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-MINOR.get(currency, 2)))
