"""A fitted model as its file holds it."""

from hashlib import sha256

import msgspec

VERSION = 1


class FitError(ValueError):
    """Declarations and inspections that no model can be fitted on; the message says why and what would do."""


class Model(msgspec.Struct, frozen=True):
    """A fitted model. What is in it is for this package alone; others keep its bytes and its digest.

    Attributes:
        version: of the file.
        until: the latest act that was learned from, µs since 1970.
        examined: declarations that were learned from, and in how many of them something was found.
        contradictory: items whose acts said different things; the later act stands.
        origin: whether routes are an input.
        prior: chance of a finding.
    """

    version: int
    until: int
    examined: tuple[int, int]
    contradictory: int
    origin: bool
    prior: float

    def stored(self) -> bytes:
        """The bytes of its file."""
        return msgspec.json.encode(self)

    @property
    def digest(self) -> str:
        """SHA-256 of its file."""
        return sha256(self.stored()).hexdigest()


def load(data: bytes) -> Model:
    """A model from the bytes of its file. Raises `FitError` where they are none."""
    try:
        found = msgspec.json.decode(data, type=Model)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FitError(f"this is no model of declarations: {error}") from error
    if found.version != VERSION:
        raise FitError(f"the model is of version {found.version}, and this reads {VERSION}: fit it anew")
    return found
