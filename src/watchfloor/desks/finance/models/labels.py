"""Origins of labels: each label says who found what it says, and that a report was filed is never one.

A label that says "reported" would teach a model whom the entity reports on. The model, its scores and whoever
is shown them would then tell that a report exists (PCMLTFA s. 8), and the model would learn to repeat its own
alerts. What was found stands as an origin: a court, an investigation, a customer who was cheated, a
generator.
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from watchfloor.desks.base import DeskError
from watchfloor.policy.gateway_check import tells_of_report

_WORDS: Final = frozenset("str strs sar sars dod dods tpr lpepr fintrac canafe goaml fincen".split())
_FILED: Final = frozenset(
    "filed submitted made sent lodged déposée déposées transmise transmises faite".split()
)
_REPORT: Final = frozenset(
    "report reports reporting déclaration déclarations declaration declarations".split()
)


class ReportsAsLabelsError(DeskError):
    """Labels that no model may be fitted on: they say, or may say, that a report was filed."""


def refuse_reports(origins: Iterable[str | None]) -> None:
    """Refuse labels whose origin is missing, or says that a report was filed.

    Args:
        origins: of all labels: who found what they say, each as often as it stands there.

    Raises:
        ReportsAsLabelsError: names the origin, and what to do.
    """
    for origin in dict.fromkeys(origins):
        if origin is None or not origin.strip():
            raise ReportsAsLabelsError(
                "a label names no origin; say of each who found what it says: a court, an investigation, a "
                "customer, a generator"
            )
        if says_filed(origin):
            raise ReportsAsLabelsError(
                f"the origin {origin!r} says that a report was filed, or may: that is never a label "
                "(PCMLTFA s. 8). Leave those labels out, or label by what was found and by whom"
            )


def says_filed(text: str) -> bool:
    """Whether a text says, or may say, that a report was filed; in English or French, however joined."""
    apart = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])", " ", text).casefold()
    words = re.findall(r"[a-zà-ÿ0-9]+", apart)
    whole = re.findall(r"[a-zà-ÿ0-9]+", text.casefold())
    filed = any({one, other} & _FILED and {one, other} & _REPORT for one, other in pairwise(words))
    return filed or bool(_WORDS & {*words, *whole}) or tells_of_report(apart)
