"""Typologies as data: what each indicator says, where it comes from, and when it fires.

    [[indicator]]
    id = "cash-just-below"
    version = "1"
    about = "payee"                       # whose account a signal is about: the payer's or the payee's
    title = { en = "…", fr = "…" }
    sentence = { en = "…{account}…{n}…", fr = "…" }  # {account} and the names of `let`
    source = [{ alert = "FINTRAC-2018", says = "the indicator in our own words" }]
    amltrix = ["T0016"]                   # techniques of AMLTRIX
    on = "means = 'cash' and amount < most"           # the payments that can fire it
    [indicator.parameters]
    most = { is = 10_000, by = "SOR/2002-184, s. 126" }
    [indicator.let]
    n = "count into over 7d where means = 'cash'"     # what it says of the account, by name
    [indicator.bands]
    moderate = "n >= 3"                   # weakest first; the last that holds is the strength
    strong = "n >= 6"

`expressions` has the language and `frame.COLUMNS` the columns. What an indicator needs is read off its
expressions; `optional` names columns that it can do without.

A signal names the payments that prove it: those that the windows of its band and its sentence count, of
`distinct` the newest of each value. `matched = ["got", "paid"]` names of two such windows what came in and
went out again, first in, first out; `shape = "circle"` names the payments of a shape of `SHAPES`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final, NoReturn

from watchfloor.desks.finance.typologies.columns import ALWAYS, COLUMNS, FEATURES, type_of
from watchfloor.desks.finance.typologies.expressions import (
    SIDES,
    UNITS,
    Binary,
    Expression,
    ExpressionError,
    HasValue,
    Name,
    Not,
    Number,
    Parameters,
    Test,
    Text,
    Window,
    parse,
    parts,
)
from watchfloor.desks.finance.typologies.lexicon import lexicon

GROUPS: Final = ("placement", "layering", "procurement", "network")
"""Files of the typologies, in the order in which they are told."""

BANDS: Final = ("moderate", "strong")
"""Strengths, the weaker first."""

WIDEST: Final = 30 * UNITS["d"]
"""How far back a window may reach, µs: the desk remembers no more."""

SHAPES: Final[Mapping[str, int]] = {
    "circle": 14 * UNITS["d"],
    "gather": 14 * UNITS["d"],
    "near": WIDEST,
}
"""Shapes of payments that prove an indicator, see `shapes` and `near`, and the time within which what has one
is one signal, µs; those of the graph lie in the engine's window."""

_KEYS: Final = frozenset(
    "id version about title sentence source amltrix on optional parameters let bands matched shape".split()
)
_ARITHMETIC: Final = ("+", "-", "*", "/", "%")
_ORDERED: Final = ("<", "<=", ">", ">=")


class TypologyError(ValueError):
    """Typologies that cannot be used; the message says in which file, line and column, and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source of an indicator: a key of `sources.toml`, and its content in our own words."""

    alert: str
    says: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number, or the width of a window, and whose it is."""

    value: float | str
    by: str


@dataclass(frozen=True, slots=True)
class Measured:
    """How often an indicator fired on one labelled set of payments, written by the benchmark.

    Attributes:
        data: which set.
        payments: how many it has.
        labelled: how many of them are labelled.
        fired: accounts and payments it fired on, as payments.
        hits: those of them that are labelled.
    """

    data: str
    payments: int
    labelled: int
    fired: int
    hits: int

    @property
    def hit_rate(self) -> float:
        """Share of the labelled payments that it fires on."""
        return self.hits / self.labelled if self.labelled else 0.0

    @property
    def false_alarm_rate(self) -> float:
        """Share of the others that it fires on."""
        rest = self.payments - self.labelled
        return (self.fired - self.hits) / rest if rest else 0.0


@dataclass(frozen=True, slots=True)
class Planted:
    """How an indicator fares in a made-up bank of our own, written by the benchmark; worth little.

    Attributes:
        instances: of what it describes that were planted.
        found: how many of them it fired on.
        accounts: of people and firms in the same bank with nothing planted.
        alarmed: how many of those it fired on.
    """

    instances: int
    found: int
    accounts: int
    alarmed: int


@dataclass(frozen=True, eq=False)
class Indicator:
    """One indicator, checked; see the head of this module for its fields.

    Attributes:
        group: the file it is of.
        needs: columns without which it abstains.
        looks: all columns that it looks at.
        engine: features of the engine that it looks at.
        width: µs within which what fires again is the same signal.
        proves: by band, the names of `let` whose payments prove it, and the band's own.
        matched: the names of what came in and of what went out, whose payments are matched; or none.
        shape: the shape of payments that proves it, or none.
        measured: on labelled payments; empty until the benchmark has run.
        planted: in a made-up bank; None until then.
    """

    id: str
    version: str
    group: str
    about: str
    title: Mapping[str, str]
    sentence: Mapping[str, str]
    source: tuple[Source, ...]
    amltrix: tuple[str, ...]
    on: Expression
    let: Mapping[str, Expression]
    bands: tuple[tuple[str, Expression], ...]
    parameters: Mapping[str, Parameter]
    needs: tuple[str, ...]
    looks: tuple[str, ...]
    engine: tuple[str, ...]
    width: int
    proves: Mapping[str, tuple[str, ...]]
    matched: tuple[str, ...] = ()
    shape: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    measured: tuple[Measured, ...] = ()
    planted: Planted | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether it counts payments of other accounts than the one that it is about."""
        return any(one.of not in ("into", "outof") for of in self.let.values() for one in _windows(of))


@cache
def catalogue() -> tuple[Indicator, ...]:
    """The indicators that come with the package, by group and in the order of their files."""
    folder = files(__package__)
    measured = _measured((folder / "measured.toml").read_text("utf-8"))
    sources = frozenset(alerts())
    found: list[Indicator] = []
    for group in GROUPS:
        name = f"{group}.toml"
        found += read((folder / name).read_text("utf-8"), name, group, sources, measured)
    _once(found)
    return tuple(found)


@cache
def alerts() -> Mapping[str, Mapping[str, Any]]:
    """Read the sources of indicators, by key: who, title, number, date."""
    found = (files(__package__) / "sources.toml").read_text("utf-8")
    return tomllib.loads(found)


def read(
    text: str,
    name: str,
    group: str,
    sources: frozenset[str],
    measured: "Rates | None" = None,
) -> list[Indicator]:
    """The indicators of one file, whose text and name these are. Raises `TypologyError`."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TypologyError(f"{name}: {error}") from error
    made = [
        _Reading(text, name, number, row, sources).indicator(group, measured or ({}, {}))
        for number, row in enumerate(tables.get("indicator", ()))
    ]
    if extra := tables.keys() - {"indicator"}:
        raise TypologyError(f"{name}: {min(extra)!r} is no part of typologies; write [[indicator]]")
    return made


def _once(found: Sequence[Indicator]) -> None:
    seen: set[str] = set()
    for one in found:
        if one.id in seen:
            raise TypologyError(f"{one.group}.toml: the indicator {one.id!r} is there twice")
        seen.add(one.id)


Rates = tuple[Mapping[str, tuple[Measured, ...]], Mapping[str, Planted]]
"""What the benchmark wrote, by indicator: on labelled sets, and in a made-up bank."""

OWN: Final = "own"
"""How the made-up bank is called among the sets."""


def _measured(text: str) -> Rates:
    tables: dict[str, dict[str, dict[str, int]]] = tomllib.loads(text)
    planted = {id_: Planted(**sets.pop(OWN)) for id_, sets in tables.items() if OWN in sets}
    return {
        id_: tuple(Measured(data, **row) for data, row in sorted(sets.items()))
        for id_, sets in tables.items()
    }, planted


@dataclass
class _Reading:
    """One indicator of a file, on the way to being checked."""

    text: str
    file: str
    number: int
    row: Mapping[str, Any]
    sources: frozenset[str]

    def indicator(self, group: str, measured: Rates) -> Indicator:
        self.keys()
        id_ = self.word("id", r"[a-z][a-z0-9-]*")
        about = self.one_of("about", ("payer", "payee"))
        parameters = {name: self.parameter(name, row) for name, row in self.row.get("parameters", {}).items()}
        given = {name: one.value for name, one in parameters.items()}
        on = self.expression("on", self.string("on"), given, (), "truth", windows=False)
        let: dict[str, Expression] = {}
        for name, said in self.row.get("let", {}).items():
            let[name] = self.expression(f"let.{name}", said, given, tuple(let), "number")
        bands = tuple(
            (name, self.expression(f"bands.{name}", said, given, tuple(let), "truth"))
            for name, said in self.row["bands"].items()
        )
        if not bands or any(name not in BANDS for name, _ in bands):
            self.fail("bands", f"bands are {' and '.join(BANDS)}, weakest first")
        every = [on, *let.values(), *(one for _, one in bands)]
        return Indicator(
            id_,
            self.word("version", r"\d+"),
            group,
            about,
            self.both("title", ()),
            self.both("sentence", ("account", *let)),
            self.source(),
            self.techniques(),
            on,
            let,
            bands,
            parameters,
            self.needs(every),
            tuple(sorted({name for one in every for name in _columns(one)})),
            tuple(sorted(set(_engine(every)))),
            self.width(every),
            {name: self.proving(name, of, let) for name, of in bands},
            self.matched(let),
            self.shape(),
            {name: str(said) for name, said in self.expressions()},
            measured[0].get(id_, ()),
            measured[1].get(id_),
        )

    def width(self, every: Sequence[Expression]) -> int:
        shape = SHAPES.get(self.shape(), 0)
        return max([shape, *(window.width for one in every for window in _windows(one))]) or UNITS["d"]

    def proving(self, band: str, of: Expression, let: Mapping[str, Expression]) -> tuple[str, ...]:
        """The band, and the names of `let` that it or the sentence says, through other names too."""
        said = set(re.findall(r"\{(\w+)\}", self.row["sentence"]["en"])) | set(_names(of))
        for name in reversed(tuple(let)):
            if name in said:
                said |= set(_names(let[name]))
        return (band, *(name for name in let if name in said))

    def matched(self, let: Mapping[str, Expression]) -> tuple[str, ...]:
        found = tuple(self.row.get("matched", ()))
        if found and (len(found) != 2 or not all(isinstance(let.get(one), Window) for one in found)):
            self.fail("matched", "'matched' names two windows of 'let': what came in, and what went out")
        return found

    def shape(self) -> str:
        found = self.row.get("shape", "")
        if found and found not in SHAPES:
            self.fail("shape", f"there is no shape {found!r}{_like(found, SHAPES)}")
        return str(found)

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Its expressions as they are written."""
        yield "on", self.row["on"]
        yield from self.row.get("let", {}).items()
        yield from self.row["bands"].items()

    def keys(self) -> None:
        for key in self.row:
            if key not in _KEYS:
                self.fail(key, f"{key!r} is no field of an indicator{_like(key, _KEYS)}")
        for key in ("id", "version", "about", "title", "sentence", "source", "on", "bands"):
            if key not in self.row:
                self.fail("", f"the indicator has no {key!r}")

    def string(self, key: str) -> str:
        found = self.row[key]
        if not isinstance(found, str):
            self.fail(key, f"{key!r} is a text")
        return found

    def word(self, key: str, form: str) -> str:
        found = self.string(key)
        if not re.fullmatch(form, found):
            self.fail(key, f"{found!r} cannot be {key!r}")
        return found

    def one_of(self, key: str, words: tuple[str, ...]) -> str:
        found = self.string(key)
        if found not in words:
            self.fail(key, f"{key!r} is {' or '.join(words)}, not {found!r}")
        return found

    def both(self, key: str, names: tuple[str, ...]) -> Mapping[str, str]:
        found = self.row[key]
        if not isinstance(found, dict) or set(found) != {"en", "fr"}:
            self.fail(key, f"{key!r} is said in en and in fr")
        used = [set(re.findall(r"\{(\w+)\}", text)) for text in (found["en"], found["fr"])]
        if used[0] != used[1]:
            self.fail(key, f"{key!r} has other names in English than in French")
        if unknown := used[0] - set(names):
            self.fail(key, f"{key!r} calls {min(unknown)!r}, which 'let' does not name")
        return dict(found)

    def parameter(self, name: str, row: Any) -> Parameter:
        at = f"parameters.{name}"
        if not isinstance(row, dict) or set(row) != {"is", "by"}:
            self.fail(at, "a parameter says what it 'is' and 'by' whom")
        value = row["is"]
        if isinstance(value, str):
            if not re.fullmatch(r"\d+[hd]", value):
                self.fail(at, f"{value!r} is no width such as 24h or 7d")
            return Parameter(value, row["by"])
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(at, "a parameter is a number or a width")
        return Parameter(float(value), row["by"])

    def source(self) -> tuple[Source, ...]:
        found = [Source(one.get("alert", ""), one.get("says", "")) for one in self.row["source"]]
        for one in found:
            if one.alert not in self.sources:
                self.fail("source", f"{one.alert!r} is not in sources.toml{_like(one.alert, self.sources)}")
            if not one.says:
                self.fail("source", "a source says what it 'says'")
        if not found:
            self.fail("source", "an indicator has a source")
        return tuple(found)

    def techniques(self) -> tuple[str, ...]:
        found = tuple(self.row.get("amltrix", ()))
        for one in found:
            if not re.fullmatch(r"T\d{4}(\.\d{3})?", one):
                self.fail("amltrix", f"{one!r} is no technique of AMLTRIX, such as T0016 or T0016.001")
        return found

    def needs(self, every: Sequence[Expression]) -> tuple[str, ...]:
        optional = set(self.row.get("optional", ()))
        found = {name for one in every for name in _columns(one)}
        if unused := optional - found:
            self.fail("optional", f"{min(unused)!r} is optional and not used")
        return tuple(sorted(found - ALWAYS - optional))

    def expression(
        self,
        key: str,
        said: Any,
        given: Parameters,
        names: tuple[str, ...],
        wanted: str,
        windows: bool = True,
    ) -> Expression:
        if not isinstance(said, str):
            self.fail(key, f"{key!r} is an expression, in quotes")
        try:
            made = parse(said, given)
            of = _Checker(names, windows).type(made)
            if of != wanted:
                raise ExpressionError(f"this is a {of}, and should be a {wanted}", 0)
        except ExpressionError as error:
            self.fail(key, str(error), error.at)
        return made

    def fail(self, key: str, why: str, at: int | None = None) -> NoReturn:
        line, column = _place(self.text, self.number, key)
        where = f"{self.file}, line {line}"
        if at is not None:
            where += f", column {column + at}"
        raise TypologyError(f"{where}: {why}")


def _place(text: str, number: int, key: str) -> tuple[int, int]:
    """Line and column, from 1, of where the value of a key of the indicator with that number starts."""
    *table, last = key.split(".")
    indicator, section, start = -1, "", 1
    for at, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped == "[[indicator]]":
            indicator, section = indicator + 1, ""
            start = at if indicator == number else start
        elif stripped.startswith("["):
            section = stripped.strip("[]").removeprefix("indicator.").strip()
        elif indicator == number and section == ".".join(table):
            found = re.match(rf"\s*\"?{re.escape(last)}\"?\s*=\s*(\"\"\"|\"|')?", line) if last else None
            if found:
                return at, found.end() + 1
        if indicator == number and last and section == last and stripped.startswith("["):
            return at, 1
    return start, 1


@dataclass
class _Checker:
    """Type of an expression. Raises `ExpressionError` where it makes no sense."""

    names: tuple[str, ...]
    windows: bool
    inside: bool = False

    def type(self, of: Expression) -> str:
        match of:
            case Number():
                return "number"
            case Text():
                return "text"
            case Name():
                return self.name(of)
            case Not():
                self.want(of.of, "truth")
                return "truth"
            case HasValue():
                if type_of(of.column) is None:
                    self.unknown(of.column, of.at)
                return "truth"
            case Test():
                return self.test(of)
            case Window():
                return self.window(of)
            case Binary():
                return self.binary(of)

    def want(self, of: Expression, wanted: str) -> None:
        found = self.type(of)
        if found != wanted:
            raise ExpressionError(f"this is a {found}, and should be a {wanted}", of.at)

    def name(self, of: Name) -> str:
        if of.name in self.names:
            return "number"
        found = type_of(of.name)
        if found is None:
            self.unknown(of.name, of.at)
        if of.name.startswith("engine."):
            if of.name.removeprefix("engine.") not in FEATURES:
                raise ExpressionError(
                    f"the engine has no feature {of.name!r}"
                    f"{_like(of.name.removeprefix('engine.'), FEATURES)}",
                    of.at,
                )
            if self.inside:
                raise ExpressionError("the engine speaks of the payment itself, not of earlier ones", of.at)
        if found == "words":
            raise ExpressionError(f"{of.name!r} is asked with 'has' and a word list", of.at)
        return found

    def unknown(self, name: str, at: int) -> NoReturn:
        known = [*COLUMNS, *self.names]
        raise ExpressionError(f"there is no column {name!r}{_like(name, known)}", at)

    def test(self, of: Test) -> str:
        wanted = "words" if of.sign == "has" else "text"
        if type_of(of.column) is None:
            self.unknown(of.column, of.at)
        if type_of(of.column) != wanted:
            raise ExpressionError(
                f"{of.sign!r} asks about {wanted}, and {of.column!r} is {type_of(of.column)}", of.at
            )
        known = lexicon().names
        if of.sign == "has" and (wrong := [name for name in of.values if name not in known]):
            raise ExpressionError(f"there is no word list {wrong[0]!r}{_like(wrong[0], known)}", of.at)
        return "truth"

    def window(self, of: Window) -> str:
        if not self.windows or self.inside:
            raise ExpressionError("a window cannot stand here: give it a name under 'let'", of.at)
        if of.width > WIDEST:
            raise ExpressionError(f"a window reaches back {WIDEST // UNITS['d']} days at most", of.at)
        for column in (of.column, "" if of.of in SIDES else of.of):
            if column and type_of(column) != "text":
                raise ExpressionError(f"{column!r} is no column of texts", of.at)
        if of.where is not None:
            _Checker((), False, inside=True).want(of.where, "truth")
        return "number"

    def binary(self, of: Binary) -> str:
        if of.sign in ("and", "or"):
            self.want(of.left, "truth")
            self.want(of.right, "truth")
            return "truth"
        if of.sign in _ARITHMETIC or of.sign in _ORDERED:
            self.want(of.left, "number")
            self.want(of.right, "number")
            return "number" if of.sign in _ARITHMETIC else "truth"
        left, right = self.type(of.left), self.type(of.right)
        if left != right or left == "truth":
            raise ExpressionError(f"a {left} is compared with a {right}", of.at)
        if left == "text" and not isinstance(of.left, Name):
            raise ExpressionError("the column stands first, then the text", of.at)
        return "truth"


def _windows(of: Expression) -> Iterator[Window]:
    yield from (one for one in parts(of) if isinstance(one, Window))


def _names(of: Expression) -> Iterator[str]:
    yield from (one.name for one in parts(of) if isinstance(one, Name))


def _columns(of: Expression) -> Iterator[str]:
    """Columns that an expression looks at, those of windows too; the engine's features are none."""
    for one in parts(of):
        match one:
            case Name() if type_of(one.name) and not one.name.startswith("engine."):
                yield one.name
            case HasValue() | Test():
                yield one.column
            case Window():
                yield from (name for name in (one.column, one.of) if name and name not in SIDES)
                if one.where is not None:
                    yield from _columns(one.where)


def _engine(every: Sequence[Expression]) -> Iterator[str]:
    for expression in every:
        for one in parts(expression):
            if isinstance(one, Name) and one.name.startswith("engine."):
                yield one.name.removeprefix("engine.")


def _like(word: str, known: Any) -> str:
    found = get_close_matches(word, list(known), 1)
    return f"; like {found[0]!r}" if found else ""
