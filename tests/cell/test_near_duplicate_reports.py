"""Reports that say nearly the same, on a floor's queue."""

from datetime import timedelta

import pytest
from tests.cell.test_entity_clusters import KEY, NOW, A, Context, record, signal, table

from watchfloor.cell.leads import leads
from watchfloor.cell.weighing.weights import Hypothesis, Weights

TABLE = Weights({"boat": Hypothesis("boat", -6.0, {("reported.boat", "B2"): 4.0})}, "digest")
SAID = "two men in a grey launch landed four blue drums at Tolland creek about midnight and left eastward"
OTHER = "a fisherman at the north pier speaks of torches on the water and an engine without lights"
EVERYDAY = {
    record(100 + n): f"patrol {n} of sector {n % 7} without incident, weather fair, hull {n * 37} seen"
    for n in range(40)
}


def weigh(first, second, later=timedelta(hours=3)):
    rows = [
        signal(1, A, rule="reported.boat", strength="B2"),
        signal(2, A, rule="reported.boat", strength="B2") | {"at": NOW - timedelta(days=29) + later},
    ]
    texts = EVERYDAY | {record(1): first, record(2): second}
    (lead,) = leads(table(*rows), TABLE, NOW, KEY, Context(texts=texts))
    return lead


def test_two_reports_in_their_own_words_count_whole():
    lead = weigh(SAID, OTHER)
    assert [c.bits for c in lead.contributions] == [4.0, 4.0]
    assert lead.bits == 2.0


@pytest.mark.parametrize(
    "passed_on", [SAID, f"partner reports: {SAID}", SAID.replace("four", "4").replace("men", "persons")]
)
def test_a_report_that_is_passed_on_counts_little_and_says_so(passed_on):
    lead = weigh(SAID, passed_on)
    first, second = sorted(lead.contributions, key=lambda c: -c.bits)
    assert first.bits == 4.0
    assert second.bits < 1.0
    assert second.note.message == "cell.echoes-report"
    assert lead.bits == lead.prior + first.bits + second.bits


def test_a_form_that_everybody_fills_in_is_no_echo():
    form = "patrol {} of sector 3 without incident, weather fair, hull {} seen"
    lead = weigh(form.format(3, 111), form.format(10, 370))
    assert [c.bits for c in lead.contributions] == [4.0, 4.0]
