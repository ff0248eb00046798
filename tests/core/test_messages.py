import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core import messages
from watchfloor.core.messages import Reason, declare, known, reason

GREETING = declare("test.greeting", en="{name} was seen {count} times", fr="{name} a été vu {count} fois")


def test_a_message_needs_both_languages():
    with pytest.raises(ValueError, match="French"):
        declare("test.x", en="a sentence", fr=" ")
    with pytest.raises(ValueError, match="other parameters"):
        declare("test.x", en="{a}", fr="{b}")


def test_an_id_means_one_message():
    with pytest.raises(ValueError, match="twice"):
        declare("test.greeting", en="other {name} {count}", fr="autre {name} {count}")


def test_parameters_are_checked():
    with pytest.raises(ValueError, match="count"):
        reason(GREETING, name="x")
    with pytest.raises(ValueError, match="extra"):
        reason(GREETING, name="x", count=1, extra=2)


@given(st.text(), st.integers(-(2**53), 2**53))
def test_a_stored_reason_reads_back_and_renders(name, count):
    made = reason(GREETING, name=name, count=count)
    back = Reason.load(made.stored())
    assert back == made
    assert name in back.render("en")
    assert name in back.render("fr")


def test_numbers_follow_the_language():
    half = reason(declare("test.half", en="{x}", fr="{x}"), x=0.5)
    assert (half.render("en"), half.render("fr")) == ("0.50", "0,50")
    assert messages.MESSAGES["test.half"].parameters == {"x"}


@pytest.mark.parametrize("id_", ["nobody.knows-this", "../catalogue/cell.x", "", "cell", "test.unheard"])
def test_an_id_that_came_from_elsewhere_need_not_be_known(id_):
    assert known(id_) is None
    with pytest.raises(KeyError):
        Reason(id_).render()


def test_a_message_of_the_catalogue_is_known_without_its_module():
    assert known("cell.task-nearby").parameters == {"number"}
