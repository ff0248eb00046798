"""Requirements of laws on a log, where ours meets each, and which acts lack it.

The Privacy Act (P-21), the Privacy Regulations (SOR/83-508) and the Security of Canada Information Disclosure
Act (S-6.9) were read as the Department of Justice publishes them. Article 25 of Directive (EU) 2016/680 was
read through laws that transpose it (United Kingdom, Data Protection Act 2018, s. 62; Cyprus, 44(I)/2019,
s. 27), not in its own text. What a row says is where to look; whether it is enough is for counsel.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from watchfloor.exchange.log.access import recipient
from watchfloor.store.log import Act

UNSTATED: Final = frozenset({"", "none stated"})
"""What stands for an authority that nobody stated."""


class Duty(NamedTuple):
    """One thing that a law asks for.

    Attributes:
        law: and section.
        asks: what of, in our words.
        where: acts that hold it.
        part: the part of such an act that does.
        missing: whether an act lacks it.
    """

    law: str
    asks: str
    where: tuple[str, ...]
    part: str
    missing: Callable[[Act], bool]


class DutyStatus(NamedTuple):
    """A duty and how a log stands to it.

    Attributes:
        duty: which.
        acts: that it concerns.
        lacking: positions of those that lack what is asked.
        erased: of those, how many cannot be asked any more: their content was erased.
    """

    duty: Duty
    acts: int
    lacking: tuple[int, ...]
    erased: int


def _who(act: Act) -> bool:
    return act.actor is None or not act.actor.name.strip()


def _why(act: Act) -> bool:
    return act.actor is None or not act.actor.purpose.strip()


def _right(act: Act) -> bool:
    return act.actor is None or act.actor.authority.strip() in UNSTATED


def _unjustified(act: Act) -> bool:
    return _why(act) or _right(act)


def _of_what(act: Act) -> bool:
    """Whether a query about people does not say about whom, or what of theirs was shown."""
    detail = act.detail or {}
    return detail.get("what") not in NOBODY and not any(name in detail for name in NAMING)


def _to(act: Act) -> bool:
    return not recipient(act)


def _lacks(*names: str) -> Callable[[Act], bool]:
    """Whether an act lacks all of these parts."""
    return lambda act: not any(_there((act.detail or {}).get(name)) for name in names)


def _there(value: object) -> bool:
    return value not in (None, "", [], {})


def _under(law: str, missing: Callable[[Act], bool]) -> Callable[[Act], bool]:
    """Whether an act under one law lacks something; an act under another lacks nothing."""
    return lambda act: _is_under(act.detail or {}, law) and missing(act)


def _is_under(detail: Mapping[str, Any], law: str) -> bool:
    return law in f"{detail.get('law', '')} {detail.get('section', '')}"


OUT: Final = ("disclosed", "disseminated")
SCIDA: Final = "SCIDA"
LED: Final = "Directive (EU) 2016/680, art. 25"

NOBODY: Final = frozenset(
    {"accounts", "aia", "calibration", "certificate", "duties", "fits", "inclusion", "log", "node", "nodes"}
    | {"on call", "records owed", "refit", "risk checks", "sitrep", "checkpoints", "verify"}
)
"""What a query may be about that is nobody's information: the log, the node, how well the cell does."""
NAMING: Final = frozenset(
    {"shown", "record", "lead", "task", "report", "piece", "bundle", "words", "position"}
)
"""Parts of a query's act that say about what it was."""

DUTIES: Final = (
    Duty(
        "Privacy Act, s. 4",
        "collection relates to an activity of the institution",
        ("ingest",),
        "purpose",
        _why,
    ),
    Duty("Privacy Act, s. 4", "and rests on a law", ("ingest", "received"), "authority", _right),
    Duty(
        "Privacy Act, s. 6(1), (3); SOR/83-508, s. 4",
        "disposal after its time, and why",
        ("erasure",),
        "why",
        _lacks("why"),
    ),
    Duty("Privacy Act, s. 7", "use for the purpose it was obtained for", ("query", "run"), "purpose", _why),
    Duty("Privacy Act, s. 8(2)", "which rule permits a disclosure", OUT, "section, authority", _right),
    Duty("Privacy Act, s. 9(1)", "a record of what it was disclosed for", OUT, "purpose", _why),
    Duty("Privacy Act, s. 9(1)", "and to whom", OUT, "to", _to),
    Duty(
        "SCIDA, s. 5(2)",
        "accuracy, and how reliably it was obtained",
        ("disclosed",),
        "accuracy",
        _under(SCIDA, _lacks("accuracy")),
    ),
    Duty(
        "SCIDA, s. 9(1)(a)",
        "a description of the information",
        ("disclosed",),
        "description",
        _under(SCIDA, _lacks("description", "forms")),
    ),
    Duty(
        "SCIDA, s. 9(1)(b)",
        "who authorized the disclosure",
        ("disclosed",),
        "stated_by",
        _under(SCIDA, _lacks("stated_by")),
    ),
    Duty(
        "SCIDA, s. 9(1)(c)",
        "the institution that received it",
        ("disclosed",),
        "recipient",
        _under(SCIDA, _to),
    ),
    Duty("SCIDA, s. 9(1)(d)", "the date", ("disclosed",), "at", lambda _: False),
    Duty(
        "SCIDA, s. 9(1)(e)",
        "what was relied on",
        ("disclosed",),
        "test, basis",
        _under(SCIDA, _lacks("test", "basis")),
    ),
    Duty(
        "SCIDA, s. 9(2)",
        "who disclosed it, what came in, and when",
        ("received",),
        "from, kinds",
        _under(SCIDA, _lacks("from")),
    ),
    Duty(f"{LED}(1)", "collection and alteration", ("ingest", "downgraded"), "the act", _who),
    Duty(
        f"{LED}(1)",
        "consultation: why, when, by whom",
        ("query",),
        "purpose, authority, at, actor",
        _unjustified,
    ),
    Duty(f"{LED}(1)", "consultation: of what", ("query",), "shown, record, words", _of_what),
    Duty(
        f"{LED}(1)",
        "disclosure and transfer: why, when, by whom",
        OUT,
        "purpose, authority, at, actor",
        _unjustified,
    ),
    Duty(f"{LED}(1)", "disclosure and transfer: to whom", OUT, "to", _to),
    Duty(f"{LED}(1)", "combination", ("run", "identity-compared"), "desk, at_position", _who),
    Duty(f"{LED}(1)", "erasure", ("erasure",), "the act", _who),
)
"""The table, in the order of laws."""


def standing(acts: Iterable[Act]) -> list[DutyStatus]:
    """How a log stands to each duty; the acts are read once, and none is kept."""
    tallies = [_Tally(duty) for duty in DUTIES]
    for act in acts:
        for tally in tallies:
            if act.act in tally.duty.where:
                tally.add(act)
    return [DutyStatus(one.duty, one.acts, tuple(one.lacking), one.erased) for one in tallies]


class _Tally:
    def __init__(self, duty: Duty) -> None:
        self.duty, self.acts, self.erased = duty, 0, 0
        self.lacking: list[int] = []

    def add(self, act: Act) -> None:
        self.acts += 1
        if act.detail is None:
            self.erased += 1
        elif self.duty.missing(act):
            self.lacking.append(act.position)
