"""A text as words that can be compared: without case, accents, punctuation and invisible characters."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, each with its line; `joined` has a blank around every word."""

    words: tuple[str, ...]
    lines: tuple[int, ...]
    joined: str

    @classmethod
    def from_text(cls, text: str) -> "Words":
        """Words of a text."""
        pairs = [(word, number) for number, line in enumerate(text.splitlines(), 1) for word in plain(line)]
        return cls._made(tuple(word for word, _ in pairs), tuple(number for _, number in pairs))

    @classmethod
    def _made(cls, words: tuple[str, ...], lines: tuple[int, ...]) -> "Words":
        return cls(words, lines, f" {' '.join(words)} ")

    def find(self, phrase: str) -> Iterator[int]:
        """Number of the word at which each occurrence of a phrase begins."""
        wanted = f" {phrase} "
        at = self.joined.find(wanted)
        while at >= 0:
            yield self.joined.count(" ", 0, at)
            at = self.joined.find(wanted, at + 1)

    def without(self, phrases: Iterable[str]) -> "Words":
        """With a gap that no phrase crosses in the place of each phrase, the longest first."""
        words = list(self.words)
        for phrase in sorted((plain(one) for one in phrases), key=len, reverse=True):
            for at in self.find(" ".join(phrase)) if phrase else ():
                words[at : at + len(phrase)] = ["\0"] * len(phrase)
        return self._made(tuple(words), self.lines)


_HAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD: Final = re.compile(f"[{_HAN}]|[^\\W_{_HAN}]+")


def plain(text: str) -> list[str]:
    """The words of a text, without case, accents, punctuation and invisible characters.

    Of Chinese and Japanese, which set no blanks between words, every character is one.
    """
    return _WORD.findall(folded(text))


def telling(word: str) -> bool:
    """Whether a word is no mere link between others."""
    return len(word) > 3 or word[0] >= "\u3040"


def folded(text: str) -> str:
    """A text without case, accents and invisible characters."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in apart if unicodedata.category(c) not in {"Mn", "Cf"})
