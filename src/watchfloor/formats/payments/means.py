"""How money moves, in the words of `tabular.fields.MEANS`, from what ledgers and simulators call it."""

from functools import cache

from watchfloor.formats.payments.vocabulary import words
from watchfloor.formats.tabular.lexicon import plain


@cache
def _known() -> dict[str, str]:
    return {plain(name): word for word, names in words().means.items() for name in names}


def means_of(text: str) -> str:
    """One of `fields.MEANS`; `other` where the word is not known."""
    return _known().get(plain(text), "other")
