"""The table of rules: `rules.toml`, read and checked against the words of the formats."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal, NamedTuple

import msgspec

from watchfloor.core.messages import Language
from watchfloor.formats.tabular.fields import ANSWERS

FIELDS: Final = ("shipper_name", "shipper_address", "consignee_name", "consignee_address", "goods")
"""The five fields whose characters the guide names (section 6.1)."""

ERRORS: Final[Mapping[str, str]] = {
    "shipper_name": "SHP_NAME",
    "shipper_address": "SHP_ADDR",
    "consignee_name": "CNE_NAME",
    "consignee_address": "CNE_ADDR",
    "goods": "CARGO_DESC",
}
"""How error codes of the guide (3.3.1) call these fields."""


class Clause(NamedTuple):
    """Where a rule stands: `checked` is `text` where the clause was read for the table, else `memory`."""

    document: str
    section: str
    edition: str
    checked: Literal["text", "memory"]
    short: str

    def __str__(self) -> str:
        return f"{self.short} {self.section}"


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document of the table; `short` is what tables of findings call it."""

    short: str
    title: str
    edition: str
    checked: Literal["text", "memory"]


class BilingualText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in both languages."""

    en: str
    fr: str

    def render(self, lang: Language = "en") -> str:
        """The sentence in a language."""
        return self.en if lang == "en" else self.fr


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule on the data of a waybill.

    Attributes:
        clauses: keys of documents and sections, the one it rests on first.
        severity: `must` or `should`.
        answer: what an authority would answer, a word of `formats.tabular.fields.ANSWERS`.
        message: code of its error or hold, with `{field}` and `{side}`; empty where there is none.
        demands: what the clause demands.
        right: what would be right.
        fields: columns it looks at one by one; empty where it looks at the waybill as a whole.
    """

    clauses: tuple[str, ...]
    severity: Literal["must", "should"]
    answer: str
    message: str
    demands: BilingualText
    right: BilingualText
    fields: tuple[str, ...] = ()

    def code(self, field: str) -> str:
        """The code of its message for a field."""
        side = "SHP" if field.startswith("shipper") else "CNE"
        return self.message.format(field=ERRORS.get(field, ""), side=side)

    @property
    def cited(self) -> tuple[Clause, ...]:
        """Its clauses, spelled out."""
        return tuple(map(clause, self.clauses))


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Consequences of an answer to advance data: what it requires next, and what lifts it.

    Attributes:
        codes: message codes that raise it.
        lifted: answers that lift it; where they bear a code of another answer's, they do not.
        lifted_codes: codes with which they lift it; empty: any.
    """

    clauses: tuple[str, ...]
    codes: tuple[str, ...]
    lifted: tuple[str, ...]
    by: BilingualText
    requires: BilingualText
    lifts: BilingualText
    lifted_codes: tuple[str, ...] = ()

    @property
    def cited(self) -> tuple[Clause, ...]:
        """Its clauses, spelled out."""
        return tuple(map(clause, self.clauses))


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    documents: dict[str, Document]
    rules: dict[str, Rule]
    answers: dict[str, Answer]


@cache
def _table() -> _Table:
    text = (files(__package__) / "rules.toml").read_text("utf-8")
    table = msgspec.convert(tomllib.loads(text), _Table)
    for key, rule in table.rules.items():
        if rule.answer not in ANSWERS:
            raise ValueError(f"rules.toml, {key}: {rule.answer!r} is no answer")
    return table


def rules() -> Mapping[str, Rule]:
    """Every rule by its id, in the order of the table."""
    return _table().rules


def answers() -> Mapping[str, Answer]:
    """Return the consequences of each answer, by the answer's word."""
    return _table().answers


def clause(key: str) -> Clause:
    """A clause by its key, such as `pact 6.2`. Raises `KeyError` for a document that the table lacks."""
    name, _, section = key.partition(" ")
    document = _table().documents[name]
    return Clause(document.title, section, document.edition, document.checked, document.short)
