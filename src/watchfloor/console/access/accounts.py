"""Accounts: who may sign in here. What each may see and write, the floor's policy says by name."""

import secrets
import time
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from watchfloor.cell.acts import refuse
from watchfloor.console.access import passwords
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.passkeys import Credential, Passkeys
from watchfloor.console.access.second_factor import SecondFactors
from watchfloor.core.messages import declare
from watchfloor.store import settings

LINK_HOURS: Final = 24
LONGEST_NAME: Final = 64

NO_ACCOUNT: Final = declare("console.no-account", "name")
NO_NAME: Final = declare("console.no-account-name", "longest")
TAKEN: Final = declare("console.account-taken", "name")
LINK_SPENT: Final = declare("console.link-spent")
SUBJECT_TAKEN: Final = declare("console.subject-taken", "subject")
CLOSED: Final = declare("console.account-closed", "name")
OLD_WRONG: Final = declare("console.old-password-wrong")
CODE_FIRST: Final = declare("console.passkey-code-first")
LAST: Final = declare("console.last-administrator", "name")


@dataclass(frozen=True, slots=True)
class Account:
    """One account.

    Attributes:
        name: as the log and the policy have it.
        administrator: whether it administers the console.
        disabled: whether it is closed.
        signs_in: by `password`, `provider`, or by `passkey` alone; empty: by nothing yet.
        reset_by: who reset how it signs in, until somebody has confirmed that its owner has it again.
        second: whether it asks for a code beside the password.
        passkeys: how many it has.
    """

    name: str
    administrator: bool
    disabled: bool
    signs_in: str
    reset_by: str = ""
    second: bool = False
    passkeys: int = 0


class Accounts:
    """The accounts of a floor's console; `second`: their second factors, `passkeys`: their passkeys."""

    def __init__(self, file: AccessFile) -> None:
        self._file, self.second, self.passkeys = file, SecondFactors(file), Passkeys(file)

    def all(self) -> list[Account]:
        """Every account, by name."""
        rows = self._file.database.execute(f"{_READ} ORDER BY name").fetchall()
        return [_account(*row) for row in rows]

    def get(self, name: str) -> Account:
        """The account of that name. Raises `Refusal`."""
        row = self._file.database.execute(f"{_READ} WHERE name = ?", (name,)).fetchone()
        return _account(*row) if row else refuse(NO_ACCOUNT, name=name)

    def add(self, name: str, *, administrator: bool = False) -> str:
        """A new account, which signs in once it has a link or a provider; gives its name. `Refusal`."""
        name = named(name)
        if not name or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            refuse(NO_NAME, longest=LONGEST_NAME)
        done = self._file.database.execute(
            "INSERT INTO accounts (name, administrator, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (name, administrator, now()),
        )
        if not done.rowcount:
            refuse(TAKEN, name=name)
        return name

    def link(self, name: str, hours: float = LINK_HOURS, by: str = "") -> str:
        """Make a one-time link to choose a password by, and return its token. Raises `Refusal`.

        Args:
            name: whose.
            hours: that it works.
            by: who makes it.
        """
        if self.get(name).disabled:
            refuse(CLOSED, name=name)
        token = secrets.token_urlsafe(32)
        with self._file.transaction() as database:
            database.execute("DELETE FROM links WHERE account = ? OR ends < ?", (name, now()))
            ends = now() + round(hours * 3600)
            database.execute(
                "INSERT INTO links (token, account, ends, made_by) VALUES (?, ?, ?, ?)",
                (hash_of(token), name, ends, by),
            )
        return token

    def linked_by(self, name: str) -> str:
        """Who has made a link for an account that nobody has used yet; empty where there is none."""
        row = self._file.database.execute(
            "SELECT made_by FROM links WHERE account = ? AND ends >= ?", (name, now())
        ).fetchone()
        return row[0] or "" if row else ""

    def confirm(self, name: str) -> None:
        """Note that the owner of an account has it again after a reset."""
        self._file.database.execute("UPDATE accounts SET reset_by = NULL WHERE name = ?", (name,))

    def whose(self, token: str) -> str:
        """Whose link it is, without using it up: programs that look at links must not. Raises `Refusal`."""
        row = self._file.database.execute(
            "SELECT account FROM links JOIN accounts ON name = account "
            "WHERE token = ? AND ends >= ? AND NOT disabled",
            (hash_of(token), now()),
        ).fetchone()
        return str(row[0]) if row else refuse(LINK_SPENT)

    def redeem(self, token: str, password: str) -> str:
        """Use a link up and set the password; ends older sessions and passkeys. Gives the name. `Refusal`.

        Where the account could be signed in to before, that is a reset by whoever made the link.
        """
        name = self.whose(token)
        kept = self._chosen(name, password)
        with self._file.transaction():
            self._spend_link(token, name)
            self._keep(name, kept, b"")
        return name

    def redeem_by_passkey(self, token: str, label: str, made: Credential) -> str:
        """Use a link up and give the account a passkey; an older password ends. As of `redeem`.

        Raises:
            Refusal: also where the account has a second factor, for which a link does not stand.
        """
        name = self.whose(token)
        if self.second.enabled(name):
            refuse(CODE_FIRST)
        with self._file.transaction():
            self._spend_link(token, name)
            self._keep(name, None, b"")
            self.passkeys.keep(name, label, made)
        return name

    def _spend_link(self, token: str, name: str) -> None:
        database = self._file.database
        used = database.execute("DELETE FROM links WHERE token = ? RETURNING made_by", (hash_of(token),))
        by = (used.fetchone() or refuse(LINK_SPENT))[0]
        if by and by != name and self.get(name).signs_in:
            database.execute("UPDATE accounts SET reset_by = ? WHERE name = ?", (by, name))
        self.passkeys.remove(name)  # like the password: somebody else may have added them

    def change(self, name: str, password: str, but: bytes) -> None:
        """Another password, for who has shown that they know the old one; ends sessions but one."""
        kept = self._chosen(name, password)
        with self._file.transaction():
            self._keep(name, kept, but)

    def _chosen(self, name: str, password: str) -> str:
        """The hash of a new password. Raises `Refusal`, `Crowded`."""
        passwords.check(password, name, settings.read(self._file.path.parent).name)
        return passwords.hashed(password)

    def _keep(self, name: str, kept: str | None, but: bytes) -> None:
        """Note a password, or that there is none.

        Who has one is not vouched for by a provider, or either would open the account.
        """
        database = self._file.database
        database.execute(
            "UPDATE accounts SET hash = ?, provider = NULL, subject = NULL WHERE name = ?", (kept, name)
        )
        database.execute("DELETE FROM links WHERE account = ?", (name,))
        self._file.end_all(name, but)

    def passes(self, name: str, password: str) -> bool:
        """Whether name and password belong together; takes as long for who is not there."""
        row = self._file.database.execute(
            "SELECT hash FROM accounts WHERE name = ? AND NOT disabled", (name,)
        ).fetchone()
        kept: str | None = row[0] if row else None
        if not passwords.right(kept, password):
            return False
        if kept is not None and passwords.outdated(kept):
            self._renew(name, kept, password)
        return True

    def _renew(self, name: str, kept: str, password: str) -> None:
        """Hash a password by today's parameters, unless it was changed meanwhile."""
        fresh = passwords.hashed(password)
        self._file.database.execute(
            "UPDATE accounts SET hash = ? WHERE name = ? AND hash = ?", (fresh, name, kept)
        )

    def vouch(self, name: str, issuer: str, subject: str = "", by: str = "") -> None:
        """Let a provider vouch for a person; password, passkeys, links and sessions end.

        Where the account could be signed in to before, that is a reset, as of `redeem`.

        Args:
            name: of the account.
            issuer: of the provider.
            subject: the provider's id of the person; empty: whoever first comes under that name.
            by: who says so.

        Raises:
            Refusal: there is no such account, or another has this id.
        """
        with self._file.transaction() as database:
            before = self.get(name).signs_in
            taken = database.execute(
                "SELECT 1 FROM accounts WHERE provider = ? AND subject = ? AND name != ?",
                (issuer, subject, name),
            ).fetchone()
            if taken:
                refuse(SUBJECT_TAKEN, subject=subject)
            if before and by not in ("", name):
                database.execute("UPDATE accounts SET reset_by = ? WHERE name = ?", (by, name))
            database.execute(
                "UPDATE accounts SET hash = NULL, provider = ?, subject = ? WHERE name = ?",
                (issuer, subject or None, name),
            )
            self.passkeys.remove(name)
            database.execute("DELETE FROM links WHERE account = ?", (name,))
            self._file.end_all(name)

    def vouched(self, issuer: str, subject: str, name: str = "") -> str | None:
        """The open account that a provider's person has; None where no administrator gave them one.

        Args:
            issuer: of the provider.
            subject: its id of the person, which alone opens the account: names change hands.
            name: under which an account that has no id yet is found, and bound to this one.
        """
        with self._file.transaction() as database:
            row = database.execute(
                "SELECT name, disabled FROM accounts WHERE provider = ? AND subject = ?", (issuer, subject)
            ).fetchone()
            if row is None:
                row = database.execute(
                    "UPDATE accounts SET subject = ? WHERE name = ? AND provider = ? AND subject IS NULL "
                    "AND NOT disabled RETURNING name, disabled",
                    (subject, named(name), issuer),
                ).fetchone()
            if row and not row[1]:
                database.execute("UPDATE accounts SET vouched = ? WHERE name = ?", (now(), row[0]))
        return str(row[0]) if row and not row[1] else None

    def set_disabled(self, name: str, *, disabled: bool) -> None:
        """Let an account sign in no longer, or again; its sessions end. Raises `Refusal`."""
        one = self.get(name)
        with self._file.transaction() as database:
            if disabled and one.administrator:
                self._keep_one(name)
            database.execute("UPDATE accounts SET disabled = ? WHERE name = ?", (disabled, name))
            self._file.end_all(name)
            database.execute("DELETE FROM links WHERE account = ?", (name,))

    def set_administrator(self, name: str, *, administrator: bool) -> None:
        """Let somebody administer the console, or no longer. Raises `Refusal`."""
        self.get(name)
        with self._file.transaction() as database:
            if not administrator:
                self._keep_one(name)
            database.execute("UPDATE accounts SET administrator = ? WHERE name = ?", (administrator, name))

    def _keep_one(self, name: str) -> None:
        """Refuse where nobody else could administer the console."""
        if not any(one.administrator and not one.disabled and one.name != name for one in self.all()):
            refuse(LAST, name=name)

    def seen(self, name: str) -> tuple[int, int] | None:
        """Position of the log and moment (µs) of the queue that an officer last marked as seen."""
        row = self._file.database.execute(
            "SELECT seen_position, seen_at FROM accounts WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None or row[0] is None else (int(row[0]), int(row[1]))

    def mark_seen(self, name: str, position: int, at: int) -> None:
        """Remember which queue an officer has marked as seen."""
        self._file.database.execute(
            "UPDATE accounts SET seen_position = ?, seen_at = ? WHERE name = ?", (position, at, name)
        )


def named(name: str) -> str:
    """A name as it is kept: however a keyboard composes its accents (NFC)."""
    return unicodedata.normalize("NFC", name)


_READ: Final = (
    "SELECT name, administrator, disabled, hash IS NOT NULL, provider, reset_by, totp IS NOT NULL, "
    "(SELECT count(*) FROM passkeys WHERE account = name) FROM accounts"
)


def _account(
    name: str,
    administrator: int,
    disabled: int,
    has: int,
    provider: str | None,
    reset_by: str | None,
    second: int,
    passkeys: int,
) -> Account:
    how = "provider" if provider else "password" if has else "passkey" if passkeys else ""
    return Account(name, bool(administrator), bool(disabled), how, reset_by or "", bool(second), passkeys)


def hash_of(token: str) -> bytes:
    """Return the hash of a token, which is kept in its place."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())
