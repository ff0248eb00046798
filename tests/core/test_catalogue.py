"""Every message of the package, rendered once in each language."""

import importlib
import pkgutil
import re
from importlib.resources import files
from string import Formatter

import watchfloor
from watchfloor.core.messages import MESSAGES, Reason, _plain
from watchfloor.messages.catalogue import Catalogue

SAME_WORD = {"cell.found-page", "mrz.head-document", "mrz.head-verdict", "travel.kind-document"}
"""Messages whose words are those of both languages."""


def catalogue():
    """Import every module of the package, and return what they declare."""
    for found in pkgutil.walk_packages(watchfloor.__path__, "watchfloor."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    return [one for id_, one in MESSAGES.items() if not id_.startswith(("test.", "tests.", "toy."))]


def shown(sentence):
    """Return the parameters that a sentence shows; `{fr_problem:.0}` is of the other language alone."""
    return {name for _, name, form, _ in Formatter().parse(sentence) if name and form != ".0"}


def named(sentence):
    """Return the parameters that a sentence has, shown or not."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_message_renders_all_its_parameters_in_both_languages():
    messages = catalogue()
    assert len(messages) > 2000
    alike = set()
    for message in messages:
        given = {name: f"<{name}>" for name in message.parameters}
        english, french = (Reason(message.id, given).render(language) for language in ("en", "fr"))
        for sentence, text in ((message.en, english), (message.fr, french)):
            assert all(given[name] in text for name in shown(sentence)), (message.id, text)
            assert not re.search(r"\{\w+\}|  ", text), (message.id, text)
        assert shown(message.en) | shown(message.fr) == message.parameters, message.id
        assert named(message.en) == named(message.fr) == message.parameters, message.id
        if english == french and re.search(r"\w\w", re.sub(r"<[\w-]+>", "", english)):
            alike.add(message.id)
    assert alike == SAME_WORD


def test_a_value_of_each_type_is_written_in_the_language():
    """The types of `Parameter`: text, whole number, fraction, yes or no, and nothing."""
    for value, english, french in (
        ("as typed", "as typed", "as typed"),
        (1070, 1070, 1070),
        (0.5, "0.50", "0,50"),
        (True, "yes", "oui"),
        (False, "no", "non"),
        (None, "unknown", "inconnu"),
    ):
        assert (_plain(value, "en"), _plain(value, "fr")) == (english, french)


def test_each_text_that_a_page_names_is_there():
    """Also those that are shown only where a list is empty."""
    named = {
        key
        for page in (files("watchfloor.console") / "templates").iterdir()
        if page.name.endswith(".html")
        for key in re.findall(r'\bt\("([a-z_.-]+)"[,)]', page.read_text("utf-8"))
    }
    texts = Catalogue()
    assert len(named) > 1_000
    for key in named:
        assert all(texts.both(key))
