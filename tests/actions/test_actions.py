"""The table of actions: every row is whole, its texts are there, and its faces agree."""

import pkgutil
import re
from importlib import import_module
from string import Formatter
from typing import get_args, get_type_hints

import msgspec
import pytest
from msgspec import structs
from tests.cli.commanded import COMMANDS

from watchfloor import actions
from watchfloor.actions import base
from watchfloor.actions.base import ARGUMENT, OPTION, PLACE, SCREEN, Action, Answer, annotation_of
from watchfloor.actions.text import prefix
from watchfloor.cell.identity.merges import Verdict
from watchfloor.console.access import actions as account_actions
from watchfloor.messages.catalogue import Catalogue

MODULES = list(pkgutil.iter_modules(actions.__path__))
ACTIONS = {
    found.name: found
    for module in (*(import_module(f"watchfloor.actions.{one.name}") for one in MODULES), account_actions)
    for found in vars(module).values()
    if isinstance(found, Action)
}
ENDS = {
    "triage.done_": ("take", "watch", "close", "reopen", "comment"),
    "accounts.done_": get_args(account_actions.Act),
    "clearances.done_": ("waiting", "given", "refused"),
    "crown.said_": ("packed", "nothing"),
    "deconfliction.answered_": ("contact", "deny", "silent"),
    "policy.done_": ("proposed", "in_force"),
    "policy.record_": ("downgraded", "upgraded"),
}
"""How a key of the texts ends that begins so; else with a verdict."""
every_action = pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: action.name)


def whole(key):
    """Return the keys of the texts that a key of an action stands for."""
    return [f"{key}{end}" for end in ENDS.get(key, get_args(Verdict) if key.endswith("_") else ("",))]


def answers(of=Answer):
    """Yield every kind of answer."""
    for below in of.__subclasses__():
        yield below
        yield from answers(below)


@every_action
def test_a_row_is_a_command_with_its_own_example(action):
    listing = any(other.listing is action for other in ACTIONS.values())
    command = action.name.removesuffix(" list") if listing else action.name
    assert command in {" ".join(each) for words in COMMANDS for each in (words, words[1:])}
    assert action.example.startswith(command)
    assert action.help[0].isupper()


@every_action
def test_each_field_of_a_request_is_described_and_has_a_place(action):
    for field in structs.fields(action.request):
        _, meta = annotation_of(field.type)
        assert meta.description.strip().endswith((".", ")")), field.name
        assert meta.extra[PLACE] in (ARGUMENT, OPTION, SCREEN)
    assert action.request.__struct_config__.frozen
    assert action.request.__struct_config__.forbid_unknown_fields


@every_action
def test_what_a_face_says_is_in_the_catalogue(action):
    catalogue = Catalogue()
    for key in filter(None, (action.empty, action.done, action.title, action.written)):
        assert all(one in catalogue for one in whole(key))
    if action.rows:
        assert action.rows in action.answer.__struct_fields__


@pytest.mark.parametrize("name", [name for name, one in ACTIONS.items() if one.done])
def test_what_ends_an_act_can_be_said_of_its_answer(name):
    """A sentence that cannot be said fails after the act is done."""
    catalogue, done = Catalogue(), ACTIONS[name].done
    fields = ACTIONS[name].answer.__struct_fields__
    known = {None, *fields, *(f"if_{field}" for field in fields)}
    starts = (key for key in catalogue.every() if key.startswith(done))
    keys = [key for key in starts if re.fullmatch(r"[a-z_-]*", key.removeprefix(done))]
    exact = {text for key in whole(done) for text in catalogue.both(key)}
    for text in (text for key in keys for text in catalogue.both(key)):
        parts = list(Formatter().parse(text))
        assert text not in exact or known.issuperset(field for _, field, _, _ in parts), text
        assert not any("|" in (form or "") for _, _, form, _ in parts), f"forms of a count: {text}"


@pytest.mark.parametrize("answer", list(answers()), ids=lambda answer: answer.__name__)
def test_each_column_has_a_label_and_the_words_of_a_field_have_texts(answer):
    catalogue, types, row = Catalogue(), {field.name: field.type for field in structs.fields(answer)}, answer
    if action := next((one for one in ACTIONS.values() if one.answer is answer and one.rows), None):
        (row,) = get_args(types[action.rows])
        types = get_type_hints(row, include_extras=True)
    for column in answer.columns:
        assert f"{row.texts}.{column}" in catalogue
        assert hasattr(row, column)  # a property has no type and no words
        start = prefix(types.get(column))
        assert not start or any(key.startswith(start) for key in catalogue.every())
    msgspec.json.schema(answer)


def test_a_new_file_follows_no_link_that_somebody_puts_in_its_way(tmp_path, monkeypatch):
    monkeypatch.setattr(base, "refuse_existing", lambda *_: None)  # it came after that look
    mine = tmp_path / "mine"
    mine.write_text("kept")
    (tmp_path / "out.part").symlink_to(mine)
    with pytest.raises(FileExistsError), base.new_file(tmp_path / "out", b"new"):
        pass
    assert mine.read_text() == "kept"
    assert not (tmp_path / "out").exists()
