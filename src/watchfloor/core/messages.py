"""Reasons: a message id and typed parameters, rendered as a sentence in English and in French.

A reason is stored as data and rendered when somebody reads it, so the same row reads in either official
language and an old row keeps its meaning when a wording is improved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Final

import msgspec

from watchfloor.core.kinds import REASON as REASON
from watchfloor.messages import Language as Language
from watchfloor.messages import catalogue, chosen, number, typeset

Parameter = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Message:
    """The id of a sentence in both languages, and the names of its parameters."""

    id: str
    parameters: frozenset[str]

    @property
    def en(self) -> str:
        """Return the English sentence, with its parameters in braces. Raises `KeyError`."""
        return _sentence(self.id)[0]

    @property
    def fr(self) -> str:
        """Return the French sentence, with its parameters in braces. Raises `KeyError`."""
        return _sentence(self.id)[1]


@dataclass(frozen=True, slots=True)
class Reason:
    """A message id with its parameters; `str()` gives the English sentence."""

    message: str
    params: Mapping[str, Parameter] = field(default_factory=dict)

    def render(self, language: Language = "en") -> str:
        """The sentence. Raises `KeyError` for an unknown message or a missing parameter."""
        text = chosen(_sentence(self.message)[language == "fr"], language, self.params)
        return text.format(**{name: _plain(value, language) for name, value in self.params.items()})

    def __str__(self) -> str:
        return self.render()

    def stored(self) -> dict[str, str]:
        """As a value of the `REASON` struct."""
        return {"message": self.message, "params": _ENCODER.encode(dict(self.params)).decode()}

    @classmethod
    def load(cls, stored: Mapping[str, str]) -> "Reason":
        """Back from a value of the `REASON` struct."""
        return cls(stored["message"], msgspec.json.decode(stored["params"]))


_ENCODER = msgspec.json.Encoder(order="sorted")

MESSAGES: Final[dict[str, Message]] = {}
"""Every message that a module which was imported names, by id."""

_GIVEN: Final[dict[str, catalogue.Pair]] = {}
"""Sentences that code put together, or a desk outside brought; all others are in the catalogue."""


def declare(id: str, *parameters: str, en: str = "", fr: str = "") -> Message:  # noqa: A002 - the field's word
    """Name a message of the catalogue and its parameters; or bring its sentences along, in both languages.

    Raises:
        ValueError: the id is taken by another message, or the sentences brought along do not belong together.
    """
    if en or fr:
        parameters = tuple(_fields(en))
        if not en.strip() or not fr.strip():
            raise ValueError(f"message {id!r} needs a sentence in English and in French")
        if _fields(fr) != {*parameters}:
            raise ValueError(f"message {id!r} has other parameters in English than in French")
        fr = typeset(fr)
    message = Message(id, frozenset(parameters))
    if MESSAGES.setdefault(id, message) != message or (en and _GIVEN.setdefault(id, (en, fr)) != (en, fr)):
        raise ValueError(f"message {id!r} is declared twice, with different sentences")
    return message


def known(id: str) -> Message | None:  # noqa: A002 - the field's word
    """Return the message of an id that came from elsewhere, or None."""
    pair = _GIVEN.get(id) or catalogue.find(id)
    return Message(id, _fields(pair[0])) if pair else None


def _sentence(id: str) -> catalogue.Pair:  # noqa: A002 - the field's word
    pair = _GIVEN.get(id) or catalogue.find(id)
    if pair is None:
        raise KeyError(id)
    return pair


def reason(message: Message, **params: Parameter) -> Reason:
    """A reason, checked: every parameter of the message is given and no other."""
    if params.keys() != message.parameters:
        wrong = ", ".join(sorted(params.keys() ^ message.parameters))
        raise ValueError(f"message {message.id!r}: parameters missing or unknown: {wrong}")
    return Reason(message.id, params)


def _fields(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _plain(value: Parameter, language: Language) -> Parameter:
    if value is None:
        return "unknown" if language == "en" else "inconnu"
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "fr": ("non", "oui")}[language][value]
    if isinstance(value, float):
        return number(value, language, 2, grouped=False)
    return value
