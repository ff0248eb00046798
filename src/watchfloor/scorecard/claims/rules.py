"""What a claim's file must say to mean something; a slip is refused, since a verdict on it would mislead."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from watchfloor.scorecard import departments, periods
from watchfloor.scorecard.claims.claimed import ROUNDED, WELL, WORDS
from watchfloor.scorecard.problems import Unanswerable

if TYPE_CHECKING:
    from watchfloor.scorecard.claims import Asked, Claim
    from watchfloor.scorecard.claims.claimed import Claimed

KINDS: Final[Mapping[str, str]] = {
    "share": "share",
    "range": "share",
    "largest": "share",
    "change": "change",
    "cited": "change",
    "total": "total",
    "above": "count",
}
"""What kind of number a measure is; one claimed value is of one kind."""
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "share": ("series", "of", "part"),
    "change": ("series", "of", "since", "until"),
    "total": ("series", "of"),
    "above": ("series", "of", "part", "over"),
    "largest": ("series", "of"),
    "range": ("series", "of", "part"),
    "cited": ("cited",),
}


def check(claim: "Claim") -> None:
    """Raises `ValueError`, or `WrongQuestion` for the department, with what is wrong in a claim."""
    if not claim.definitions:
        raise ValueError("`definitions` has none")
    for name, one in claim.computed():
        _definition(name, one)
    _base_is_asked(claim)
    _one_of(claim.claimed)
    _one_kind(claim)
    _part_of_one(claim)
    _searched(claim)
    departments.department(claim.department)


def _base_is_asked(claim: "Claim") -> None:
    """Its picture and its season are of the series of `ask`: nobody agrees to one that no figure has."""
    base, asked = claim.asked({}).series, {one.series for _, one in claim.computed()}
    if base and base not in asked:
        raise ValueError(f"`ask` has the series {base}, and no definition asks it; name that of a definition")


def _one_of(claimed: "Claimed") -> None:
    if len(claimed.words) != 1:
        raise ValueError(f"`claimed` needs one of {', '.join(WORDS)}")
    for value in (*claimed.figures, *([] if claimed.to is None else [claimed.to])):
        if not value.is_finite():
            raise ValueError(f"`claimed` is {value}, which is no number")
    if claimed.to is not None and not (claimed.to > 0 and claimed.word in ROUNDED | WELL):
        raise ValueError(
            "`claimed.to` is the unit of a rounded figure: above 0, beside "
            + ", ".join(sorted(ROUNDED | WELL))
        )
    if claimed.word in WELL | {"nearly", "just_over"} and not claimed.figures[0]:
        raise ValueError(f"`claimed` is {claimed.word} nought, which has no size")
    if claimed.word == "between" and claimed.figures[0] > claimed.figures[1]:
        raise ValueError("`claimed.between` has the lower figure first")


def _one_kind(claim: "Claim") -> None:
    """One value was claimed, so definitions are of one kind of number."""
    asked = [claim.asked(one) for one in claim.definitions.values()]
    kinds = sorted({KINDS[one.measure] for one in asked})
    if len(kinds) > 1:
        raise ValueError(f"one claimed value cannot be of a {' and of a '.join(kinds)}; move some to [also]")
    units = sorted({one.of for one in asked})
    if kinds == ["total"] and len(units) > 1:
        raise ValueError(f"one claimed total cannot be in {' and in '.join(units)}; move some to [also]")


def _part_of_one(claim: "Claim") -> None:
    """Shares and changes are parts of one, so that nine in ten is 0.9 and not 90; a total is not negative."""
    kinds = {KINDS[claim.asked(one).measure] for one in claim.definitions.values()}
    for value in claim.claimed.figures:
        if (kinds == {"share"} and not 0 <= value <= 1) or (kinds == {"change"} and value > 1):
            raise ValueError(f"`claimed` is {value}, and a {kinds.pop()} is part of one: 90 per cent is 0.9")
        if kinds <= {"total", "count"} and value < 0:
            raise ValueError(f"`claimed` is {value}, and no {kinds.pop()} is below nought")


def _searched(claim: "Claim") -> None:
    if claim.search and claim.asked({}).measure != "change":
        raise ValueError("`search` tries definitions of a change, and `ask` is of none")
    if claim.search and len(claim.search.up_to) > 1:
        raise ValueError("`search.up_to` has sets of one dimension; single values of others go to `wanted`")


def _definition(name: str, one: "Asked") -> None:
    lacking = [field for field in _NEEDS[one.measure] if getattr(one, field) in ("", None, {})]
    if lacking:
        raise ValueError(f"the definition {name} needs {', '.join(lacking)} for a {one.measure}")
    if one.measure == "change":
        _in_order(name, one)
    elif one.measure != "cited" and one.period != periods.ALL:
        _period(name, one.period)


def _in_order(name: str, one: "Asked") -> None:
    """A change is from one period to a later one that is as long."""
    since, until = _period(name, one.since), _period(name, one.until)
    if since[-1] >= until[0]:
        raise ValueError(f"the definition {name} changes from {one.since} to {one.until}, which is no later")
    if len(since) != len(until):
        raise ValueError(f"the definition {name} compares {len(since)} months with {len(until)}")


def _period(name: str, text: str) -> range:
    try:
        return periods.period(text)
    except Unanswerable as error:
        raise ValueError(f"in the definition {name} {error}") from error
