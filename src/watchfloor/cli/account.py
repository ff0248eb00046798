"""`watchfloor account`: who may sign in to a floor's console, told and changed on the machine that has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    err,
    print_json,
    print_rows,
    print_table,
    supervising,
    who,
)

if TYPE_CHECKING:
    from watchfloor.console.access.accounts import Account
    from watchfloor.console.access.administering import Administration
    from watchfloor.store.floor import Floor

app = typer.Typer(
    help="Who may sign in to the console. What each may see and write, the floor's policy says.",
    no_args_is_help=True,
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="As the floor's policy and its log name the person.")
]
HEADS = ("name", "signs in by", "administers", "state", "sessions")


@app.command()
def add(
    name: NameArgument,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="The person may administer the console.")
    ] = False,
    provider: Annotated[
        bool, typer.Option("--provider", help="The OpenID provider of console.toml vouches for the person.")
    ] = False,
    subject: Annotated[
        str, typer.Option(help="The provider's own id of the person (sub), with --provider.")
    ] = "",
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make an account, and the one-time link by which the person chooses a password.

    Example: watchfloor account add okafor --floor floor --purpose administration --authority "order 3"
    """
    with _administration(floor) as (administration, _):
        actor = acting(purpose, authority)
        made = administration.add(actor, name, administrator=administrator, vouched=provider, subject=subject)
        link = None if provider else administration.link(actor, made.name)
    _tell(made.name, "added", as_json, link)


@app.command()
def link(
    name: NameArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make a one-time link by which a person chooses a password anew; the older links end.

    Example: watchfloor account link okafor --floor floor
    """
    with _administration(floor) as (administration, _):
        token = administration.link(acting(purpose, authority), name)
    _tell(name, "linked", as_json, token)


@app.command("list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the accounts of the console: how each signs in, and in how many sessions it is signed in.

    Example: watchfloor account list --floor floor
    """
    with _administration(floor) as (administration, opened):
        opened.act(acting(purpose, authority), "query", {"what": "accounts"})
        rows = [
            (one, len(administration.sessions.running(one.name))) for one in administration.accounts.all()
        ]
    if as_json:
        print_rows((_row(one, sessions) for one, sessions in rows), "accounts")
        return
    lines = ((one.name, one.signs_in, "yes" if one.administrator else "", _state(one), n) for one, n in rows)
    print_table("Accounts", HEADS, lines, "There is no account yet; `watchfloor account add NAME` makes one.")


@app.command()
def disable(
    name: NameArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Close an account: its sessions and links end at once, and it signs in no more.

    Example: watchfloor account disable okafor --floor floor
    """
    with _administration(floor) as (administration, _):
        administration.set_disabled(acting(purpose, authority), name, disabled=True)
    _tell(name, "disabled", as_json)


@app.command()
def enable(
    name: NameArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Open a closed account again.

    Example: watchfloor account enable okafor --floor floor
    """
    with _administration(floor) as (administration, _):
        administration.set_disabled(acting(purpose, authority), name, disabled=False)
    _tell(name, "enabled", as_json)


@app.command()
def administrator(
    name: NameArgument,
    no: Annotated[bool, typer.Option("--no", help="No longer.")] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Let a person administer the console, or with --no no longer.

    Example: watchfloor account administrator okafor --floor floor
    """
    with _administration(floor) as (administration, _):
        administration.set_administrator(acting(purpose, authority), name, administrator=not no)
    _tell(name, "no-administrator" if no else "administrator", as_json)


@app.command("no-second-factor")
def no_second_factor(
    name: NameArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take a second factor away whose app and recovery codes are lost; the account's sessions end.

    Example: watchfloor account no-second-factor okafor --floor floor
    """
    with _administration(floor) as (administration, _):
        administration.remove_second(acting(purpose, authority), name)
    _tell(name, "no-second-factor", as_json)


@app.command("no-passkeys")
def no_passkeys(
    name: NameArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Remove the passkeys of an account, such as of a device that was lost; its sessions end.

    Example: watchfloor account no-passkeys okafor --floor floor
    """
    with _administration(floor) as (administration, _):
        administration.remove_passkeys(acting(purpose, authority), name)
    _tell(name, "no-passkeys", as_json)


@app.command()
def requests(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List what waits for you as the second person: requests to approve, resets to confirm.

    Example: watchfloor account requests --floor floor
    """
    with _administration(floor) as (administration, opened):
        actor = acting(purpose, authority)
        opened.act(actor, "query", {"what": "account requests"})
        rows: list[dict[str, object]] = [
            {
                "request": one.id,
                "act": one.act,
                "account": one.account,
                "by": one.asked_by,
                "subject": one.subject,
            }
            for one in administration.requests(actor)
        ]
        rows += [
            {"request": None, "act": "reset", "account": one.name, "by": one.reset_by, "subject": ""}
            for one in administration.resets(actor)
        ]
    if as_json:
        print_rows(rows, "requests")
        return
    lines = (row.values() for row in rows)
    print_table("Requests", ("request", "act", "account", "by", "subject"), lines, "Nothing waits for you.")


@app.command()
def approve(
    request: Annotated[str, typer.Argument(help="As `watchfloor account requests` lists it.")],
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Approve what somebody asks to do to an account that may see or do more than they.

    Example: watchfloor account approve 3f2a9c01 --floor floor
    """
    with _administration(floor) as (administration, _):
        one = administration.approve(acting(purpose, authority), request)
    _tell(one.account, "approved", as_json)


@app.command()
def confirm(
    name: NameArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Confirm that an account's owner has it again after a reset: its acts say so no longer.

    Example: watchfloor account confirm okafor --floor floor
    """
    with _administration(floor) as (administration, _):
        administration.confirm(acting(purpose, authority), name)
    _tell(name, "confirmed", as_json)


@contextmanager
def _administration(floor: Path) -> "Iterator[tuple[Administration, Floor]]":
    """What changes the accounts of a floor, and the floor; a refusal ends the command.

    Where the floor has a policy, it is for supervisors and for who administers the console.
    """
    from watchfloor.console import settings
    from watchfloor.console.access.accounts import Accounts
    from watchfloor.console.access.administering import Administration
    from watchfloor.console.access.file import AccessFile
    from watchfloor.console.access.sessions import Sessions
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    who_acts = who()
    console = settings.load(opened.root)
    file = AccessFile(opened.root)
    try:
        accounts = Accounts(file)
        if not any(one.name == who_acts and one.administrator and not one.disabled for one in accounts.all()):
            supervising(opened)
        with refusals("en"):
            issuer = console.oidc.issuer if console.oidc else ""
            by_name = bool(console.oidc and console.oidc.by_name)
            held = (file, accounts, Sessions(file), opened.act, issuer, console.links, by_name)
            yield Administration(*held), opened
    finally:
        file.close()


def _tell(name: str, what: str, as_json: bool, token: str | None = None) -> None:
    path = f"/start/{token}" if token else None
    if as_json:
        print_json({"account": name, "done": what, "link": path})
        return
    err.print(f"{what}: {name}", highlight=False, markup=False)
    if path:
        err.print(
            f"the person opens this at the console's address, once and within a day: {path}",
            highlight=False,
            markup=False,
        )


def _row(one: "Account", sessions: int) -> dict[str, object]:
    return {
        "account": one.name,
        "signs_in": one.signs_in or None,
        "administrator": one.administrator,
        "disabled": one.disabled,
        "sessions": sessions,
    }


def _state(one: "Account") -> str:
    return "closed" if one.disabled else "open" if one.signs_in else "needs a link"
