"""Reasons: a message id and typed parameters, rendered as a sentence in English and in French.

A reason is stored as data and rendered when somebody reads it, so the same row reads in either official
language and an old row keeps its meaning when a wording is improved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Final

import msgspec
import pyarrow as pa

from watchfloor.messages import Language as Language
from watchfloor.messages import chosen, number
from watchfloor.records.kinds import column

Parameter = str | int | float | bool | None

REASON: Final = pa.struct(
    [
        column("message", pa.string(), "id of the message", nullable=False),
        column("params", pa.string(), "its parameters, JSON with sorted keys", nullable=False),
    ]
)
"""How a reason is stored."""


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence in both languages, with the names of its parameters in braces."""

    id: str
    en: str
    fr: str

    def __post_init__(self) -> None:
        if not self.en.strip() or not self.fr.strip():
            raise ValueError(f"message {self.id!r} needs a sentence in English and in French")
        if _fields(self.en) != _fields(self.fr):
            raise ValueError(f"message {self.id!r} has other parameters in English than in French")

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the parameters it needs."""
        return _fields(self.en)


@dataclass(frozen=True, slots=True)
class Reason:
    """A message id with its parameters; `str()` gives the English sentence."""

    message: str
    params: Mapping[str, Parameter] = field(default_factory=dict)

    def render(self, language: Language = "en") -> str:
        """The sentence. Raises `KeyError` for an unknown message or a missing parameter."""
        message = MESSAGES[self.message]
        text = message.en if language == "en" else message.fr
        text = chosen(text, language, self.params)
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
"""Every message by id; filled by `declare`."""


def declare(id: str, *, en: str, fr: str) -> Message:  # noqa: A002 - the field's word
    """Register a message. Raises `ValueError` when the id is taken by another or a language is missing."""
    message = Message(id, en, fr)
    if MESSAGES.setdefault(id, message) != message:
        raise ValueError(f"message {id!r} is declared twice, with different sentences")
    return message


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
