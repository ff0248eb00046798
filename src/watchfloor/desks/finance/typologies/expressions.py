"""The language of typologies: conditions over a payment, and what an account did within a window.

    means = 'cash' and amount >= 9000 and amount < 10000
    count into over 24h where means = 'cash'
    distinct payer into over 7d where means = 'transfer'
    sum outof over 48h >= 0.8 * got

A condition speaks of one payment. What is not known is not so: a comparison with an unknown value is false,
and `known(branch)` asks. `into` are the payments into the account that an indicator is about, `outof` those
out of it, `pair` those from the same payer to the same payee, `back` those the other way, `by device` all
that have the payment's own device; `alike` keeps those of the same amount. A window ends with the payment and
reaches back by its width, both ends included; sums are of the payment's own currency.

    or · and · not · = != < <= > >= · in ('a', 'b') · starts '325' · has precursor · + - * / % · known(x)
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn, TypeAlias

HOUR: Final = 3_600_000_000
"""Microseconds."""

UNITS: Final = {"h": HOUR, "d": 24 * HOUR}


class ExpressionError(ValueError):
    """A text that is no expression. `at` is the number of the character, from 0, where it stops being one."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    value: float
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in single quotes."""

    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A column, a feature of the engine (`engine.lain`) or a value that the indicator names."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    of: "Expression"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Two sides with a word or sign between them."""

    sign: str
    left: "Expression"
    right: "Expression"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class HasValue:
    """Whether a column has a value."""

    column: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a text: `in` some texts, `starts` with one of them, or `has` words of a list."""

    sign: str
    column: str
    values: tuple[str, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Window:
    """A count over earlier payments and this one.

    Attributes:
        what: `count`, `sum` or `distinct`.
        column: whose values are told apart; for `distinct`.
        of: `into`, `outof`, `pair`, `back`, or the column of `by`.
        alike: only payments of the same amount.
        width: how far back, µs.
        where: which payments count; None: all.
    """

    what: str
    column: str
    of: str
    alike: bool
    width: int
    where: "Expression | None"
    at: int = field(default=0, compare=False)


Expression: TypeAlias = Number | Text | Name | Not | Binary | HasValue | Test | Window

SIDES: Final = ("into", "outof", "pair", "back")

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<width>\d+[hd]\b)|(?P<number>\d[\d_]*(?:\.\d+)?)|'(?P<text>[^']*)'"
    r"|(?P<name>[a-z][a-z0-9_]*(?:[.-][a-z0-9_]+)*)|(?P<sign><=|>=|!=|[=<>+*/%(),-]))"
)
_COMPARED: Final = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str
    at: int


Parameters: TypeAlias = Mapping[str, float | str]
"""Numbers, and widths of windows (`7d`), that expressions call by name."""


def parse(text: str, parameters: Parameters | None = None) -> Expression:
    """The expression that a text is; names of parameters become what they stand for.

    Raises:
        ExpressionError: it is none, and where it stops being one.
    """
    return _Parser(text, parameters or {}).whole()


def parts(of: Expression) -> Iterator[Expression]:
    """An expression and all that is inside it, but not the conditions inside windows."""
    yield of
    if isinstance(of, Not):
        yield from parts(of.of)
    elif isinstance(of, Binary):
        yield from parts(of.left)
        yield from parts(of.right)


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text.rstrip()):
        token = _TOKEN.match(text, at)
        if token is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(f"{text[start]!r} belongs to no word, number or sign", start)
        kind = str(token.lastgroup)
        found.append(_Token(kind, token[kind], token.start(kind) - (kind == "text")))
        at = token.end()
    return [*found, _Token("end", "", len(text.rstrip()))]


class _Parser:
    """Recursive descent: each method reads what binds as tightly as its name says, or tighter."""

    def __init__(self, text: str, parameters: Parameters) -> None:
        self.tokens, self.place, self.parameters = _tokens(text), 0, parameters

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def whole(self) -> Expression:
        found = self.either()
        if self.next.kind != "end":
            self.fail("the end, 'and' or 'or'")
        return found

    def fail(self, wanted: str) -> NoReturn:
        found = repr(self.next.value) if self.next.kind != "end" else "the end"
        raise ExpressionError(f"{found} stands where {wanted} should", self.next.at)

    def taken(self, *values: str) -> _Token | None:
        token = self.next
        if token.kind in ("name", "sign") and token.value in values:
            self.place += 1
            return token
        return None

    def wanted(self, value: str) -> _Token:
        return self.taken(value) or self.fail(repr(value))

    def kind(self, kind: str, wanted: str) -> _Token:
        token = self.next
        if token.kind != kind:
            self.fail(wanted)
        self.place += 1
        return token

    def either(self) -> Expression:
        found = self.both()
        while sign := self.taken("or"):
            found = Binary("or", found, self.both(), sign.at)
        return found

    def both(self) -> Expression:
        found = self.negated()
        while sign := self.taken("and"):
            found = Binary("and", found, self.negated(), sign.at)
        return found

    def negated(self) -> Expression:
        if sign := self.taken("not"):
            return Not(self.negated(), sign.at)
        return self.compared()

    def compared(self) -> Expression:
        found = self.added()
        if sign := self.taken(*_COMPARED):
            return Binary(sign.value, found, self.added(), sign.at)
        if sign := self.taken("in", "starts", "has"):
            if not isinstance(found, Name):
                raise ExpressionError(f"{sign.value!r} asks about a column", sign.at)
            return Test(sign.value, found.name, self.values(sign.value), found.at)
        return found

    def values(self, sign: str) -> tuple[str, ...]:
        kind, wanted = ("name", "the name of a word list") if sign == "has" else ("text", "a text in quotes")
        if not self.taken("("):
            return (self.kind(kind, wanted).value,)
        found = [self.kind(kind, wanted).value]
        while self.taken(","):
            found.append(self.kind(kind, wanted).value)
        self.wanted(")")
        return tuple(found)

    def added(self) -> Expression:
        found = self.multiplied()
        while sign := self.taken("+", "-"):
            found = Binary(sign.value, found, self.multiplied(), sign.at)
        return found

    def multiplied(self) -> Expression:
        found = self.single()
        while sign := self.taken("*", "/", "%"):
            found = Binary(sign.value, found, self.single(), sign.at)
        return found

    def single(self) -> Expression:
        token = self.next
        if self.taken("("):
            found = self.either()
            self.wanted(")")
            return found
        if token.kind == "number":
            self.place += 1
            return Number(float(token.value.replace("_", "")), token.at)
        if token.kind == "text":
            self.place += 1
            return Text(token.value, token.at)
        if self.taken("known"):
            self.wanted("(")
            column = self.kind("name", "a column").value
            self.wanted(")")
            return HasValue(column, token.at)
        if self.taken("count", "sum", "distinct"):
            return self.window(token)
        name = self.kind("name", "a column, a number or a text").value
        given = self.parameters.get(name)
        if isinstance(given, str):
            raise ExpressionError(f"{name!r} is a width, and stands where a number should", token.at)
        return Name(name, token.at) if given is None else Number(float(given), token.at)

    def window(self, what: _Token) -> Window:
        column = self.kind("name", "a column").value if what.value == "distinct" else ""
        if self.taken("by"):
            of = self.kind("name", "a column").value
        else:
            side = self.taken(*SIDES)
            of = side.value if side else self.fail("into, outof, pair, back or by")
        alike = self.taken("alike") is not None
        self.wanted("over")
        width = self.width()
        where = self.either() if self.taken("where") else None
        return Window(what.value, column, of, alike, width, where, what.at)

    def width(self) -> int:
        token = self.next
        given = self.parameters.get(token.value) if token.kind == "name" else None
        if token.kind != "width" and not isinstance(given, str):
            self.fail("a width such as 24h or 7d")
        self.place += 1
        said = given if isinstance(given, str) else token.value
        return int(said[:-1]) * UNITS[said[-1]]
