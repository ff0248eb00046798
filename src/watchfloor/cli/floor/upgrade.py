"""`watchfloor floor upgrade`: a floor of an older version of Watchfloor."""

import typer

from watchfloor.cli.common import (
    DEFAULT_FLOOR,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    print_json,
)


def upgrade(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = "upkeep",
    authority: AuthorityOption = "the floor's owner",
    as_json: JsonOption = False,
) -> None:
    """Bring a floor that an older version made to this version's layout; an act of its log says so.

    Make a backup first. The older version cannot open the floor afterwards.

    Example: watchfloor floor upgrade --floor floor
    """
    from watchfloor.store.upgrade import upgrade

    with busy(f"upgrading {floor}"):
        done = upgrade(floor, acting(purpose, authority))
    if as_json:
        print_json({"floor": floor, "upgraded": int(done.position is not None), **done._asdict()})
    elif done.position is None:
        typer.echo(f"{floor} has layout {done.after} already: nothing to do")
    else:
        typer.echo(
            f"{floor}: layout {done.before} became {done.after}, at position {done.position} of the log. "
            f"Next: watchfloor floor verify --floor {floor}"
        )
