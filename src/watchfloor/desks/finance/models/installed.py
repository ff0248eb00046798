"""A model as it is installed on a floor: the model itself, and from which chance on it speaks."""

from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final

import msgspec

from watchfloor.desks.boosted_trees import BoostedTrees
from watchfloor.desks.finance.models.model import FitError, Model, load, read

FILE: Final = "payment-model.json"
"""In a floor's folder."""
REFERENCE: Final = "payment-model"
"""What the desk calls it; empty where a floor has none."""
LEVEL, STRONG = 0.5, 0.9
"""Chances from which a payment is told, and is told as strong, where nobody says otherwise."""


class Installed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Content of the file of an installed model.

    Attributes:
        level: chance from which a payment is told.
        strong: chance from which that is strong.
        model: bytes of the model's own file, as text.
    """

    level: float
    strong: float
    model: str

    @property
    def digest(self) -> str:
        """SHA-256 of the model's own file."""
        return sha256(self.model.encode()).hexdigest()

    @cached_property
    def fitted(self) -> Model:
        """The model. Raises `FitError` where its bytes are none."""
        return load(self.model.encode())

    @cached_property
    def first(self) -> list[tuple[tuple[int, ...], list[BoostedTrees]]]:
        """Of each bank where the parts of the time before end (µs), and the first models of the parts."""
        return [(one.ends, read(one.trees)) for one in self.fitted.first]

    @cached_property
    def second(self) -> list[BoostedTrees]:
        """The second models."""
        return read(self.fitted.second)

    def stored(self) -> bytes:
        """The bytes of the file."""
        return msgspec.json.encode(self)


def install(model: bytes, level: float, strong: float) -> Installed:
    """A model ready to be installed. Raises `FitError` where it is none, or the levels are no chances."""
    if not 0 < level <= strong <= 1:
        raise FitError(
            f"a level of {level} and {strong} for strong will not do: 0 < level <= strong <= 1, such as"
            f" {LEVEL} and {STRONG}"
        )
    made, fitted = Installed(level, strong, model.decode("utf-8", "replace")), load(model)
    if not fitted.second:
        raise FitError("the model is only begun: fit second models onto it before a desk speaks by it")
    if fitted.told:
        raise FitError(
            "it was fitted with what partners told, which no floor's desk is told: fit one without"
        )
    made.first, made.second  # noqa: B018 - malformed trees are refused here, not at the first payment
    return made


@lru_cache(maxsize=2)
def of_reference(content: bytes) -> Installed | None:
    """Read the model in a floor's reference; None if it is empty. Raises `FitError` if it cannot be used."""
    if not content:
        return None
    try:
        made = msgspec.json.decode(content, type=Installed)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FitError(f"{FILE} is no installed model: {error}; install it anew") from error
    return install(made.model.encode(), made.level, made.strong)
