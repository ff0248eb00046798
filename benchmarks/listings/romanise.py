"""Any script to plain lower-case ASCII words by ICU: what the peers that know Latin only are given."""

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def transliterator() -> Any:
    import icu

    return icu.Transliterator.createInstance("NFKC; Any-Latin; Latin-ASCII; Lower")


def plain(name: str) -> str:
    """Letters and digits in ASCII, words by single spaces; apostrophes (an ayn, a soft sign) leave no gap."""
    letters = name.casefold() if name.isascii() else transliterator().transliterate(name)
    letters = "".join(c if c.isascii() and c.isalnum() else "" if c in "'`ʿʾʹʺ’‘" else " " for c in letters)
    return " ".join(letters.split())
