"""Passwords: Argon2id by `argon2-cffi`, with what RFC 9106 recommends where memory is short."""

import threading
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from os import urandom
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare

SHORTEST: Final = 12
"""Characters of a password. Rules about which signs there must be make people write passwords down, so there
are none (NIST SP 800-63B, section 3.1.1.2); what is common or can be guessed is refused instead."""
LONGEST: Final = 256
STRONG: Final = 4
"""Score of zxcvbn that is wanted, of 0 to 4: it takes more than 10^10 guesses by who tries common passwords,
words, names, dates, repeats, sequences and rows of keys first."""
WEIGHED: Final = 72
"""Characters that zxcvbn looks at: its time grows by their cube."""
CONTEXT: Final = ("watchfloor", "console", "joint", "operational", "intelligence", "cell")
"""Words that are the first guess of who attacks this console, beside its name and the account's."""
AT_ONCE: Final = 2
"""Hashes that are reckoned at the same time; each takes 64 MiB."""
IN_LINE: Final = 12
"""Hashes that are reckoned or wait for that. Who comes then is sent away, or waiting passwords would take all
the threads that pages need."""

TOO_SHORT: Final = declare("console.password-too-short", "shortest")
TOO_LONG: Final = declare("console.password-too-long", "longest")
OWN_NAME: Final = declare("console.password-is-the-name")
GUESSABLE: Final = declare("console.password-guessable")
NONE_HERE: Final = declare("console.no-passwords")
DIFFERENT: Final = declare("console.passwords-differ")

_HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def _decoy() -> str:
    """Write a hash that no password is known for; to make one takes the tenth of a second of a start."""
    wanted = RFC_9106_LOW_MEMORY
    salt, made = (
        b64encode(urandom(size)).rstrip(b"=").decode() for size in (wanted.salt_len, wanted.hash_len)
    )
    costs = f"m={wanted.memory_cost},t={wanted.time_cost},p={wanted.parallelism}"
    return f"$argon2id$v={wanted.version}${costs}${salt}${made}"


_DECOY: Final = _decoy()
_working: Final = threading.BoundedSemaphore(AT_ONCE)
_in_line: Final = threading.BoundedSemaphore(IN_LINE)


class Crowded(TimeoutError):  # noqa: N818 - named for what the person meets
    """So many passwords are being checked that this one would wait too long."""


def check(password: str, name: str, floor: str = "") -> None:
    """Check that a new password is not among the first that somebody would try.

    Args:
        password: to be chosen.
        name: of the account.
        floor: what the floor is called.

    Raises:
        Refusal: the password is too short, too long, little but the account's name, or can be guessed.
    """
    from zxcvbn import zxcvbn  # its lists of words take 40 ms to load, and most sessions choose no password

    if len(password) > LONGEST:
        refuse(TOO_LONG, longest=LONGEST)
    password = normal(password)
    if len(password) < SHORTEST:
        refuse(TOO_SHORT, shortest=SHORTEST)
    if len(password.casefold().replace(name.casefold(), "")) < SHORTEST // 2:
        refuse(OWN_NAME)
    words = [*CONTEXT, *(word for said in (name, floor) for word in (said, *said.split()) if word)]
    if zxcvbn(password[:WEIGHED], user_inputs=words)["score"] < STRONG:
        refuse(GUESSABLE)


def hashed(password: str) -> str:
    """The hash to keep of a password that was checked. Raises `Crowded` where too many wait already."""
    with _turn():
        return _HASHER.hash(normal(password))


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
