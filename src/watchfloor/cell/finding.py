"""A search as a person asks for it, and what was found as a person reads it."""

import re
from typing import TYPE_CHECKING, Final

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import Language, Reason, declare, reason
from watchfloor.core.subjects import SYSTEMS, SubjectError, parts
from watchfloor.core.subjects import subject as key_of
from watchfloor.store.index.columns import INDEXED, values
from watchfloor.store.index.places import Box, parse
from watchfloor.store.index.search import SearchHit, SearchQuery

if TYPE_CHECKING:
    from watchfloor.formats.documents.mentions import Mention

NO_KIND: Final = declare("cell.no-kind", "kinds")
NO_SUBJECT: Final = declare("cell.no-subject-key", "text")
NO_BOX: Final = declare("cell.no-box", "problem")
UNTITLED: Final = declare("cell.found-untitled")
SIGNAL: Final = declare("cell.found-signal", "desk", "rule", "strength", "on")
ROW: Final = declare("cell.found-row", "whose", "on", "where")
PAGE: Final = declare("cell.found-page", "page")
PORTION: Final = declare("cell.found-portion", "portion")
NAMES_AS: Final = declare("cell.found-names", "subject", "columns")
AT_PLACE: Final = declare("cell.found-at", "place")
WITHIN: Final = declare("cell.found-within", "place", "metres")

SHORTEST: Final = 6
"""Letters and digits of a bare number that is tried in each numbering system."""
NATIONAL: Final = 10
"""Digits of a telephone number of Canada and the United States without the 1 before it."""
TRACK: Final = re.compile(r"(?:(?:track|piste) *#?)([0-9]{1,9})|([0-9]{3,9})", re.IGNORECASE)
"""A track as it is spoken of: `track 168`, or its number alone where that is not too short."""


def kind(name: str) -> str:
    """A kind whose rows are found. Raises `Refusal`, which lists them."""
    if name not in INDEXED:
        refuse(NO_KIND, kinds=", ".join(INDEXED))
    return name


def subject(text: str) -> str:
    """The key of a subject. Raises `Refusal`."""
    try:
        parts(text)
    except SubjectError:
        refuse(NO_SUBJECT, text=text)
    return text


def box(text: str) -> Box:
    """A box of degrees: west, south, east, north. Raises `Refusal`."""
    try:
        return parse(text)
    except ValueError as error:
        refuse(NO_BOX, problem=str(error))


def bare(text: str) -> list[str]:
    """Subjects that a number may be which stands alone, without the word that says of what it is.

    Nothing but its check digits, where it has any, speaks for each: what no row names is no answer.
    """
    track = TRACK.fullmatch(text.replace('"', "").strip())
    tracks = [f"track:surveillance:{int(track[1] or track[2])}"] if track else []
    number = "".join(text.replace('"', "").split())
    return list(dict.fromkeys([*tracks, *_numbered(number)]))


def _numbered(number: str) -> list[str]:
    """Return the subjects that a number without blanks may be in each numbering system."""
    if len(number) < SHORTEST or not any(one.isdigit() for one in number) or not number.isascii():
        return []
    keys = [_key(type_, system, number) for system, (types, _) in SYSTEMS.items() for type_ in types]
    abroad = _abroad(number) if number.isdigit() else []
    return [*filter(None, keys), *(one.subject for one in abroad)]


def _abroad(number: str) -> "list[Mention]":
    from watchfloor.formats.documents.mentions import (
        mentions,  # loads phonenumbers; a search for words needs none
    )

    return [*mentions(f"+{number}"), *(mentions(f"+1{number}") if len(number) == NATIONAL else [])]


def _key(type_: str, system: str, number: str) -> str | None:
    try:
        return key_of(type_, system, number)
    except SubjectError:
        return None


def title(one: SearchHit, language: Language) -> str:
    """Return the title of a row with its kind before it; a signal's is its reason alone."""
    named = called(one, language)
    return named if one.kind == "signal" else f"{one.kind}: {named}"


def called(one: SearchHit, language: Language) -> str:
    """Return the title of a row, to stand beside its kind."""
    if one.kind == "signal":
        return Reason.load(one.row["reason"]).render(language)
    named = next((one.row[name] for name in ("title", "name", "goods") if one.row.get(name)), None)
    return str(named or one.row["report_key"] or reason(UNTITLED).render(language))


def where(one: SearchHit, language: Language) -> str:
    """Whose a row is, when it was so, and where in it the words stand."""
    row = one.row
    if one.kind == "signal":
        told = {"desk": row["desk"], "rule": row["rule"], "strength": row["strength"]}
        return reason(SIGNAL, **told, on=f"{row['at']:%Y-%m-%d}").render(language)
    page = reason(PAGE, page=one.page).render(language) if one.page else ""
    within = one.portion and "portions" in row
    portion = page + reason(PORTION, portion=one.portion).render(language) if within else ""
    whose = row.get("author") or row["source"]
    return reason(ROW, whose=whose, on=f"{row['observed_at']:%Y-%m-%d}", where=portion).render(language)


def names(one: SearchHit, subject: str) -> list[str]:
    """The columns in which a row names a subject, as people call them."""
    row = {name: [value] for name, value in one.row.items()}
    paths = [path for path in INDEXED[one.kind].subjects if subject in next(values(row, (path,)))]
    return [path.partition(".")[0].removesuffix("s") for path in paths]


def why(one: SearchHit, asked: SearchQuery, language: Language) -> list[str]:
    """Return why a row is shown, beside its words: where it names the subject, what place it gives."""
    said = []
    if asked.about:
        columns = ", ".join(names(one, str(asked.about)))
        said.append(reason(NAMES_AS, subject=str(asked.about), columns=columns))
    if asked.box:
        row = one.row
        place = f"{row['latitude']:.5f}, {row['longitude']:.5f}"
        within = f"{row['radius']:,.0f}" if row["radius"] else ""
        said.append(reason(WITHIN, place=place, metres=within) if within else reason(AT_PLACE, place=place))
    return [one.render(language) for one in said]


def subjects(one: SearchHit) -> list[str]:
    """Every subject that a row names."""
    row = {name: [value] for name, value in one.row.items()}
    return list(dict.fromkeys(next(values(row, INDEXED[one.kind].subjects)))) if row else []


def identity(one: SearchHit) -> str:
    """The id of a row in hexadecimal: of a signal its own."""
    return str(one.row["row_id" if one.kind == "signal" else "record_id"].hex())
