"""Grounds are a person's: what is kept, whose, and what is none."""

import pytest
from tests.refusals import because

from watchfloor.casework.referrals import grounds
from watchfloor.cell.acts import Refusal

DRAFT = ["Its declared mass is 5.00 kg.", "Sa masse déclarée est de 5,00 kg."]


@pytest.mark.parametrize(
    "words",
    [
        "the score is high",
        "Its score is 0.97 and it ranks first of the day",
        "The model says that it holds something. Its declared mass is 5.00 kg.",
        "le pointage est élevé et le modèle le dit aussi",
    ],
)
def test_how_an_item_was_ordered_is_no_ground(words: str) -> None:
    with pytest.raises(Refusal, check=because("referrals.score-alone")):
        grounds.stated(words, "4411", DRAFT)


@pytest.mark.parametrize(
    "words",
    [
        "The x-ray shows four dense packets, and the score is high",
        "It is likely that it holds pills: the seal was cut",
        "drill bits weigh far less than these",
    ],
)
def test_what_an_officer_sees_is_one_whatever_else_he_says(words: str) -> None:
    assert grounds.split(grounds.stated(words, "4411", DRAFT)) == (words, "4411")


def test_a_draft_alone_and_nobodys_words_are_none() -> None:
    with pytest.raises(Refusal, check=because("referrals.draft-alone")):
        grounds.stated(" ".join(DRAFT), "4411", DRAFT)
    with pytest.raises(Refusal, check=because("referrals.needs-badge")):
        grounds.stated("the seal was cut and glued", " ", DRAFT)
