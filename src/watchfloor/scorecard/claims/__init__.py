"""Claims: programs in TOML of about twenty lines, one file each; this folder holds those of the package.

title = { en = "Fentanyl at the north", fr = "Le fentanyl au nord" }
department = "CBSA"

[said]
on = 2025-03-04
by = { en = "…", fr = "…" }
words = { en = "…", fr = "…" }             # what was said, in our words

[claimed]
below = 0.01

[ask]
measure = "share"
series = "cbp-drug-seizures"
of = "weight"
scope = { item = "Fentanyl" }              # both the part and the whole
part = { region = "Northern Border" }
period = "FY2024"

[definitions]                              # each says only in what it differs
weight-fy2024 = {}
events-fy2024 = { of = "events" }
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from watchfloor.core.messages import declare, reason
from watchfloor.formats.settings import nearest
from watchfloor.scorecard import departments, periods
from watchfloor.scorecard.bilingual import Text
from watchfloor.scorecard.claims.claimed import ROUNDED, WELL, WORDS, Claimed, Rule, rule
from watchfloor.scorecard.problems import Unanswerable, WrongQuestion

Wanted = dict[str, str | tuple[str, ...]]
Measure = Literal["share", "change", "total", "above", "largest", "range", "cited"]

BAD_FILE: Final = declare("scorecard.bad-claim", "file", "problem")
NO_CLAIM: Final = declare("scorecard.no-claim", "name", "near")

ANY: Final = "*"
"""As a wanted value: whatever it is. A definition so takes back what `ask` narrows."""


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base: immutable, and strict about what it does not know."""


class Spoken(Struct, frozen=True):
    """A statement in public.

    Attributes:
        on: when.
        by: by whom.
        words: what, in our words.
        ill_formed: why the sentence as printed can be neither true nor false; the reading that is computed.
    """

    on: date
    by: Text
    words: Text
    ill_formed: Text | None = None


class Cited(Struct, frozen=True):
    """Numbers of a document, where no table of them is held.

    Attributes:
        since, until: the two numbers.
        source: which document.
        day: since when it is public; before, the figure is not known.
        baseline: what is known of the first number's month: that it was the peak, for one.
    """

    since: float
    until: float
    source: Text
    day: date
    baseline: Text | None = None


class FigureQuery(Struct, frozen=True):
    """The figure to compute.

    Attributes:
        measure: `share` of a part in a whole; `change` from the month or year `since` to `until`, a fall
            being positive; `total`; `above`: in how many of the periods `each` the share is `over` or above;
            `largest`: the share of the part's largest cell; `range`: the least and the greatest share of the
            periods `each`; `cited`: a change in numbers of a document.
        series: of which series.
        of: which of its measures.
        scope, part, whole: wanted cells; `scope` narrows both the part and the whole.
        period: of shares and totals.
        since, until: months of a change, or periods that are as long: `FY2023`, `FY2024`.
        each: month, fiscal year or calendar year.
        over: the threshold of `above`.
        cited: the numbers of a `cited` change.
        label: the definition in words, where those made of its parts would not do.
    """

    measure: Measure = "share"
    series: str = ""
    of: str = ""
    scope: Wanted = {}
    part: Wanted = {}
    whole: Wanted = {}
    period: str = "all"
    since: str = ""
    until: str = ""
    each: Literal["month", "fiscal-year", "calendar-year"] = "month"
    over: float | None = None
    cited: Cited | None = None
    label: Text | None = None

    @property
    def by_month(self) -> bool:
        """Whether a change is from one month to another, which seasons and windows are told of."""
        ends = (self.since, self.until)
        return all(ends) and all(len(periods.period(end)) == 1 for end in ends)


class Control(Struct, frozen=True):
    """A control: other cells of the same series, to compare with.

    Attributes:
        label: what they are called.
        part: which cells, in place of the claim's part.
        until: months to which both changes are computed.
        interrupted: first months after something was done to ours alone; each is looked at.
        changed: by month, what was done to the control, so that it is none from then on.
    """

    label: Text
    part: Wanted
    until: tuple[str, ...] = ()
    interrupted: tuple[str, ...] = ()
    changed: dict[str, Text] = {}


class Search(Struct, frozen=True):
    """Definitions to try: every set of up to so many values of a dimension, and each of some settings.

    Attributes:
        up_to: for one dimension of the part, the size of the largest set of its values.
        wanted: by dimension of the part, each of these.
        until: each of these months.
        since: each of these months.
    """

    up_to: dict[str, int] = {}
    wanted: dict[str, tuple[str, ...]] = {}
    since: tuple[str, ...] = ()
    until: tuple[str, ...] = ()


class Claim(Struct, frozen=True):
    """A claim.

    Attributes:
        name: that of its file.
        title: three or four words.
        department: accountable for it.
        said: the words.
        claimed: the value.
        ask: what is computed, as far as all definitions share it.
        definitions: the admissible ones, the first as the words suggest; each has only what differs.
        also: other figures that a reader needs.
        control: what a change is compared with.
        search: definitions to be tried, so that a reader knows how many there are.
        notes: what the words hide.
        order: place on the page.
    """

    title: Text
    department: str
    said: Spoken
    claimed: Claimed
    ask: dict[str, Any]
    definitions: dict[str, dict[str, Any]]
    also: dict[str, dict[str, Any]] = {}
    control: Control | None = None
    search: Search | None = None
    notes: tuple[Text, ...] = ()
    order: int = 100
    name: str = ""

    def asked(self, definition: Mapping[str, Any]) -> FigureQuery:
        """A definition as a whole: what it says, over what all share."""
        merged = {**self.ask, **definition}
        for where in ("scope", "part", "whole"):
            wanted = {**self.ask.get(where, {}), **definition.get(where, {})}
            merged[where] = {name: value for name, value in wanted.items() if value != ANY}
        return msgspec.convert(merged, FigureQuery)

    @property
    def rule(self) -> Rule:
        """By which rule its figures are judged."""
        kind = KINDS[self.asked(next(iter(self.definitions.values()))).measure]
        return rule(self.claimed, share=kind in ("share", "change"))

    def computed(self) -> Iterator[tuple[str, FigureQuery]]:
        """Every definition by name, those of `also` last."""
        for name, one in (*self.definitions.items(), *self.also.items()):
            yield name, self.asked(one)


def claims(folders: Iterable[Path] = ()) -> dict[str, Claim]:
    """The claims of the package, and those of folders, which may replace them; in the order of the page.

    Raises:
        WrongQuestion: a file cannot be read; the message names it and says what is wrong.
    """
    own = {
        path.name: path.read_bytes()
        for path in (files(__package__) / "report").iterdir()
        if _named(path.name)
    }
    theirs = {
        path.name: path.read_bytes()
        for folder in folders
        for path in ([folder] if folder.is_file() else sorted(folder.iterdir()))
        if _named(path.name)
    }
    found = [load(name, data) for name, data in {**own, **theirs}.items()]
    return {one.name: one for one in sorted(found, key=lambda one: (one.order, one.name))}


def load(file: str, data: bytes) -> Claim:
    """One claim from the bytes of its file. Raises `WrongQuestion`."""
    try:
        # decimals as written: 0.20 states a digit more than 0.2
        written = tomllib.loads(data.decode(), parse_float=Decimal)
        claim = msgspec.convert(written | {"name": file.removesuffix(".toml")}, Claim)
        _see_consistent(claim)
    except (ValueError, TypeError, WrongQuestion) as error:
        raise WrongQuestion(reason(BAD_FILE, file=file, problem=str(error))) from error
    return claim


def named(known: Mapping[str, Claim], name: str) -> Claim:
    """One of some claims. Raises `WrongQuestion` where there is none of that name."""
    if name not in known:
        raise WrongQuestion(reason(NO_CLAIM, name=name, near=nearest(name, known)))
    return known[name]


def _named(name: str) -> bool:
    return name.endswith(".toml")


# What a claim's file must say to mean something; a slip is refused, since a verdict on it would mislead.

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


def _see_consistent(claim: Claim) -> None:
    """Raise `ValueError`, or `WrongQuestion` for the department, with what is wrong in a claim."""
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


def _base_is_asked(claim: Claim) -> None:
    """Its picture and its season are of the series of `ask`: nobody agrees to one that no figure has."""
    base, asked = claim.asked({}).series, {one.series for _, one in claim.computed()}
    if base and base not in asked:
        raise ValueError(f"`ask` has the series {base}, and no definition asks it; name that of a definition")


def _one_of(claimed: Claimed) -> None:
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


def _one_kind(claim: Claim) -> None:
    """One value was claimed, so definitions are of one kind of number."""
    asked = [claim.asked(one) for one in claim.definitions.values()]
    kinds = sorted({KINDS[one.measure] for one in asked})
    if len(kinds) > 1:
        raise ValueError(f"one claimed value cannot be of a {' and of a '.join(kinds)}; move some to [also]")
    units = sorted({one.of for one in asked})
    if kinds == ["total"] and len(units) > 1:
        raise ValueError(f"one claimed total cannot be in {' and in '.join(units)}; move some to [also]")


def _part_of_one(claim: Claim) -> None:
    """Shares and changes are parts of one, so that nine in ten is 0.9 and not 90; a total is not negative."""
    kinds = {KINDS[claim.asked(one).measure] for one in claim.definitions.values()}
    for value in claim.claimed.figures:
        if (kinds == {"share"} and not 0 <= value <= 1) or (kinds == {"change"} and value > 1):
            raise ValueError(f"`claimed` is {value}, and a {kinds.pop()} is part of one: 90 per cent is 0.9")
        if kinds <= {"total", "count"} and value < 0:
            raise ValueError(f"`claimed` is {value}, and no {kinds.pop()} is below nought")


def _searched(claim: Claim) -> None:
    if claim.search and claim.asked({}).measure != "change":
        raise ValueError("`search` tries definitions of a change, and `ask` is of none")
    if claim.search and len(claim.search.up_to) > 1:
        raise ValueError("`search.up_to` has sets of one dimension; single values of others go to `wanted`")


def _definition(name: str, one: FigureQuery) -> None:
    lacking = [field for field in _NEEDS[one.measure] if getattr(one, field) in ("", None, {})]
    if lacking:
        raise ValueError(f"the definition {name} needs {', '.join(lacking)} for a {one.measure}")
    if one.measure == "change":
        _in_order(name, one)
    elif one.measure != "cited" and one.period != periods.ALL:
        _period(name, one.period)


def _in_order(name: str, one: FigureQuery) -> None:
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
