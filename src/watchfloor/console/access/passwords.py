"""Passwords: Argon2id by `argon2-cffi`, with what RFC 9106 recommends where memory is short."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from watchfloor.cell.acting.acts import refuse
from watchfloor.records.messages import declare

SHORTEST: Final = 12
"""Characters of a password. Length is all that is asked (NIST SP 800-63B, section 3.1.1.2): rules about which
signs there must be make people write passwords down."""
LONGEST: Final = 256
AT_ONCE: Final = 2
"""Hashes that are reckoned at the same time; each takes 64 MiB."""
IN_LINE: Final = 12
"""Hashes that are reckoned or wait for that. Who comes then is sent away, or waiting passwords would take all
the threads that pages need."""

TOO_SHORT: Final = declare(
    "console.password-too-short",
    en="a password has at least {shortest} characters; a sentence is easy to remember",
    fr="un mot de passe compte au moins {shortest} caractères; une phrase se retient facilement",
)
TOO_LONG: Final = declare(
    "console.password-too-long",
    en="a password has at most {longest} characters",
    fr="un mot de passe compte au plus {longest} caractères",
)
OWN_NAME: Final = declare(
    "console.password-is-the-name",
    en="the password holds little but the name of the account; choose another",
    fr="le mot de passe n’est guère que le nom du compte; choisissez-en un autre",
)

DIFFERENT: Final = declare(
    "console.passwords-differ",
    en="the two passwords differ; type the same one twice",
    fr="les deux mots de passe diffèrent; tapez deux fois le même",
)

_HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_DECOY: Final = _HASHER.hash("nobody has this account")
_working: Final = threading.BoundedSemaphore(AT_ONCE)
_in_line: Final = threading.BoundedSemaphore(IN_LINE)


class Crowded(TimeoutError):  # noqa: N818 - named for what the person meets
    """So many passwords are being checked that this one would wait too long."""


def hashed(password: str, name: str) -> str:
    """The hash to keep.

    Raises:
        Refused: the password is too short, too long or the account's name.
        Crowded: too many wait already.
    """
    if len(password) > LONGEST:
        refuse(TOO_LONG, longest=LONGEST)
    password = normal(password)
    if len(password) < SHORTEST:
        refuse(TOO_SHORT, shortest=SHORTEST)
    if len(password.casefold().replace(name.casefold(), "")) < SHORTEST // 2:
        refuse(OWN_NAME)
    with _turn():
        return _HASHER.hash(password)


def right(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed; takes as long where there is no such account.

    Raises:
        Crowded: too many wait already.
    """
    with _turn():
        try:
            return _HASHER.verify(kept or _DECOY, normal(password[: LONGEST + 1])) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def normal(password: str) -> str:
    """The same password however a keyboard composes its accents (NFKC, as NIST SP 800-63B advises)."""
    return unicodedata.normalize("NFKC", password)


@contextmanager
def _turn() -> Iterator[None]:
    if not _in_line.acquire(blocking=False):
        raise Crowded("many passwords are being checked; try again in a moment")
    try:
        with _working:
            yield
    finally:
        _in_line.release()
