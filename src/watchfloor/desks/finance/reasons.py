"""Why a payment has its score: the inputs that moved it most, as sentences, and what speaks against it.

How much each input moved the log-odds is counted exactly for trees (S. Lundberg et al., Nature Machine
Intelligence 2, 2020). A sentence says what was seen, not that anything is wrong.
"""

import re
from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.model import Scores

TOLD: Final = 4
"""Inputs that a reason names, and one against."""
EXPLAINED: Final = 3_000
"""Payments, those of the highest scores, that get reasons."""

_WAYS: Final = {"out": "pays", "in": "is paid"}
_STATISTICS: Final = {
    "fan": "{who} {way} {value} counterparties within {window}",
    "payments": "{who} {way} {value} times within {window}",
    "per_partner": "{who} {way} each counterparty {value} times within {window}",
    "mean": "{who} {way} {value} on average within {window}",
    "sum": "{who} {way} {value} in all within {window}",
    "variance": "amounts that {who} {way} vary (variance {value}) within {window}",
    "skewness": "amounts that {who} {way} are skewed ({value}) within {window}",
    "kurtosis": "amounts that {who} {way} are drawn out ({value}) within {window}",
}
_SIDE: Final = {
    "age": "{who} was first seen {value} days before",
    "since_out": "{who} last paid {value} days before",
    "since_in": "{who} was last paid {value} days before",
    "ever_out": "{who} has paid {count} times so far",
    "ever_in": "{who} has been paid {count} times so far",
    "partners_out": "{who} has paid {count} others so far",
    "partners_in": "{who} has been paid by {count} others so far",
    "total_ratio": "{who} has paid out {share} of what came in",
    "mean_out": "{who} pays {value} on average",
    "mean_in": "{who} is paid {value} on average",
    "most_ratio": "the amount is {share} of the most that {who} had on that side before",
    "passed": "{share} of what {who} paid had come in before",
    "dwelt": "money stays {value} days with {who} on average",
    "round": "{share} of the amounts of {who} are round",
}
_PAYMENT: Final = {
    "covered": "{share} of it was covered by money that had come in",
    "lain": "the money had lain there {value} days",
    "share_of_heap": "it takes {share} of the money that lay there",
    "like_last_in": "it is {share} of the last amount that came in",
    "pair_ever": "the two had {count} earlier payments",
    "pair_age": "the two first dealt {value} days before",
    "pair_since": "the two last dealt {value} days before",
    "back_ever": "{count} payments went the other way before",
    "amount": "the amount is {value}",
    "amount_round": "the amount ends in {count} noughts",
    "below_ten_thousand": "the amount is within a tenth below 10,000",
    "gather_most": "{count} intermediaries lead to its recipient from one account",
    "gather_ordered_most": "{count} intermediaries, paid before they paid, lead to its recipient from one",
    "gather_kept_most": "{count} intermediaries pass on about what they got to its recipient",
    "scatter_most": "{count} intermediaries lead from its payer to one account",
    "cycle_shortest": "it closes a cycle of {count} payments",
    "cycle_kept": "it brings back {share} of an amount that had left",
    "same_bank": "both accounts are at one bank",
    "across_border": "it crosses a border",
    "to_self": "payer and recipient are one account",
    "hour": "it was made in hour {count} of the day (UTC)",
    "weekday": "it was made on day {count} of the week (Monday: 0)",
    "first_chance": "by itself it looked {share} likely",
}
_RATIOS: Final = {
    "amount_to_in": "it is {share} of all that the payer was paid",
    "amount_to_mean_out": "it is {share} of what the payer pays on average",
    "amount_to_mean_in": "it is {share} of what the recipient is paid on average",
    "payer_out_to_in": "the payer paid out {share} of what came in",
    "payee_out_to_in": "the recipient paid out {share} of what came in",
}
_DID: Final = {"out": "paid", "in": "was paid"}
_SECONDS: Final = frozenset({"age", "since_out", "since_in", "dwelt", "lain", "pair_age", "pair_since"})
_WHO: Final = {"payer": "the payer", "payee": "the recipient"}


def sentences(scores: Scores, most: int = EXPLAINED) -> list[list[str]]:
    """Reasons for each payment: up to `TOLD` sentences, then one that speaks against; none for low scores."""
    found: list[list[str]] = [[] for _ in scores.raw]
    top = np.argsort(-scores.raw, kind="stable")[:most]
    for start in range(0, len(top), 1000):
        part = top[start : start + 1000]
        values = scores.inputs[part]
        moved = scores.models[0].contributions(values)[:, :-1]  # one of alike models tells why
        for row, place in enumerate(part):
            found[place] = _of_one(scores.names, values[row], moved[row])
    return found


def _of_one(names: tuple[str, ...], values: Any, moved: Any) -> list[str]:
    order = np.argsort(-moved, kind="stable")
    said = [sentence(names[k], float(values[k])) for k in order[:TOLD] if moved[k] > 0]
    against = int(order[-1])
    if moved[against] < 0:
        said.append(f"Against: {sentence(names[against], float(values[against]))}")
    return said


def sentence(name: str, value: float) -> str:
    """What an input says, in words."""
    if np.isnan(value):
        return f"{name.replace('_', ' ')} is not known"
    if found := re.fullmatch(r"(payer|payee)_(out|in)_([a-z_]+)_(graph|\d+\w)", name):
        side, way, what, window = found.groups()
        if what in _STATISTICS:
            return _capital(
                _STATISTICS[what].format(
                    who=_WHO[side], way=_WAYS[way], value=_number(value), window=_window(window)
                )
            )
        return _plain(name, value)
    if found := re.fullmatch(r"(payer|payee)_(out|in)_(most|recent|sum)", name):
        side, way, what = found.groups()
        words = {"most": "the most suspect", "recent": "the latest", "sum": "all"}[what]
        return _capital(
            f"{words} of what {_WHO[side]} {'paid' if way == 'out' else 'was paid'} before had a chance of"
            f" {_number(value)}"
        )
    if found := re.fullmatch(r"match_(payer|payee)_(out|in)_(ratio|age|count)", name):
        side, way, what = found.groups()
        text = {
            "ratio": "it is {share} of",
            "age": "{value} days passed since",
            "count": "it is like {count} of",
        }[what]
        listed = f"the nearest amount that {_WHO[side]} {_DID[way]} lately"
        of = f"the last amounts that {_WHO[side]} {_DID[way]}" if what == "count" else listed
        return _filled(f"{text} {of}", what, value, "")
    if found := re.fullmatch(r"(\w+?)_(graph|\d+\w)", name):
        what, window = found.groups()
        if what in _RATIOS:
            return _filled(f"{_RATIOS[what]} within {_window(window)}", what, value, "")
    side, _, what = name.partition("_")
    if side in _WHO and what in _SIDE:
        return _filled(_SIDE[what], what, value, _WHO[side])
    if name in _PAYMENT:
        return _filled(_PAYMENT[name], name, value, "")
    return _plain(name, value)


def _plain(name: str, value: float) -> str:
    return f"{_capital(name.replace('_', ' '))}: {_number(value)}"


def _filled(text: str, what: str, value: float, who: str) -> str:
    if value < 0:
        return _capital(f"{(who + ' ') if who else ''}{what.replace('_', ' ')}: never before")
    shown = value / 86_400 if what in _SECONDS else value
    return _capital(text.format(who=who, value=_number(shown), count=f"{value:,.0f}", share=f"{value:.0%}"))


def _window(name: str) -> str:
    return "the graph's window" if name == "graph" else f"{name[:-1]} days" if name[-1] == "d" else name


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
