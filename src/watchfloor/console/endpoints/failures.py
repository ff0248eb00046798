"""Failures of requests: the status, and a sentence in both languages."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from watchfloor.cell import acts
from watchfloor.cell.acts import NotFound, Refusal
from watchfloor.cell.queue import NoLead
from watchfloor.console.operations import incident
from watchfloor.core.extras import MissingExtraError
from watchfloor.core.messages import Language
from watchfloor.core.subjects import SubjectError
from watchfloor.formats.settings import SettingsError
from watchfloor.messages.catalogue import Catalogue
from watchfloor.store.errors import (
    Damaged,
    Erased,
    FloorBusy,
    NoServer,
    ReadOnlyFloor,
    StoreError,
    StoreFull,
    UnknownRecord,
    WrongCall,
)
from watchfloor.store.readers import NotPermitted


class NotHere(LookupError):  # noqa: N818 - named for what the person meets
    """There is nothing of that name, or not for this reader: nobody can tell the two apart."""


EXPECTED: Final = (
    *(Refusal, NotHere, NoLead, StoreError, SettingsError, SubjectError, TimeoutError),
    MissingExtraError,
)
"""What is told to who asks; anything else is a mistake of ours, and says only that."""

Conflict = acts.Conflict

BUSY_FOR: Final = 5
"""Seconds after which to try again while another act is being written."""


class TooMany(Refusal):
    """Tried too often; `seconds` says how long to wait."""

    def __init__(self, refused: Refusal, seconds: float) -> None:
        super().__init__(refused.reason)
        self.seconds = seconds


class ProviderFailed(Refusal):
    """An OpenID provider that does not answer as it should."""


class TooLarge(Refusal):
    """A file that is larger than may be dropped here."""


class Stalled(Refusal):
    """A body that stopped coming."""


class Failure(NamedTuple):
    """A failure as it is told: HTTP status, kind, sentence, headers, and the id of its line in the log."""

    status: int
    kind: str
    said: str
    headers: Mapping[str, str] = {}
    incident: str = ""


_STATUS: Final[tuple[tuple[type[Exception], int, str], ...]] = (
    (Conflict, 409, "conflict"),
    (TooMany, 429, "too-many"),
    (TooLarge, 413, "too-long"),
    (Stalled, 408, "stalled"),
    (ProviderFailed, 502, "provider"),
    (NotFound, 404, "not-here"),
    (Refusal, 422, "refused"),
    (NotHere, 404, "not-here"),
    (NoLead, 404, "not-here"),
    (NotPermitted, 403, "not-permitted"),
    (Erased, 410, "erased"),
    (UnknownRecord, 404, "not-here"),
    (WrongCall, 422, "refused"),
    (FloorBusy, 503, "busy"),
    (TimeoutError, 503, "busy"),
    (StoreFull, 507, "full"),
    (ReadOnlyFloor, 503, "read-only"),
    (NoServer, 503, "no-server"),
    (Damaged, 500, "damaged"),
    (SubjectError, 404, "not-here"),
    (SettingsError, 500, "settings"),
    (StoreError, 500, "store"),
    (MissingExtraError, 501, "missing-extra"),
)


def failure(error: Exception, words: Catalogue, language: Language, *, keeper: bool = False) -> Failure:
    """How an expected error is told. Raises the error where it is none of `EXPECTED`.

    Args:
        error: what went wrong.
        words: of the interface.
        language: of who is told.
        keeper: whether it is told to who administers the console; others are not told paths, processes and
            machines, but the id of the line in the operators' log that has them.
    """
    for of, status, kind in _STATUS:
        if isinstance(error, of):
            headers = {"Retry-After": str(_wait(error))} if status in (429, 503) else {}
            if status < 500 or isinstance(error, MissingExtraError):
                return Failure(status, kind, _told(error, words, language), headers)
            id_ = incident(error, kind, told=True)
            plain = keeper or isinstance(error, Refusal)
            said = _told(error, words, language) if plain else words.say(f"failure.{kind}", language)
            return Failure(status, kind, with_incident(said, id_, words, language), headers, id_)
    raise error


def with_incident(said: str, id_: str, words: Catalogue, language: Language) -> str:
    """A sentence with the id by which operators find what is behind it."""
    return f"{said} ({words.say('failure.incident', language, id=id_)})"


def _told(error: Exception, words: Catalogue, language: Language) -> str:
    """The sentence of an error; those of the store have no French, and are told in English."""
    if isinstance(error, Refusal) and not isinstance(error, NotFound):
        return acts.render(error.reason, language)
    if isinstance(error, NotFound | NotHere | NoLead | UnknownRecord):
        return words.say("failure.not-here", language)
    if isinstance(error, MissingExtraError):
        return error.reason.render(language)
    return str(error)


def _wait(error: Exception) -> int:
    return int(error.seconds) + 1 if isinstance(error, TooMany) else BUSY_FOR
