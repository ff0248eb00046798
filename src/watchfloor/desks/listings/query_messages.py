"""Sentences about queries to screen, in English and in French."""

import re
from functools import cache
from typing import Final

from watchfloor.core.messages import Language, Message, Reason, declare, reason
from watchfloor.desks.listings.normalise import MAX_TEXT, MAX_TOKENS

NO_NAME: Final = declare("screen.no-name")
CUT: Final = declare("screen.cut", "characters", "words")
NO_DATE: Final = declare("screen.no-date", "text")
NO_SUCH_DATE: Final = declare("screen.no-such-date", "text")
UNREAD: Final = declare("screen.unread", "why")
AT: Final = declare("screen.at", "line", "what")
AT_ROW: Final = declare("screen.at-row", "row", "what")
NOTE: Final = declare("screen.note", "file", "what")

READ: Final = tuple(
    declare(f"screen.read.{name}", en=en, fr=fr)
    for name, en, fr in (
        ("cells", "has {n} cells where the header has {width}", "a {n} cellules, l’en-tête en a {width}"),
        ("cell", "has {n} cell where the header has {width}", "a {n} cellule, l’en-tête en a {width}"),
        ("open", "opens a quote that is never closed", "ouvre un guillemet qui n’est jamais fermé"),
        (
            "late",
            "opens a quote that closes only in a later line, where the cells no longer fit the header",
            "ouvre un guillemet fermé seulement plus loin, où les cellules ne vont plus avec l’en-tête",
        ),
        (
            "behind",
            "has text behind a closing quote: a quote in it is broken",
            "a du texte après un guillemet fermant : un guillemet y est rompu",
        ),
        (
            "byte",
            "holds byte {byte}, which does not fit the file's encoding; state another",
            "contient l’octet {byte}, qui ne va pas avec l’encodage du fichier; indiquez-en un autre",
        ),
        (
            "zero",
            "holds a zero byte: this piece is no text",
            "contient un octet nul : ce passage n’est pas du texte",
        ),
        (
            "return",
            "has a carriage return in the middle of a line",
            "a un retour de chariot au milieu d’une ligne",
        ),
        (
            "large",
            "has a cell of more than {n} characters, or a quote that is never closed",
            "a une cellule de plus de {n} caractères, ou un guillemet jamais fermé",
        ),
        (
            "long",
            "is longer than {n} bytes; a line end is missing",
            "dépasse {n} octets; une fin de ligne manque",
        ),
        (
            "torn",
            "the file ends in the middle of a character: it was cut",
            "le fichier s’arrête au milieu d’un caractère : il a été coupé",
        ),
        (
            "windows",
            "read as Windows-1252, because its accented letters are no UTF-8",
            "lu comme Windows-1252, car ses lettres accentuées ne sont pas de l’UTF-8",
        ),
        (
            "unsure",
            "read as {encoding}, which is not sure: it may be {rival}; state the encoding",
            "lu comme {encoding}, ce qui n’est pas certain : c’est peut-être {rival}; indiquez l’encodage",
        ),
        (
            "letters",
            "read as {encoding}, found from its letters",
            "lu comme {encoding}, d’après ses lettres",
        ),
        ("charset", "read as {encoding}", "lu comme {encoding}"),
    )
)
"""Sentences of the readers of CSV; they say it in English, and it is recognised here by its words."""


def from_reader(text: str) -> Reason:
    """The sentence of a reader as a reason; one that is not known here keeps its own words."""
    for message in READ:
        if found := _pattern(message).fullmatch(text):
            return reason(message, **found.groupdict())
    return reason(UNREAD, why=text)


def cut() -> Reason:
    """That the end of a name was not compared."""
    return reason(CUT, characters=MAX_TEXT, words=MAX_TOKENS)


def placed(locator: str, what: Reason, language: Language) -> str:
    """Return a sentence on a line of a file, or a row of a table, with its place."""
    said = what.render(language)
    if locator.startswith("row "):
        return reason(AT_ROW, row=locator.removeprefix("row "), what=said).render(language)
    return reason(AT, line=locator.removeprefix("line "), what=said).render(language)


@cache
def _pattern(message: Message) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(message.en)))
