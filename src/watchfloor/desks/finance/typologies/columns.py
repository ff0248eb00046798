"""Columns of a payment that typologies may use."""

from collections.abc import Mapping
from typing import Final

_OF_SIDE: Final = {"holder": "text", "holder_type": "text", "occupation": "words", "naics": "text"}
_TOLD: Final = {"age": "number", "steps": "number", "entry": "truth"}

COLUMNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("payer", "payee", "currency", "means", "channel"), "text"),
    **dict.fromkeys(("conductor", "branch", "device", "ip", "handle"), "text"),
    "amount": "number",
    "memo": "words",
    "across": "truth",
    **{f"{side}.{name}": of for side in ("payer", "payee") for name, of in (_OF_SIDE | _TOLD).items()},
}
"""What may be asked of a payment, and as what.

`amount` is in its currency, to the cent. `memo` is the text that went with it and its purpose, told by word
lists alone. `across` says whether the two accounts are kept in different countries, never in which. Of either
side: who holds the account (`holder`) and of what type, occupation and industry as the bank knows them, days
since it was opened (`age`), steps from a listed entity (`steps`), and whether the holder has a customs entry
(`entry`).
"""

FACTS: Final = ("payer_balance_before", "payer_tenure_days", "payee_balance_before", "payee_tenure_days")
"""Numbers known when a payment was made, where its table has them."""

FEATURES: Final = (
    *("payer_passed", "payee_passed", "payer_since_in", "payee_since_in", "payer_since_out"),
    *("payer_ever_in", "payer_ever_out", "payee_ever_in", "payee_ever_out", "payer_age", "payee_age"),
    *("payer_partners_in", "payer_partners_out", "payee_partners_in", "payee_partners_out"),
    *("covered", "lain", "share_of_heap", "like_last_in", "pair_ever", "pair_since", "back_ever"),
    *("amount_round", "below_ten_thousand", "cycle_shortest", "cycle_kept"),
    *("gather_most", "gather_ordered_most", "gather_kept_most", "scatter_most"),
)
"""Features of the engine that typologies may name after `engine.`, see `engine`."""

ALWAYS: Final = frozenset({"payer", "payee", "amount", "currency"})
"""Columns that every table has."""


def type_of(name: str) -> str | None:
    """`text`, `number`, `truth` or `words`; None for what is no column."""
    if name.startswith("engine.") or name in FACTS:
        return "number"
    return COLUMNS.get(name)
