"""A model of declared goods as it is installed on a floor: the model, and from which chance on it speaks.

What fits and scores is loaded where a floor has a model, and not before.
"""

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from watchfloor.desks.cargo.model import Model

FILE: Final = "cargo-model.json"
"""In a floor's folder."""
REFERENCE: Final = "cargo-model"
"""What the desk calls it; empty where a floor has none."""
LEVEL, STRONG = 0.3, 0.7
"""Chances from which an item is told, and is told as strong, where nobody says otherwise."""


class Installed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Content of the file of an installed model.

    Attributes:
        level: chance from which an item is told.
        strong: chance from which that is strong.
        model: bytes of the model's own file.
    """

    level: float
    strong: float
    model: bytes

    @cached_property
    def fitted(self) -> "Model":
        """The model. Raises `FitError` where its bytes are none."""
        from watchfloor.desks.cargo.model import load

        return load(self.model)

    def stored(self) -> bytes:
        """The bytes of the file."""
        return msgspec.json.encode(self)


def install(model: bytes, level: float = LEVEL, strong: float = STRONG) -> Installed:
    """A model ready to be installed. Raises `FitError` where it is none, or the levels are no chances."""
    from watchfloor.desks.cargo.model import FitError, load

    if not 0 < level <= strong <= 1:
        raise FitError(
            f"a level of {level} and {strong} for strong will not do: 0 < level <= strong <= 1, such as"
            f" {LEVEL} and {STRONG}"
        )
    load(model)
    return Installed(level, strong, model)


@lru_cache(maxsize=2)
def of_reference(content: bytes) -> Installed | None:
    """Read the model in a floor's reference; None if it is empty. Raises `FitError` if it cannot be used."""
    if not content:
        return None
    from watchfloor.desks.cargo.model import FitError

    try:
        made = msgspec.json.decode(content, type=Installed)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FitError(f"{FILE} is no installed model: {error}; install it anew") from error
    return install(made.model, made.level, made.strong)
