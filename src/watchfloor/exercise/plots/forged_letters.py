"""A consultant's forged letters of acceptance: sixteen applicants, ten of whom know nothing of it.

What joins them: the consultant's number under two names, one account that paid for strangers, one device, one
form of letter that serves three colleges. Nine offices decided; no officer saw two. The look-alike is an
honest adviser who pays and files for many.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds.applications import COLLEGES, application
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots.base import Plot

NAME: Final = "forged-letters"
APPLICANTS: Final = 16
CLIENTS: Final = 14
"""Of the honest adviser."""


def make_plots(cast: Cast, targets: Sequence[Target]) -> Iterator[Plot]:  # noqa: ARG001 - nobody is listed
    """Return the ring and its look-alike; they draw nothing that others draw."""
    aside = cast.beside(NAME)
    random = aside.random
    names, account = [aside.importer(), aside.importer()], aside.account()
    device, email = f"{random.getrandbits(48):012x}", f"desk{random.getrandbits(24):06x}@mail.example"
    template = f"pdf:{random.getrandbits(64):016x}"
    yield Plot(
        NAME,
        "a consultant sells forged letters of acceptance; most of the applicants are victims",
        ("document-fraud", "organised-group"),
        (names[0],),
        tuple(
            application(
                aside,
                COLLEGES[number % 3],
                adviser=names[number % 4 == 3],
                template=template,
                confirmed="no" if number % 4 else None,
                outcome="granted" if number % 3 else "refused",
                office=f"Office {number % 9 + 1}",
                officer=f"officer {100 + number:03}",
                note=f"Letter looked in order. File {number + 1} of my day.",
                **({"payer": account} if number % 5 else {}),
                **({"device": device} if number % 3 else {}),
                **({"email": email} if number % 2 else {}),
            )
            for number in range(APPLICANTS)
        ),
    )
    honest, firm = aside.importer(), aside.account()
    yield Plot(
        "busy-adviser",
        "an honest adviser pays and files for many students",
        (),
        (honest,),
        tuple(
            application(
                aside,
                aside.one_of(COLLEGES),
                adviser=honest,
                payer=firm,
                device="front-desk",
            )
            for _ in range(CLIENTS)
        ),
    )
