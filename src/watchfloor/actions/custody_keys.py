"""Keys that people sign transfers of exhibits with."""

from pathlib import Path
from typing import Annotated, ClassVar, Final

from watchfloor.actions.base import FILE, Answer, Context, Request, action, argument, new_file, option
from watchfloor.casework.custody import signing
from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.store.log.notes import note

NO_STATEMENT: Final = declare("actions.custody-statement", "file")
SecretKey = Annotated[Path, option("Your secret key.", exists=FILE)]


class PublicKey(Answer, frozen=True):
    """A person's public key, who entered it and how they compared it; `removed`: it stands no longer."""

    texts: ClassVar = "custody"
    columns: ClassVar = ("name", "key", "entered_by", "checked")

    name: str
    key: str
    entered_by: str
    checked: str
    removed: bool = False


class KeyList(Answer, frozen=True):
    """Keys that stand."""

    keys: list[PublicKey]


class NewKey(Answer, frozen=True):
    """A public key, and the file of its secret one."""

    name: str
    key: str
    file: str


class SignedStatement(Answer, frozen=True):
    """Who signed a statement, and the file that it is in."""

    signed_by: str
    file: str


class MakeKey(Request, frozen=True):
    """Where the secret key goes, and whose it is."""

    output: Annotated[Path, option("A new file, which only you must read.", spelling="-o")]
    name: Annotated[str, option("Who signs with it; else who runs this command.")] = ""


@action(
    "custody key make",
    "custody key make -o okafor.key",
    writes=True,
    files_only=True,
    done="custody.key_made",
    document="key",
)
def make(context: Context, ask: MakeKey) -> NewKey:
    """Make a secret key for yourself, and print the public one for `cases custody key register`."""
    signer = signing.make(ask.output, ask.name or context.actor.name)
    return NewKey(name=signer.name, key=signer.verifier.text, file=str(ask.output))


class SignStatement(Request, frozen=True):
    """A statement, and a key."""

    statement: Annotated[
        Path, argument("STATEMENT", "`cases custody show --statement` of the offer.", exists=FILE)
    ]
    key: SecretKey
    output: Annotated[Path, option("A new file for the signed statement.", spelling="-o")]


@action(
    "custody key sign",
    "custody key sign statement.txt --key roy.key -o signed.txt",
    writes=True,
    files_only=True,
    done="custody.statement_signed",
)
def sign(_: Context, ask: SignStatement) -> SignedStatement:
    """Sign the statement of a transfer away from the floor; `cases custody receive --signed` takes it in."""
    text = ask.statement.read_text(encoding="utf-8", errors="replace")
    if not text.startswith(f"{signing.HEAD}\n"):
        raise Unusable(reason(NO_STATEMENT, file=str(ask.statement)))
    signer = signing.load(ask.key)
    with new_file(ask.output, note(text, signer).encode()):
        return SignedStatement(signed_by=signer.name, file=str(ask.output))


class RegisterKey(Request, frozen=True):
    """A person's public key."""

    key: Annotated[
        str, argument("KEY", "The public key, name+hash+key, as `cases custody key make` prints it.")
    ]
    checked: Annotated[str, option("How you compared it, and with whom.")]


@action(
    "custody key register",
    'custody key register roy+1a2b3c4d+AQ… --checked "read out by phone"',
    writes=True,
    done="custody.key_entered",
)
def register(context: Context, ask: RegisterKey) -> PublicKey:
    """Enter the public key of a person. Not by who then gives that person something, or gets it from them."""
    return _view(signing.register(context.floor, context.actor, ask.key, ask.checked))


class RemoveKey(Request, frozen=True):
    """Whose key, and why."""

    name: Annotated[str, argument("NAME", "Whose key it is.")]
    why: Annotated[str, option("The reason, in your words.")]


@action(
    "custody key remove",
    'custody key remove roy --why "the laptop was stolen"',
    writes=True,
    done="custody.key_removed",
)
def remove(context: Context, ask: RemoveKey) -> PublicKey:
    """Let a person's key stand no longer. What was signed with it before stays signed."""
    return _view(signing.remove(context.floor, context.actor, ask.name, ask.why), removed=True)


class ListKeys(Request, frozen=True):
    """Nothing needs to be said."""


@action("custody key list", "custody key list", rows="keys", empty="custody.no_keys")
def list_(context: Context, _: ListKeys) -> KeyList:
    """List the keys that stand."""
    found = [_view(key) for key in signing.keys(context.floor).values()]
    context.log_query("keys", shown=[key.name for key in found])
    return KeyList(keys=found)


def _view(key: signing.Key, *, removed: bool = False) -> PublicKey:
    return PublicKey(
        name=key.verifier.name,
        key=key.verifier.text,
        entered_by=key.entered_by,
        checked=key.checked,
        removed=removed,
    )
