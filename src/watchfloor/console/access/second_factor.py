"""A second factor beside the password: codes of an authenticator app (TOTP, RFC 6238), and recovery codes.

The app and the console share a secret, so it is kept as it is, in a file that is the floor's owner's alone.
Recovery codes are for the day the app is lost; each is drawn of 2^80, and of each only a hash is kept.
"""

import base64
import secrets
import time
from hashlib import sha256
from hmac import compare_digest
from typing import Final

import pyotp

from watchfloor.cell.acts import refuse
from watchfloor.console.access.file import AccessFile
from watchfloor.core.messages import declare

STEP: Final = 30
"""Seconds that a code lasts, as every authenticator app has it."""
DRIFT: Final = 1
"""Steps that the clock of a telephone may be off (RFC 6238, 5.2)."""
DIGITS: Final = 6
RECOVERY: Final = 10
"""Recovery codes that somebody gets."""

CODE_WRONG: Final = declare("console.code-wrong")


def step_of(secret: str, code: str, at: float) -> int | None:
    """Return the time step whose code this is, of the present one and its neighbours; None: of none."""
    code = "".join(code.split())
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    codes, present = pyotp.TOTP(secret, digits=DIGITS, interval=STEP), int(at) // STEP
    steps = range(present - DRIFT, present + DRIFT + 1)
    return next((step for step in steps if compare_digest(codes.generate_otp(step), code)), None)


class SecondFactors:
    """The second factors of a console's accounts."""

    def __init__(self, file: AccessFile) -> None:
        self._file = file

    def enabled(self, account: str) -> bool:
        """Whether an account asks for a code."""
        return bool(self._secret(account))

    def passes(self, account: str, code: str) -> bool:
        """Whether the code opens the account, which each does once; without a second factor any does."""
        secret = self._secret(account)
        if not secret:
            return True
        database = self._file.database
        if (step := step_of(secret, code, time.time())) is not None:
            used = database.execute(
                "UPDATE accounts SET totp_step = ? WHERE name = ? AND totp_step < ?", (step, account, step)
            )
        else:
            used = database.execute(
                "DELETE FROM recovery WHERE account = ? AND code = ?", (account, _hash(code))
            )
        return bool(used.rowcount)

    def enrol(self, account: str, secret: str, code: str, but: bytes) -> list[str]:
        """Ask an account for codes from now on; ends its sessions but one. Gives recovery codes.

        Raises:
            Refusal: the code is not the secret's.
        """
        step = step_of(secret, code, time.time())
        if step is None:
            refuse(CODE_WRONG)
        drawn = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY)]
        with self._file.transaction() as database:
            database.execute(
                "UPDATE accounts SET totp = ?, totp_step = ? WHERE name = ?", (secret, step, account)
            )
            database.execute("DELETE FROM recovery WHERE account = ?", (account,))
            database.executemany(
                "INSERT INTO recovery VALUES (?, ?)", [(account, _hash(each)) for each in drawn]
            )
            self._file.end_all(account, but)
        return ["-".join(each[at : at + 4] for at in range(0, len(each), 4)) for each in drawn]

    def remove(self, account: str) -> None:
        """Ask an account for no code any more."""
        with self._file.transaction() as database:
            database.execute("UPDATE accounts SET totp = NULL WHERE name = ?", (account,))
            database.execute("DELETE FROM recovery WHERE account = ?", (account,))

    def _secret(self, account: str) -> str:
        row = self._file.database.execute("SELECT totp FROM accounts WHERE name = ?", (account,)).fetchone()
        return (row and row[0]) or ""


def _hash(code: str) -> bytes:
    """Return the hash of a recovery code, however it is typed."""
    return sha256("".join(code.upper().replace("-", "").split()).encode()).digest()
