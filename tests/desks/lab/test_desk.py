"""The laboratory desk: what the law controls, what is presumed, confirmed, cleared and put right."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.core.derived import last, net
from watchfloor.core.kinds import READING
from watchfloor.core.messages import Reason
from watchfloor.core.streams import joined, parted
from watchfloor.desks import registry
from watchfloor.desks.base import Refs
from watchfloor.desks.lab.desk import DESK
from watchfloor.desks.lab.law import is_precursor
from watchfloor.reference import controls
from watchfloor.run import run
from watchfloor.run.order import arranged

DAY = datetime(2026, 11, 20, tzinfo=UTC)
PARCEL, FENTANYL, EPHEDRINE = "parcel:s10:RR473124829GB", "substance:cas:437-38-7", "substance:cas:299-42-3"
CAFFEINE = "substance:cas:58-08-2"


def reading(number, level, method="gc-ms", **columns):
    plain = {
        "record_id": number.to_bytes(16, "big"),
        "report_key": f"A-{number}",
        "source": "bench",
        "origins": [],
        "observed_at": DAY + timedelta(hours=number),
        "marking": "PB//TLP:AMBER",
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": PARCEL,
        "instrument": "bench 4",
        "method": method,
        "sample": "S-77",
        "substance": FENTANYL,
        "level": level,
        "peaks": [245.1, 146.1],
        "intensity": [1.0, 0.6],
    }
    return dict.fromkeys(READING.schema.names) | plain | columns


def history(*rows):
    refs = Refs(bytes(32), {"controls": controls.reference()})
    return run(DESK, {"reading": pa.Table.from_pylist(list(rows), READING.schema)}, refs)["signal"]


def standing(*rows):
    return net(history(*rows)).to_pylist()


def test_a_controlled_substance_is_a_signal_that_names_schedule_and_item():
    (signal,) = standing(reading(1, "identified"))
    assert (signal["rule"], signal["strength"]) == ("controlled-substance", "identified")
    assert signal["subjects"] == [PARCEL, FENTANYL]
    assert Reason.load(signal["reason"]).render("en") == (
        "The laboratory identified fentanyl (CAS 437-38-7) in RR473124829GB, by gc-ms: Controlled Drugs and"
        " Substances Act, Schedule I, item 16(5)."
    )
    assert "annexe I, article 16(5)" in Reason.load(signal["reason"]).render("fr")


def test_no_sample_instrument_or_peak_is_in_what_is_said():
    (signal,) = standing(reading(1, "identified"))
    said = str({name: value for name, value in signal.items() if name not in ("at", "since", "until")})
    assert not any(word in said for word in ("S-77", "bench", "245.1"))


def test_a_precursor_speaks_under_its_own_rule():
    (signal,) = standing(reading(1, "identified", substance=EPHEDRINE))
    assert signal["rule"] == "controlled-precursor"
    why = Reason.load(signal["reason"])
    assert why.message == "lab.precursor-identified"
    assert (str(why.params["part"]), str(why.params["number"])) == ("1", "4")


@pytest.mark.parametrize(
    "row",
    [
        reading(1, "identified", substance=CAFFEINE),
        reading(1, "identified", substance=None),
        reading(1, "not-detected"),
        reading(1, "inconclusive"),
        reading(1, None),
        reading(1, None, "mass", mass=800.0, substance=None),
    ],
)
def test_what_is_not_controlled_or_not_found_is_nothing(row):
    assert standing(row) == []


def test_a_presumption_is_confirmed():
    (signal,) = standing(reading(1, "presumptive", "immunoassay"), reading(2, "identified"))
    assert signal["strength"] == "identified"
    assert signal["evidence"] == [reading(2, "identified")["record_id"]]


def test_a_presumption_is_taken_back_by_chromatography_and_stands_against_a_light_beam():
    presumed = reading(1, "presumptive", "immunoassay")
    assert len(standing(presumed, reading(2, "not-detected", "raman"))) == 1
    rows = (presumed, reading(2, "not-detected"))
    assert standing(*rows) == []
    (back,) = last(history(*rows)).to_pylist()
    assert Reason.load(back["reason"]).message == "lab.not-borne-out"


def test_what_one_sample_identified_stands_though_another_shows_nothing():
    assert len(standing(reading(1, "identified"), reading(2, "not-detected", sample="S-78"))) == 1


def test_a_later_presumption_is_not_cleared_by_an_earlier_reading():
    assert len(standing(reading(1, "not-detected"), reading(2, "presumptive", "immunoassay"))) == 1


@pytest.mark.parametrize(
    "columns",
    [{"subject": "parcel:post:2"}, {"substance": CAFFEINE}, {"level": "inconclusive"}, {"substance": None}],
)
def test_a_reading_put_right_takes_the_signal_back(columns):
    rows = (reading(1, "identified"), reading(2, "identified", report_key="A-1") | columns)
    assert PARCEL not in [signal["subjects"][0] for signal in standing(*rows)]


def test_the_marking_is_that_of_what_it_rests_on():
    (signal,) = standing(reading(1, "identified"), reading(2, "identified", marking="PB//TLP:RED"))
    assert signal["marking"] == "PB//TLP:RED"


def test_carisoprodol_was_no_precursor_in_schedule_v():
    rows = {one.substance: one for one in controls.controls() if one.schedule == "V" and not one.part}
    found = {
        one.name.en
        for one in rows.values()
        if is_precursor({"schedule": one.schedule, "part": one.part, "substance": one.substance})
    }
    assert "carisoprodol" not in found
    assert "phenethyl bromide" in found


def test_a_checkpoint_has_what_came_of_the_alarms_and_of_an_earlier_one_it_is_counted():
    tables, refs = registry.sample(DESK, 1)
    rows = arranged(DESK, tables)
    state = DESK.begin(refs)
    DESK.step(refs, state, rows, rows["observed_at"][-1].as_py())
    frozen = DESK.freeze(state)
    parts = parted(frozen)
    again = DESK.thaw(refs, frozen)
    earlier = DESK.thaw(refs, joined({name: rows for name, rows in parts.items() if name != "came"}, "rows"))
    assert state.came.total() > 0
    assert again.came == earlier.came == +state.came
    assert not again.tallies
    for item in state.standing.about:
        again.discount(item)
    assert not +again.came
