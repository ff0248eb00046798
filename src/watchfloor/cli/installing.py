"""A fitted model is put into a floor's folder or taken away: what the commands that install models share."""

from typing import TYPE_CHECKING, Any

from watchfloor.cli.common import fail

if TYPE_CHECKING:
    from watchfloor.store.floor import Floor
    from watchfloor.store.log import Actor

INSTALLED = "model-installed"
REMOVED = "model-removed"


def refuse(opened: "Floor", file: str, model: object, remove: bool, missing: str) -> None:
    """End the command where it names both a model and --remove, or neither, or there is none to remove.

    Args:
        opened: the floor.
        file: name of the model's file in its folder.
        model: what is to be installed; None where nothing is.
        remove: whether the present one is to go.
        missing: what is not installed, such as `no model of goods`.
    """
    if (model is None) != remove:
        fail("name the model that is to be installed, or take the present one away with --remove")
    if model is None and not (opened.root / file).exists():
        fail(f"{missing} is installed on {opened.root}")


def put(
    opened: "Floor", file: str, content: bytes | None, said: dict[str, Any], actor: "Actor"
) -> dict[str, Any]:
    """Log it, then write the file or take it away (`content` None). Gives what is printed."""
    position = opened.act(actor, REMOVED if content is None else INSTALLED, said)
    place = opened.root / file
    if content is None:
        place.unlink()
    else:
        fresh = place.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.replace(place)
    return {"position": position} | said
