"""What examinations found, beside declarations: joins, contradictions, weights."""

import numpy as np
import pytest
from tests.desks.cargo.model.worlds import declared, examined, tables

from watchfloor.desks.cargo.model.fitting import HALVED, MOST, beside, weights


def found(acts: list[dict], rows: list[dict] | None = None):
    return beside(*tables(rows or [declared(number) for number in range(4)], acts))


def test_examined_items_are_labelled_and_no_other() -> None:
    told = found(
        [
            examined(0, "finding"),
            examined(1, "nothing"),
            examined(2, "inconclusive"),
            examined(3, "finding", state="referred"),
        ]
    )
    assert told.found.tolist() == [1, 0, -1, -1]
    assert (told.contradictory, told.unknown) == (0, 0)


@pytest.mark.parametrize("turn", [1, -1])
def test_of_contradictory_outcomes_the_later_stands_and_they_are_counted(turn: int) -> None:
    acts = [examined(0, "finding", hours=1), examined(0, "nothing", hours=5), examined(1, "nothing")]
    told = found(acts[::turn])
    assert told.found.tolist() == [0, 0, -1, -1]
    assert told.contradictory == 1


def test_without_a_document_an_act_is_of_the_subject() -> None:
    twice = [declared(0), declared(0) | {"document": "D9"}]
    assert found([examined(0, "finding", document=None)], twice).found.tolist() == [1, 1]
    assert found([examined(0, "finding")], twice).found.tolist() == [1, -1]
    assert found([examined(0, "finding"), examined(0, "nothing", document=None)], twice).found.tolist() == [
        1,
        0,
    ]


def test_acts_on_what_was_not_declared_are_counted() -> None:
    told = found([examined(99, "finding"), examined(98, "nothing", document=None)])
    assert told.unknown == 2
    assert (told.found == -1).all()


def test_weights_count_goods_once_and_the_old_half() -> None:
    group, now = np.array([0, 0, 1, 2]), np.array([0, 0, 0, -HALVED])
    made = weights(group, now, np.full(4, np.nan))
    assert made[2] == pytest.approx(2 * made[0])
    assert made[2] == pytest.approx(2 * made[3])
    assert made.sum() == pytest.approx(3)


def test_the_improbable_count_more_up_to_a_bound() -> None:
    made = weights(np.arange(4), np.zeros(4, int), np.array([1.0, 0.5, 0.001, np.nan]))
    assert made[1] == pytest.approx(2 * made[0])
    assert made[2] == pytest.approx(MOST * made[0])
    assert made[0] < made[3] <= made[2]
