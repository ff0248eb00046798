"""A parcel declared as a pigment intermediate holds a precursor; and a dealer declares what he buys.

Four feeds see a part each: the declaration its goods and the line of the tariff, an analyser and then the
laboratory the substance, the bank a wire whose text says more than the declaration. The parcel's number, the
importer's business number and its account join them.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from watchfloor.exercise.acts import Act, Analysed, Declared, Produced, Transfer
from watchfloor.exercise.cast import Cast, Party
from watchfloor.exercise.feeds.nodes.bench import analysed
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots.base import Plot

NAME: Final = "pigment-parcel"
DEALER: Final = "honest-dealer"
PIPERIDONE: Final = "41661-47-6"
"""CAS number of 4-piperidone: Controlled Drugs and Substances Act, Schedule VI, Part 1."""
PIPERIDINE: Final = "110-89-4"
"""CAS number of piperidine, of the same part; whoever holds a licence may import it."""


def make_plots(cast: Cast, targets: Sequence[Target]) -> Iterator[Plot]:  # noqa: ARG001 - nobody in it is listed
    """The parcel, and the look-alike."""
    own = cast.beside(NAME)
    yield _parcel(own)
    yield _dealer(own)


def _parcel(cast: Cast) -> Plot:
    company, number = cast.importer(), cast.parcel()
    acts: tuple[Act, ...] = (
        _declared(cast, number, company, "pigment intermediate, sample, 5 bags", "293339"),
        *_readings(cast, number, PIPERIDONE),
        _produced(cast, company, "1-boc-4-piperidone 10 kg and freight"),
    )
    title = "a parcel declared as pigment intermediate holds a precursor that its importer paid for by name"
    return Plot(NAME, title, ("precursor-import",), (company,), acts)


def _dealer(cast: Cast) -> Plot:
    """Declares piperidine as piperidine, with his licence, and it is that."""
    company, number = cast.importer("Heron Street Fine Chemicals Ltd."), cast.parcel()
    acts: tuple[Act, ...] = (
        _declared(cast, number, company, "piperidine 99 %, 2 x 500 mL, class A licence stated", "293332"),
        *_readings(cast, number, PIPERIDINE),
    )
    return Plot(DEALER, "a licensed dealer declares a precursor as what it is", (), (company,), acts)


def _declared(cast: Cast, number: str, company: Party, goods: str, hs: str) -> Declared:
    value = Decimal(cast.number(20_000, 90_000)) / 100
    return Declared(cast.at(4, 6), number, company, company, goods, hs, value, 5.0)


def _readings(cast: Cast, number: str, substance: str) -> Iterator[Analysed]:
    """An officer's handheld analyser first; by night, the laboratory."""
    yield analysed(cast, number, "raman", substance, "presumptive", 6)
    yield analysed(cast, number, "gc-ms", substance, "identified", 15)


def _produced(cast: Cast, company: Party, memo: str) -> Produced:
    paid = Transfer(cast.at(1, 3), company, cast.abroad(cast.company()), cast.number(4_000, 9_000), memo)
    return Produced(paid.at, paid, f"order {cast.number(1000, 9999)}")
