"""`watchfloor init`: a new floor."""

from pathlib import Path
from typing import Annotated

import typer

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
    fail,
    print_json,
)


def init(
    floor: FloorOption = DEFAULT_FLOOR,
    name: Annotated[str, typer.Option(help="What the floor is called.")] = "floor",
    ceiling: Annotated[
        str,
        typer.Option(help="The strictest marking it may hold; stricter records are withheld at the door."),
    ] = "PB//TLP:RED",
    feeds: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Feeds to configure it with, a TOML file."),
    ] = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make a new floor.

    Example: watchfloor init --floor floor --name "Lacolle cell" --ceiling PB//TLP:AMBER
    """
    from watchfloor.feeds import config
    from watchfloor.records.marking import MarkingError, parse
    from watchfloor.store.floor import Floor

    try:
        parse(ceiling)
    except MarkingError as error:
        fail(f"--ceiling: {error}")
    settings = config.read(feeds) if feeds else None
    made = Floor.create(floor, acting(purpose, authority), name=name, ceiling=ceiling)
    if feeds and settings:
        config.install(made.root, feeds)
    if as_json:
        print_json({"floor": floor, "id": made.settings.id, "name": name, "ceiling": made.settings.ceiling})
        return
    err.print(
        f"made the floor {name!r} in {floor}. Next: watchfloor ingest PATH --floor {floor}",
        markup=False,
        highlight=False,
    )
