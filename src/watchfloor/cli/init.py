"""`watchfloor init`: a new floor."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    who,
)

if TYPE_CHECKING:
    from watchfloor.policy.terms import Terms


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
    means: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What it can examine on a day, an inspection.toml."),
    ] = None,
    institution: Annotated[
        str, typer.Option(help="What kind of institution it belongs to; gateways name them.")
    ] = "joint-cell",
    country: Annotated[
        str, typer.Option(help="Of that institution, ISO 3166-1 alpha-3; decides REL TO.")
    ] = "CAN",
    exercise: Annotated[
        bool,
        typer.Option("--exercise", help="It holds an exercise and nothing else: nobody states a purpose."),
    ] = False,
    policy: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Its policy: words of markings, and readers."),
    ] = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make a new floor.

    Example: watchfloor init --floor floor --name "Lacolle cell" --ceiling PB//TLP:AMBER --policy policy.toml

    Example: watchfloor init --floor trial --exercise
    """
    from watchfloor.casework import policies
    from watchfloor.feeds import config
    from watchfloor.formats.settings import read_text
    from watchfloor.planning.inspections import means as inspections
    from watchfloor.policy import terms
    from watchfloor.store.floor import Floor

    settings = config.read(feeds) if feeds else None
    capacities = _capacities(means)
    words = read_text(policy) if policy else None
    found = None if words is None else terms.read(words, str(policy))
    if found is not None:
        terms.check_usable(found, str(policy), who())
    _check(ceiling, institution, country, found)
    made = Floor.create(
        floor,
        acting(purpose, authority),
        name=name,
        ceiling=ceiling,
        institution=institution,
        country=country,
        exercise=exercise,
    )
    if feeds and settings:
        config.install(made.root, feeds)
    if capacities is not None:
        (made.root / inspections.NAME).write_text(capacities, encoding="utf-8", newline="\n")
    if words is not None:
        policies.install(made, acting(purpose, authority), words)
    if as_json:
        print_json({"floor": floor, "id": made.settings.id, "name": name, "ceiling": made.settings.ceiling})
        return
    err.print(
        f"made the floor {name!r} in {floor}. Next: watchfloor ingest PATH --floor {floor}",
        markup=False,
        highlight=False,
    )


def _capacities(path: Path | None) -> str | None:
    """The checked text of a file of means of examination; None where none is given."""
    from watchfloor.formats.settings import read_text
    from watchfloor.planning.inspections.means import read

    if path is None:
        return None
    text = read_text(path)
    read(text, str(path))
    return text


def _check(ceiling: str, institution: str, country: str, policy: "Terms | None") -> None:
    """End the command where a setting is none."""
    from watchfloor.core.countries import COUNTRIES, no_country
    from watchfloor.core.marking import Marking, MarkingError, parse
    from watchfloor.formats.settings import nearest
    from watchfloor.policy.institutions import INSTITUTIONS
    from watchfloor.policy.terms import undefined

    try:
        marking = parse(ceiling)
    except MarkingError as error:
        fail(f"--ceiling: {error}")
    if wrong := undefined(policy, Marking(release=marking.release)):
        fail(f"--ceiling: {wrong}")
    if institution not in INSTITUTIONS:
        fail(f"--institution: {institution!r} is no kind of institution{nearest(institution, INSTITUTIONS)}")
    if country not in COUNTRIES:
        fail(f"--country: {no_country(country)}")
