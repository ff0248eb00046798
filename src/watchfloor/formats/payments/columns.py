"""Meanings of the columns of a payment table, from their names alone.

A name is known under our word for it and under those of banks' exports, of ISO 20022 and of the simulators
AMLworld, AMLSim, AMLGentex and PaySim, in English and French; case, accents and separators do not matter.
Three sorts of columns are known and are not read: what nobody may use (`core.protected`), what is the
answer (labels, alerts: `LABELS`), and what was not yet known when the payment was made (balances after it).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from watchfloor.core.protected import IDENTITY_ONLY, is_protected
from watchfloor.formats.base import FormatError
from watchfloor.formats.payments.vocabulary import words
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular.lexicon import advice, plain

TEXTS: Final = (
    *("payer", "payee", "payer_bank", "payee_bank", "currency", "currency_received", "channel", "means"),
    *("purpose", "country", "payer_seat", "payee_seat", "branch", "conductor", "device", "ip", "handle"),
    "memo",
)
"""Quantities that are texts."""
AMOUNTS: Final = ("amount", "amount_received")

LABELS: Final = ("label", "alert", "typology")
"""What is the answer and never a column of the table."""

_ANSWERS: Final = frozenset(
    "laundering sar sars str strs fraud fraudulent label alert alerts alerted suspicious suspicion typology"
    " criminal illicit launderer investigated reported filed filing filings".split()
)
_LATER: Final = frozenset("after new newbalance closing later final next future following".split())
_DEST: Final = re.compile(r"(new ?balance|balance after) ?(orig|org|dest)")


class Columns(NamedTuple):
    """The columns of a table of payments.

    Attributes:
        used: by our word, the name of the column that says it. Facts are `payer_*` and `payee_*`.
        labels: the same of `LABELS`.
        protected: columns that are never read.
        later: columns of what was known only after the payment.
        ignored: columns that are known as nothing.
    """

    used: Mapping[str, str]
    labels: Mapping[str, str]
    protected: tuple[str, ...]
    later: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        """Our words of the facts."""
        return tuple(word for word in self.used if is_fact(word))

    def require(self, words: Iterable[str], name: str, kind: str) -> None:
        """Raise `FormatError` where a file has no column of one of our words."""
        for word in words:
            if word not in self.used:
                raise FormatError(
                    f"{name} has no column {word!r}{nearest(word, self.ignored)}. {advice(kind)}"
                )

    def notes(self) -> Iterator[str]:
        """Yield a sentence on the columns of each sort that are not read."""
        for names, why in (
            (self.protected, "never read"),
            (tuple(self.labels.values()), "kept apart, as it is the answer"),
            (self.later, "not read, as it was not known when the payment was made"),
            (self.ignored, "not read, as its name is not known"),
        ):
            if names:
                yield f"{', '.join(names)}: {why}"


def is_fact(word: str) -> bool:
    """Whether one of our words is of a number known of one side."""
    return word.startswith(("payer_", "payee_")) and word not in TEXTS


def columns(names: Iterable[str]) -> Columns:
    """Decide the use of each column of a payment table; of two that say the same, the plainer name wins."""
    names = list(names)
    return _columns(names, _twice(names), _payment_word)


def account_columns(names: Iterable[str]) -> Columns:
    """The same of a table of accounts."""
    return _columns(list(names), {}, lambda called: _known("accounts").get(called.replace(" ", "")))


def _columns(
    names: list[str], twice: Mapping[str, str], word_of: Callable[[str], tuple[str, int] | None]
) -> Columns:
    found: dict[str, tuple[int, str]] = {}
    labels: dict[str, str] = {}
    protected, later, ignored = [], [], []
    for name in names:
        called = twice.get(name) or spaced(name)
        word, rank = word_of(called) or (None, 0)
        if is_protected(name) or is_protected(called) or (word and is_fact(word) and _is_identity(called)):
            protected.append(name)
        elif word in LABELS:
            labels.setdefault(word, name)
        elif _is_later(called):
            later.append(name)
        elif word is None or _is_answer(called):
            ignored.append(name)
        elif word not in found or rank < found[word][0]:
            ignored += [found[word][1]] if word in found else []
            found[word] = (rank, name)
        else:
            ignored.append(name)
    used = {word: name for word, (_, name) in found.items()}
    return Columns(used, labels, tuple(protected), tuple(later), tuple(ignored))


def spaced(name: str) -> str:
    """A name as words: lower case, without accents, cut where capitals start called."""
    return plain(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name))


def _twice(names: list[str]) -> dict[str, str]:
    """AMLworld calls two columns `Account`: the first is the payer's, the second the payee's."""
    plains = [re.sub(r" (1|2)$", "", spaced(name)) for name in names]
    if plains.count("account") != 2 or "from bank" not in plains:
        return {}
    first, second = (at for at, word in enumerate(plains) if word == "account")
    return {names[first]: "from account", names[second]: "to account"}


@cache
def _known(of: str) -> dict[str, tuple[str, int]]:
    """For each name, without spaces, our word and how plain a name for it that is (-1: our word itself)."""
    ours: Mapping[str, list[str]] = getattr(words(), of)
    known: dict[str, tuple[str, int]] = {word.replace("_", ""): (word, -1) for word in ours}
    for word, called in ours.items():
        for rank, one in enumerate(called):
            known.setdefault(plain(one).replace(" ", ""), (word, rank))
    return known


def _payment_word(called: str) -> tuple[str, int] | None:
    """Our word for a name, and how plain a name for it that is; a fact is its own word."""
    if found := _known("columns").get(called.replace(" ", "")):
        return found
    if re.fullmatch(r"(payer|payee) \S.*", called):
        return re.sub(r"[^a-z0-9]+", "_", called), 0
    return None


def _is_identity(called: str) -> bool:
    """Whether a fact would be of somebody's country, which may only say who somebody is."""
    return bool(IDENTITY_ONLY & set(called.split()))


def _is_answer(called: str) -> bool:
    return bool(_ANSWERS & set(called.split()))


def _is_later(called: str) -> bool:
    return bool(_DEST.search(called)) or (
        called.startswith(("payer ", "payee ")) and bool(_LATER & set(called.split()))
    )
