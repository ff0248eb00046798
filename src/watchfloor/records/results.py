"""What may come of a lead, and what each result says of its hypothesis, with the reason.

The list is closed. That a suspicious transaction was reported is no result: it may be told to nobody, so it
can never become the label of a fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from watchfloor.records.messages import Message, declare


@dataclass(frozen=True, slots=True)
class Result:
    """One result.

    Attributes:
        name: as records write it.
        true: whether it bears the hypothesis out; None where it says neither.
        acted: whether somebody looked at what the lead is about.
        why: the reason for `true`.
    """

    name: str
    true: bool | None
    acted: bool
    why: Message


RESULTS: Final[Mapping[str, Result]] = {
    one.name: one
    for one in (
        Result(
            "seized",
            True,
            True,
            declare(
                "result.seized",
                en="true: what was seized is a thing found, and not an opinion",
                fr="vrai : ce qui a été saisi est une chose trouvée, et non une opinion",
            ),
        ),
        Result(
            "arrested",
            True,
            True,
            declare(
                "result.arrested",
                en="true until corrected: an arrest needs grounds of its own, which a lead never is",
                fr="vrai jusqu’à correction : une arrestation exige ses propres motifs, et une piste n’en "
                "est jamais un",
            ),
        ),
        Result(
            "charged",
            True,
            True,
            declare(
                "result.charged",
                en="true: a charge was laid on evidence that somebody else has weighed",
                fr="vrai : une accusation a été portée sur une preuve qu’une autre personne a pesée",
            ),
        ),
        Result(
            "cleared",
            False,
            True,
            declare(
                "result.cleared",
                en="false: somebody looked and found another explanation",
                fr="faux : quelqu’un a vérifié et a trouvé une autre explication",
            ),
        ),
        Result(
            "unfounded",
            False,
            True,
            declare(
                "result.unfounded",
                en="false: somebody looked and found nothing behind it",
                fr="faux : quelqu’un a vérifié et n’a rien trouvé derrière",
            ),
        ),
        Result(
            "examined",
            None,
            True,
            declare(
                "result.examined",
                en="neither: a look that settled nothing; an examination also misses things",
                fr="ni l’un ni l’autre : un examen qui n’a rien établi; un examen laisse aussi échapper "
                "des choses",
            ),
        ),
        Result(
            "not-examined",
            None,
            False,
            declare(
                "result.not-examined",
                en="neither: nobody could look",
                fr="ni l’un ni l’autre : personne n’a pu vérifier",
            ),
        ),
        Result(
            "not-acted-on",
            None,
            False,
            declare(
                "result.not-acted-on",
                en="neither: nobody looked, which says what the cell had time for and not what was so",
                fr="ni l’un ni l’autre : personne n’a vérifié, ce qui dit le temps dont la cellule "
                "disposait et non ce qui était",
            ),
        ),
    )
}
"""Every result by name."""
