"""Every indicator of the desk is a definition that a pack may hold, and reads back as the same indicator."""

from dataclasses import fields

import pytest

from watchfloor.desks.finance.typologies import definitions
from watchfloor.desks.finance.typologies.typology import Indicator, TypologyError, catalogue
from watchfloor.exchange.partnership.packs import problems


def test_each_indicator_passes_the_check_of_packs():
    texts = definitions.of_catalogue()
    assert len(texts) == len(catalogue()) > 40
    assert {
        name: list(problems(text, name)) for name, text in texts.items() if list(problems(text, name))
    } == {}


def test_each_reads_back_as_the_same_indicator():
    found, unread = definitions.read(definitions.of_catalogue())
    assert unread == {}
    names = [one.name for one in fields(Indicator) if one.name not in ("measured", "planted")]
    told = [[getattr(one, name) for name in names] for one in found]
    assert told == [[getattr(one, name) for name in names] for one in catalogue()]


def test_what_is_no_indicator_is_told_with_its_line_and_the_others_are_read():
    texts = definitions.of_catalogue(["circle", "round-cash"])
    broken = texts["placement.round-cash.toml"].replace("amount >= 1000", "amout >= 1000")
    found, unread = definitions.read(texts | {"placement.round-cash.toml": broken})
    assert [one.id for one in found] == ["circle"]
    assert "amout" in unread["placement.round-cash.toml"]
    with pytest.raises(TypologyError, match="'circle' is defined twice"):
        definitions.read({"a.toml": texts["layering.circle.toml"], "b.toml": texts["layering.circle.toml"]})


def test_some_are_chosen_by_id():
    (name,) = definitions.of_catalogue(["circle"])
    assert name == "layering.circle.toml"
    with pytest.raises(definitions.UnknownIndicatorError, match="no indicator 'square'"):
        definitions.of_catalogue(["circle", "square"])
