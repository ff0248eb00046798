"""Listed names under a disguise: one row in one feed each, found by its name or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from watchfloor.exercise.acts import Act, Crossing, Shipment, Transfer
from watchfloor.exercise.cast import Cast, Party
from watchfloor.exercise.disguise import DISGUISES, suits
from watchfloor.exercise.lists import Target, bodies
from watchfloor.exercise.plots.base import Plot


def make_plots(cast: Cast, targets: Sequence[Target]) -> Iterator[Plot]:
    """One plot for each target that no other plot has."""
    taken = bodies(targets)[:2]
    for number, target in enumerate(t for t in targets if t not in taken):
        disguise, name = _disguised(cast, target)
        party = _party(cast, target, name)
        title = f"{target.names[0]} as {name} ({disguise})"
        yield Plot(
            f"listed-{number + 1}", title, ("listed-entity",), (party,), (_act(cast, target, party, number),)
        )


def _party(cast: Cast, target: Target, name: str) -> Party:
    if target.schema != "Person":
        return cast.company(name)
    return replace(cast.person(name), born=target.birth_date)


def _act(cast: Cast, target: Target, party: Party, number: int) -> Act:
    """A person travels; a body receives a parcel or a payment."""
    if target.schema == "Person":
        return Crossing(cast.at(), party, "visit")
    if number % 2:
        return Shipment(cast.at(), cast.parcel(), None, party, "tools")
    return Transfer(cast.at(), cast.abroad(cast.anybody()), party, cast.number(10_000, 60_000), "invoice")


def _disguised(cast: Cast, target: Target) -> tuple[str, str]:
    """A disguise and the name as it is then written."""
    if target.other_script and cast.random.random() < 0.7:
        script, written, _ = target.other_script
        return script, written
    alias = cast.one_of(target.names)
    disguise = cast.one_of([d for d in DISGUISES if suits(d, alias, target.schema)])
    return disguise, DISGUISES[disguise](alias, cast.random)
