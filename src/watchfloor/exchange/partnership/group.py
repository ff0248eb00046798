"""A group of prime order for matching without names: Curve25519 by its u-coordinates, twist shut out.

Multiplication is X25519 (RFC 7748) as OpenSSL has it, constant in time and 1.4 to 1.8 times as fast as
ristretto255 by `rbcl`, which misses 10,000 elements a second (`benchmarks/finance/psi.py`). `rbcl` also
writes its library into a temporary file at each import and loads it from there. What ristretto would give
for nothing is done here:

- **Cofactor.** A scalar is a multiple of 8, as RFC 7748 clamps it, so every product lies in the subgroup of
  prime order, whatever part of small order a partner adds.
- **Twist.** A number below p is on the curve or on its twist, and multiplication keeps it there: half of all
  guesses at a masked identifier could be struck out. So an identifier is hashed until it falls on the curve,
  and what a partner sends must lie on it (a Jacobi symbol, two microseconds by GMP).
- **Invalid points.** A number of p or more, one on the twist, or one of small order is refused.
- **Inverse.** Clamped numbers have no inverse that is clamped, for one half of them; a scalar of this module
  has.

A u-coordinate stands for a point and its negative; two identifiers meet so with probability 2**-251.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from watchfloor.core.extras import optional

with optional():
    from gmpy2 import jacobi, mpz

SIZE: Final = 32
"""Bytes of a point."""

_P: Final = (1 << 255) - 19
_ORDER: Final = (1 << 252) + 27742317777372353535851937790883648493
_A: Final = mpz(486662)
_MODULUS: Final = mpz(_P)
_MASK: Final = (1 << 255) - 1
_PERSON: Final = b"watchfloor psi 1"


class BadPoint(ValueError):  # noqa: N818 - it is what is told
    """An element of a message that is no point which may be multiplied; `at` is its place."""

    def __init__(self, at: int) -> None:
        super().__init__(f"element {at + 1} is no point of the group")
        self.at = at


@dataclass(frozen=True, slots=False)
class Scalar:
    """A secret number to multiply points with, whose inverse can multiply as well."""

    number: int

    @classmethod
    def derive(cls, secret: bytes, about: bytes) -> "Scalar":
        """From a secret of 32 bytes, always the same for the same use; uses share nothing."""
        for attempt in range(256):
            made = blake2b(about + bytes([attempt]), digest_size=SIZE, key=secret, person=_PERSON).digest()
            number = int.from_bytes(made, "little") & ((1 << 254) - 8) | 1 << 254
            if _clamped(_inverse(number)):
                return cls(number)
        raise AssertionError("one of two scalars has an inverse that is clamped")  # pragma: no cover

    @cached_property
    def _key(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self.number.to_bytes(SIZE, "little"))

    @cached_property
    def inverse(self) -> "Scalar":
        """Return its inverse on the subgroup of prime order."""
        return Scalar(_inverse(self.number))

    def __repr__(self) -> str:
        return "Scalar(hidden)"

    def times(self, points: Iterable[bytes]) -> list[bytes]:
        """Each point multiplied.

        Args:
            points: 32 bytes each, of `hashed` or `checked`.

        Raises:
            BadPoint: one is of small order.
        """
        exchange, load = self._key.exchange, X25519PublicKey.from_public_bytes
        made: list[bytes] = []
        try:
            for point in points:
                made.append(exchange(load(point)))  # noqa: PERF401 - the place of one that fails is told
        except ValueError as error:
            raise BadPoint(len(made)) from error
        return made


def hashed(key: bytes, elements: Iterable[bytes]) -> list[bytes]:
    """A point for each element, as a random function of it that only who has the key can compute.

    Args:
        key: 32 bytes that stand for the use: pair, epoch, tier, case.
        elements: identifiers in their one spelling.
    """
    empty = blake2b(digest_size=SIZE, key=key, person=_PERSON)
    return [next(_candidates(empty, element)) for element in elements]


def _candidates(empty: "blake2b", element: bytes) -> Iterator[bytes]:
    """Hashes that lie on the curve, one of two on average; the counter comes last, at a fixed width."""
    base = empty.copy()
    base.update(element)
    for counter in range(1 << 16):
        one = base.copy()
        one.update(counter.to_bytes(2, "little"))
        u = int.from_bytes(one.digest(), "little") & _MASK
        if u < _P and _on_curve(u):
            yield u.to_bytes(SIZE, "little")


def checked(points: Sequence[bytes]) -> Sequence[bytes]:
    """The same points, each on the curve in its one spelling. Raises `BadPoint` for the first that is not."""
    for at, point in enumerate(points):
        u = int.from_bytes(point, "little")
        if len(point) != SIZE or u >= _P or not _on_curve(u):
            raise BadPoint(at)
    return points


def split(data: bytes) -> list[bytes]:
    """Points that lie one behind the other. Raises `ValueError` where the last is cut."""
    if len(data) % SIZE:
        raise ValueError(f"{len(data)} bytes are no points of {SIZE}")
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]


def _on_curve(u: int) -> bool:
    """Whether u**3 + A u**2 + u is a square other than 0 modulo p (Montgomery's equation)."""
    return bool(jacobi(u * ((u + _A) * u + 1) % _MODULUS, _MODULUS) == 1)


def _inverse(number: int) -> int:
    """The multiple of 8 below 8 times the order that undoes it: the inverse modulo the order, lifted."""
    inverse = pow(number, -1, _ORDER)
    return inverse + _ORDER * (-inverse * pow(_ORDER, -1, 8) % 8)


def _clamped(number: int) -> bool:
    return number % 8 == 0 and number >> 254 == 1
