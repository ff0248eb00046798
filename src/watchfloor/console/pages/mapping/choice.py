"""The mapping that a person chooses by the form of the page."""

from collections.abc import Iterator
from typing import Final

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.console.pages.mapping.answers import CONSTANT, Fills
from watchfloor.console.tables import Mapped
from watchfloor.core.messages import declare
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import mapping as mappings
from watchfloor.formats.tabular.fields import FIELDS, Source
from watchfloor.formats.tabular.mapping import Filled, Mapping
from watchfloor.formats.tabular.propose import guess

NO_COLUMN: Final = declare("console.mapping-no-column", "column", "near")
NO_FIELD: Final = declare("console.mapping-no-field", "kind", "field", "near")
WRONG_FIELD: Final = declare("console.mapping-wrong", "field", "problem")
INCOMPLETE: Final = declare("console.mapping-incomplete", "fields")
NO_VALUE: Final = "-"
"""What a text is called that means that there is no value."""


def missing_of(chosen: Mapping) -> list[str]:
    """Fields that every row needs and that nothing fills."""
    return [
        field.name
        for field in FIELDS[chosen.kind]
        if field.required and not chosen.sources(field.name) and field.name not in chosen.constants
    ]


def changed(one: Mapped, ask: Fills) -> Mapping:
    """The mapping that a form says. What a form cannot say stays, where a field's columns do."""
    before, kind = one.mapping, one.mapping.kind
    fills: dict[str, dict[str, str]] = {}
    for field, place, column in _pairs(kind, ask.fill):
        if column not in one.found.names:
            refuse(NO_COLUMN, column=column, near=nearest(column, one.found.names))
        mine = fills.setdefault(field, {})
        if column not in mine.values():
            mine[place or str(len(mine) + 1)] = column
    forms = {field: form for field, _, form in _pairs(kind, ask.form)}
    systems = dict(each.partition("=")[::2] for each in ask.system)
    units_ = dict(each.partition("=")[::2] for each in ask.unit)
    words_: dict[str, dict[str, str]] = {}
    for field, _, said in _pairs(kind, ask.word):
        ours, _, text = said.partition("=")
        words_.setdefault(field, {})[text] = ours
    fields = {
        field.name: _filled(before, field.name, fills[field.name], forms.get(field.name, ""), systems)
        for field in FIELDS[kind]
        if field.name in fills
    }
    for name, filled in fields.items():
        if isinstance(filled, str) and not forms.get(name) and not before.sources(name):
            fields[name] = guess(kind, name, filled, one.found.cells, one.name)
        elif name in units_ or name in words_:
            fields[name] = _with(filled, units_.get(name), words_.get(name, {}))
    return msgspec.structs.replace(before, fields=fields, constants=dict(_constants(one, kind, ask, fields)))


def _with(filled: Filled, unit: str | None, words_: dict[str, str]) -> Filled:
    """Return a source with the unit and the words that a form states; texts that it does not name stay."""
    if isinstance(filled, tuple):
        return filled
    source = filled if isinstance(filled, Source) else Source(filled)
    values = {text: ours for text, ours in source.values.items() if text not in words_}
    values |= {
        text: "" if ours == NO_VALUE else ours for text, ours in words_.items() if ours not in ("", text)
    }
    changed = msgspec.structs.replace(source, values=values, unit=source.unit if unit is None else unit)
    return changed.columns if changed == Source(changed.columns) else changed


def _constants(one: Mapped, kind: str, ask: Fills, fields: dict[str, Filled]) -> Iterator[tuple[str, str]]:
    """Yield the constants of a form; one that was proposed for want of a column goes once there is one."""
    began = one.proposal.mapping if one.proposal and one.proposal.mapping.kind == kind else Mapping(kind)
    for field in FIELDS[kind]:
        if not (value := getattr(ask, f"{CONSTANT}{field.name}", "")):
            continue
        proposed_ = value == began.constants.get(field.name) and field.name not in began.fields
        if not (proposed_ and field.name in fields and field.name not in one.mapping.fields):
            yield field.name, value


def _pairs(kind: str, said: list[str]) -> Iterator[tuple[str, str, str]]:
    """Field, place in it and value of each text such as `identifiers.2=No`; an empty value says nothing."""
    known = [field.name for field in FIELDS[kind]]
    for each in said:
        key, _, value = each.partition("=")
        field, _, place = key.partition(".")
        if field not in known:
            refuse(NO_FIELD, kind=kind, field=field, near=nearest(field, known))
        if value:
            yield field, place, value


def _filled(before: Mapping, field: str, fill: dict[str, str], form: str, systems: dict[str, str]) -> Filled:
    """How columns, by their place, fill a field; where they did before, with what a form cannot say."""
    old, columns = {source.names: source for source in before.sources(field)}, tuple(fill.values())
    if field == "identifiers":
        return tuple(
            msgspec.structs.replace(old.get((column,), Source(column)), system=systems.get(place) or None)
            for place, column in fill.items()
        )
    names = columns[0] if len(columns) == 1 else columns
    source = old.get(columns, Source(names))
    if form not in source.formats and (form or source.formats):
        source = msgspec.structs.replace(source, format=form or ())
    return names if source == Source(names) else source


def refuse_wrong(chosen: Mapping) -> None:
    """Refuse a mapping with a field that may not be filled so; one that is not complete may stand."""
    missing = missing_of(chosen)
    for field in FIELDS[chosen.kind]:
        if field.name not in missing and (wrong := mappings.problem(chosen, field)):
            refuse(WRONG_FIELD, field=field.name, problem=wrong)


def refuse_incomplete(one: Mapped) -> None:
    """Refuse a mapping that leaves out what every row needs."""
    if missing := missing_of(one.mapping):
        refuse(INCOMPLETE, fields=", ".join(missing))
